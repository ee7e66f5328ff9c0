"""Number words turned into figures, token by token."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from antiphon.language.lexicon import TEENS, TENS, UNITS, vocabulary

_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or mark in canonical form.

    Attributes:
        form: folded word; figures (`24`, `10:30`, `24th`); or one of the marks `. , - / + ( )`.
        start: index of its first character in the original.
        end: index after its last character.
        sure: below 1 where the word had to be guessed.
    """

    form: str
    start: int
    end: int
    sure: float = 1.0


def _table(words: dict[str, tuple[str, ...]], first: int, step: int, language: str) -> dict[str, int]:
    folded = (word.translate(_PLAIN) for word in words[language])
    return {word: first + step * index for index, word in enumerate(folded)}


_UNITS = {language: _table(UNITS, 0, 1, language) for language in UNITS}
_TEENS = {language: _table(TEENS, 10, 1, language) for language in TEENS}
_TENS = {language: _table(TENS, 20, 10, language) for language in TENS}
_UNITS["en"] |= {"nought": 0, "naught": 0, "niner": 9}
_UNITS["de"] |= {"zwo": 2, "zwoo": 2, "zero": 0, "funf": 5, "fuenfe": 5}
_UNITS["de"] |= dict.fromkeys(("ein", "eine", "einen", "einem", "einer"), 1)
_TEENS["de"] |= {"zwolf": 12, "funfzehn": 15}
_TENS["de"] |= {"funfzig": 50, "dreizig": 30}
_TENS["en"] |= {"fourty": 40, "ninty": 90}
_ARTICLES = vocabulary("ein eine einen einem einer")
_MAGNITUDES = {
    "en": {"hundred": 100, "thousand": 1000},
    "de": {"hundert": 100, "tausend": 1000},
}
_ORDINALS_EN = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "forth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "eigth": 8, "ninth": 9, "nineth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "twelveth": 12,
    **{f"{word}th": value for word, value in _TEENS["en"].items() if value > 12},
    **{f"{word.removesuffix('y')}ieth": value for word, value in _TENS["en"].items()},
}  # fmt: skip
_ORDINALS_DE = {
    "erst": 1, "zweit": 2, "zwot": 2, "dritt": 3, "viert": 4, "fuenft": 5, "funft": 5, "sechst": 6, "siebt": 7,
    "siebent": 7, "acht": 8, "neunt": 9, "zehnt": 10, "elft": 11, "zwoelft": 12, "zwolft": 12,
    **{f"{word}t": value for word, value in _TEENS["de"].items() if value > 12},
}  # fmt: skip
_SUFFIXES = {
    "en": vocabulary("st nd rd th"),
    "de": vocabulary("te ter ten tes ste ster sten"),
}
_SMALL: Final = {language: _UNITS[language] | _TEENS[language] | _TENS[language] for language in _UNITS}
NUMBER_WORDS: Final[dict[str, frozenset[str]]] = {
    "en": frozenset(_SMALL["en"]) | frozenset(_ORDINALS_EN) | frozenset(_MAGNITUDES["en"]),
    "de": frozenset(_SMALL["de"]) | frozenset(_ORDINALS_DE) | frozenset(_MAGNITUDES["de"]),
}
"""Folded number words by language, none of which may be taken for a misspelt day or month."""

_BELOW_100_DE = re.compile(
    "(?:(?P<unit>{units})und(?P<tens>{tens})|(?P<small>{small}))".format(
        units="|".join(sorted((w for w, v in _UNITS["de"].items() if v), key=len, reverse=True)),
        tens="|".join(_TENS["de"]),
        small="|".join(sorted(_SMALL["de"], key=len, reverse=True)),
    )
)
_ENDINGS_DE = ("en", "er", "es", "em", "e")
_GLUE_DE = frozenset(("und", "hundert", "tausend"))
_GLUE_ENDS_DE = tuple(_GLUE_DE)


def merge_numbers(tokens: list[Token], language: str) -> list[Token]:
    """`tokens` with number words as figures: "twenty four" is one token `24`, "ten thirty" two, "third" is `3th`."""
    merge = _merge_de if language == "de" else _merge_en
    merged, at = [], 0
    while at < len(tokens):
        token, used = _suffixed(tokens, at, language) or merge(tokens, at)
        merged.append(token)
        at += used
    return merged


def _suffixed(tokens: list[Token], at: int, language: str) -> tuple[Token, int] | None:
    """Written ordinals: `24th`, `24 th`, `24sten`."""
    if at + 1 < len(tokens) and tokens[at].form.isdecimal() and len(tokens[at].form) <= 3:
        after = tokens[at + 1]
        if after.form in _SUFFIXES[language]:
            return Token(f"{int(tokens[at].form)}th", tokens[at].start, after.end), 2
    return None


def _small_en(tokens: list[Token], at: int) -> tuple[int, int, bool] | None:
    """Value, tokens used, and whether it is an ordinal, of a number below 100 that begins at `at`."""
    word = tokens[at].form if at < len(tokens) else ""
    after = tokens[at + 1].form if at + 1 < len(tokens) else ""
    tens = _TENS["en"].get(word) or (int(word) if word in ("20", "30") and after in _ORDINALS_EN else None)
    if tens:
        unit = _UNITS["en"].get(after, 0)
        if unit and word.isalpha():
            return tens + unit, 2, False
        if _ORDINALS_EN.get(after, 99) < 10:
            return tens + _ORDINALS_EN[after], 2, True
    if word in _ORDINALS_EN:
        return _ORDINALS_EN[word], 1, True
    value = _SMALL["en"].get(word)
    return None if value is None else (value, 1, False)


def _merge_en(tokens: list[Token], at: int) -> tuple[Token, int]:
    first = tokens[at]
    head = _head_en(tokens, at)
    if head is None:
        return first, 1
    value, used, ordinal = head
    while not ordinal and (more := _more_en(tokens, at + used, value)):
        value, extra, ordinal = more
        used += extra
    last = tokens[at + used - 1]
    # An unmagnified written figure keeps its zeros and its place ("079").
    form = first.form if used == 1 and first.form.isdecimal() else f"{value}{'th' if ordinal else ''}"
    return Token(form, first.start, last.end, min(t.sure for t in tokens[at : at + used])), used


def _head_en(tokens: list[Token], at: int) -> tuple[int, int, bool] | None:
    word, after = tokens[at].form, tokens[at + 1].form if at + 1 < len(tokens) else ""
    magnitude = _MAGNITUDES["en"].get(after)
    if word in ("a", "an") and magnitude:
        return magnitude, 2, False
    small = _small_en(tokens, at)
    if small is None and word.isdecimal() and len(word) <= 3 and magnitude:
        return int(word), 1, False
    return small


def _more_en(tokens: list[Token], at: int, value: int) -> tuple[int, int, bool] | None:
    """What follows a number and belongs to it: "hundred", "thousand", "and five"."""
    word = tokens[at].form if at < len(tokens) else ""
    magnitude = _MAGNITUDES["en"].get(word)
    if word == "hundredth" and 0 < value < 100:
        return value * 100, 1, True
    if magnitude == 100 and 0 < value < 100:
        return value * 100, 1, False
    if magnitude == 1000 and 0 < value < 1000:
        return value * 1000, 1, False
    if value < 100 or value % 100:
        return None
    skip = 1 if word == "and" else 0
    rest = _small_en(tokens, at + skip)
    if rest is None or not rest[0]:
        return None
    following = tokens[at + skip + rest[1]].form if at + skip + rest[1] < len(tokens) else ""
    if following == "hundred" and value % 1000 == 0 and rest[0] < 10:
        return value + rest[0] * 100, skip + rest[1] + 1, False
    return value + rest[0], skip + rest[1], rest[2]


@lru_cache(maxsize=8192)
def german_number(word: str) -> tuple[int, bool] | None:
    """The value of a folded German number word and whether it is an ordinal ("vierundzwanzigsten": 24, True)."""
    cardinal = _cardinal_de(word)
    if cardinal is not None:
        return cardinal, False
    for ending in _ENDINGS_DE:
        if word.endswith(ending) and (value := _ordinal_de(word.removesuffix(ending))) is not None:
            return value, True
    return None


def _ordinal_de(stem: str) -> int | None:
    if stem in _ORDINALS_DE:
        return _ORDINALS_DE[stem]
    if stem.endswith("st"):
        value = _cardinal_de(stem.removesuffix("st"))
        if value is not None and value >= 20:
            return value
    head, found, tail = stem.partition("hundert")
    hundreds = _cardinal_de(head + found) if found else None
    rest = _ORDINALS_DE.get(tail.removeprefix("und"))
    return None if hundreds is None or rest is None else hundreds + rest


def _cardinal_de(word: str) -> int | None:
    """The value of one German cardinal written together, 0 to 999,999."""
    head, found, tail = word.partition("tausend")
    if found:
        thousands = _below_1000_de(head) if head else 1
        rest = _below_1000_de(tail.removeprefix("und")) if tail else 0
        return None if thousands is None or rest is None or not thousands else thousands * 1000 + rest
    return _below_2000_de(word)


def _below_2000_de(word: str) -> int | None:
    head, found, tail = word.partition("hundert")
    if not found:
        return _below_100_de(word)
    hundreds = _below_100_de(head) if head else 1
    rest = _below_100_de(tail.removeprefix("und") if tail != "und" else "?") if tail else 0
    return None if not hundreds or rest is None or hundreds > 19 else hundreds * 100 + rest


def _below_1000_de(word: str) -> int | None:
    value = _below_2000_de(word)
    return value if value is not None and value < 1000 else None


def _below_100_de(word: str) -> int | None:
    match = _BELOW_100_DE.fullmatch(word)
    if match is None:
        return None
    if match["small"]:
        return _SMALL["de"][match["small"]]
    return _UNITS["de"][match["unit"]] + _TENS["de"][match["tens"]]


def _merge_de(tokens: list[Token], at: int) -> tuple[Token, int]:
    """The longest run of words that, written together, is one German number ("vier und achtzig", "2 hundert")."""
    first = tokens[at]
    best: tuple[int, bool, int] | None = None
    word = ""
    for used, token in enumerate(tokens[at : at + 13], start=1):
        if used > 1 and not (token.form in _GLUE_DE or word.endswith(_GLUE_ENDS_DE)):
            break
        word += token.form
        value = german_number(word)
        if value is not None and not (used == 1 and first.form in _ARTICLES):
            best = (*value, used)
        elif value is None and not word.endswith(_GLUE_ENDS_DE):
            break
    if best is None:
        return first, 1
    last = tokens[at + best[2] - 1]
    form = f"{best[0]}{'th' if best[1] else ''}"
    return Token(form, first.start, last.end, min(t.sure for t in tokens[at : at + best[2]])), best[2]
