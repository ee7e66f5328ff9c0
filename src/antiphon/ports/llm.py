"""Language models that hold a conversation."""

from collections.abc import AsyncIterator
from typing import Protocol

from antiphon.events.dialogue import ReplyPart, ReplyRequest
from antiphon.ports.card import Card


class LanguageModel(Protocol):
    """Answers a caller's turn.

    Everything it knows comes with the request, so that any replica can answer any turn and a conversation survives
    the process: what the engine wants to remember it hands over as `ReplyDone.state`.
    """

    card: Card

    def reply(self, request: ReplyRequest) -> AsyncIterator[ReplyPart]:
        """The reply to `request`, part by part, closed by exactly one `ReplyDone`.

        Raises:
            EngineFailed: no reply could be made.
            TimedOut: the model took too long.
        """
        ...
