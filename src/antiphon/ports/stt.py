"""Speech-to-text."""

from typing import Protocol

from antiphon.events.speech import Hearing, Partial, Samples, Transcript
from antiphon.ports.card import Card


class Transcriber(Protocol):
    """Recognises whole utterances."""

    card: Card

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        """Recognise one utterance, mono float32 at `card.rates_hz[0]`; never blocks the event loop.

        Cancelling the call gives its slot back at once.

        Raises:
            EngineFailed: the engine broke.
            TooLong: more audio than it takes.
        """
        ...

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        """A quick, cheaper reading of a growing utterance, for partial transcripts."""
        ...


class Aligner(Protocol):
    """Finds where known words lie in a recording."""

    card: Card

    async def align(self, samples: Samples, text: str) -> tuple[tuple[float, float] | None, ...]:
        """Start and end in seconds of each whitespace-separated word of `text`, None where it cannot be told.

        Raises:
            EngineFailed: the aligner or its process broke.
        """
        ...


class Utterance(Protocol):
    """One utterance being recognised while it is spoken."""

    @property
    def partial(self) -> Partial:
        """What has been understood so far."""
        ...

    def feed(self, samples: Samples) -> None:
        """Append audio; returns at once."""
        ...

    def pause(self) -> None:
        """A silence has begun: begin the final decode now, so that it is ready if the turn is declared over."""
        ...

    def resume(self) -> None:
        """The speaker went on: the begun final decode is void."""
        ...

    async def glance(self) -> str:
        """A quick reading of all that was fed so far, while the speaker goes on."""
        ...

    async def finish(self, hearing: Hearing | None = None) -> Transcript:
        """The final transcript of all that was fed.

        The utterance stays open: the speaker may go on after all (`resume`, `feed`), and `finish` is asked again.
        """
        ...

    def close(self) -> None:
        """Give up this utterance and all work begun for it."""
        ...


class StreamingTranscriber(Protocol):
    """Recognises utterances while they are spoken."""

    card: Card

    def open(self, hearing: Hearing) -> Utterance:
        """Begin an utterance."""
        ...
