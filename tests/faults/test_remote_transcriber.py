"""The fallback over HTTP: real connections to a service that answers, hangs, resets, refuses and babbles."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pytest
import structlog

from antiphon.audio.decode import decode
from antiphon.errors import AtCapacity, BadConfiguration, BadInput, EngineFailed, NotAllowed, TimedOut, TooLong
from antiphon.events.speech import Hearing, Segment, Word
from antiphon.remote.stt import RemoteSettings, RemoteTranscriber
from antiphon.serving.breaker import BreakerOpen
from antiphon.serving.retry_budget import RetryBudget
from antiphon.testing.clock import ManualClock

RATE_HZ = 16_000
TONE = (0.3 * np.sin(np.arange(RATE_HZ) * 0.1)).astype(np.float32)
QUICK = RemoteSettings(timeout_s=5.0, jitter_s=(0.0, 0.0))
ANSWER: dict[str, Any] = {
    "request_id": "r1",
    "text": "good day",
    "language": "de",
    "language_probability": 0.93,
    "duration": 1.0,
    "segments": [
        {"id": 0, "seek": 0, "start": 0.1, "end": 0.9, "text": "good day", "tokens": [5, 6], "avg_logprob": -0.1}
    ],
    "words": [{"word": "good", "start": 0.1, "end": 0.4, "confidence": 0.8}],
    "model": "whisper-medium-ct2",
    "confidence": 0.87,
    "fallback_used": False,
    "timings_ms": {"total": 12},
    "degraded": ["clip_frames"],
}
Act: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Call:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes = field(repr=False)

    def field(self, name: str) -> str | None:
        """A text field of the form."""
        found = self.body.split(f'name="{name}"\r\n\r\n'.encode())
        return found[1].split(b"\r\n")[0].decode() if len(found) > 1 else None

    @property
    def recording(self) -> bytes:
        """What was in the file of the form."""
        boundary = self.headers["content-type"].partition("boundary=")[2].encode()
        part = next(p for p in self.body.split(b"--" + boundary) if b"filename=" in p)
        return part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")


class FaultyService:
    """Serves HTTP/1.1 by hand, so that it can do it wrong: one act a request, the last one again and again."""

    def __init__(self, *acts: Act) -> None:
        self.calls: list[Call] = []
        self.connections = self.open = 0
        self.closed = asyncio.Event()
        self._acts = list(acts)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Its address."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        try:
            while head := await _until_head(reader):
                first, *lines = head.decode().split("\r\n")
                pairs = (line.partition(": ") for line in lines if line)
                headers = {name.lower(): value for name, _, value in pairs}
                body = await _body(reader, headers)
                self.calls.append(Call(first.split(" ")[1], headers, body))
                act = self._acts.pop(0) if len(self._acts) > 1 else self._acts[0]
                await act(reader, writer)
        except ConnectionError:
            pass
        finally:
            self.open -= 1
            self.closed.set()
            writer.close()


async def _until_head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return body


def answer(status: int = 200, body: bytes | dict[str, Any] = ANSWER, **headers: str) -> Act:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(data)}", "Content-Type: application/json"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]

    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join([*lines, "", ""]).encode() + data)
        await writer.drain()

    return act


def refuse(status: int, code: str, **headers: str) -> Act:
    return answer(status, {"error": {"type": "x", "code": code, "message": "m", "param": None}}, **headers)


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)  # until the client goes away


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
    await writer.drain()
    writer.close()


async def no_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mail.example.org ESMTP\r\n")
    await writer.drain()
    writer.close()


@asynccontextmanager
async def remote(
    *acts: Act, settings: RemoteSettings = QUICK, key: str = "fb_key_123", clock: ManualClock | None = None
) -> AsyncIterator[tuple[RemoteTranscriber, FaultyService]]:
    """A transcriber connected to a service that does `acts`."""
    service = FaultyService(*acts)
    async with service.serving() as url:
        transcriber = RemoteTranscriber(url + "/", key, settings, clock)
        try:
            yield transcriber, service
        finally:
            await transcriber.close()


@pytest.fixture(autouse=True)
def request_id() -> Iterator[None]:
    with structlog.contextvars.bound_contextvars(request_id="req-42"):
        yield


@pytest.mark.proves("B17", "B32", "B50")
async def test_a_recording_is_posted_and_the_answer_read_back() -> None:
    async with remote(answer()) as (transcriber, service):
        hearing = Hearing(language="de", words=True, phrases=("Zürich", "Grüezi"), prompt="before")
        heard = await transcriber.transcribe(TONE, hearing)
    call = service.calls[0]
    assert call.path == "/v1/transcribe"
    assert call.headers["authorization"] == "Bearer fb_key_123"
    assert call.headers["x-req-id"] == "req-42"
    assert (call.field("language"), call.field("hotwords")) == ("de", "Zürich, Grüezi")
    assert (call.field("word_timestamps"), call.field("prompt")) == ("true", "before")
    posted = decode(call.recording)
    assert (posted.container, posted.rate_hz) == ("wav", RATE_HZ)
    assert posted.mono == pytest.approx(TONE, abs=1e-4)
    assert (heard.text, heard.language, heard.engine, heard.confidence) == (
        "good day",
        "de",
        "whisper-medium-ct2",
        0.87,
    )
    assert heard.segments == (Segment("good day", 0.1, 0.9, (5, 6), -0.1),)
    assert heard.words == (Word("good", 0.1, 0.4, 0.8),)
    assert heard.degraded == ("clip_frames",)
    assert heard.language_probability is None  # it was named, not detected
    assert heard.duration_s == 1.0


async def test_what_was_not_asked_is_not_sent() -> None:
    async with remote(answer(), key="") as (transcriber, service):
        heard = await transcriber.transcribe(TONE, Hearing())
        assert heard.language_probability == 0.93
        await transcriber.draft(TONE, Hearing())
    assert service.connections == 1
    call = service.calls[0]
    assert "authorization" not in call.headers
    assert [call.field(name) for name in ("language", "prompt", "hotwords", "word_timestamps")] == [None] * 4


async def test_a_translation_is_asked_of_the_route_that_translates() -> None:
    async with remote(answer()) as (transcriber, service):
        await transcriber.transcribe(TONE, Hearing(translate=True))
    assert service.calls[0].path == "/v1/audio/translations"
    assert service.calls[0].field("response_format") == "verbose_json"


async def test_a_large_recording_is_sent_without_loss_but_smaller() -> None:
    async with remote(answer(), settings=RemoteSettings(wav_bytes=10_000)) as (transcriber, service):
        await transcriber.transcribe(TONE, Hearing())
    posted = decode(service.calls[0].recording)
    assert posted.container == "flac"
    assert posted.mono == pytest.approx(TONE, abs=1e-4)


@pytest.mark.proves("P-11", "B94")
@pytest.mark.parametrize(
    "first",
    [reset, half, no_http, *(answer(status, {}) for status in (502, 503, 504)), refuse(429, "x", Retry_After="0.01")],
    ids=["reset", "half", "no_http", "502", "503", "504", "429"],
)
async def test_what_may_pass_is_tried_once_more(first: Act) -> None:
    async with remote(first, answer()) as (transcriber, service):
        assert (await transcriber.transcribe(TONE, Hearing())).text == "good day"
    assert len(service.calls) == 2
    assert service.calls[0].headers["x-req-id"] == service.calls[1].headers["x-req-id"]


@pytest.mark.proves("P-11", "B92", "B93")
@pytest.mark.parametrize(
    ("act", "error", "code", "calls"),
    [
        (reset, EngineFailed, "remote_reset", 2),
        (half, EngineFailed, "remote_reset", 2),
        (refuse(503, "queue_full", Retry_After="3"), EngineFailed, "queue_full", 2),
        (refuse(504, "engine_timeout"), TimedOut, "engine_timeout", 2),
        (refuse(502, "engine_failed"), EngineFailed, "engine_failed", 2),
        (refuse(429, "rate_limited", Retry_After="0"), AtCapacity, "rate_limited", 2),
        (refuse(429, "rate_limited", Retry_After="2"), AtCapacity, "rate_limited", 1),
        (refuse(429, "rate_limited"), AtCapacity, "rate_limited", 1),
        (refuse(429, "rate_limited", Retry_After="Wed, 21 Oct 2026 07:28:00 GMT"), AtCapacity, "rate_limited", 1),
        (answer(500, b"<html>Internal Server Error"), EngineFailed, "http_500", 1),
        (answer(302, b"", Location="http://127.0.0.1:1/"), EngineFailed, "http_302", 1),
        (refuse(400, "language_unknown"), BadInput, "language_unknown", 1),
        (refuse(401, "unauthorized"), NotAllowed, "unauthorized", 1),
        (refuse(413, "audio_too_long"), TooLong, "audio_too_long", 1),
        (refuse(500, "Bad Code\r\nX-Evil: 1"), EngineFailed, "http_500", 1),
        (answer(200, b"not json"), EngineFailed, "remote_bad_answer", 1),
        (answer(200, b'{"text": 7}'), EngineFailed, "remote_bad_answer", 1),
        (answer(200, b'{"language": "en"}'), EngineFailed, "remote_bad_answer", 1),
        (answer(200, b"[" * 100_000), EngineFailed, "remote_bad_answer", 1),
        (answer(200, b'{"text": "\xff\xfe"}'), EngineFailed, "remote_bad_answer", 1),
        (answer(200, b'{"text": "x", "confidence": NaN}'), EngineFailed, "remote_bad_answer", 1),
    ],
)
async def test_every_failure_has_its_own_error(act: Act, error: type[Exception], code: str, calls: int) -> None:
    async with remote(act) as (transcriber, service):
        with pytest.raises(error) as failed:
            await transcriber.transcribe(TONE, Hearing())
    assert getattr(failed.value, "code", "") == code
    assert len(service.calls) == calls


async def test_a_service_that_is_not_there_is_tried_twice() -> None:
    service = FaultyService(answer())
    async with service.serving() as url:
        pass
    transcriber = RemoteTranscriber(url, "", QUICK)
    with pytest.raises(EngineFailed) as failed:
        await transcriber.transcribe(TONE, Hearing())
    assert failed.value.code == "remote_unreachable"
    await transcriber.close()


@pytest.mark.parametrize("url", ["", "http://", "ftp://127.0.0.1", "http://127.0.0.1:99999", "http://[::1", "nonsense"])
def test_an_address_that_is_none_is_refused_at_once(url: str) -> None:
    with pytest.raises(BadConfiguration):
        RemoteTranscriber(url)


@pytest.mark.proves("F9")
async def test_a_service_that_hangs_is_given_up() -> None:
    async with remote(hang, settings=RemoteSettings(timeout_s=0.2)) as (transcriber, service):
        with pytest.raises(TimedOut) as late:
            await transcriber.transcribe(TONE, Hearing())
        await service.closed.wait()
    assert late.value.code == "remote_timeout"
    assert (len(service.calls), service.open) == (1, 0)


async def test_a_call_that_is_cancelled_closes_its_connection() -> None:
    began = asyncio.Event()

    async def noticed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        began.set()
        await hang(reader, writer)

    async with remote(noticed) as (transcriber, service):
        call = asyncio.create_task(transcriber.transcribe(TONE, Hearing()))
        await began.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await service.closed.wait()
        assert service.open == 0


@pytest.mark.proves("P-11", "F8")
async def test_after_five_failures_it_is_left_alone_and_one_probe_brings_it_back() -> None:
    clock = ManualClock()
    acts = [refuse(500, "x")] * 5 + [answer()]
    async with remote(*acts, clock=clock) as (transcriber, service):
        for _ in range(5):
            with pytest.raises(EngineFailed):
                await transcriber.transcribe(TONE, Hearing())
        with pytest.raises(BreakerOpen):
            await transcriber.transcribe(TONE, Hearing())
        assert len(service.calls) == 5
        clock.advance(10)
        assert (await transcriber.transcribe(TONE, Hearing())).text == "good day"
        assert transcriber.breaker.state == "closed"


@pytest.mark.proves("F10", "P-11")
async def test_a_storm_of_429_is_not_amplified() -> None:
    async with remote(refuse(429, "rate_limited", Retry_After="0")) as (transcriber, service):
        for _ in range(50):
            with pytest.raises(AtCapacity):
                await transcriber.transcribe(TONE, Hearing())
        assert transcriber.breaker.state == "closed"  # it is alive, only busy
    assert len(service.calls) <= 1.2 * 50


async def test_without_budget_there_is_no_retry() -> None:
    async with remote(reset, answer()) as (transcriber, service):
        transcriber.retries = RetryBudget(at_least=0)
        with pytest.raises(EngineFailed) as failed:
            await transcriber.transcribe(TONE, Hearing())
    assert (failed.value.code, len(service.calls)) == ("remote_reset", 1)


async def test_many_calls_at_once_each_get_their_own_answer() -> None:
    async with remote(answer()) as (transcriber, service):
        heard = await asyncio.gather(*(transcriber.transcribe(TONE[: 1600 * n], Hearing()) for n in range(1, 11)))
    assert [h.duration_s for h in heard] == [n / 10 for n in range(1, 11)]
    assert len(service.calls) == 10
