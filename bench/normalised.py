"""Word error rate after number normalisation: "oh seven nine, double six" and "079 66" are the same words."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import jiwer

SCORE = Path(__file__).resolve().parents[2] / "shared" / "data" / "score.py"

_ONES = {
    w: str(n) for n, w in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
} | {"oh": "0"}
_TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = {
    w: str(n) for n, w in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
_TWO_DIGITS = {w: str(n) for n, w in enumerate(_TEENS, 10)} | {w: f"{n}0" for w, n in _TENS.items()}
_TIMES = {"double": 2, "triple": 3}


def word_error_rate(spoken: list[str], heard: list[str]) -> float | None:
    """Errors over words of all utterances together; None where ../shared with its normaliser is absent."""
    normalise = _normaliser()
    if normalise is None:
        return None
    return float(jiwer.wer([digits(normalise(s)) for s in spoken], [digits(normalise(h)) for h in heard]))


def digits(words: str) -> str:
    """Normalised text with each spoken number as single digits, so that one wrong digit costs one error."""
    out: list[str] = []
    left = words.replace("p m", "pm").replace("a m", "am").split()
    while left:
        word, following = left.pop(0), left[0] if left else ""
        if word in _TIMES and following in _ONES:
            out += [_ONES[left.pop(0)]] * _TIMES[word]
        elif word in _TENS and following in _ONES and following not in {"oh", "zero"}:
            out += [_TENS[word], _ONES[left.pop(0)]]
        elif word in _TWO_DIGITS:
            out += _TWO_DIGITS[word]
        elif word in _ONES:
            out.append(_ONES[word])
            if following == "hundred":
                left.pop(0)
                out += "00"
        else:
            out.append(word)
    return " ".join(out)


def _normaliser() -> Callable[[str], str] | None:
    if not SCORE.exists():
        return None
    spec = importlib.util.spec_from_file_location("score", SCORE)
    if spec is None or spec.loader is None:
        return None
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    return lambda text: str(score.normalize(text, "en", True))
