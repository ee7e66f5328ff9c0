"""A language model and a guardrail that do what the test wrote down."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field

from antiphon.errors import AntiphonError
from antiphon.events.dialogue import ReplyPart, ReplyRequest, Speaker
from antiphon.ports.card import Card, Port
from antiphon.ports.guard import Verdict

Script = Callable[[ReplyRequest], Iterable[ReplyPart | AntiphonError | asyncio.Event]]
"""What a model answers: parts in their order; an error is raised, an event is waited for."""


class ScriptedModel:
    """Satisfies `ports.llm.LanguageModel`.

    Attributes:
        requests: what it was asked, in order.
        running: how many replies it is in the middle of.
    """

    card = Card("scripted", Port.LLM, "answers as the test wrote down", streaming=True)

    def __init__(self, script: Script) -> None:
        self._script = script
        self.requests: list[ReplyRequest] = []
        self.running = 0

    async def reply(self, request: ReplyRequest) -> AsyncIterator[ReplyPart]:
        """The scripted reply."""
        self.requests.append(request)
        self.running += 1
        try:
            for part in self._script(request):
                await asyncio.sleep(0)
                if isinstance(part, asyncio.Event):
                    await part.wait()
                elif isinstance(part, AntiphonError):
                    raise part
                else:
                    yield part
        finally:
            self.running -= 1


@dataclass(slots=True)
class WordGuard:
    """Satisfies `ports.guard.Guard`: whatever holds one of `forbidden` is unsafe.

    Attributes:
        hangs: waited for before each judgement of an agent's sentence.
        fails: raised instead of a judgement of an agent's sentence.
        checked: what it judged, in order.
    """

    forbidden: tuple[str, ...] = ()
    hangs: asyncio.Event | None = None
    fails: AntiphonError | None = None
    checked: list[tuple[Speaker, str]] = field(default_factory=list)
    card: Card = field(default_factory=lambda: Card("words", Port.GUARD, "knows some forbidden words"))

    async def check(self, text: str, speaker: Speaker, language: str) -> Verdict:
        """Judge by the forbidden words."""
        self.checked.append((speaker, text))
        if speaker is Speaker.AGENT:
            if self.hangs is not None:
                await self.hangs.wait()
            if self.fails is not None:
                raise self.fails
        broken = any(word in text for word in self.forbidden)
        return Verdict(safe=not broken, categories=("blocked",) if broken else (), severity=float(broken))
