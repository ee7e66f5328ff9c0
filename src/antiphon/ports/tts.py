"""Text-to-speech."""

from collections.abc import AsyncGenerator
from typing import Protocol

from antiphon.events.speech import SpeechChunk, Voicing
from antiphon.ports.card import Card


class Voice(Protocol):
    """Speaks a text."""

    card: Card

    def speak(self, text: str, voicing: Voicing) -> AsyncGenerator[SpeechChunk, None]:
        """Synthesize `text`, chunk by chunk, mono float32 at `card.rates_hz[0]`.

        Closing the generator stops the synthesis; whoever may stop listening early closes it (`contextlib.aclosing`).

        Raises:
            BadInput: an unknown voice or language.
            TooLong: more than 4,096 characters.
            EngineFailed: the engine broke.
        """
        ...
