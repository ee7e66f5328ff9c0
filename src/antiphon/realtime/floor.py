"""Who has the floor while caller and agent speak at once: the agent holds, and goes on or gives way."""

import asyncio
from collections.abc import Callable

from antiphon.audio.pcm import RATE_HZ
from antiphon.errors import AntiphonError
from antiphon.events.session import ReplyHeld, ReplyResumed, SessionEvent, Trouble
from antiphon.realtime.barge_in import Judgement, Overlap, Overlapping, judge, overlap
from antiphon.realtime.intake import Intake
from antiphon.realtime.listening import Turn
from antiphon.realtime.replies import Replies
from antiphon.realtime.settings import RealtimeSettings
from antiphon.realtime.speaking import Speaking


class Floor:
    """Acts on the policy of `barge_in`, window by window."""

    def __init__(
        self,
        settings: RealtimeSettings,
        intake: Intake,
        replies: Replies,
        tasks: asyncio.TaskGroup,
        emit: Callable[[SessionEvent], None],
    ) -> None:
        self._settings = settings
        self._intake = intake
        self._replies = replies
        self._tasks = tasks
        self._emit = emit

    def mind(self, turn: Turn) -> None:
        """One more window of `turn` has been heard; it matters while the agent is audible."""
        speaking = self._replies.audible
        if speaking is None:
            return
        if turn.glance is not None:
            if turn.glance.done():
                glance, turn.glance = turn.glance, None
                self.give_way(turn, speaking, glance.result())
            return
        if self._intake.detector.paused:
            return
        decision = overlap(self._settings, self._overlapping(turn, speaking))
        if decision is Overlap.HOLD:
            speaking.playout.hold()
            self._emit(ReplyHeld(self._intake.now_s))
        elif decision is Overlap.JUDGE:
            turn.glance = self._tasks.create_task(self._glance(turn))

    def give_way(self, turn: Turn, speaking: Speaking, text: str) -> bool:
        """Stop the agent if `text` was an interruption, let it speak on if not; whether it was one."""
        verdict = judge(
            text,
            self._replies.language,
            asked=self._replies.asked,
            last_sentence=speaking.playout.in_last_sentence,
        )
        if verdict is Judgement.INTERRUPTION:
            speaking.interrupt()
            return True
        turn.cleared, turn.judged_ms = True, self._intake.detector.voiced_ms
        if speaking.playout.held:
            speaking.playout.resume()
            self._emit(ReplyResumed(self._intake.now_s, verdict.name.lower()))
        return False

    def _overlapping(self, turn: Turn, speaking: Speaking) -> Overlapping:
        playout = speaking.playout
        return Overlapping(
            voiced_ms=self._intake.detector.voiced_ms - turn.judged_ms,
            remaining_ms=1e3 * playout.remaining / RATE_HZ,
            held=playout.held,
            cleared=turn.cleared,
            complete=playout.complete,
        )

    async def _glance(self, turn: Turn) -> str:
        """The words so far; none where the recogniser failed, which has been reported then."""
        try:
            return await turn.utterance.glance()
        except AntiphonError as error:
            self._emit(Trouble.of(error, self._intake.now_s))
            return ""
