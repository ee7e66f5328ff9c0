"""Conversations over a real database in a temporary folder, with scripted engines and a clock that stands still."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from antiphon.conversations.dialogue import ConversationDialogue, DialogueParts
from antiphon.conversations.guardrail import Guardrail
from antiphon.conversations.settings import ConversationSettings
from antiphon.conversations.store import ConversationStore
from antiphon.events.dialogue import Fact, FactStatus
from antiphon.storage.database import Database, sqlite_url
from antiphon.testing.clock import ManualClock
from antiphon.testing.engines import ScriptedModel, WordGuard

Converse = Callable[..., ConversationDialogue]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(sqlite_url(tmp_path / "antiphon.db"))
    yield opened
    await opened.close()


@pytest.fixture
def store(database: Database, clock: ManualClock) -> ConversationStore:
    return ConversationStore(database, clock)


@pytest.fixture
def queued() -> list[str]:
    """Grows by one whenever an action is put into the outbox."""
    return []


@pytest.fixture
async def converse(store: ConversationStore, clock: ManualClock, queued: list[str]) -> Converse:
    """Makes dialogues over one new conversation; called again, goes on with it as another process would."""
    head = await store.create("en", "test")

    async def make(
        model: ScriptedModel, guard: WordGuard | None = None, settings: ConversationSettings | None = None
    ) -> ConversationDialogue:
        parts = DialogueParts(
            llm=model,
            guardrail=Guardrail(guard or WordGuard(), settings or ConversationSettings(), clock),
            store=store,
            clock=clock,
            timezone="Europe/Zurich",
            region="CH",
            queued=lambda: queued.append("action"),
        )
        return ConversationDialogue(await store.snapshot(head.id), parts)

    return make  # type: ignore[return-value]


@pytest.fixture
def fact() -> Callable[..., Fact]:
    """A stated fact of turn 0."""

    def make(name: str, value: object, status: FactStatus = FactStatus.STATED, turn: int = 0) -> Fact:
        return Fact(name, value, 0.9, status, turn, "so said")  # type: ignore[arg-type]

    return make
