"""What a realtime session may rely on, whoever holds the conversation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from antiphon.conversations.service import ConversationEngines, ConversationService
from antiphon.conversations.settings import ConversationSettings
from antiphon.events.dialogue import ReplyDone, ReplyPart, ReplyRequest, TextDelta
from antiphon.events.speech import Transcript
from antiphon.ports.dialogue import Dialogue, Reply
from antiphon.testing.dialogue import ScriptedDialogue, ScriptedReply
from antiphon.testing.engines import ScriptedModel, WordGuard

LINES = ["That is one sentence.", "That is another."]
DONE = ReplyDone(hang_up=True, state={"step": 1})


@asynccontextmanager
async def scripted(_folder: Path) -> AsyncIterator[Dialogue]:
    yield ScriptedDialogue(lambda _text: ScriptedReply(list(LINES), DONE), greeting=" ".join(LINES))


@asynccontextmanager
async def kept(folder: Path) -> AsyncIterator[Dialogue]:
    def answer(_request: ReplyRequest) -> list[ReplyPart]:
        return [TextDelta(" ".join(LINES)), DONE]

    engines = ConversationEngines(ScriptedModel(answer), WordGuard())
    async with ConversationService(engines, ConversationSettings(data_dir=str(folder))).running() as service:
        yield await service.open_dialogue()


@pytest.fixture(params=[scripted, kept], ids=["scripted", "kept"])
async def dialogue(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Dialogue]:
    async with request.param(tmp_path) as made:
        yield made


HEARD = Transcript("hello", 0.9, "en", 1.0, "test")


async def all_of(reply: Reply) -> list[str]:
    return [sentence async for sentence in reply.sentences()]


async def test_an_answer_is_sentences_and_then_how_it_ends(dialogue: Dialogue) -> None:
    reply = dialogue.answer(HEARD, start_s=1.0, end_s=2.0)
    assert reply.done is None
    assert await all_of(reply) == LINES
    assert reply.done == DONE


async def test_the_opening_and_the_nudge_say_something(dialogue: Dialogue) -> None:
    assert await all_of(dialogue.greet())
    assert await all_of(dialogue.nudge())


async def test_a_reply_may_be_committed_again_and_spoken_in_part(dialogue: Dialogue) -> None:
    reply = dialogue.answer(HEARD)
    await all_of(reply)
    await reply.commit()
    await reply.commit()
    await reply.spoken(LINES[0], interrupted=True)
    await dialogue.end("hung_up")


async def test_a_reply_may_be_dropped_after_its_first_sentence(dialogue: Dialogue) -> None:
    sentences = dialogue.answer(HEARD).sentences()
    assert await anext(sentences) == LINES[0]
    await sentences.aclose()  # type: ignore[attr-defined]
    assert await all_of(dialogue.answer(HEARD)) == LINES


async def test_a_conversation_has_an_id(dialogue: Dialogue) -> None:
    assert dialogue.id
