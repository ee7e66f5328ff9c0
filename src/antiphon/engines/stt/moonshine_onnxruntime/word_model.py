"""How likely a sentence is: general English, mixed with what callers of a practice say."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from antiphon.engines.stt.moonshine_onnxruntime.callers import sentences
from antiphon.language.numbers import number_words, ordinal_words, year_words

SENTENCES = 8000
"""Ten for each pattern and more; learnt in 0.3 s."""
CALLERS_SHARE = 0.5
"""Interpolation weight; general words remain possible."""
LANGUAGE_WEIGHT, WORD_BONUS = 0.1, 0.5
"""What a nat of the model and a word count in nats of what was heard. Without a bonus short readings win; one of 1.0
costs a point of word errors on people's recordings."""
_UNKNOWN_LOG_P = -15.0
_NATS = math.log(1.0001)
"""Of a step of pocketsphinx's logarithms."""
_BEGIN, _END = "<s>", "</s>"
_ORDINAL = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)\b")
_HALF_DAY = re.compile(r"(?<![a-z])([ap])\.? ?m\b\.?")
_FULL_HOUR = re.compile(r"\b(\d{1,2}):00\b")
_CLOCK = re.compile(r"(?<![\d-])(1[0-2])([0-5]\d)(?![\d-])")
_YEAR = re.compile(r"(?:19|20)\d\d")
_WORD = re.compile(r"[apm]\.(?= |$)|[a-z]+(?:'[a-z]+)?")


class WordModel:
    """Trigrams of general English (from pocketsphinx's package) and of callers, interpolated."""

    def __init__(self) -> None:
        """Learn the callers' sentences.

        Raises:
            ImportError: pocketsphinx is not installed.
        """
        import pocketsphinx

        self._general: Any = pocketsphinx.NGramModel(
            pocketsphinx.Config(), pocketsphinx.LogMath(), pocketsphinx.get_model_path("en-us/en-us.lm.bin")
        )
        self._counts: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
        for sentence in sentences(SENTENCES):
            said = [_BEGIN, *sentence.split(), _END]
            for at in range(1, len(said)):
                for back in range(min(2, at) + 1):
                    self._counts[tuple(said[at - back : at])][said[at]] += 1
        # How often each history was seen, and before how many different words.
        self._totals = {before: (sum(after.values()), len(after)) for before, after in self._counts.items()}

    def log_p(self, sentence: Sequence[str]) -> float:
        """The log-probability in nats of a sentence of these `words`."""
        said = [_BEGIN, *sentence, _END]
        return sum(self._word_log_p(said[at], tuple(said[max(0, at - 2) : at])) for at in range(1, len(said)))

    def worth(self, text: str) -> float:
        """What the words of `text` count beside what was heard, in nats."""
        said = words(text)
        return LANGUAGE_WEIGHT * self.log_p(said) + WORD_BONUS * len(said)

    def _word_log_p(self, word: str, before: tuple[str, ...]) -> float:
        general = math.exp(max(_UNKNOWN_LOG_P, self._general.prob([word, *reversed(before)]) * _NATS))
        return math.log(CALLERS_SHARE * self._callers_p(word, before) + (1 - CALLERS_SHARE) * general)

    def _callers_p(self, word: str, before: tuple[str, ...]) -> float:
        """Source: Witten and Bell, "The zero-frequency problem", 1991, interpolated."""
        shorter = self._callers_p(word, before[1:]) if before else 0.0
        if before not in self._totals:
            return shorter
        total, kinds = self._totals[before]
        return (self._counts[before][word] + kinds * shorter) / (total + kinds)


def words(text: str) -> list[str]:
    """The words of `text` as they are said, in lower case: numerals in words, long ones digit by digit."""
    text = text.lower().replace("’", "'").replace("to-day", "today").replace("to-morrow", "tomorrow")
    text = _ORDINAL.sub(lambda m: ordinal_words(int(m[1]), "en") if 0 < int(m[1]) < 32 else m[0], text)
    text = _HALF_DAY.sub(r" \1. m. ", _FULL_HOUR.sub(r"\1", text))
    text = _CLOCK.sub(r"\1 \2", text)
    text = re.sub(r"\d+", lambda m: f" {_numeral(m[0])} ", text)
    return _WORD.findall(text.replace("-", " "))


def _numeral(digits: str) -> str:
    if _YEAR.fullmatch(digits):
        return year_words(int(digits), "en")
    if len(digits) <= 2 and not digits.startswith("0"):
        return number_words(int(digits), "en")
    return " ".join(number_words(int(digit), "en") for digit in digits)
