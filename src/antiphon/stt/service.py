"""Speech-to-text as one object, whatever door a recording comes in by."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from antiphon.audio.pcm import RATE_HZ
from antiphon.clock import Clock, SystemClock
from antiphon.errors import TimedOut
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.ports.stt import StreamingTranscriber
from antiphon.ports.vad import VoiceActivity
from antiphon.stt.account import Account, Reason, Routing
from antiphon.stt.cascade import Cascade
from antiphon.stt.metrics import SttMetrics
from antiphon.stt.readiness import Readiness
from antiphon.stt.speech_detector import SpeechDetector
from antiphon.stt.speech_gate import silence

log = structlog.get_logger(__name__)

Decode = Callable[[bytes | memoryview], Awaitable[Samples]]


@dataclass(frozen=True, slots=True)
class Model:
    """A model as `GET /v1/models` lists it.

    Attributes:
        id: the name that requests may ask for.
        created: Unix time in seconds.
        owned_by: who made it.
        languages: ISO 639-1 codes it knows; empty for any.
    """

    id: str
    created: int = 0
    owned_by: str = "antiphon"
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SttParts:
    """What the service is put together from; whoever made the parts closes them.

    Attributes:
        decode: makes mono float32 at 16 kHz of an untrusted recording.
        detector: tells recordings without speech.
        cascade: hears the others.
        metrics: counts.
        readiness: is told of successes and failures.
        models: what is offered by name.
        activity: opens a voice activity of its own for a live session.
        streaming: hears live sessions.
        role: `primary` or `fallback`.
        deadline_s: how long a request may take.
    """

    decode: Decode
    detector: SpeechDetector
    cascade: Cascade
    metrics: SttMetrics
    readiness: Readiness
    models: tuple[Model, ...]
    activity: Callable[[], VoiceActivity]
    streaming: StreamingTranscriber
    role: str = "primary"
    deadline_s: float = 60.0


class SpeechToText:
    """Decodes, answers silence at once, and leaves the rest to the cascade.

    Attributes:
        card: of the primary engine.
        models: what `GET /v1/models` lists.
        activity: opens a voice activity of its own for a live session.
        streaming: hears live sessions.
        readiness: whether it can be sent work.
        metrics: what it did so far.
        role: `primary` or `fallback`.
    """

    def __init__(self, parts: SttParts, clock: Clock | None = None) -> None:
        self.card = parts.cascade.primary.card
        self.models = parts.models
        self.activity, self.streaming = parts.activity, parts.streaming
        self.readiness, self.metrics = parts.readiness, parts.metrics
        self.role = parts.role
        self._parts = parts
        self._clock = clock or SystemClock()
        self.metrics.watch(parts.cascade.primary.gate)

    @property
    def can_be_read_along(self) -> bool:
        """Whether parts of an answer may be told before all of it: no other tier will hear the recording again."""
        return self._parts.cascade.first_answer_stands

    async def hear(self, recording: bytes | memoryview, hearing: Hearing, account: Account) -> Transcript:
        """What was said in an untrusted recording.

        Raises:
            BadAudio: it is no recording, or damaged, or empty.
            TooLong: it is longer than what is taken.
            TimedOut: `engine_timeout`: it took longer than the deadline.
            AntiphonError: see `Cascade.transcribe`.
        """
        async with self._accounted(account) as ended:
            began_s = self._clock.monotonic_s()
            try:
                samples = await self._parts.decode(recording)
            finally:
                account.decode_s = self._clock.monotonic_s() - began_s
            return ended(await self._hear(samples, hearing, account))

    async def hear_samples(self, samples: Samples, hearing: Hearing, account: Account) -> Transcript:
        """What was said in a recording, float32 [n] at 16 kHz.

        Raises:
            TimedOut: `engine_timeout`: it took longer than the deadline.
            AntiphonError: see `Cascade.transcribe`.
        """
        async with self._accounted(account) as ended:
            return ended(await self._hear(samples, hearing, account))

    async def _hear(self, samples: Samples, hearing: Hearing, account: Account) -> Transcript:
        account.audio_s = len(samples) / RATE_HZ
        if await self._parts.detector.anyone_speaks(samples):
            return await self._parts.cascade.transcribe(samples, hearing, account)
        account.reason, account.model = Reason.NO_SPEECH, self._parts.cascade.primary.model
        account.language_checked = hearing.language is None and len(self.card.languages) != 1
        account.routing = Routing.SKIPPED if self.role == "primary" else None
        return silence(samples, hearing, self.card)

    @asynccontextmanager
    async def _accounted(self, account: Account) -> AsyncIterator[Callable[[Transcript], Transcript]]:
        """Hold a request to its deadline, and count it once however it ends."""
        began_s = self._clock.monotonic_s()
        answer: Transcript | None = None
        error: BaseException | None = None

        def answered(transcript: Transcript) -> Transcript:
            nonlocal answer
            answer = transcript
            return transcript

        try:
            async with _deadline(self._parts.deadline_s, account):
                yield answered
        except BaseException as raised:
            error = raised
            raise
        finally:
            account.total_s = self._clock.monotonic_s() - began_s
            self.metrics.ended(account, answer.degraded if answer else (), error)
            if answer is not None:
                _log(answer, account)


def _log(answer: Transcript, account: Account) -> None:
    """One line a request; what was said stands in it only where the operator wants that."""
    log.info(
        "transcribed",
        endpoint=account.endpoint,
        audio_s=round(answer.duration_s, 3),
        language=answer.language,
        model=account.model,
        confidence=round(answer.confidence, 4),
        routing=account.routing,
        reason=account.reason,
        degraded=answer.degraded,
        ms=account.timings_ms(),
        **{"pii.text": answer.text},
    )


@asynccontextmanager
async def _deadline(deadline_s: float, account: Account) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(deadline_s):
            yield
    except TimeoutError as late:
        if account.fallback_s is not None and account.routing is not Routing.USED:
            account.routing, account.fallback_error = Routing.FAILED, "engine_timeout"
        raise TimedOut(f"This took longer than {deadline_s:g} s and was given up.", code="engine_timeout") from late
