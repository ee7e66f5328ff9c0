"""Readings that say the same, however they are written: "double six, nineteen" and "66 19"."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from antiphon.engines.stt.moonshine_onnxruntime.beam import Hypothesis
from antiphon.engines.stt.moonshine_onnxruntime.readings import total
from antiphon.engines.stt.moonshine_onnxruntime.word_model import words
from antiphon.language.numbers import number_words

SHARPNESS = 0.5
"""What log-probabilities of whole readings are multiplied by before they are summed as probabilities: the network is
too sure of itself."""
MISSED_LOG_P = -1.0
"""A reading that a look did not find counts this much less there than the least likely one that it found."""
_FIGURES = {number_words(n, "en"): str(n) for n in range(20)} | {"oh": "0"}
_TENS = {number_words(n, "en"): str(n // 10) for n in range(20, 100, 10)}
_TIMES = {"double": 2, "triple": 3, "treble": 3}


@dataclass(slots=True, eq=False)
class Saying:
    """What several readings say.

    Attributes:
        words: it, as `said` writes it.
        reading: the likeliest of them.
        log_p: the log-probability of that one.
        share: the probability of all of them, by what the network and the words tell; shares of one piece compare.
    """

    words: str
    reading: Hypothesis
    log_p: float
    share: float


def plain(text: str) -> str:
    """The letters and figures of `text` only, in lower case."""
    return "".join(c for c in text.lower() if c.isalnum())


def said(text: str) -> str:
    """What `text` says: its words in lower case without signs, every number in figures."""
    left, found = words(text), list[str]()
    while left:
        word = left.pop(0)
        following = left[0] if left else ""
        if word in _TIMES and following in _FIGURES:
            found.append(_FIGURES[left.pop(0)] * _TIMES[word])
        elif word in _TENS:
            ones = following in _FIGURES and len(_FIGURES[following]) == 1 and _FIGURES[following] != "0"
            found.append(_TENS[word] + (_FIGURES[left.pop(0)] if ones else "0"))
        else:
            found.append(_FIGURES.get(word, word))
    return "".join(found)


def sayings(
    looks: Sequence[Sequence[Hypothesis]], text: Callable[[Hypothesis], str], prior: Callable[[Hypothesis], float]
) -> list[Saying]:
    """What the readings of one piece say, the likeliest first.

    Args:
        looks: the readings of each look at it, at least one of each.
        text: writes a reading.
        prior: the log-probability of its words in nats, whatever the network heard.
    """
    by_text: dict[str, dict[int, Hypothesis]] = {}
    for number, readings in enumerate(looks):
        for reading in readings:
            found = by_text.setdefault(plain(text(reading)), {})
            if number not in found or total(reading) > total(found[number]):
                found[number] = reading
    missed = [min(map(total, readings)) + MISSED_LOG_P for readings in looks]
    by_words: dict[str, Saying] = {}
    for found in by_text.values():
        best = max(found.values(), key=total)
        heard = [total(found[n]) if n in found else missed[n] for n in range(len(looks))]
        _count(by_words, said(text(best)), best, sum(heard) / len(looks) + prior(best))
    return sorted(by_words.values(), key=lambda saying: saying.share, reverse=True)


def _count(by_words: dict[str, Saying], spoken: str, reading: Hypothesis, log_p: float) -> None:
    saying = by_words.setdefault(spoken, Saying(spoken, reading, log_p, 0.0))
    saying.share += math.exp(SHARPNESS * log_p)
    if log_p > saying.log_p:
        saying.reading, saying.log_p = reading, log_p
