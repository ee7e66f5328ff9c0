"""A conversation as the realtime session sees it: it hands over turns and gets sentences that may be spoken."""

from collections.abc import AsyncIterator
from typing import Protocol

from antiphon.events.dialogue import ReplyDone
from antiphon.events.speech import Transcript


class Reply(Protocol):
    """One reply in the making. Nothing of its turn is kept until `commit`."""

    def sentences(self) -> AsyncIterator[str]:
        """Sentences that passed the guardrail, in order, as early as they are known."""
        ...

    @property
    def done(self) -> ReplyDone | None:
        """How the reply ends, once its last sentence is known."""
        ...

    @property
    def latency_ms(self) -> dict[str, float]:
        """Where the time went: `llm` until the first sentence, `guard` to judge it."""
        ...

    async def commit(self) -> None:
        """Keep the caller's turn, its facts and its actions, in one transaction; once, whatever it is called.

        A turn that is dropped before (the caller went on speaking) leaves no trace.

        Raises:
            StorageFailed: nothing was kept.
        """
        ...

    async def spoken(self, heard: str, *, interrupted: bool) -> None:
        """Keep the agent's turn as the caller heard it."""
        ...


class Dialogue(Protocol):
    """One conversation."""

    @property
    def id(self) -> str:
        """The conversation's id."""
        ...

    def greet(self) -> Reply:
        """The opening words."""
        ...

    def answer(self, transcript: Transcript, *, start_s: float = 0.0, end_s: float = 0.0) -> Reply:
        """The reply to a caller's turn that lay at these stream times."""
        ...

    def nudge(self) -> Reply:
        """What to say when the caller has said nothing for a while."""
        ...

    async def end(self, reason: str) -> None:
        """The conversation is over."""
        ...
