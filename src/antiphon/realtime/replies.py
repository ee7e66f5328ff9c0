"""The agent's side of a session: the reply that is being spoken, and what the one before it asked."""

import asyncio
from collections.abc import Callable

import numpy as np

from antiphon.audio.pcm import RATE_HZ
from antiphon.errors import AntiphonError
from antiphon.events.dialogue import ReplyDone
from antiphon.events.session import AgentTurn, ReplyStarted, SessionEvent, Trouble
from antiphon.events.speech import Expectation, Hearing, Samples, Voicing
from antiphon.ports.dialogue import Reply
from antiphon.realtime.intake import Intake
from antiphon.realtime.parts import Parts
from antiphon.realtime.speaking import Speaking


class Replies:
    """Speaks one reply after another; `over` is called with each that was spoken to its end or interrupted.

    Attributes:
        current: the reply begun last; it may be over.
        last: how the reply spoken last ended.
    """

    def __init__(
        self,
        parts: Parts,
        intake: Intake,
        tasks: asyncio.TaskGroup,
        emit: Callable[[SessionEvent], None],
        over: Callable[[Speaking], None],
    ) -> None:
        self.current: Speaking | None = None
        self.last = ReplyDone(language=parts.voicing.language)
        self._parts = parts
        self._intake = intake
        self._tasks = tasks
        self._emit = emit
        self._over = over
        self._ahead_samples = int(parts.settings.ahead_s * RATE_HZ)

    @property
    def active(self) -> Speaking | None:
        """The reply that is being spoken or about to be."""
        return self.current if self.current is not None and not self.current.over else None

    @property
    def audible(self) -> Speaking | None:
        """The reply that is being heard, or held in the middle."""
        speaking = self.active
        return speaking if speaking is not None and speaking.playout.audible else None

    @property
    def working(self) -> bool:
        """A reply is being computed that the caller waits for."""
        return self.current is not None and self.current.working

    @property
    def language(self) -> str:
        """ISO 639-1 code of what was spoken last."""
        return self.last.language

    @property
    def asked(self) -> Expectation:
        """What the reply begun last asks for, as far as it is known; else what was asked last."""
        return self._newest.expect

    def hearing(self) -> Hearing:
        """How the caller's answer is to be recognised."""
        newest = self._newest
        return Hearing(language=newest.language, expect=newest.expect, phrases=newest.phrases)

    def say(self, ask: Callable[[], Reply], latency_ms: dict[str, float] | None = None) -> None:
        """Speak what `ask` gives, after the reply before it; `latency_ms` of the turn it answers, None if unasked."""
        before = self.current
        voicing = Voicing(self.last.language, self._parts.voicing.voice, self._parts.voicing.speed)
        speaking = Speaking(ask, self._parts.voice, voicing, self._parts.clock, RATE_HZ, self._failed)
        speaking.latency_ms = dict(latency_ms or {})
        self.current = speaking
        self._tasks.create_task(self._speak(speaking, before, answering=latency_ms is not None))

    def play(self, count: int) -> Samples:
        """The next `count` samples, mono float32 at 16 kHz; silence where nothing is said."""
        speaking = self.active
        if speaking is None:
            return np.zeros(count, np.float32)
        out = speaking.playout.pull(count)
        if speaking.started_s is None and speaking.playout.played:
            speaking.started_s = self._intake.now_s
            self._intake.close_answered()
            self._emit(ReplyStarted(speaking.started_s))
        return out

    def interrupt(self) -> None:
        """Stop what is being spoken, if anything is."""
        if self.current is not None:
            self.current.interrupt()

    def drop(self) -> bool:
        """Take the reply begun last back; whether there was one and that was still possible."""
        return self.current is not None and self.current.drop()

    @property
    def _newest(self) -> ReplyDone:
        return (self.current.done if self.current else None) or self.last

    async def _speak(self, speaking: Speaking, before: Speaking | None, *, answering: bool) -> None:
        if before is not None:
            await before.finished()  # its turn is kept before the next one is
        await speaking.run(self._ahead_samples)
        if speaking.dropped:
            return
        self.last = speaking.done or self.last
        self._intake.close_answered()
        latency_ms = speaking.latency_ms if answering else {}
        if latency_ms:
            latency_ms["total"] = sum(latency_ms.values())
        if speaking.started_s is not None:
            end_s = self._intake.now_s
            self._emit(AgentTurn(speaking.started_s, end_s, speaking.heard, speaking.interrupted, latency_ms))
        self._over(speaking)

    def _failed(self, error: AntiphonError) -> None:
        self._emit(Trouble.of(error, self._intake.now_s))
