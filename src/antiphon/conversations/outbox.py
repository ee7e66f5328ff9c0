"""The transactional outbox: actions wait here, beside the turns they came from, until a receiver has them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from antiphon.conversations import rows, tables
from antiphon.conversations.records import Action, ActionState
from antiphon.events.dialogue import Json
from antiphon.storage.database import Database

MAX_ERROR_CHARS = 200


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many actions wait, and how many were given up."""

    pending: int = 0
    dead: int = 0


class Outbox:
    """The actions of all conversations, as the dispatcher sees them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, now: datetime, limit: int, lease_s: float) -> Sequence[Action]:
        """Take up to `limit` actions that are due; they are due again after `lease_s` if nobody settles them.

        The lease keeps two processes on one database from posting the same action side by side, and gives an
        action back when the process that took it was killed.
        """
        if await self._idle(now):
            return []
        async with self._database.writing() as connection:
            chosen = sa.select(tables.actions).where(_due(now)).order_by(tables.actions.c.id).limit(limit)
            found = [rows.action(row) for row in (await connection.execute(chosen)).mappings()]
            until = now + timedelta(seconds=lease_s)
            taken = [replace(action, attempts=action.attempts + 1, next_attempt_at=until) for action in found]
            for action in taken:
                await _update(connection, action)
        return taken

    async def _idle(self, now: datetime) -> bool:
        """Whether nothing is due: found without a write, as it is so nearly always."""
        async with self._database.reading() as connection:
            return (await connection.execute(sa.select(tables.actions.c.id).where(_due(now)).limit(1))).first() is None

    async def delivered(self, action: Action, now: datetime) -> None:
        """The receiver has it."""
        await self._settle(replace(action, state=ActionState.DELIVERED, next_attempt_at=None, error=""), now)

    async def failed(self, action: Action, now: datetime, error: str, *, again_in_s: float) -> None:
        """It could not be delivered this time."""
        due = now + timedelta(seconds=again_in_s)
        await self._settle(replace(action, next_attempt_at=due, error=error[:MAX_ERROR_CHARS]), now)

    async def dead(self, action: Action, now: datetime, error: str) -> None:
        """It will not be tried again."""
        dead = replace(action, state=ActionState.DEAD, next_attempt_at=None, error=error[:MAX_ERROR_CHARS])
        await self._settle(dead, now)

    async def _settle(self, action: Action, now: datetime) -> None:
        kind = "action_attempt_failed" if action.state is ActionState.PENDING else f"action_{action.state.value}"
        detail: dict[str, Json] = {"id": action.id, "attempts": action.attempts, "error": action.error}
        entry = rows.audit_row(action.conversation_id, now, kind, detail)
        async with self._database.writing() as connection:
            await _update(connection, action)
            await connection.execute(tables.audit.insert().values(entry))

    async def next_due(self) -> datetime | None:
        """When the next pending action that has a time is due; None when there is none."""
        table = tables.actions
        soonest = sa.select(table.c.next_attempt_at).where(
            table.c.state == ActionState.PENDING, table.c.next_attempt_at.is_not(None)
        )
        async with self._database.reading() as connection:
            return (await connection.execute(soonest.order_by(table.c.next_attempt_at).limit(1))).scalar_one_or_none()

    async def backlog(self) -> Backlog:
        """How much waits."""
        state = tables.actions.c.state
        # Named one by one, so that the index finds them and the delivered ones, by far the most, are not read.
        waiting = state.in_((ActionState.PENDING, ActionState.DEAD))
        unsettled = sa.select(state, sa.func.count()).where(waiting).group_by(state)
        async with self._database.reading() as connection:
            counts: dict[str, int] = {row[0]: row[1] for row in await connection.execute(unsettled)}
        return Backlog(counts.get(ActionState.PENDING, 0), counts.get(ActionState.DEAD, 0))


def _due(now: datetime) -> sa.ColumnElement[bool]:
    table = tables.actions
    ripe = sa.or_(table.c.next_attempt_at.is_(None), table.c.next_attempt_at <= now)
    return sa.and_(table.c.state == ActionState.PENDING, ripe)


async def _update(connection: AsyncConnection, action: Action) -> None:
    table = tables.actions
    values = {
        "state": action.state.value,
        "attempts": action.attempts,
        "next_attempt_at": action.next_attempt_at,
        "error": action.error,
    }
    # A settled action stays settled, whatever a lease that ran out has led to meanwhile.
    await connection.execute(
        table.update().where(table.c.id == action.id, table.c.state == ActionState.PENDING).values(values)
    )
