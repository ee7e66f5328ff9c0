"""A conversation in memory: the same as in the store, one committed change behind at most."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from dataclasses import replace
from typing import Any

import structlog

from antiphon.clock import Clock
from antiphon.conversations.records import Snapshot, Turn
from antiphon.conversations.store import Change, ConversationStore
from antiphon.events.dialogue import Fact, Message

log = structlog.get_logger(__name__)


class Memory:
    """What a conversation knows, and the one way to change it: `keep`, under `lock`."""

    def __init__(
        self,
        snapshot: Snapshot,
        store: ConversationStore,
        clock: Clock,
        *,
        region: str = "",
        queued: Callable[[], None] = lambda: None,
    ) -> None:
        self.head = snapshot.conversation
        self.clock = clock
        self.lock = asyncio.Lock()
        self._turns: list[Turn] = list(snapshot.turns)
        self._facts: dict[str, Fact] = dict(snapshot.facts)
        self._store = store
        self._region = region
        self._queued = queued
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def facts(self) -> dict[str, Fact]:
        """What is known, by name."""
        return dict(self._facts)

    @property
    def history(self) -> tuple[Message, ...]:
        """What was said and heard, oldest first."""
        return tuple(Message(turn.speaker, turn.text, turn.interrupted) for turn in self._turns)

    @property
    def next_index(self) -> int:
        """The index of the next turn."""
        return self._turns[-1].index + 1 if self._turns else 0

    @property
    def locale(self) -> str:
        """The language with the region of the place, such as `de-CH`."""
        return f"{self.head.language}-{self._region}" if self._region else self.head.language

    @property
    def unsettled(self) -> frozenset[asyncio.Task[None]]:
        """What is being kept at this moment."""
        return frozenset(self._tasks)

    async def settle(self, tasks: Collection[asyncio.Task[None]]) -> None:
        """Wait until `tasks` have ended, in whatever way."""
        if tasks:
            # Unlike gather, this does not cancel them when the one who waits is cancelled.
            await asyncio.wait(tasks)

    async def keep(self, change: Change) -> None:
        """Keep a change in the store, then here; `lock` must be held.

        Raises:
            StorageFailed: it was kept nowhere.
            Conflict: the conversation has ended or was changed by another.
        """
        await self._store.keep(change)
        self.head = change.head
        self._turns.extend(change.turns)
        for fact in change.facts:
            self._facts.pop(fact.name, None)
            if fact.value is not None:
                self._facts[fact.name] = fact
        if change.actions:
            self._queued()

    async def end(self, reason: str) -> None:
        """Mark the conversation as over, after all that is still being kept.

        Raises:
            StorageFailed: that was not kept.
        """
        await self.settle(self._tasks)
        async with self.lock:
            await self._store.end(self.head.id, reason)
            if self.head.ended_at is None:
                self.head = replace(self.head, ended_at=self.clock.now(), end_reason=reason)

    def task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something to its end that must not be lost with whoever asked for it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("change_not_kept", error=type(error).__name__)
