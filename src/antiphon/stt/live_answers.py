"""What a live stream's client is told, in its own samples and seconds, and told again after a lost connection."""

from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from antiphon.audio.pcm import RATE_HZ
from antiphon.clock import Clock
from antiphon.errors import AntiphonError, BadInput
from antiphon.events import live as wire
from antiphon.events.speech import Transcript
from antiphon.stt.finals import Stretch
from antiphon.stt.wire_audio import WireAudio

ACK_EVERY_SAMPLES = RATE_HZ
MOST_KEPT = 1000
"""Finals kept for a client that resumes; more than any client can have missed within the grace time."""

Kept: TypeAlias = wire.Final | wire.Error
Post: TypeAlias = Callable[[wire.ServerMessage], None]


class Answers:
    """Messages of one stream.

    Attributes:
        to: where they go; None while there is no connection. Finals are kept for the next one.
    """

    def __init__(self, audio: WireAudio, clock: Clock) -> None:
        self.to: Post | None = None
        self._audio, self._clock = audio, clock
        self._kept: deque[Kept] = deque()
        self._forgotten = 0
        self._done = 0

    @property
    def acked(self) -> int:
        """Audio before this sample of the client's is done with."""
        return self.sample(self._done)

    def sample(self, position: int) -> int:
        """A position at 16 kHz at the client's rate."""
        return min(position * self._audio.rate_hz // RATE_HZ, self._audio.position)

    def post(self, message: wire.ServerMessage) -> None:
        """Tell something, if there is anybody to tell."""
        if self.to is not None:
            self.to(message)

    def go_on(self, to: Post, at: int) -> None:
        """From now on a client is told that has had everything about the audio before its sample `at`.

        Raises:
            BadInput: `resume_impossible`: there would be a gap, or what was said since is no longer kept.
        """
        if not self._forgotten <= at <= self._audio.position:
            raise BadInput(
                f"Only samples {self._forgotten} to {self._audio.position} can be gone on with.",
                code="resume_impossible",
                param="sample",
            )
        self.to = to
        while self._kept and self._kept[0].end_sample <= at:
            self._kept.popleft()

    def repeat(self) -> None:
        """Tell again what a client that went on cannot have had."""
        for message in self._kept:
            self.post(message)
        self.post(wire.Ack(self.acked))

    def deliver(self, stretch: Stretch, outcome: Transcript | AntiphonError) -> None:
        """Tell what was said in an utterance, or why that is not known."""
        kept = self._lost(stretch, outcome) if isinstance(outcome, AntiphonError) else self._final(stretch, outcome)
        self._kept.append(kept)
        if len(self._kept) > MOST_KEPT:
            self._forgotten = self._kept.popleft().end_sample
        self.post(kept)

    def settle(self, done: int, *, always: bool) -> None:
        """Audio before position `done` is done with; acknowledged about once a second, or `always`."""
        if done - self._done >= (1 if always else ACK_EVERY_SAMPLES):
            self._done = done
            self.post(wire.Ack(self.acked))

    def _final(self, stretch: Stretch, heard: Transcript) -> wire.Final:
        account, offset_s = stretch.account, stretch.start / RATE_HZ
        words = (
            wire.FinalWord(w.word, _round(w.start_s + offset_s), _round(w.end_s + offset_s), w.confidence)
            for w in heard.words
        )
        return wire.Final(
            text=heard.text,
            start_s=seconds(stretch.start),
            end_s=seconds(stretch.voiced),
            end_sample=self.sample(stretch.end),
            confidence=round(heard.confidence, 4),
            language=heard.language,
            cause=stretch.cause,
            latency_ms=round(1000 * (self._clock.monotonic_s() - stretch.voiced_at_s)),
            model=account.model or heard.engine,
            fallback_used=account.fallback_used,
            conf_below=account.below,
            conf_reason=str(account.reason),
            no_speech=heard.no_speech,
            words=tuple(words),
            degraded=heard.degraded,
        )

    def _lost(self, stretch: Stretch, error: AntiphonError) -> wire.Error:
        return wire.Error(
            error.code,
            error.message,
            retryable=error.retryable,
            fatal=False,
            start_s=seconds(stretch.start),
            end_s=seconds(stretch.voiced),
            end_sample=self.sample(stretch.end),
        )


def seconds(position: int) -> float:
    """A position at 16 kHz as seconds from the beginning of the stream."""
    return _round(max(0, position) / RATE_HZ)


def _round(value_s: float) -> float:
    return round(value_s, 3)
