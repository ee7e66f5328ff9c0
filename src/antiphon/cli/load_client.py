"""A load generator that costs next to nothing, so that the machine it runs on can be the one that is measured.

Requests are put together once and written as they are; of answers only the status, a few headers and the length are
read. What it costs all the same, it tells.
"""

import asyncio
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from antiphon.errors import BadInput

REST_S = 0.05
"""After a refusal a caller rests so long, as any client with manners would."""
LONGEST_ANSWER_S = 120.0
LOST, LATE = "connection_lost", "no_answer"
_BOUNDARY = "antiphon-load-5f1c0b"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        at_s: when, on the monotonic clock.
        took_s: from the first byte sent to the last received.
        outcome: `200`, another status, `connection_lost` or `no_answer`.
        headers: of the answer, names in lower case; empty on success without `x-`.
    """

    at_s: float
    took_s: float
    outcome: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """A service, and the request that is sent to it again and again."""

    host: str
    port: int
    tls: bool
    request: bytes


def target(url: str, key: str, recording: bytes, language: str) -> Target:
    """The request that transcribes `recording`.

    Raises:
        BadInput: `url` is no address of an HTTP server.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput(f"{url!r} is no address of an HTTP server.", code="bad_url", param="url")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    fields = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="language"\r\n\r\n{language}\r\n' if language else ""
    )
    file = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="audio"; filename="clip"\r\n\r\n'
    body = fields.encode() + file.encode() + recording + f"\r\n--{_BOUNDARY}--\r\n".encode()
    head = [
        f"POST {parts.path.rstrip('/')}/v1/transcribe HTTP/1.1",
        f"Host: {parts.netloc.rpartition('@')[2]}",
        f"Content-Length: {len(body)}",
        f"Content-Type: multipart/form-data; boundary={_BOUNDARY}",
        *([f"Authorization: Bearer {key}"] if key else []),
    ]
    return Target(parts.hostname, port, parts.scheme == "https", "\r\n".join(head).encode() + b"\r\n\r\n" + body)


async def load(
    to: Target, *, concurrency: int, until_s: float, answered: Callable[[Answer], None], rate_per_s: float = 0.0
) -> None:
    """Send from `concurrency` connections, each as soon as it was answered, until `until_s` on the monotonic clock.

    Args:
        to: the service.
        concurrency: connections.
        until_s: no request is begun after.
        answered: told of every answer.
        rate_per_s: requests a second over all connections; 0 for as many as there can be.
    """
    turns = _Turns(rate_per_s)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(concurrency):
            tasks.create_task(_caller(to, until_s, answered, turns))


class _Turns:
    """When each request may begin."""

    def __init__(self, rate_per_s: float) -> None:
        self._each_s = 1 / rate_per_s if rate_per_s else 0.0
        self._next_s = time.monotonic()

    async def next(self) -> None:
        """Wait for a turn; turns that nobody was free to take are made up for, but no more than a second of them."""
        if not self._each_s:
            return
        now_s = time.monotonic()
        self._next_s = max(self._next_s, now_s - 1.0) + self._each_s
        await asyncio.sleep(max(0.0, self._next_s - now_s))


async def _caller(to: Target, until_s: float, answered: Callable[[Answer], None], turns: _Turns) -> None:
    line = _Line(to)
    try:
        while time.monotonic() < until_s:
            await turns.next()
            answer = await line.ask()
            answered(answer)
            if answer.outcome != "200":
                await asyncio.sleep(REST_S)
    finally:
        line.hang_up()


class _Line:
    """One connection, made anew when it was closed."""

    def __init__(self, to: Target) -> None:
        self._to = to
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self) -> Answer:
        began_s = time.monotonic()
        headers: dict[str, str] = {}
        try:
            async with asyncio.timeout(LONGEST_ANSWER_S):
                outcome, headers = await self._exchange()
        except TimeoutError:
            outcome = LATE
            self.hang_up()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            outcome = LOST
            self.hang_up()
        now_s = time.monotonic()
        return Answer(now_s, now_s - began_s, outcome, headers)

    def hang_up(self) -> None:
        """Close the connection, if there is one."""
        if self._streams is not None:
            with suppress(OSError):
                self._streams[1].close()
            self._streams = None

    async def _exchange(self) -> tuple[str, dict[str, str]]:
        if self._streams is None:
            tls = ssl.create_default_context() if self._to.tls else None
            self._streams = await asyncio.open_connection(self._to.host, self._to.port, ssl=tls)
        reader, writer = self._streams
        writer.write(self._to.request)
        await writer.drain()
        status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        await reader.readexactly(int(headers["content-length"]) if "content-length" in headers else _no_length())
        if headers.get("connection", "").lower() == "close":
            self.hang_up()
        return status.split(" ")[1], headers


def _no_length() -> int:
    raise ValueError("answers of unknown length are not ours")
