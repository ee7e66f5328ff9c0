"""Whole conversations in stream time, with scripted speech: each test reads like the call it proves."""

import asyncio

import numpy as np
import pytest

from antiphon.errors import EngineFailed
from antiphon.events.dialogue import ReplyDone
from antiphon.events.session import AgentTurn, CallerTurn, ReplyHeld, ReplyResumed, SessionEnded, Trouble, TurnDropped
from antiphon.events.speech import Expectation
from antiphon.realtime.parts import Parts
from antiphon.realtime.settings import RealtimeSettings
from antiphon.serving.voicing import Scheduler
from antiphon.testing import (
    LevelEars,
    LevelVoiceActivity,
    PauseEndsTurn,
    Phrasebook,
    ScriptedDialogue,
    ScriptedReply,
    Simulation,
    WordVoice,
)

LONG = "this reply is rather long so that somebody can well talk over it if they want to do that"


class Stage:
    """Everything a call needs, with handles on it."""

    def __init__(self, answers: dict[str, ScriptedReply] | None = None, **settings: object) -> None:
        self.book = Phrasebook()
        self.ears = LevelEars(self.book)
        self.voice = WordVoice()
        self.activity = LevelVoiceActivity()
        self.dialogue = ScriptedDialogue(lambda text: (answers or {}).get(text) or ScriptedReply([f"You said {text}."]))
        self.parts = Parts(
            ears=self.ears,
            voice=self.voice,
            turn_end=PauseEndsTurn(),
            scheduler=Scheduler(self.activity),
            settings=RealtimeSettings(**settings),  # type: ignore[arg-type]
        )

    def call(self) -> Simulation:
        return Simulation(self.dialogue, self.parts)


async def test_a_turn_is_heard_answered_and_remembered() -> None:
    stage = Stage()
    async with stage.call() as call:
        await call.until_quiet()
        await call.say(stage.book.say("good morning"))
        await call.until_quiet()
    assert [turn.transcript.text for turn in call.of(CallerTurn)] == ["good morning"]
    assert [turn.text for turn in call.of(AgentTurn)] == ["Hello.", "You said good morning."]
    assert stage.dialogue.kept == ["good morning"]
    assert stage.dialogue.replies[-1].heard == "You said good morning."
    assert stage.dialogue.ended == "caller_gone"
    assert not stage.activity.open_slots, "the session gives its place in the batch back"
    assert all(utterance.closed for utterance in stage.ears.opened)


async def test_latency_is_split_into_parts_that_add_up() -> None:
    stage = Stage()
    async with stage.call() as call:
        await call.until_quiet()
        await call.say(stage.book.say("good morning"))
        await call.until_quiet()
    greeting, answer = call.of(AgentTurn)
    assert greeting.latency_ms == {}
    parts = dict(answer.latency_ms)
    total = parts.pop("total")
    assert set(parts) == {"endpointing", "stt", "llm", "guard", "tts", "commit"}
    assert sum(parts.values()) == pytest.approx(total)
    assert 350 <= parts["endpointing"] < 500


async def test_a_caller_who_goes_on_before_the_answer_is_audible_is_heard_as_one_turn() -> None:
    stage = Stage({"on tuesday": ScriptedReply(["At what time?"], hangs=asyncio.Event())})
    async with stage.call() as call:
        await call.until_quiet()
        # A slow language model: nothing waits for it, the caller simply speaks on.
        call.patient = False
        await call.say(stage.book.say("on tuesday"))
        await call.silence(0.5)
        await call.say(stage.book.say("at ten"))
        await call.silence(0.6)
        call.patient = True
        await call.until_quiet()
    assert len(call.of(TurnDropped)) == 1
    assert stage.dialogue.kept == ["on tuesday at ten"], "the dropped turn left no trace"


async def test_an_unfinished_sentence_is_waited_for() -> None:
    stage = Stage()
    async with stage.call() as call:
        await call.until_quiet()
        await call.say(stage.book.say("my name is anna and"))
        await call.silence(0.9)
        await call.say(stage.book.say("i need a cleaning"))
        await call.until_quiet()
    assert stage.dialogue.kept == ["my name is anna and i need a cleaning"]


async def test_barge_in_cuts_the_reply_at_the_heard_word() -> None:
    stage = Stage({"hello": ScriptedReply([LONG])})
    async with stage.call() as call:
        await call.until_quiet()
        await call.say(stage.book.say("hello"))
        await call.until_audible()
        await call.silence(1.0)
        await call.say(stage.book.say("no wait i meant something else"))
        await call.until_quiet()
    cut = call.of(AgentTurn)[1]
    assert cut.interrupted
    assert cut.text
    assert LONG.startswith(cut.text)
    assert cut.text.split()[-1] in LONG.split(), "cut between words"
    # 1.0 s before the caller spoke and the 0.25 s until it was held: five words of a quarter of a second.
    assert 4 <= len(cut.text.split()) <= 7
    assert stage.dialogue.replies[1].heard == cut.text
    assert stage.dialogue.kept == ["hello", "no wait i meant something else"]


@pytest.mark.parametrize("noise", [False, True])
async def test_a_backchannel_or_a_noise_does_not_interrupt(noise: bool) -> None:
    stage = Stage({"hello": ScriptedReply([LONG])})
    async with stage.call() as call:
        await call.until_quiet()
        await call.say(stage.book.say("hello"))
        await call.until_audible()
        await call.silence(1.0)
        await call.say(stage.book.noise(0.5) if noise else stage.book.say("mhm okay"))
        await call.until_quiet()
    reply = call.of(AgentTurn)[1]
    assert not reply.interrupted
    assert reply.text == LONG
    assert len(call.of(ReplyHeld)) == len(call.of(ReplyResumed)) == 1
    assert stage.dialogue.kept == ["hello"]


async def test_a_resumed_reply_begins_again_at_the_word_it_stopped_in() -> None:
    stage = Stage({"hello": ScriptedReply([LONG])})
    async with stage.call() as call:
        await call.until_quiet()
        await call.say(stage.book.say("hello"))
        await call.until_audible()
        await call.silence(1.1)
        await call.say(stage.book.noise(0.5))
        await call.until_quiet()
    greeting_s = 0.25
    spoken_s = sum(float((frame != 0).sum()) for frame in call.heard) / 16_000 - greeting_s
    said_s = len(LONG.split()) * 0.25
    assert said_s < spoken_s < said_s + 0.25, "at most one word is heard twice, and none is lost"


async def test_a_yes_over_the_question_is_an_answer() -> None:
    question = ScriptedReply([LONG + " is that right?"], ends=ReplyDone(expect=Expectation.YES_NO))
    stage = Stage({"hello": question})
    async with stage.call() as call:
        await call.until_quiet()
        await call.say(stage.book.say("hello"))
        await call.until_audible()
        await call.silence(1.0)
        await call.say(stage.book.say("yes yes"))
        await call.until_quiet()
    assert stage.dialogue.kept == ["hello", "yes yes"]


async def test_the_recogniser_is_told_what_was_asked() -> None:
    asks = ScriptedReply(["Your number?"], ends=ReplyDone(expect=Expectation.DIGITS, phrases=("zero",)))
    stage = Stage({"call me back": asks})
    async with stage.call() as call:
        await call.until_quiet()
        await call.say(stage.book.say("call me back"))
        await call.until_quiet()
        await call.say(stage.book.say("zero seven nine"))
        await call.until_quiet()
    assert [h.expect for h in stage.ears.hearings] == [Expectation.FREE, Expectation.DIGITS]


async def test_silence_is_answered_by_a_nudge() -> None:
    stage = Stage(idle_s=4.0)
    async with stage.call() as call:
        await call.until_quiet()
        await call.silence(4.5)
        await call.until_quiet()
    assert [turn.text for turn in call.of(AgentTurn)] == ["Hello.", "Are you still there?"]


async def test_the_agent_hangs_up_after_its_last_words() -> None:
    stage = Stage({"bye": ScriptedReply(["Goodbye."], ends=ReplyDone(hang_up=True))})
    async with stage.call() as call:
        await call.until_quiet()
        await call.say(stage.book.say("bye"))
        await call.until_quiet()
        await call.silence(0.2)
    assert call.of(AgentTurn)[-1].text == "Goodbye."
    assert call.of(SessionEnded)[0].reason == "hung_up"


async def test_a_caller_who_hangs_up_in_mid_sentence_is_still_heard_out() -> None:
    stage = Stage()
    async with stage.call() as call:
        await call.until_quiet()
        await call.say(stage.book.say("please cancel my appointment"))
    assert stage.dialogue.kept == ["please cancel my appointment"]
    assert stage.dialogue.replies[-1].heard == ""
    assert stage.dialogue.replies[-1].interrupted


@pytest.mark.parametrize("part", ["ears", "voice", "dialogue"])
async def test_a_failing_part_is_admitted_and_the_call_goes_on(part: str) -> None:
    stage = Stage({"boom": ScriptedReply([], fails=EngineFailed("no model"))})
    async with stage.call() as call:
        await call.until_quiet()
        if part != "dialogue":
            getattr(stage, part).failing = True
        await call.say(stage.book.say("boom" if part == "dialogue" else "good morning"))
        await call.until_quiet()
        if part != "dialogue":
            getattr(stage, part).failing = False
        await call.say(stage.book.say("good evening"))
        await call.until_quiet()
    assert {trouble.code for trouble in call.of(Trouble)} == {"engine_failed"}
    assert stage.voice.spoken[-1] == "You said good evening."
    if part != "voice":
        assert any("sorry" in line for line in stage.voice.spoken)


async def test_many_sessions_share_one_batch() -> None:
    stages = [Stage() for _ in range(5)]
    activity = LevelVoiceActivity()
    scheduler = Scheduler(activity)
    for stage in stages:
        stage.parts = Parts(stage.ears, stage.voice, PauseEndsTurn(), scheduler)

    async def hold(stage: Stage) -> None:
        async with stage.call() as call:
            await call.until_quiet()
            await call.say(stage.book.say("good morning"))
            await call.until_quiet()

    await asyncio.gather(*map(hold, stages))
    assert all(stage.dialogue.kept == ["good morning"] for stage in stages)
    assert not activity.open_slots


async def test_silence_is_played_where_the_agent_says_nothing() -> None:
    stage = Stage()
    async with stage.call() as call:
        await call.until_quiet()
        count = len(call.heard)
        await call.silence(0.5)
    assert np.count_nonzero(np.concatenate(call.heard[count:])) == 0


async def test_hanging_up_while_the_agent_thinks_keeps_the_turn() -> None:
    thought = asyncio.Event()
    stage = Stage({"cancel it": ScriptedReply(["It is cancelled."], hangs=thought)})
    async with stage.call() as call:
        await call.until_quiet()
        call.patient = False
        await call.say(stage.book.say("cancel it"))
        await call.silence(0.5)
        assert call.of(CallerTurn)
        assert not stage.dialogue.kept, "the agent is still thinking"
        thought.set()
    assert stage.dialogue.kept == ["cancel it"]
    assert stage.dialogue.replies[-1].heard == ""
