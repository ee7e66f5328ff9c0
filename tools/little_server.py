"""A very small HTTP server over real sockets, told by a test how to behave: slow, failing, hanging, dying."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Asked:
    """A request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """A response."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)


Behaviour = Callable[[Asked], Awaitable[Answer]]


def heard(text: str = "hello", **more: Any) -> Answer:
    """A transcription as a server answers it (P-5)."""
    body = {
        "request_id": "server-id",
        "text": text,
        "language": "en",
        "language_probability": 0.9,
        "duration": 1.5,
        "segments": [{"id": 0, "text": text, "start": 0.0, "end": 1.5, "avg_logprob": -0.1, "tokens": [1, 2]}],
        "model": "little",
        "confidence": 0.8,
        "fallback_used": False,
        "timings_ms": {"queue_wait": 1, "total": 7},
    }
    headers = {"X-Total-ms": "7", "X-Queue-Wait-ms": "1", "X-Conf-Reason": "none", "X-Req-Id": "server-id"}
    return Answer(body=json.dumps(body | more).encode(), headers=headers)


def refused(status: int, code: str, kind: str = "engine_error", **headers: str) -> Answer:
    """An error as a server answers it (P-6)."""
    error = {"type": kind, "code": code, "message": f"refused: {code}", "param": None, "request_id": "server-id"}
    return Answer(status, json.dumps({"error": error}).encode(), {k.replace("_", "-"): v for k, v in headers.items()})


class LittleServer:
    """Answers `POST /v1/transcribe` as it is told, and GETs as `pages` say."""

    def __init__(self, behaviour: Behaviour | None = None) -> None:
        self.behaviour = behaviour
        self.pages = {"/v1/health": Answer(body=b'{"ok":true,"state":"ready","commit":"abc","model":"little"}')}
        self.pages["/v1/ready"] = self.pages["/v1/health"]
        self.asked: list[Asked] = []
        self.closed_early = asyncio.Event()
        self.connections = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def transcribed(self) -> int:
        """How many recordings it was sent."""
        return sum(asked.path == "/v1/transcribe" for asked in self.asked)

    async def start(self) -> None:
        """Listen; a second time on the same port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def die(self) -> None:
        """Close the door and cut every connection, as a killed process does."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.die()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while True:
                    asked = await _read(reader)
                    self.asked.append(asked)
                    answer = await self._answer_while_open(reader, asked)
                    if answer is None:
                        return
                    writer.write(_wire(answer))
                    await writer.drain()
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer_while_open(self, reader: asyncio.StreamReader, asked: Asked) -> Answer | None:
        """The answer; None when the client has gone before there is one."""
        work = asyncio.ensure_future(self._answer(asked))
        gone = asyncio.ensure_future(_gone(reader))
        try:
            await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                self.closed_early.set()
                return None
            return work.result()
        finally:
            work.cancel()
            gone.cancel()

    async def _answer(self, asked: Asked) -> Answer:
        if asked.path == "/v1/transcribe":
            return await self.behaviour(asked) if self.behaviour else heard()
        return self.pages.get(asked.path, refused(404, "not_found", "not_found_error"))


async def _gone(reader: asyncio.StreamReader) -> None:
    while not reader.at_eof():  # noqa: ASYNC110 - a stream says when there is something to read, not when it ends
        await asyncio.sleep(0.005)


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    if headers.get("transfer-encoding") == "chunked":
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    else:
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method, path, headers, body)


def _wire(answer: Answer) -> bytes:
    headers = {"Content-Length": str(len(answer.body)), "Content-Type": "application/json"} | answer.headers
    lines = [f"HTTP/1.1 {answer.status} X", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + answer.body


@asynccontextmanager
async def serving(behaviour: Behaviour | None = None) -> AsyncIterator[LittleServer]:
    """A server for the length of a test."""
    async with LittleServer(behaviour) as server:
        yield server
