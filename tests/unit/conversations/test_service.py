"""The service that REST, calls and sessions share: turns one at a time, answers once, readiness."""

import asyncio
import resource
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs

from antiphon.conversations.service import ConversationEngines, ConversationService
from antiphon.conversations.settings import ConversationSettings
from antiphon.conversations.upkeep import purge_temporary_audio
from antiphon.errors import BadConfiguration, BadInput, Conflict, EngineUnavailable, NotFound, StorageFailed, TimedOut
from antiphon.events.dialogue import Fact, FactLearnt, FactStatus, ReplyDone, ReplyPart, ReplyRequest, TextDelta
from antiphon.events.speech import Expectation, Hearing, Samples, Transcript
from antiphon.ports.card import Card, Port
from antiphon.testing.engines import ScriptedModel, WordGuard

Serve = Callable[..., AbstractAsyncContextManager[Any]]


def receptionist(request: ReplyRequest) -> list[ReplyPart]:
    if request.idle:
        return [TextDelta("Are you there?"), ReplyDone()]
    if not request.text:
        return [TextDelta("Hello. What is your name?"), ReplyDone(Expectation.NAME, ("Anna", "Beat"))]
    if request.text == "bye":
        return [TextDelta("Goodbye."), ReplyDone(hang_up=True)]
    fact = Fact("caller_name", request.text, request.confidence, FactStatus.STATED, request.turn, request.text)
    return [FactLearnt(fact), TextDelta(f"Thank you, {request.text}."), ReplyDone()]


@dataclass
class FixedEars:
    """A recogniser that hears the same words in everything, and remembers how it was asked to listen."""

    text: str = "Anna"
    card: Card = field(default_factory=lambda: Card("fixed", Port.STT, "hears the same words in everything"))
    hearings: list[Hearing] = field(default_factory=list)

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        self.hearings.append(hearing)
        return Transcript(self.text, 0.8, "en", len(samples) / 16_000, "fixed")

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        return self.text


async def decode(data: bytes) -> Samples:
    return np.zeros(len(data), np.float32)


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    @asynccontextmanager
    async def make(model: ScriptedModel | None = None, ears: Any = None, **settings: Any) -> AsyncIterator[Any]:
        engines = ConversationEngines(model or ScriptedModel(receptionist), WordGuard(), ears, decode)
        chosen = ConversationSettings(data_dir=str(tmp_path), **settings)
        async with ConversationService(engines, chosen).running() as service:
            yield service

    return make


async def test_a_conversation_begins_with_the_words_of_the_model(serve: Serve) -> None:
    async with serve() as service:
        head, answer = await service.post.begin("de", "web")
        assert (head.language, head.channel) == ("en", "web")  # the model's reply decides the language
        assert answer["reply"]["text"] == "Hello. What is your name?"
        assert answer["turn"] is None
        assert answer["expect"] == "name"
        with pytest.raises(BadInput):
            await service.post.begin("tlh")


@pytest.mark.proves("D26")
async def test_a_typed_turn_is_answered_with_what_was_learnt(serve: Serve) -> None:
    async with serve() as service:
        head, _ = await service.post.begin()
        answer = await service.post.text(head.id, "  Anna ")
        assert answer["turn"]["text"] == "Anna"
        assert answer["reply"]["text"] == "Thank you, Anna."
        assert answer["facts"]["caller_name"] == {
            "value": "Anna",
            "confidence": 1.0,
            "status": "stated",
            "turn": 1,
            "span": "Anna",
        }
        snapshot = await service.snapshot(head.id)
        assert [turn.index for turn in snapshot.turns] == [0, 1, 2]
        assert snapshot.turns[snapshot.facts["caller_name"].turn].text == "Anna"


async def test_a_recorded_turn_is_heard_with_what_the_last_reply_asked_for(serve: Serve) -> None:
    ears = FixedEars()
    async with serve(ears=ears) as service:
        head, _ = await service.post.begin()
        answer = await service.post.recording(head.id, b"sound")
        assert answer["turn"]["confidence"] == 0.8
        assert "stt" in answer["latency_ms"]
        assert ears.hearings == [Hearing("en", Expectation.NAME, ("Anna", "Beat"))]


async def test_a_recording_without_speech_is_a_silence(serve: Serve) -> None:
    async with serve(ears=FixedEars("")) as service:
        head, _ = await service.post.begin()
        answer = await service.post.recording(head.id, b"noise")
        assert (answer["turn"], answer["reply"]["text"]) == (None, "Are you there?")


async def test_without_a_recogniser_there_are_only_typed_turns(serve: Serve) -> None:
    async with serve() as service:
        head, _ = await service.post.begin()
        with pytest.raises(EngineUnavailable):
            await service.post.recording(head.id, b"sound")


async def test_the_same_key_gets_the_same_answer_and_the_turn_is_kept_once(serve: Serve) -> None:
    async with serve() as service:
        head, _ = await service.post.begin()
        first = await service.post.text(head.id, "Anna", "key-1")
        again = await service.post.text(head.id, "Anna", "key-1")
        assert again == first
        assert len((await service.snapshot(head.id)).turns) == 3
        with pytest.raises(Conflict) as refused:
            await service.post.text(head.id, "Beat", "key-1")
        assert refused.value.code == "idempotency_key_reused"
    async with serve() as service:
        assert await service.post.text(head.id, "Anna", "key-1") == first


async def test_the_second_of_two_turns_at_once_is_refused(serve: Serve) -> None:
    gate = asyncio.Event()
    model = ScriptedModel(lambda request: [gate, *receptionist(request)] if request.text else receptionist(request))
    async with serve(model) as service:
        head, _ = await service.post.begin()
        first = asyncio.create_task(service.post.text(head.id, "Anna"))
        while model.running == 0:  # noqa: ASYNC110 (the model has no event)
            await asyncio.sleep(0)
        with pytest.raises(Conflict) as refused:
            await service.post.text(head.id, "Beat")
        assert refused.value.code == "turn_in_progress"
        gate.set()
        await first
        await service.post.text(head.id, "Beat")


async def test_a_reply_that_takes_too_long_is_given_up_and_leaves_no_trace(serve: Serve) -> None:
    model = ScriptedModel(lambda request: [asyncio.Event()] if request.text else receptionist(request))
    async with serve(model, turn_timeout_s=0.05) as service:
        head, _ = await service.post.begin()
        with pytest.raises(TimedOut):
            await service.post.text(head.id, "Anna")
        await asyncio.sleep(0)
        assert model.running == 0
        assert len((await service.snapshot(head.id)).turns) == 1


async def test_a_conversation_ends_when_the_model_hangs_up_and_takes_no_more(serve: Serve) -> None:
    async with serve() as service:
        head, _ = await service.post.begin()
        assert (await service.post.text(head.id, "bye"))["hang_up"] is True
        assert (await service.snapshot(head.id)).conversation.end_reason == "hung_up"
        for attempt in (service.post.text(head.id, "Anna"), service.resume_dialogue(head.id)):
            with pytest.raises(Conflict):
                await attempt
        assert (await service.end(head.id, "again")).end_reason == "hung_up"


async def test_a_conversation_has_a_longest_length(serve: Serve) -> None:
    async with serve(max_turns=3) as service:
        head, _ = await service.post.begin()
        await service.post.text(head.id, "Anna")
        with pytest.raises(Conflict) as refused:
            await service.post.text(head.id, "Anna")
        assert refused.value.code == "conversation_full"


@pytest.mark.parametrize("unknown", ["0" * 26, "../../etc/passwd", "", "A" * 26])
async def test_an_unknown_conversation_is_not_found(serve: Serve, unknown: str) -> None:
    async with serve() as service:
        for attempt in (
            service.post.text(unknown, "Anna"),
            service.snapshot(unknown),
            service.turns(unknown),
            service.actions(unknown),
            service.end(unknown),
        ):
            with pytest.raises(NotFound):
                await attempt


async def test_conversations_are_listed_newest_first_and_page_by_page(serve: Serve) -> None:
    async with serve() as service:
        made = []
        for _ in range(5):
            made.append((await service.post.begin())[0].id)
            await asyncio.sleep(0.002)  # ids sort by the millisecond
        first = [item.id for item in await service.conversations(3)]
        rest = [item.id for item in await service.conversations(3, before=first[-1])]
        assert first + rest == made[::-1]


async def test_readiness_says_why_not(serve: Serve) -> None:
    async with serve() as service:
        assert (await service.readiness()).ready
    state = await service.readiness()
    assert (state.ready, state.reason) == (False, "not_running")
    with pytest.raises(StorageFailed):
        await service.post.begin()


async def test_without_an_endpoint_actions_stay_pending_and_that_is_said(serve: Serve) -> None:
    with capture_logs() as logs:
        async with serve() as service:
            assert (await service.readiness()).delivering is False
            assert await service.drain(0)
    assert [line["log_level"] for line in logs if line["event"] == "actions_stay_pending"] == ["warning"]


@pytest.mark.proves("D20")
async def test_an_endpoint_that_may_not_be_used_stops_the_start(serve: Serve) -> None:
    with pytest.raises(BadConfiguration):
        async with serve(action_endpoint="http://example.org/"):
            pass


@pytest.mark.proves("D6")
async def test_the_database_and_temporary_audio_live_in_the_data_folder(serve: Serve, tmp_path: Path) -> None:
    async with serve():
        assert (tmp_path / "antiphon.db").is_file()


@pytest.mark.proves("D6")
def test_temporary_audio_does_not_outlive_its_day(tmp_path: Path) -> None:
    folder = tmp_path / "temp" / "uploads"
    folder.mkdir(parents=True)
    kept = tmp_path / "antiphon.db"
    for path in (folder / "old.wav", kept):
        path.write_bytes(b"sound")
    written_s = (folder / "old.wav").stat().st_mtime
    assert purge_temporary_audio(tmp_path, older_than_s=86_400, now_s=written_s + 86_399) == 0
    assert purge_temporary_audio(tmp_path, older_than_s=86_400, now_s=written_s + 86_401) == 1
    assert not (folder / "old.wav").exists()
    assert kept.exists()


async def test_health_does_not_wait_for_a_database_that_somebody_holds(serve: Serve, tmp_path: Path) -> None:
    async with serve() as service:
        holder = sqlite3.connect(tmp_path / "antiphon.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        state = await service.readiness()
        assert (state.ready, state.reason) == (False, "storage_busy")
        holder.execute("ROLLBACK")
        holder.close()
        assert (await service.readiness()).ready


@contextmanager
def largest_file(size_bytes: int) -> Iterator[None]:
    """As on a full disk: no file of this process may become larger."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def begin_many(service: ConversationService) -> None:
    for _ in range(100):
        await service.post.begin()


@pytest.mark.parametrize("room_bytes", [0, 32_768])
async def test_nothing_is_ready_on_a_disk_that_takes_no_more(serve: Serve, room_bytes: int) -> None:
    async with serve() as service:
        await service.post.begin()
        with capture_logs(), largest_file(room_bytes):  # pytest keeps standard output in a file, too
            state = await service.readiness()
            with pytest.raises(StorageFailed):
                await begin_many(service)
        assert (state.ready, state.reason) == (False, "storage_failed")
        assert (await service.readiness()).ready


async def test_calls_left_open_by_a_killed_process_are_ended_as_lost(serve: Serve, tmp_path: Path) -> None:
    async with serve() as service:
        call, typed = await service.open_dialogue(channel="call"), await service.open_dialogue()
        async with serve() as beside:  # of which the first holds its calls still: there are two processes, in effect
            assert (await beside.snapshot(call.id)).conversation.ended_at is None
    async with serve() as service:
        ended = (await service.snapshot(call.id)).conversation
        assert (ended.end_reason, ended.ended_at is not None) == ("lost", True)
        (entry,) = await service.audit(call.id)
        assert (entry.kind, entry.detail) == ("conversation_lost", {"channel": "call"})
        assert (await service.snapshot(typed.id)).conversation.ended_at is None
        assert not await service.audit(typed.id)


async def test_conversations_idle_for_long_are_ended_as_lost(serve: Serve, tmp_path: Path) -> None:
    async with serve() as service:
        left, lively, done = [(await service.post.begin())[0].id for _ in range(3)]
        await service.post.text(lively, "Anna")
        await service.end(done, "ended")
    with closing(sqlite3.connect(tmp_path / "antiphon.db")) as database:
        database.execute("UPDATE conversations SET created_at = '2020-01-01 00:00:00.000000'")
        database.execute("UPDATE turns SET created_at = '2020-01-01 00:00:00.000000' WHERE \"index\" = 0")
        database.commit()
    async with serve() as service:
        reasons = [(await service.snapshot(item)).conversation.end_reason for item in (left, lively, done)]
        assert reasons == ["lost", "", "ended"]


@pytest.mark.parametrize("inside", ["file", "file/data"])
async def test_a_data_folder_that_cannot_be_used_is_named(serve: Serve, tmp_path: Path, inside: str) -> None:
    (tmp_path / "file").touch()
    service = ConversationService(
        ConversationEngines(ScriptedModel(receptionist), WordGuard()),
        ConversationSettings(data_dir=str(tmp_path / inside)),
    )
    with pytest.raises(BadConfiguration) as refused:
        async with service.running():
            pass
    assert str(tmp_path / inside) in refused.value.message
    assert refused.value.param == "conversations.data_dir"
