"""Speech-to-text by another Antiphon, over HTTP: the port a cascade asks where its fallback is a service."""

import asyncio
from dataclasses import dataclass

import httpx2
import structlog

from antiphon.audio.encode import encode_flac, encode_wav
from antiphon.audio.pcm import RATE_HZ
from antiphon.clock import Clock, SystemClock
from antiphon.errors import AntiphonError, AtCapacity, BadConfiguration, EngineFailed, TimedOut
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.ports.card import Card, Isolation, Port
from antiphon.remote.answers import failure, read_transcript, refusal
from antiphon.sdk.calls import Call
from antiphon.sdk.client import IDLE_S
from antiphon.sdk.recordings import AudioFile
from antiphon.sdk.retries import Retries, WorthRetrying
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
LONGEST_RETRY_AFTER_S = 1.0
RETRIED_STATUS = frozenset((502, 503, 504))

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
        self._key = key
        self._http = httpx2.AsyncClient(
            timeout=httpx2.Timeout(None, connect=self._settings.connect_s),
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
        call = _call(self._base, hearing)
        with self.breaker.call(EngineFailed, TimedOut):
            try:
                async with asyncio.timeout(self._settings.timeout_s):
                    call.file = await asyncio.to_thread(self._encode, samples)
                    body = await self._answer(call)
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
        await self._http.aclose()

    async def _answer(self, call: Call) -> bytes:
        """What is answered to a call that is made once and, where that may help, once more."""
        try:
            return await self._once(call)
        except WorthRetrying as first:
            if not self.retries.take():
                raise first.error from first
            wait_s = Retries(jitter_s=self._settings.jitter_s).pause_s(1, first.error)
            log.info("remote_retry", code=first.error.code, wait_s=round(wait_s, 3))
            await asyncio.sleep(wait_s)
        try:
            return await self._once(call)
        except WorthRetrying as second:
            raise second.error from second

    async def _once(self, call: Call) -> bytes:
        try:
            status = await call.attempt(self._http, self._key)
        except WorthRetrying as failed:
            raise WorthRetrying(failure(failed.error)) from failed
        except EngineFailed as broken:
            raise failure(broken) from broken
        if status == 200:
            return call.body
        error = refusal(status, call.headers, call.body)
        raise WorthRetrying(error) if _may_pass(status, error) else error

    def _encode(self, samples: Samples) -> AudioFile:
        if 2 * len(samples) > self._settings.wav_bytes:
            return AudioFile("recording.flac", encode_flac(samples, RATE_HZ), "audio/flac")
        return AudioFile("recording.wav", encode_wav(samples, RATE_HZ), "audio/wav")


def _checked(url: str) -> str:
    try:
        found = httpx2.URL(url)
    except httpx2.InvalidURL:
        found = httpx2.URL("")
    if found.scheme not in ("http", "https") or not found.host or not 0 < (found.port or 80) < 1 << 16:
        raise BadConfiguration(f"{url!r} is no address of a service, such as http://stt-fallback:8082.")
    return url.rstrip("/")


def _may_pass(status: int, error: AntiphonError) -> bool:
    """Whether a refusal is worth another try within the time of one call."""
    if isinstance(error, AtCapacity):
        return error.retry_after_s <= LONGEST_RETRY_AFTER_S
    return status in RETRIED_STATUS


def _call(base_url: str, hearing: Hearing) -> Call:
    path, field = (TRANSLATIONS, "file") if hearing.translate else (TRANSCRIBE, "audio")
    call = Call("POST", base_url + path, form=_form(hearing), file_field=field)
    call.request_id = structlog.contextvars.get_contextvars().get("request_id") or call.request_id
    return call


def _form(hearing: Hearing) -> dict[str, str | list[str]]:
    """The fields of the form (P-5, or OpenAI's); what was not asked for is not sent."""
    fields: dict[str, str | list[str]] = {
        "language": hearing.language or "",
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
