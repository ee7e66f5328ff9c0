"""Speech-to-text by another Antiphon, over HTTP: the port a cascade asks where its fallback is a service."""

import asyncio
import random
from dataclasses import dataclass
from typing import Any

import httpx2
import structlog

from antiphon.audio.encode import encode_flac, encode_wav
from antiphon.audio.pcm import RATE_HZ
from antiphon.clock import Clock, SystemClock
from antiphon.errors import AntiphonError, AtCapacity, BadConfiguration, EngineFailed, TimedOut
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.ports.card import Card, Isolation, Port
from antiphon.remote.answers import read_transcript, refusal
from antiphon.serving.breaker import Breaker
from antiphon.serving.retry_budget import RetryBudget

CARD = Card(
    name="remote",
    port=Port.STT,
    summary="Another Antiphon over HTTP; what it can do, it says itself.",
    translates=True,
    isolation=Isolation.PROCESS,
    confidence="as the service makes it",
)
TRANSCRIBE, TRANSLATIONS = "/v1/transcribe", "/v1/audio/translations"
ANY_MODEL = "whisper-1"
"""OpenAI's API wants a model to be named; this name means whichever is there."""
LONGEST_ANSWER_BYTES = 32 << 20
LONGEST_RETRY_AFTER_S = 1.0
RETRIED_STATUS = frozenset((502, 503, 504))
IDLE_S = 4.0
"""Idle connections are closed before common servers close them (5 s), so that none is reset in use."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RemoteSettings:
    """How the service is called (P-11).

    Attributes:
        timeout_s: a whole call, its retry included.
        connect_s: until a connection stands.
        jitter_s: a retry waits between these.
        wav_bytes: recordings that would be larger as WAV are sent as FLAC.
        connections: most at once.
    """

    timeout_s: float = 60.0
    connect_s: float = 2.0
    jitter_s: tuple[float, float] = (0.05, 0.15)
    wav_bytes: int = 8 << 20
    connections: int = 100


class RemoteTranscriber:
    """Satisfies `ports.stt.Transcriber`.

    A call that cannot be connected, is reset, or is answered by 502, 503, 504 or a 429 that passes within a second is
    made once more, while retries stay within a fifth of the calls. A service that fails five times in a row is left
    alone for ten seconds. Cancelling a call closes its connection.
    """

    card = CARD

    def __init__(
        self, url: str, key: str = "", settings: RemoteSettings | None = None, clock: Clock | None = None
    ) -> None:
        """Nothing is connected until the first call.

        Args:
            url: base address of the service, such as `http://stt-fallback:8082`.
            key: bearer key it takes; empty for none.
            settings: times and limits.
            clock: where time comes from.

        Raises:
            BadConfiguration: `url` is no address of a service.
        """
        self._settings = settings or RemoteSettings()
        self._clock = clock or SystemClock()
        self.breaker = Breaker(clock=self._clock)
        self.retries = RetryBudget(clock=self._clock)
        self._base = _checked(url)
        self._client = httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx2.Timeout(self._settings.timeout_s, connect=self._settings.connect_s),
            limits=httpx2.Limits(max_connections=self._settings.connections, keepalive_expiry=IDLE_S),
            trust_env=False,
        )

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        """What the service heard in a recording, float32 [n] at 16 kHz.

        Raises:
            BreakerOpen: it failed too often just now and was not asked.
            TimedOut: it took too long, or says that it did.
            AtCapacity: it has no room.
            EngineFailed: it cannot be reached, broke, or answered what cannot be read.
            BadInput, NotAllowed: it refuses the recording or the key.
        """
        self.retries.called()
        with self.breaker.call(EngineFailed, TimedOut):
            try:
                async with asyncio.timeout(self._settings.timeout_s):
                    recording = await asyncio.to_thread(self._encode, samples)
                    body = await self._post(_path(hearing), _form(hearing), recording)
            except TimeoutError as late:
                raise TimedOut(f"No answer within {self._settings.timeout_s:g} s.", code="remote_timeout") from late
            return read_transcript(body, hearing, len(samples) / RATE_HZ)

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        """The text alone; the service knows nothing quicker.

        Raises:
            AntiphonError: see `transcribe`.
        """
        return (await self.transcribe(samples, hearing)).text

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _post(self, path: str, form: dict[str, Any], recording: "_File") -> bytes:
        """One call and, where that may help, one more."""
        try:
            return await self._post_once(path, form, recording)
        except _WorthRetrying as first:
            if not self.retries.take():
                raise first.error from first
            wait_s = first.wait_s + random.uniform(*self._settings.jitter_s)
            log.info("remote_retry", code=first.error.code, wait_s=round(wait_s, 3))
            await asyncio.sleep(wait_s)
        try:
            return await self._post_once(path, form, recording)
        except _WorthRetrying as second:
            raise second.error from second

    async def _post_once(self, path: str, form: dict[str, Any], recording: "_File") -> bytes:
        request_id = structlog.contextvars.get_contextvars().get("request_id")
        headers = {"X-Req-Id": str(request_id)} if request_id else {}
        field = "file" if path == TRANSLATIONS else "audio"
        files = {field: (recording.name, recording.data, recording.media_type)}
        try:
            async with self._client.stream(
                "POST", self._base + path, data=form, files=files, headers=headers
            ) as answer:
                body = await _read(answer)
        except httpx2.TimeoutException as late:
            if isinstance(late, httpx2.ConnectTimeout):
                raise _WorthRetrying(EngineFailed("It cannot be reached.", code="remote_unreachable")) from late
            raise TimedOut("It stopped answering.", code="remote_timeout") from late
        except httpx2.ConnectError as refused:
            raise _WorthRetrying(EngineFailed("It cannot be reached.", code="remote_unreachable")) from refused
        except (httpx2.NetworkError, httpx2.RemoteProtocolError) as reset:
            raise _WorthRetrying(EngineFailed("The connection broke.", code="remote_reset")) from reset
        except httpx2.RequestError as broken:
            raise EngineFailed("It cannot be asked.", code="remote_unreachable") from broken
        if answer.status_code == 200:
            return body
        raise _retried(answer, refusal(answer.status_code, answer.headers, body))

    def _encode(self, samples: Samples) -> "_File":
        if 2 * len(samples) > self._settings.wav_bytes:
            return _File("recording.flac", encode_flac(samples, RATE_HZ), "audio/flac")
        return _File("recording.wav", encode_wav(samples, RATE_HZ), "audio/wav")


def _checked(url: str) -> str:
    try:
        found = httpx2.URL(url)
    except httpx2.InvalidURL:
        found = httpx2.URL("")
    if found.scheme not in ("http", "https") or not found.host or not 0 < (found.port or 80) < 1 << 16:
        raise BadConfiguration(f"{url!r} is no address of a service, such as http://stt-fallback:8082.")
    return url.rstrip("/")


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    data: bytes
    media_type: str


class _WorthRetrying(Exception):
    """A failed call that may succeed when it is made again after `wait_s`."""

    def __init__(self, error: AntiphonError, wait_s: float = 0.0) -> None:
        super().__init__(error.code)
        self.error, self.wait_s = error, wait_s


def _retried(answer: httpx2.Response, error: AntiphonError) -> Exception:
    if answer.status_code in RETRIED_STATUS:
        return _WorthRetrying(error)
    if answer.status_code == 429 and isinstance(error, AtCapacity) and error.retry_after_s <= LONGEST_RETRY_AFTER_S:
        return _WorthRetrying(error, error.retry_after_s)
    return error


async def _read(answer: httpx2.Response) -> bytes:
    body = bytearray()
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > LONGEST_ANSWER_BYTES:
            raise EngineFailed("Its answer has no end.", code="remote_bad_answer")
    return bytes(body)


def _path(hearing: Hearing) -> str:
    return TRANSLATIONS if hearing.translate else TRANSCRIBE


def _form(hearing: Hearing) -> dict[str, Any]:
    """The fields of the form (P-5, or OpenAI's); what was not asked for is not sent."""
    fields: dict[str, Any] = {
        "language": hearing.language,
        "prompt": hearing.prompt,
        "hotwords": ", ".join(hearing.phrases),
        "temperature": f"{hearing.temperature:g}" if hearing.temperature else "",
    }
    if hearing.translate:
        fields |= {"model": ANY_MODEL, "response_format": "verbose_json"}
        fields["timestamp_granularities[]"] = ["segment", "word"] if hearing.words else []
    else:
        fields["word_timestamps"] = "true" if hearing.words else ""
    return {name: value for name, value in fields.items() if value}
