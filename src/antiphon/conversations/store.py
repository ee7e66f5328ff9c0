"""Conversations in the database: what is acknowledged is in here, all of a turn or nothing of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from antiphon.clock import Clock
from antiphon.conversations import rows, tables
from antiphon.conversations.records import Action, Conversation, Snapshot, Turn
from antiphon.errors import Conflict, NotFound
from antiphon.events.dialogue import Fact, Json, Speaker
from antiphon.storage.database import Database
from antiphon.storage.ids import RECORD_ID, record_id

CALL_CHANNEL = "call"
"""The channel of conversations that live and die with the process that holds them."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Something that happened to a fact or an action, for the record."""

    kind: str
    detail: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class AnsweredRequest:
    """An answer given under an idempotency key; `fingerprint` tells whether the same thing was asked."""

    key: str
    fingerprint: str
    answer: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Change:
    """All that one turn changes; it is kept as a whole.

    Attributes:
        head: the conversation after it.
        turns: what was said.
        facts: learnt, replaced, or (value None) taken back; one of each name.
        actions: new ones for the outbox.
        audit: what else is to be on record.
        request: the answer, when it was asked for under a key.
    """

    head: Conversation
    turns: tuple[Turn, ...] = ()
    facts: tuple[Fact, ...] = ()
    actions: tuple[Action, ...] = ()
    audit: tuple[AuditEntry, ...] = ()
    request: AnsweredRequest | None = None


class ConversationStore:
    """Reads and writes conversations."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(self, language: str, channel: str) -> Conversation:
        """A new, empty conversation."""
        now = self._clock.now()
        conversation = Conversation(record_id(now), channel, language, now)
        async with self._database.writing() as connection:
            await connection.execute(tables.conversations.insert().values(rows.head_row(conversation)))
        return conversation

    async def snapshot(self, conversation_id: str) -> Snapshot:
        """Its head, turns and facts, all of the same moment.

        Raises:
            NotFound: there is no such conversation.
        """
        async with self._database.reading() as connection:
            head = await _head(connection, conversation_id)
            said = await connection.execute(_owned(tables.turns, conversation_id).order_by(tables.turns.c.index))
            known = await connection.execute(_owned(tables.facts, conversation_id).order_by(tables.facts.c.name))
            facts = [rows.fact(row) for row in known.mappings()]
            turns = tuple(rows.turn(row) for row in said.mappings())
        return Snapshot(head, turns, {fact.name: fact for fact in facts})

    async def turns(self, conversation_id: str, *, after: int = -1, limit: int = 100) -> Sequence[Turn]:
        """Turns behind index `after`, in their order.

        Raises:
            NotFound: there is no such conversation.
        """
        index = tables.turns.c.index
        chosen = _owned(tables.turns, conversation_id).where(index > after).order_by(index).limit(limit)
        async with self._database.reading() as connection:
            await _head(connection, conversation_id)
            return [rows.turn(row) for row in (await connection.execute(chosen)).mappings()]

    async def actions(self, conversation_id: str) -> Sequence[Action]:
        """Its actions, oldest first.

        Raises:
            NotFound: there is no such conversation.
        """
        chosen = _owned(tables.actions, conversation_id).order_by(tables.actions.c.created_at, tables.actions.c.id)
        async with self._database.reading() as connection:
            await _head(connection, conversation_id)
            return [rows.action(row) for row in (await connection.execute(chosen)).mappings()]

    async def conversations(self, *, limit: int = 50, before: str | None = None) -> Sequence[Conversation]:
        """The newest first; `before` is the last id of the page before."""
        chosen = sa.select(tables.conversations).order_by(tables.conversations.c.id.desc()).limit(limit)
        if before is not None:
            chosen = chosen.where(tables.conversations.c.id < before)
        async with self._database.reading() as connection:
            return [rows.conversation(row) for row in (await connection.execute(chosen)).mappings()]

    async def audit(self, conversation_id: str) -> Sequence[AuditEntry]:
        """What is on record of it, oldest first."""
        chosen = _owned(tables.audit, conversation_id).order_by(tables.audit.c.id)
        async with self._database.reading() as connection:
            found = (await connection.execute(chosen)).mappings()
            return [AuditEntry(row["kind"], row["detail"]) for row in found]

    async def answered(self, conversation_id: str, key: str) -> AnsweredRequest | None:
        """The answer already given under this idempotency key, if there is one."""
        chosen = _owned(tables.requests, conversation_id).where(tables.requests.c.key == key)
        async with self._database.reading() as connection:
            row = (await connection.execute(chosen)).mappings().one_or_none()
        return AnsweredRequest(row["key"], row["fingerprint"], row["answer"]) if row else None

    async def keep(self, change: Change) -> None:
        """Keep a turn with all that follows from it, in one transaction.

        Raises:
            NotFound: there is no such conversation.
            Conflict: it has ended, or another turn took this one's place.
            StorageFailed: nothing was kept.
        """
        try:
            async with self._database.writing() as connection:
                await _refuse_if_ended(connection, change)
                await self._write(connection, change)
        except sa.exc.IntegrityError as error:
            raise Conflict("another turn was kept in the meantime: try again", code="turn_in_progress") from error

    async def _write(self, connection: AsyncConnection, change: Change) -> None:
        owner = change.head.id
        audit = [*change.audit, *await _replace_facts(connection, owner, change.facts)]
        audit += [AuditEntry("action_queued", {"id": item.id, "type": item.type}) for item in change.actions]
        now = self._clock.now()
        for table, values in (
            (tables.turns, [rows.turn_row(owner, item) for item in change.turns]),
            (tables.actions, [rows.action_row(item) for item in change.actions]),
            (tables.audit, [rows.audit_row(owner, now, item.kind, item.detail) for item in audit]),
        ):
            if values:
                await connection.execute(table.insert(), values)
        if change.request:
            request = change.request
            row = {"key": request.key, "fingerprint": request.fingerprint, "answer": dict(request.answer)}
            await connection.execute(tables.requests.insert().values(conversation_id=owner, created_at=now, **row))
        head = rows.progress_row(change.head)
        await connection.execute(tables.conversations.update().where(tables.conversations.c.id == owner).values(head))

    async def end(self, conversation_id: str, reason: str) -> None:
        """Mark it as over; the first reason stays.

        Raises:
            NotFound: there is no such conversation.
        """
        table = tables.conversations
        over = table.update().where(table.c.id == conversation_id, table.c.ended_at.is_(None))
        async with self._database.writing() as connection:
            await _head(connection, conversation_id)
            await connection.execute(over.values(ended_at=self._clock.now(), end_reason=reason[:64]))

    async def end_lost(self, *, idle_since: datetime, calls: bool) -> int:
        """End, with the reason `lost`, what nobody will end any more, and put that on record.

        Args:
            idle_since: conversations without a turn from then on are over.
            calls: whether all open calls are, since whoever held them is gone.

        Returns:
            How many were ended.
        """
        table, said = tables.conversations, tables.turns
        later = sa.exists().where(said.c.conversation_id == table.c.id, said.c.created_at >= idle_since)
        idle = sa.and_(table.c.created_at < idle_since, ~later)
        lost = sa.or_(idle, table.c.channel == CALL_CHANNEL) if calls else idle
        now = self._clock.now()
        over = table.update().where(table.c.ended_at.is_(None), lost).values(ended_at=now, end_reason="lost")
        async with self._database.writing() as connection:
            ended = (await connection.execute(over.returning(table.c.id, table.c.channel))).mappings().all()
            audit = [rows.audit_row(row["id"], now, "conversation_lost", {"channel": row["channel"]}) for row in ended]
            if audit:
                await connection.execute(tables.audit.insert(), audit)
        return len(ended)


def _owned(table: sa.Table, conversation_id: str) -> sa.Select[Any]:
    return sa.select(table).where(table.c.conversation_id == conversation_id)


async def _head(connection: AsyncConnection, conversation_id: str) -> Conversation:
    if not RECORD_ID.fullmatch(conversation_id):
        raise NotFound("there is no such conversation", code="conversation_not_found")
    chosen = sa.select(tables.conversations).where(tables.conversations.c.id == conversation_id)
    row = (await connection.execute(chosen)).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no such conversation", code="conversation_not_found")
    return rows.conversation(row)


async def _refuse_if_ended(connection: AsyncConnection, change: Change) -> None:
    head = await _head(connection, change.head.id)
    # The agent's last words may still be kept after the end; the caller has no more turn.
    if head.ended_at and any(turn.speaker is Speaker.CALLER for turn in change.turns):
        raise Conflict("the conversation has ended: begin a new one", code="conversation_ended")


async def _replace_facts(
    connection: AsyncConnection, conversation_id: str, facts: tuple[Fact, ...]
) -> list[AuditEntry]:
    """Write facts over what was known of the same name; returns what is to be remembered of that."""
    if not facts:
        return []
    known = (await connection.execute(_owned(tables.facts, conversation_id))).mappings()
    before = {row["name"]: rows.fact(row) for row in known}
    audit = [_fact_audit(before.get(fact.name), fact) for fact in facts]
    table, names = tables.facts, [fact.name for fact in facts]
    replaced = table.delete().where(table.c.conversation_id == conversation_id, table.c.name.in_(names))
    await connection.execute(replaced)
    if kept := [rows.fact_row(conversation_id, fact) for fact in facts if fact.value is not None]:
        await connection.execute(table.insert(), kept)
    return audit


def _fact_audit(old: Fact | None, new: Fact) -> AuditEntry:
    kind = "fact_withdrawn" if new.value is None else "fact_learnt" if old is None else "fact_replaced"
    detail: dict[str, Json] = {"name": new.name, "value": new.value, "status": new.status.value, "turn": new.turn}
    if old is not None:
        detail["before"] = {"value": old.value, "status": old.status.value, "turn": old.turn}
    return AuditEntry(kind, detail)
