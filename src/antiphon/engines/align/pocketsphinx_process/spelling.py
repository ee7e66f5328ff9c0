"""English words as they are spoken, for an aligner: numerals in words, unknown words in phones guessed from letters."""

import re
from itertools import pairwise

from antiphon.language.numbers import number_words, year_words

_PARTS = re.compile(r"[a-z]+(?:'[a-z]+)*|\d+", re.ASCII)
_SIGNS = {"&": ("and",), "%": ("percent",), "+": ("plus",), "@": ("at",), "$": ("dollars",), "€": ("euros",)}

# Longest spelling first. Rough on purpose: an aligner needs phones of about the right kind and number.
_PHONES = {
    "tion": "SH AH N", "sion": "ZH AH N", "ough": "AO", "eigh": "EY", "augh": "AO", "tch": "CH", "sch": "SH",
    "igh": "AY", "eau": "OW", "ch": "CH", "sh": "SH", "th": "TH", "ph": "F", "wh": "W", "gh": "G", "ck": "K",
    "ng": "NG", "qu": "K W", "kn": "N", "wr": "R", "ee": "IY", "ea": "IY", "oo": "UW", "ou": "AW", "ow": "OW",
    "oi": "OY", "oy": "OY", "ai": "EY", "ay": "EY", "au": "AO", "aw": "AO", "ie": "IY", "ei": "AY", "ey": "IY",
    "oa": "OW", "er": "ER", "ir": "ER", "ur": "ER", "ar": "AA R", "or": "AO R", "bb": "B", "cc": "K", "dd": "D",
    "ff": "F", "gg": "G", "ll": "L", "mm": "M", "nn": "N", "pp": "P", "rr": "R", "ss": "S", "tt": "T", "zz": "Z",
    "a": "AE", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G", "h": "HH", "i": "IH", "j": "JH",
    "k": "K", "l": "L", "m": "M", "n": "N", "o": "AA", "p": "P", "q": "K", "r": "R", "s": "S", "t": "T", "u": "AH",
    "v": "V", "w": "W", "x": "K S", "y": "IY", "z": "Z",
}  # fmt: skip
_SPELLINGS = re.compile("|".join(sorted(_PHONES, key=len, reverse=True)))


def spoken(word: str) -> tuple[str, ...]:
    """What is said for one written word: "8:15" is eight fifteen, "Mr." mister's letters as written, "-" nothing."""
    plain = word.lower().replace("’", "'")
    parts = [p for part in _PARTS.findall(plain) for p in (_numeral(part) if part.isdigit() else (part,))]
    return tuple(parts) or _SIGNS.get(plain, ())


def phones(word: str) -> str:
    """A guess at the phones of a word that no dictionary has, in ARPAbet with spaces."""
    silent_e = word[:-1] if len(word) > 3 and word.endswith("e") else word
    said = [_PHONES[m[0]] for m in _SPELLINGS.finditer(silent_e)]
    return " ".join(said) or "AH"


def between(times: list[tuple[float, float] | None], duration_s: float) -> tuple[tuple[float, float] | None, ...]:
    """Give words that were not found the time between their neighbours, shared equally; nothing if none was found."""
    known = [-1, *(n for n, t in enumerate(times) if t is not None), len(times)]
    if len(known) == 2:
        return tuple(times)
    filled = list(times)
    for left, right in pairwise(known):
        start = (times[left] or (0.0, 0.0))[1] if left >= 0 else 0.0
        end = (times[right] or (0.0, 0.0))[0] if right < len(times) else duration_s
        step = max(0.0, end - start) / max(1, right - left - 1)
        for n in range(left + 1, right):
            filled[n] = (start + step * (n - left - 1), start + step * (n - left))
    return tuple(filled)


def _numeral(digits: str) -> tuple[str, ...]:
    """How a run of digits is most likely read: up to two as a number, four as a year if it can be one, else singly."""
    if len(digits) == 4 and 1100 <= int(digits) <= 2099:
        words = year_words(int(digits), "en")
    elif len(digits) <= 2 and not digits.startswith("0"):
        words = number_words(int(digits), "en")
    else:
        words = " ".join(number_words(int(d), "en") for d in digits)
    return tuple(words.replace("-", " ").split())
