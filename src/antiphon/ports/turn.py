"""Turn end: has the caller finished, or only paused?"""

from typing import Protocol

from antiphon.events.speech import Expectation, Samples
from antiphon.ports.card import Card


class TurnEnd(Protocol):
    """An opinion on whether a pause ends the turn."""

    card: Card

    def finished(self, samples: Samples, text: str, expect: Expectation, language: str) -> float:
        """Probability in [0, 1] that the caller has finished.

        `samples` is the turn's audio (float32 [n], 16 kHz), `text` what was understood of it so far.
        """
        ...
