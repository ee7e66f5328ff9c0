"""What was heard and what is to be said: the vocabulary of recognition and synthesis."""

from dataclasses import dataclass, field
from enum import StrEnum

from antiphon.audio.pcm import Samples as Samples  # part of this vocabulary: mono, 16 kHz unless a card says otherwise


class Expectation(StrEnum):
    """What kind of answer the dialogue has just asked for; recognisers may bias their decoding by it."""

    FREE = "free"
    YES_NO = "yes_no"
    DIGITS = "digits"
    DATE = "date"
    TIME = "time"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Hearing:
    """How an utterance is to be recognised.

    Attributes:
        language: ISO 639-1 code, or None to detect it.
        expect: the kind of answer expected.
        phrases: words likely to be said now (names of a list, services); a soft bias, never a mask.
        words: whether word times are wanted.
    """

    language: str | None = None
    expect: Expectation = Expectation.FREE
    phrases: tuple[str, ...] = ()
    words: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its place in the recording, in seconds, and a confidence in [0, 1] or None."""

    word: str
    start_s: float
    end_s: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a recogniser understood of one utterance.

    Attributes:
        text: written as the engine writes it; empty when nothing was said.
        confidence: probability that the text is exact, in [0, 1] (see the engine's card for how it is made).
        language: ISO 639-1 code.
        duration_s: length of the audio it covers.
        engine: the card's name.
        words: word times, where they were asked for and could be found.
        no_speech: the engine heard no speech at all.
        alternatives: what else it may have been, likeliest first, each with other words than `text`; often none.
    """

    text: str
    confidence: float
    language: str
    duration_s: float
    engine: str
    words: tuple[Word, ...] = ()
    no_speech: bool = False
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Partial:
    """A transcript in the making: `stable` will not change any more, `tentative` may."""

    stable: str
    tentative: str

    @property
    def text(self) -> str:
        """Everything heard so far."""
        return f"{self.stable} {self.tentative}".strip()


@dataclass(frozen=True, slots=True)
class Voicing:
    """How a text is to be spoken.

    Attributes:
        language: ISO 639-1 code.
        voice: the engine's own voice name; empty for its default in that language.
        speed: 1.0 is the engine's normal pace, 0.5 to 2.0.
    """

    language: str = "en"
    voice: str = ""
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """Where in the text and when in the audio a word is spoken.

    Attributes:
        start: index of its first character in the text.
        end: index after its last character.
        at_sample: sample of the whole utterance at which it begins.
    """

    start: int
    end: int
    at_sample: int


@dataclass(frozen=True, slots=True, eq=False)
class SpeechChunk:
    """A piece of synthesized speech at the card's rate, with the words that begin in it."""

    samples: Samples
    words: tuple[SpokenWord, ...] = field(default=())
