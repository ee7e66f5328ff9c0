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
        prompt: text that came before, for engines that go on from it in its style and spelling.
        translate: write in English what is said in another language.
        temperature: 0 takes the likeliest words; above it, engines that can draw at random.
    """

    language: str | None = None
    expect: Expectation = Expectation.FREE
    phrases: tuple[str, ...] = ()
    words: bool = False
    prompt: str = ""
    translate: bool = False
    temperature: float = 0.0


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its place in the recording, in seconds, and a confidence in [0, 1] or None."""

    word: str
    start_s: float
    end_s: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a transcript that was decoded as one, with what the decoder thought of it.

    Attributes:
        text: what was said in it.
        start_s: where it begins in the recording.
        end_s: where it ends.
        tokens: the engine's token ids, the last one included that ends it.
        avg_logprob: mean natural-log probability of the tokens.
        no_speech_prob: how likely nobody speaks in it, in [0, 1].
        compression_ratio: length of the text over its length compressed; high where words repeat without end.
        temperature: at which it was decoded.
    """

    text: str
    start_s: float
    end_s: float
    tokens: tuple[int, ...] = ()
    avg_logprob: float = 0.0
    no_speech_prob: float = 0.0
    compression_ratio: float = 1.0
    temperature: float = 0.0


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a recogniser understood of one utterance.

    Attributes:
        text: written as the engine writes it; empty when nothing was said.
        confidence: probability that the text is exact, in [0, 1] (see the engine's card for how it is made).
        language: ISO 639-1 code; empty where none was named and nothing was said.
        duration_s: length of the audio it covers.
        engine: the card's name.
        words: word times, where they were asked for and could be found.
        no_speech: the engine heard no speech at all.
        alternatives: what else it may have been, likeliest first, each with other words than `text`; often none.
        segments: the stretches it was decoded in, for engines that tell.
        language_probability: of a detected language, in [0, 1]; None where it was given or the engine knows only one.
        degraded: why this is less than the engine's best (`clip_frames`), for the answer, the log and a metric.
    """

    text: str
    confidence: float
    language: str
    duration_s: float
    engine: str
    words: tuple[Word, ...] = ()
    no_speech: bool = False
    alternatives: tuple[str, ...] = ()
    segments: tuple[Segment, ...] = ()
    language_probability: float | None = None
    degraded: tuple[str, ...] = ()


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
