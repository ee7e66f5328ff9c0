"""A live conversation: frames of the caller in, frames of the agent and events out.

Time is the number of samples received; nothing here sleeps or reads a clock to decide anything. Whoever owns the wire
calls `receive` with the caller's audio and `play` for as many samples of the agent's; `run` holds the tasks of the
session in one TaskGroup, so that ending it ends them all.

    receive ─ Intake ─ Scheduler ─ PauseDetector ─┬─ speech over the agent ─ Floor ─ hold, judge, resume or interrupt
                                                  └─ silence and words ─ end of turn ─ Replies ─ Speaking ─ play
"""

import asyncio
import math
from collections.abc import Callable
from functools import partial

import numpy as np

from antiphon.audio.pcm import RATE_HZ
from antiphon.errors import AntiphonError
from antiphon.events.session import (
    CallerTurn,
    PartialHeard,
    SessionEnded,
    SessionEvent,
    SpeechPaused,
    SpeechStarted,
    Trouble,
    TurnDropped,
)
from antiphon.events.speech import Samples, Transcript
from antiphon.ports.dialogue import Dialogue
from antiphon.realtime.floor import Floor
from antiphon.realtime.intake import Intake
from antiphon.realtime.listening import Turn
from antiphon.realtime.parts import Parts
from antiphon.realtime.replies import Replies
from antiphon.realtime.speaking import Apology, Speaking
from antiphon.realtime.turns import silence_needed_ms
from antiphon.serving.pauses import WINDOW_MS, Change


class Session:
    """One caller, one agent.

    Raises:
        AtCapacity: this process holds as many sessions as it takes.
    """

    def __init__(self, dialogue: Dialogue, parts: Parts, emit: Callable[[SessionEvent], None]) -> None:
        self.dialogue = dialogue
        self._turn_end = parts.turn_end
        self._settings = parts.settings
        self._emit = emit
        self._tasks = asyncio.TaskGroup()
        self._intake = Intake(parts.ears, parts.scheduler, parts.settings, self._window)
        self._replies = Replies(parts, self._intake, self._tasks, emit, self._reply_over)
        self._floor = Floor(parts.settings, self._intake, self._replies, self._tasks, emit)
        self._quiet_since = 0
        self._over = asyncio.Event()
        self._reason = ""

    # ── the wire ────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def received(self) -> int:
        """Samples of the caller received: the session's clock."""
        return self._intake.received

    @property
    def now_s(self) -> float:
        """Stream time: seconds of caller audio received."""
        return self._intake.now_s

    @property
    def agent_audible(self) -> bool:
        """The agent's voice is being heard, or held in the middle of a reply."""
        return self._replies.audible is not None

    @property
    def agent_active(self) -> bool:
        """The agent is speaking or about to."""
        return self._replies.active is not None

    @property
    def caller_active(self) -> bool:
        """The caller is speaking, or what they said is still being heard out."""
        return self._intake.turn is not None

    @property
    def ended(self) -> bool:
        """The conversation is over."""
        return self._over.is_set()

    def receive(self, samples: Samples) -> None:
        """Take the caller's next audio: mono float32 at 16 kHz, any length; only while `run` runs."""
        self._intake.receive(samples)

    def play(self, count: int) -> Samples:
        """The agent's next `count` samples, mono float32 at 16 kHz; silence where it says nothing."""
        return self._replies.play(count)

    async def settled(self) -> None:
        """Wait until nothing is being computed that the caller waits for: what makes a fast run exact."""
        # Polled: a computation ends in many places, and only simulated calls wait here.
        while self._working and not self._over.is_set():  # noqa: ASYNC110
            await asyncio.sleep(0.002)

    def hang_up(self, reason: str = "caller_gone") -> None:
        """The caller is gone (or the house closes)."""
        if not self._over.is_set():
            self._reason = reason
            self._over.set()

    async def run(self) -> SessionEnded:
        """Hold the conversation until either side hangs up."""
        try:
            async with self._tasks:
                self._replies.say(self.dialogue.greet)
                await self._over.wait()
                await self._hear_out()
                self._replies.interrupt()
        finally:
            self._intake.close()
        await self.dialogue.end(self._reason)
        ended = SessionEnded(self.now_s, self._reason)
        self._emit(ended)
        return ended

    # ── hearing ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _window(self, change: Change) -> None:
        """One more window of the caller has been judged; everything a session decides, it decides here."""
        if self._over.is_set():
            return
        if change is Change.STARTED:
            self._speech_started()
        elif change is Change.PAUSED:
            self._speech_paused()
        elif change is Change.RESUMED and self._intake.turn is not None:
            self._intake.turn.resume()
        turn = self._intake.turn
        if turn is None:
            self._mind_idleness()
            return
        self._floor.mind(turn)
        self._note_partial(turn)
        if self._intake.detector.paused or self._too_long(turn):
            self._mind_end_of_turn(turn)

    def _speech_started(self) -> None:
        self._emit(SpeechStarted(self.now_s))
        if self._intake.answered is not None and self._replies.drop():
            # Nothing of the answer was audible yet: the caller had only paused, and the turn goes on.
            self._intake.reopen()
            self._emit(TurnDropped(self.now_s))
        else:
            self._intake.open(self._replies.hearing())

    def _speech_paused(self) -> None:
        turn = self._intake.turn
        if turn is None:
            return
        turn.paused_at = self.received - self._intake.detector.silence_ms * RATE_HZ // 1000
        self._emit(SpeechPaused(turn.paused_at / RATE_HZ))
        self._begin_final(turn)

    def _begin_final(self, turn: Turn) -> None:
        turn.silence_needed_ms = None
        turn.utterance.pause()
        turn.final = self._tasks.create_task(self._transcribe(turn))

    async def _transcribe(self, turn: Turn) -> Transcript | None:
        """The final transcript; None where the recogniser failed, which has been reported then."""
        try:
            return await turn.utterance.finish(self._replies.hearing())
        except AntiphonError as error:
            self._emit(Trouble.of(error, self.now_s))
            return None

    def _note_partial(self, turn: Turn) -> None:
        so_far = turn.utterance.partial
        if so_far != turn.partial:
            turn.partial = so_far
            self._emit(PartialHeard(self.now_s, so_far))

    # ── end of turn ─────────────────────────────────────────────────────────────────────────────────────────────

    def _too_long(self, turn: Turn) -> bool:
        return self.received - turn.start >= self._settings.max_turn_s * RATE_HZ

    def _mind_end_of_turn(self, turn: Turn) -> None:
        if turn.final is None:
            turn.paused_at = self.received
            self._begin_final(turn)
            return
        if not turn.final.done():
            return
        if turn.silence_needed_ms is None:
            self._weigh(turn)
        if self._intake.detector.silence_ms >= (turn.silence_needed_ms or 0.0) or self._too_long(turn):
            self._end_turn(turn)

    def _weigh(self, turn: Turn) -> None:
        """The text is known: how long must the silence be, and was it an interruption?"""
        text = turn.text
        if not text:
            turn.silence_needed_ms = 0.0
            return
        last, speaking = self._replies.last, self._replies.audible
        finished = self._turn_end.finished(np.concatenate(turn.audio), text, last.expect, last.language)
        turn.silence_needed_ms = silence_needed_ms(self._settings, finished)
        if speaking is not None and speaking.playout.held:
            self._floor.give_way(turn, speaking, text)

    def _end_turn(self, turn: Turn) -> None:
        silence_ms = float(self._intake.detector.silence_ms)
        self._intake.take()
        self._quiet_since = self.received
        speaking = self._replies.audible
        harmless = speaking is not None and not self._floor.give_way(turn, speaking, turn.text)
        transcript = turn.transcript
        if transcript is None and not harmless:
            self._replies.say(partial(Apology, self._replies.language))
        if transcript is None or harmless or not turn.text:
            turn.close()
        else:
            self._answer(turn, transcript, silence_ms)

    def _answer(self, turn: Turn, transcript: Transcript, silence_ms: float) -> None:
        start_s, end_s = turn.start / RATE_HZ, turn.paused_at / RATE_HZ
        # What the silence lasted beyond the window in which it was long enough, it lasted for want of the words.
        enough_ms = min(silence_ms, WINDOW_MS * math.ceil((turn.silence_needed_ms or 0.0) / WINDOW_MS))
        latency_ms = {"endpointing": enough_ms, "stt": silence_ms - enough_ms}
        self._emit(CallerTurn(start_s, end_s, transcript, latency_ms))
        self._replies.interrupt()
        self._intake.answered = turn
        self._replies.say(partial(self.dialogue.answer, transcript, start_s=start_s, end_s=end_s), latency_ms)

    # ── idleness and the end ────────────────────────────────────────────────────────────────────────────────────

    def _reply_over(self, speaking: Speaking) -> None:
        self._quiet_since = self.received
        if speaking.done is not None and not speaking.interrupted and (speaking.done.hang_up or speaking.done.transfer):
            self.hang_up("transferred" if speaking.done.transfer else "hung_up")

    def _mind_idleness(self) -> None:
        if self.agent_active:
            self._quiet_since = self.received
        elif self.received - self._quiet_since >= self._settings.idle_s * RATE_HZ:
            self._quiet_since = self.received
            self._replies.say(self.dialogue.nudge)

    @property
    def _working(self) -> bool:
        if self._intake.turn is not None and self._intake.turn.working:
            return True
        return self._replies.working

    async def _hear_out(self) -> None:
        """The caller is gone: what they said last still has its consequences, though nobody hears the answer."""
        turn = self._intake.turn
        if turn is None or self._reason != "caller_gone":
            return
        self._intake.take()
        transcript = await self._transcribe(turn)
        turn.close()
        if transcript is not None and transcript.text.strip():
            turn.paused_at = self.received
            self._answer(turn, transcript, 0.0)
