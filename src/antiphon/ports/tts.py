"""Text-to-speech."""

from collections.abc import AsyncIterator
from typing import Protocol

from antiphon.events.speech import SpeechChunk, Voicing
from antiphon.ports.card import Card


class Voice(Protocol):
    """Speaks a text."""

    card: Card

    def speak(self, text: str, voicing: Voicing) -> AsyncIterator[SpeechChunk]:
        """Synthesize `text`, chunk by chunk, mono float32 at `card.rates_hz[0]`.

        Closing the iterator stops the synthesis.

        Raises:
            BadInput: an unknown voice or language.
            TooLong: more than 4,096 characters.
            EngineFailed: the engine broke.
        """
        ...
