"""A dialogue that says what the test wrote down, and remembers what it was told to keep."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from antiphon.errors import AntiphonError
from antiphon.events.dialogue import ReplyDone
from antiphon.events.speech import Transcript


@dataclass(slots=True)
class ScriptedReply:
    """A reply of fixed sentences.

    Attributes:
        lines: its sentences.
        ends: how it ends.
        hangs: waited for before the first sentence.
        fails: raised instead of the first sentence.
        asked: the caller's words that it answers; None for a greeting or nudge.
    """

    lines: list[str]
    ends: ReplyDone = field(default_factory=ReplyDone)
    hangs: asyncio.Event | None = None
    fails: AntiphonError | None = None
    asked: str | None = None
    kept: bool = False
    heard: str | None = None
    interrupted: bool = False
    done: ReplyDone | None = None
    latency_ms: dict[str, float] = field(default_factory=dict)

    async def sentences(self) -> AsyncIterator[str]:
        """The sentences, one by one."""
        await (self.hangs.wait() if self.hangs is not None else asyncio.sleep(0))
        if self.fails is not None:
            raise self.fails
        for index, line in enumerate(self.lines):
            if index == len(self.lines) - 1:
                self.done = self.ends
            yield line
        self.done = self.ends

    async def commit(self) -> None:
        """Keep the turn."""
        self.kept = True

    async def spoken(self, heard: str, *, interrupted: bool) -> None:
        """Keep what was heard."""
        self.heard, self.interrupted = heard, interrupted


class ScriptedDialogue:
    """Answers each turn by a function of its words."""

    id = "scripted"

    def __init__(self, answer: Callable[[str], ScriptedReply], greeting: str = "Hello.") -> None:
        self._answer = answer
        self._greeting = greeting
        self.replies: list[ScriptedReply] = []
        self.ended: str | None = None

    @property
    def kept(self) -> list[str]:
        """The caller's turns that were kept, in order."""
        return [reply.asked for reply in self.replies if reply.kept and reply.asked is not None]

    def greet(self) -> ScriptedReply:
        """The greeting."""
        return self._remember(ScriptedReply([self._greeting] if self._greeting else []), None)

    def answer(self, transcript: Transcript, *, start_s: float = 0.0, end_s: float = 0.0) -> ScriptedReply:
        """The scripted answer."""
        return self._remember(self._answer(transcript.text), transcript.text)

    def nudge(self) -> ScriptedReply:
        """Are you there?"""
        return self._remember(ScriptedReply(["Are you still there?"]), None)

    async def end(self, reason: str) -> None:
        """Over."""
        self.ended = reason

    def _remember(self, reply: ScriptedReply, asked: str | None) -> ScriptedReply:
        reply.asked = asked
        self.replies.append(reply)
        return reply
