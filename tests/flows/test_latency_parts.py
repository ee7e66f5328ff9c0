"""Where the time before an answer went, in stream time."""

import asyncio

import pytest

from antiphon.events.session import AgentTurn, CallerTurn
from antiphon.events.speech import Hearing, Transcript
from antiphon.realtime.parts import Parts
from antiphon.serving.voicing import Scheduler
from antiphon.testing import LevelEars, LevelVoiceActivity, Phrasebook, ScriptedDialogue, ScriptedReply, Simulation
from antiphon.testing.speech import LevelUtterance, PauseEndsTurn, WordVoice


class SlowUtterance(LevelUtterance):
    """Does not finish before it may."""

    may_finish: asyncio.Event

    async def finish(self, hearing: Hearing | None = None) -> Transcript:
        await self.may_finish.wait()
        return await super().finish(hearing)


class SlowEars(LevelEars):
    """Ears whose final decode takes until `may_finish`."""

    def __init__(self, book: Phrasebook) -> None:
        super().__init__(book)
        self.may_finish = asyncio.Event()

    def open(self, hearing: Hearing) -> LevelUtterance:
        utterance = SlowUtterance(self, hearing)
        utterance.may_finish = self.may_finish
        return utterance


@pytest.mark.parametrize(("silence_s", "waited_ms"), [(0.2, 0), (0.8, 448), (1.6, 1248)])
async def test_silence_beyond_what_the_turn_needed_was_spent_on_waiting_for_the_words(
    silence_s: float, waited_ms: float
) -> None:
    book = Phrasebook()
    ears = SlowEars(book)
    parts = Parts(ears, WordVoice(), PauseEndsTurn(), Scheduler(LevelVoiceActivity()))
    async with Simulation(ScriptedDialogue(lambda text: ScriptedReply(["Yes."]), greeting=""), parts) as call:
        call.patient = False
        await call.say(book.say("good morning"))
        await call.silence(silence_s)
        ears.may_finish.set()
        call.patient = True
        await call.until_quiet()
    (caller,), (agent,) = call.of(CallerTurn), call.of(AgentTurn)
    # Speech is judged in windows of 32 ms: 350 ms of silence are 11 of them.
    assert caller.latency_ms["endpointing"] == 352
    assert caller.latency_ms["stt"] == pytest.approx(waited_ms, abs=64)
    assert agent.latency_ms["endpointing"] == 352
    assert agent.latency_ms["stt"] == caller.latency_ms["stt"]
