"""One reply of a conversation, from the first word of the model to what is kept of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import structlog

from antiphon.conversations.actions import make_action
from antiphon.conversations.drafting import Drafting
from antiphon.conversations.facts import check_action
from antiphon.conversations.memory import Memory
from antiphon.conversations.records import Action, Conversation, Turn
from antiphon.conversations.store import AnsweredRequest, AuditEntry, Change
from antiphon.errors import NotAllowed
from antiphon.events.dialogue import ActionRequest, Fact, ReplyDone, Speaker
from antiphon.events.speech import Transcript

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CallerWords:
    """What the caller said, and where in the stream."""

    transcript: Transcript
    start_s: float = 0.0
    end_s: float = 0.0


Answering: TypeAlias = Callable[[Change], AnsweredRequest | None]
"""Makes the answer that is kept under an idempotency key from what a turn changes."""


class TurnReply:
    """Satisfies `ports.dialogue.Reply`.

    Until `commit` nothing is kept, and closing `sentences` (or being cancelled in it) stops the model. From then on
    the model runs to its end: what it learns after the commit is kept in a second transaction as soon as it is known.
    """

    def __init__(self, memory: Memory, drafting: Drafting, words: CallerWords | None) -> None:
        self._memory = memory
        self._drafting = drafting
        self._words = words
        self._turn: int | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._completing: asyncio.Task[None] | None = None

    @property
    def done(self) -> ReplyDone | None:
        """How the reply ends, once its last sentence is known."""
        return self._drafting.draft.done if self._drafting.finished else None

    @property
    def latency_ms(self) -> dict[str, float]:
        """Where the time went: `llm` until the first sentence, `guard` to judge it."""
        return dict(self._drafting.latency_ms)

    async def sentences(self) -> AsyncIterator[str]:
        """Sentences that passed the guardrail, in order, as early as they are known.

        Raises:
            EngineFailed: the language model broke.
            TimedOut: it took too long.
        """
        try:
            async for sentence in self._drafting.sentences():
                yield sentence
        finally:
            if self._keeping is None:
                self._drafting.cancel()

    async def commit(self) -> None:
        """Keep the caller's turn; once, whatever it is called, and whole, even when the caller of this is cancelled.

        Raises:
            StorageFailed: nothing was kept; the next call tries again.
            Conflict: the conversation has ended.
        """
        if self._keeping is None or _broke(self._keeping):
            self._keeping = self._memory.task(self._keep())
        await asyncio.shield(self._keeping)

    async def spoken(self, heard: str, *, interrupted: bool) -> None:
        """Keep the agent's turn as the caller heard it.

        Raises:
            StorageFailed: it was not kept.
        """
        await self.commit()
        if self._completing is not None:
            await asyncio.shield(self._completing)
        if heard.strip():
            async with self._memory.lock:
                change = Change(self._memory.head, turns=(self._agent_turn(heard, interrupted=interrupted),))
                await self._memory.keep(change)

    async def conclude(self, heard: str, answering: Answering | None = None) -> Change:
        """Commit and spoken in one transaction, for replies that are read and not spoken.

        Raises:
            StorageFailed: nothing was kept.
            Conflict: the conversation has ended, or another turn came before.
        """
        async with self._memory.lock:
            change = await self._first_change()
            if heard.strip():
                agent = self._agent_turn(heard, interrupted=False)
                change = replace(change, turns=(*change.turns, replace(agent, index=agent.index + len(change.turns))))
            if answering:
                change = replace(change, request=answering(change))
            await self._memory.keep(change)
        return change

    async def _keep(self) -> None:
        async with self._memory.lock:
            known = self._drafting.finished
            change = await self._first_change() if known else self._caller_change()
            await self._memory.keep(change)
        if not known:
            self._completing = self._memory.task(self._complete())

    async def _complete(self) -> None:
        """Keep what the model came to know after the turn had been committed."""
        await self._drafting.judged()
        async with self._memory.lock:
            await self._memory.keep(await self._learnt(Change(self._memory.head)))

    async def _first_change(self) -> Change:
        return await self._learnt(self._caller_change())

    def _caller_change(self) -> Change:
        head = self._memory.head
        self._turn = self._memory.next_index
        if self._words is None:
            return Change(head)
        said = self._words
        turn = Turn(
            index=self._turn,
            speaker=Speaker.CALLER,
            text=said.transcript.text,
            created_at=self._memory.clock.now(),
            start_s=said.start_s,
            end_s=said.end_s,
            confidence=said.transcript.confidence,
        )
        return Change(head, turns=(turn,))

    async def _learnt(self, change: Change) -> Change:
        """`change` with facts, actions and memory of the finished draft."""
        advice = await self._drafting.judged()
        draft = self._drafting.draft
        facts = tuple(self._placed(fact) for fact in draft.facts.values())
        known = {fact.name: fact for fact in (*self._memory.facts.values(), *facts) if fact.value is not None}
        for withdrawn in (fact.name for fact in facts if fact.value is None):
            known.pop(withdrawn, None)
        audit = [AuditEntry("fact_refused", {"code": code}) for code in draft.refused]
        if advice:
            audit.append(AuditEntry("guard_caller", {"categories": list(advice)}))
        if draft.blocked:
            audit.append(AuditEntry("guard_agent", {"categories": list(draft.blocked)}))
        actions = self._actions(known, audit)
        head = _after(self._memory.head, draft.done)
        return replace(change, head=head, facts=facts, actions=actions, audit=tuple(audit))

    def _placed(self, fact: Fact) -> Fact:
        """A fact of this turn, under the index that the turn has really got."""
        return replace(fact, turn=self._turn or 0) if fact.turn == self._drafting.turn else fact

    def _actions(self, known: dict[str, Fact], audit: list[AuditEntry]) -> tuple[Action, ...]:
        made = []
        for asked in self._drafting.draft.actions:
            try:
                check_action(asked, known)
            except NotAllowed as error:
                log.warning("action_refused", code=error.code, type=asked.type, fact=error.param)
                audit.append(AuditEntry("action_refused", {"code": error.code, "type": asked.type.value}))
            else:
                made.append(self._action(asked, known))
        return tuple(made)

    def _action(self, asked: ActionRequest, known: dict[str, Fact]) -> Action:
        # The caller never heard a reply that was blocked: a person must confirm what it wanted done.
        confirm = asked.requires_confirmation or bool(self._drafting.draft.blocked)
        confidence = min([asked.confidence, *(known[name].confidence for name in asked.facts if name in known)])
        return make_action(
            replace(asked, confidence=confidence, requires_confirmation=confirm),
            conversation_id=self._memory.head.id,
            turn=self._turn or 0,
            locale=self._memory.locale,
            clock=self._memory.clock,
        )

    def _agent_turn(self, heard: str, *, interrupted: bool) -> Turn:
        return Turn(
            index=self._memory.next_index,
            speaker=Speaker.AGENT,
            text=heard.strip(),
            created_at=self._memory.clock.now(),
            interrupted=interrupted,
            latency_ms=self.latency_ms,
        )


def _after(head: Conversation, done: ReplyDone | None) -> Conversation:
    if done is None:
        return head
    return replace(head, language=done.language, expect=done.expect, phrases=done.phrases, state=done.state)


def _broke(task: asyncio.Task[None]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
