"""Guardrail: may this sentence be spoken?"""

from dataclasses import dataclass
from typing import Protocol

from antiphon.events.dialogue import Speaker
from antiphon.ports.card import Card


@dataclass(frozen=True, slots=True)
class Verdict:
    """A guardrail's judgement.

    Attributes:
        safe: whether the sentence may pass.
        categories: codes of what it breaks (`S6`, `pii.card`, `blocked`); never the words themselves.
        severity: the worst of them in [0, 1].
    """

    safe: bool
    categories: tuple[str, ...] = ()
    severity: float = 0.0


class Guard(Protocol):
    """Judges one sentence before it is synthesized, or one caller turn before it is answered."""

    card: Card

    async def check(self, text: str, speaker: Speaker, language: str) -> Verdict:
        """Judge `text` as said by `speaker`.

        Raises:
            EngineFailed: no judgement could be had; the caller decides whether that is open or closed.
        """
        ...
