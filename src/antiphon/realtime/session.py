"""A live conversation: frames of the caller in, frames of the agent and events out.

Time is the number of samples received; nothing here sleeps or reads a clock to decide anything. Whoever owns the wire
calls `receive` with the caller's audio and `play` for as many samples of the agent's; `run` holds the tasks of the
session in one TaskGroup, so that ending it ends them all.

    receive ─ Intake ─ Scheduler ─ TurnDetector ─┬─ speech over the agent ─ hold, judge, resume or interrupt
                                                 └─ silence and words ─ end of turn ─ Speaking ─ Playout ─ play
"""

import asyncio
import math
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import numpy as np

from antiphon.clock import Clock, SystemClock
from antiphon.errors import AntiphonError
from antiphon.events.dialogue import ReplyDone
from antiphon.events.session import (
    AgentTurn,
    CallerTurn,
    PartialHeard,
    ReplyHeld,
    ReplyResumed,
    ReplyStarted,
    SessionEnded,
    SessionEvent,
    SpeechPaused,
    SpeechStarted,
    Trouble,
    TurnDropped,
)
from antiphon.events.speech import Hearing, Samples, Transcript, Voicing
from antiphon.ports.dialogue import Dialogue, Reply
from antiphon.ports.stt import StreamingTranscriber
from antiphon.ports.tts import Voice
from antiphon.ports.turn import TurnEnd
from antiphon.realtime.barge_in import Judgement, Overlap, Overlapping, judge, overlap
from antiphon.realtime.intake import RATE_HZ, Intake
from antiphon.realtime.listening import Turn
from antiphon.realtime.scheduler import Scheduler
from antiphon.realtime.settings import RealtimeSettings
from antiphon.realtime.speaking import Apology, Speaking
from antiphon.realtime.turns import WINDOW_MS, silence_needed_ms
from antiphon.realtime.turns import Voicing as Change

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a session is made of, all of it ports."""

    ears: StreamingTranscriber
    voice: Voice
    turn_end: TurnEnd
    scheduler: Scheduler
    settings: RealtimeSettings = field(default_factory=RealtimeSettings)
    voicing: Voicing = field(default_factory=Voicing)
    clock: Clock = field(default_factory=SystemClock)


class Session:
    """One caller, one agent."""

    def __init__(self, dialogue: Dialogue, parts: Parts, emit: Callable[[SessionEvent], None]) -> None:
        self.dialogue = dialogue
        self._parts = parts
        self._settings = parts.settings
        self._emit = emit
        self._intake = Intake(parts.ears, parts.scheduler, parts.settings, self._window)
        self._speaking: Speaking | None = None
        self._last: ReplyDone = ReplyDone(language=parts.voicing.language)
        self._quiet_since = 0
        self._tasks: asyncio.TaskGroup | None = None
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
        return self.received / RATE_HZ

    @property
    def agent_audible(self) -> bool:
        """The agent's voice is being heard, or held in the middle of a reply."""
        speaking = self._speaking
        return speaking is not None and not speaking.over and speaking.playout.audible

    @property
    def agent_active(self) -> bool:
        """The agent is speaking or about to."""
        return self._speaking is not None and not self._speaking.over

    @property
    def caller_active(self) -> bool:
        """The caller is speaking, or what they said is still being heard out."""
        return self._intake.turn is not None

    @property
    def ended(self) -> bool:
        """The conversation is over."""
        return self._over.is_set()

    def receive(self, samples: Samples) -> None:
        """Take the caller's next audio: mono float32 at 16 kHz, any length."""
        self._intake.receive(samples)

    def play(self, count: int) -> Samples:
        """The agent's next `count` samples, mono float32 at 16 kHz; silence where it says nothing."""
        speaking = self._speaking
        if speaking is None or speaking.over:
            return np.zeros(count, np.float32)
        out = speaking.playout.pull(count)
        if speaking.started_s is None and speaking.playout.played:
            self._reply_started(speaking)
        return out

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
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                self._say(self.dialogue.greet, {})
                await self._over.wait()
                await self._hear_out()
                if self._speaking is not None:
                    self._speaking.interrupt()
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
        self._mind_overlap(turn)
        self._note_partial(turn)
        if self._intake.detector.paused or self._too_long(turn):
            self._mind_end_of_turn(turn)

    def _speech_started(self) -> None:
        speaking = self._speaking
        self._emit(SpeechStarted(self.now_s))
        if self._intake.answered is not None and speaking is not None and speaking.drop():
            # Nothing of the answer was audible yet: the caller had only paused, and the turn goes on.
            self._intake.reopen()
            self._emit(TurnDropped(self.now_s))
        else:
            self._intake.open(self._hearing())

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
        turn.final = self._spawn(self._transcribe(turn))

    async def _transcribe(self, turn: Turn) -> Transcript | None:
        """The final transcript; None where the recogniser failed, which has been reported then."""
        try:
            return await turn.utterance.finish(self._hearing())
        except AntiphonError as error:
            self._trouble(error)
            return None

    async def _glance(self, turn: Turn) -> str:
        try:
            return await turn.utterance.glance()
        except AntiphonError as error:
            self._trouble(error)
            return ""

    def _note_partial(self, turn: Turn) -> None:
        so_far = turn.utterance.partial
        if so_far != turn.partial:
            turn.partial = so_far
            self._emit(PartialHeard(self.now_s, so_far))

    # ── speech over the agent ───────────────────────────────────────────────────────────────────────────────────

    def _mind_overlap(self, turn: Turn) -> None:
        speaking = self._speaking
        if speaking is None or not self.agent_audible:
            return
        if turn.glance is not None:
            if turn.glance.done():
                glance, turn.glance = turn.glance, None
                self._act_on(turn, speaking, glance.result())
            return
        if self._intake.detector.paused:
            return
        playout = speaking.playout
        now = Overlapping(
            voiced_ms=self._intake.detector.voiced_ms - turn.judged_ms,
            remaining_ms=1e3 * playout.remaining / RATE_HZ,
            held=playout.held,
            cleared=turn.cleared,
            complete=playout.complete,
        )
        decision = overlap(self._settings, now)
        if decision is Overlap.HOLD:
            playout.hold()
            self._emit(ReplyHeld(self.now_s))
        elif decision is Overlap.JUDGE:
            turn.glance = self._spawn(self._glance(turn))

    def _act_on(self, turn: Turn, speaking: Speaking, text: str) -> bool:
        """Stop the agent if `text` was an interruption; whether it was."""
        verdict = judge(
            text,
            self._last.language,
            asked=speaking.done.expect if speaking.done else self._last.expect,
            last_sentence=speaking.playout.in_last_sentence,
        )
        if verdict is Judgement.INTERRUPTION:
            speaking.interrupt()
            return True
        turn.cleared, turn.judged_ms = True, self._intake.detector.voiced_ms
        if speaking.playout.held:
            speaking.playout.resume()
            self._emit(ReplyResumed(self.now_s, verdict.name.lower()))
        return False

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
        finished = self._parts.turn_end.finished(
            np.concatenate(turn.audio), text, self._last.expect, self._last.language
        )
        turn.silence_needed_ms = silence_needed_ms(self._settings, finished)
        if self._speaking is not None and self.agent_audible and self._speaking.playout.held:
            self._act_on(turn, self._speaking, text)

    def _end_turn(self, turn: Turn) -> None:
        silence_ms = float(self._intake.detector.silence_ms)
        self._intake.take()
        self._quiet_since = self.received
        speaking = self._speaking
        harmless = speaking is not None and self.agent_audible and not self._act_on(turn, speaking, turn.text)
        transcript = turn.transcript
        if transcript is None and not harmless:
            self._say(partial(Apology, self._last.language), {})
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
        if self._speaking is not None:
            self._speaking.interrupt()
        self._intake.answered = turn
        self._say(partial(self.dialogue.answer, transcript, start_s=start_s, end_s=end_s), latency_ms)

    # ── speaking ────────────────────────────────────────────────────────────────────────────────────────────────

    def _say(self, ask: Callable[[], Reply], latency_ms: dict[str, float]) -> None:
        before = self._speaking
        voicing = self._parts.voicing
        voicing = Voicing(self._last.language, voicing.voice, voicing.speed)
        speaking = Speaking(ask, self._parts.voice, voicing, self._parts.clock, RATE_HZ, self._trouble)
        speaking.latency_ms = dict(latency_ms)
        self._speaking = speaking
        self._spawn(self._speak(speaking, before, bool(latency_ms)))

    async def _speak(self, speaking: Speaking, before: Speaking | None, answering: bool) -> None:
        if before is not None:
            await before.finished()  # its turn is kept before the next one is
        await speaking.run(int(self._settings.ahead_s * RATE_HZ))
        if speaking.dropped:
            return
        self._last = speaking.done or self._last
        self._quiet_since = self.received
        self._intake.close_answered()
        latency_ms = speaking.latency_ms if answering else {}
        if latency_ms:
            latency_ms["total"] = sum(latency_ms.values())
        if speaking.started_s is not None:
            self._emit(AgentTurn(speaking.started_s, self.now_s, speaking.heard, speaking.interrupted, latency_ms))
        if speaking.done is not None and not speaking.interrupted and (speaking.done.hang_up or speaking.done.transfer):
            self.hang_up("transferred" if speaking.done.transfer else "hung_up")

    def _reply_started(self, speaking: Speaking) -> None:
        speaking.started_s = self.now_s
        self._intake.close_answered()
        self._emit(ReplyStarted(self.now_s))

    def _mind_idleness(self) -> None:
        if self.agent_active:
            self._quiet_since = self.received
        elif self.received - self._quiet_since >= self._settings.idle_s * RATE_HZ:
            self._quiet_since = self.received
            self._say(self.dialogue.nudge, {})

    # ── housekeeping ────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _working(self) -> bool:
        if self._intake.turn is not None and self._intake.turn.working:
            return True
        return self._speaking is not None and self._speaking.working

    def _hearing(self) -> Hearing:
        done = (self._speaking.done if self._speaking else None) or self._last
        return Hearing(language=done.language, expect=done.expect, phrases=done.phrases)

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

    def _trouble(self, error: AntiphonError) -> None:
        self._emit(Trouble(self.now_s, error.code, error.message))

    def _spawn(self, work: Coroutine[None, None, T]) -> asyncio.Task[T]:
        if self._tasks is None:
            raise RuntimeError("the session is not running: audio belongs after run() has begun")
        return self._tasks.create_task(work)
