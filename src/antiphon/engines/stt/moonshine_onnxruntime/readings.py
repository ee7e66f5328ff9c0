"""What has been read of one piece of a recording, and what was likely in it."""

from dataclasses import dataclass, field
from itertools import zip_longest

from antiphon.engines.stt.moonshine_onnxruntime.beam import Hypothesis
from antiphon.engines.stt.moonshine_onnxruntime.lexicon import Lexicon
from antiphon.engines.stt.moonshine_onnxruntime.phrases import Phrases
from antiphon.engines.stt.moonshine_onnxruntime.word_model import WordModel


@dataclass(frozen=True, slots=True, eq=False)
class Likely:
    """What is likely in a piece; None where nothing is.

    Attributes:
        lexicon: words of the expected answer.
        terms: terms that get a bonus.
        judge: sentences of callers.
        names: common names, where a name was asked for.
        numbers: numbers in words, where more than a digit or two are expected.
        loose: words of days and times, where one was asked for.
    """

    lexicon: Lexicon | None
    terms: Phrases | None
    judge: WordModel | None
    names: Lexicon | None = None
    numbers: Lexicon | None = None
    loose: Lexicon | None = None


@dataclass(slots=True, eq=False)
class Piece:
    """How a piece was read.

    Attributes:
        hypothesis: the reading that counts.
        margin: by how much its mean log-probability beats the best reading with other words.
        expected: it was read as the answer that was expected.
        between_s: when its speech begins and ends in the recording.
        rivals: what else it may be, likeliest first.
        looks: all readings, those of one padding together.
    """

    hypothesis: Hypothesis
    margin: float
    expected: bool = False
    between_s: tuple[float, float] = (0.0, 0.0)
    rivals: list[Hypothesis] = field(default_factory=list)
    looks: list[list[Hypothesis]] = field(default_factory=list)

    def take(self, reading: Hypothesis, *, expected: bool) -> None:
        """Read it so instead; the reading so far is the first rival."""
        self.rivals.insert(0, self.hypothesis)
        self.hypothesis, self.margin, self.expected = reading, 0.0, expected

    def consider(self, readings: list[Hypothesis]) -> None:
        """Put these readings among the rivals: each after one that was there, the first of them first of all."""
        pairs = zip_longest(readings, self.rivals)
        self.rivals = [reading for pair in pairs for reading in pair if reading is not None]


def total(reading: Hypothesis) -> float:
    """The log-probability of a whole reading."""
    return float(reading.log_p.sum())


def mean(reading: Hypothesis) -> float:
    """Its mean over the tokens."""
    return float(reading.log_p.mean())


def by_mean(readings: list[Hypothesis]) -> list[Hypothesis]:
    """`readings`, the surest first."""
    return sorted(readings, key=mean, reverse=True)
