"""A reply being made: the model's parts are taken apart, cut into sentences, and each sentence is judged."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast

import structlog

from antiphon.clock import Clock
from antiphon.conversations.facts import checked
from antiphon.conversations.guardrail import Guardrail, Judgement, safe_sentence
from antiphon.errors import BadInput, EngineFailed
from antiphon.events.dialogue import (
    ActionAsked,
    ActionRequest,
    Fact,
    FactLearnt,
    ReplyDone,
    ReplyPart,
    ReplyRequest,
    Speaker,
    TextDelta,
)
from antiphon.language.sentences import SentenceSplitter
from antiphon.ports.llm import LanguageModel

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Draft:
    """What has been made of a reply so far.

    Attributes:
        facts: learnt, by name, the last word on each; values are checked.
        refused: codes of facts that were malformed.
        actions: asked for, not yet checked against the facts.
        done: how it ends, once that is known.
        blocked: codes of what the guardrail stopped in it; empty if nothing.
    """

    facts: dict[str, Fact] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    actions: list[ActionRequest] = field(default_factory=list)
    done: ReplyDone | None = None
    blocked: tuple[str, ...] = ()


class Drafting:
    """Runs the model to its end in a task of its own, so that sentence n+1 is judged while n is spoken."""

    def __init__(
        self, llm: LanguageModel, guardrail: Guardrail, ask: Callable[[], Awaitable[ReplyRequest]], clock: Clock
    ) -> None:
        self.draft = Draft()
        self.latency_ms: dict[str, float] = {}
        self.turn = -1  # the index that the model was told for this turn
        self._llm = llm
        self._guardrail = guardrail
        self._ask = ask
        self._language = ""
        self._clock = clock
        self._began_s = 0.0
        self._ready: asyncio.Queue[tuple[str, asyncio.Task[Judgement]] | None] = asyncio.Queue()
        self._judgements: list[asyncio.Task[Judgement]] = []
        self._work: asyncio.Task[None] | None = None
        self._caller: asyncio.Task[Judgement] | None = None

    @property
    def finished(self) -> bool:
        """The model has said all, or has been stopped."""
        return self._work is not None and self._work.done()

    def start(self) -> None:
        """Begin, if that has not been done yet."""
        if self._work is None:
            self._began_s = self._clock.monotonic_s()
            self._work = asyncio.create_task(self._run())
            self._work.add_done_callback(_notice)

    def cancel(self) -> None:
        """Stop the model and all judging at once."""
        for task in (self._work, self._caller, *self._judgements):
            if task is not None:
                task.cancel()

    async def sentences(self) -> AsyncIterator[str]:
        """Sentences that may be spoken; what follows one that may not be is left out.

        Raises:
            EngineFailed: the model broke.
        """
        self.start()
        while (item := await self._ready.get()) is not None:
            sentence, judging = item
            judgement = await judging
            self.latency_ms.setdefault("guard", judgement.took_ms)
            if not judgement.passed:
                yield safe_sentence(self._language)
                break
            yield sentence
        await self.settled()

    async def settled(self) -> None:
        """Wait until the model has said all.

        Raises:
            EngineFailed: it broke, or stopped without closing its reply.
        """
        self.start()
        await asyncio.shield(cast(asyncio.Task[None], self._work))

    async def judged(self) -> tuple[str, ...]:
        """Wait for the model to end, in whatever way, and for all judgements.

        Returns:
            Codes of what the guard saw in the caller's words.
        """
        self.start()
        await asyncio.wait({cast(asyncio.Task[None], self._work)})
        results = await asyncio.gather(*self._judgements, return_exceptions=True)
        blocked = [r.categories or ("unsafe",) for r in results if isinstance(r, Judgement) and not r.passed]
        self.draft.blocked = tuple(dict.fromkeys(code for codes in blocked for code in codes))
        if self._caller is None:
            return ()
        advice = (await asyncio.gather(self._caller, return_exceptions=True))[0]
        return advice.categories if isinstance(advice, Judgement) else ()

    async def _run(self) -> None:
        try:
            request = await self._ask()
            self.turn, self._language = request.turn, request.language
            if request.text:
                # Advisory: what a caller says is on record, but keeps nobody from being answered.
                judging = self._guardrail.judge(request.text, Speaker.CALLER, request.language)
                self._caller = asyncio.create_task(judging)
            await self._read(self._llm.reply(request))
        finally:
            self._ready.put_nowait(None)

    async def _read(self, parts: AsyncIterator[ReplyPart]) -> None:
        splitter = SentenceSplitter(self._language)
        try:
            async for part in parts:
                self._take(part, splitter)
            self._offer(splitter.flush())
            if self.draft.done is None:
                raise EngineFailed("the language model stopped in the middle of its reply", code="reply_unfinished")
        finally:
            # Closing the model's generator is what stops the work behind it.
            if isinstance(parts, AsyncGenerator):
                await parts.aclose()

    def _take(self, part: ReplyPart, splitter: SentenceSplitter) -> None:
        match part:
            case TextDelta(text):
                self._offer(splitter.feed(text))
            case FactLearnt(fact):
                self._learn(fact)
            case ActionAsked(action):
                self.draft.actions.append(action)
            case ReplyDone():
                self.draft.done = part

    def _offer(self, sentences: list[str]) -> None:
        for sentence in (text.strip() for text in sentences):
            if sentence:
                self.latency_ms.setdefault("llm", (self._clock.monotonic_s() - self._began_s) * 1e3)
                judging = self._guardrail.judge(sentence, Speaker.AGENT, self._language)
                self._judgements.append(asyncio.create_task(judging))
                self._ready.put_nowait((sentence, self._judgements[-1]))

    def _learn(self, fact: Fact) -> None:
        try:
            self.draft.facts[fact.name] = checked(fact)
        except BadInput as error:
            self.draft.refused.append(error.code)
            log.warning("fact_refused", code=error.code, fact=error.param)


def _notice(work: asyncio.Task[None]) -> None:
    """A reply that is dropped has nobody left to hear how its model failed."""
    if not work.cancelled() and (error := work.exception()) is not None:
        log.warning("reply_failed", error=type(error).__name__)
