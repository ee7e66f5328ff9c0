"""Whole numbers, ordinals, years and digit strings, written or spoken, and how to say them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from antiphon.language.canonical import canonical
from antiphon.language.figures import Token
from antiphon.language.lexicon import FILLERS, TEENS, TENS, UNITS, known
from antiphon.language.reading import Reading

_NUMBER = re.compile(r"[0-9]{1,6}(?:th)?")
_GROUPED = {"en": re.compile(r"[0-9]{1,3},[0-9]{3}"), "de": re.compile(r"[0-9]{1,3}\.[0-9]{3}")}
_ORDINAL = re.compile("[1-9]th")
_FIGURE = re.compile(r"[0-9]+(?:[.:/,\-][0-9]+)*")
_REPEATS = {
    "double": 2, "doppel": 2, "doppelt": 2, "zweimal": 2, "triple": 3, "treble": 3, "dreimal": 3, "dreifach": 3,
    "quadruple": 4, "viermal": 4,
}  # fmt: skip
_ALWAYS_DIGIT = {"oh": "0", "o": "0", "ow": "0", "zero": "0"}
_DIGIT_WITHIN = {
    "en": {
        "to": "2",
        "too": "2",
        "for": "4",
        "fore": "4",
        "ate": "8",
        "won": "1",
        "tree": "3",
        "fife": "5",
        "sex": "6",
        "of": "0",
        "do": "2",
        "free": "3",
    },
    "de": {"ein": "1", "zwei": "2", "zwar": "2"},
}
_SOUNDS = {
    "en": {
        **dict.fromkeys(("to", "too", "do"), "2"), **dict.fromkeys(("for", "fore", "or"), "4"),
        **dict.fromkeys(("at", "ate", "it", "aid"), "8"), **dict.fromkeys(("won", "want", "wanted"), "1"),
        **dict.fromkeys(("tree", "free"), "3"), "fife": "5", **dict.fromkeys(("sex", "sicks", "sick"), "6"),
        **dict.fromkeys(("of", "all"), "0"), **dict.fromkeys(("night", "mine", "nigh"), "9"),
    },
    "de": {},
}  # fmt: skip
"""What digits sound like, to be taken for them where nothing else makes a telephone number."""
_JOINS = frozenset(",.-/()") | FILLERS - {"oh"} | frozenset(("then", "and", "dann", "und", "space", "dash"))


def read_numbers(text: str, language: str) -> list[Reading[int]]:
    """Cardinal and ordinal numbers of 0 to 999,999 in `text`, in their order."""
    grouped = _GROUPED[known(language)]
    found = []
    for token in canonical(text, language).tokens:
        if _NUMBER.fullmatch(token.form) or grouped.fullmatch(token.form):
            value = int(re.sub(r"[^0-9]", "", token.form))
            found.append(Reading(value, token.start, token.end, token.sure))
    return found


@dataclass(frozen=True, slots=True)
class DigitGroup:
    """Digits that were said or written as one piece ("223", "double two").

    Attributes:
        digits: `0` to `9` only.
        start: index of the first character in the text.
        end: index after the last one.
        breaks: a comma or full stop stood before it.
        sure: below 1 where a word had to be taken for a digit.
    """

    digits: str
    start: int
    end: int
    breaks: bool = False
    sure: float = 1.0


def dialled(run: Sequence[DigitGroup]) -> str:
    """All digits of a run."""
    return "".join(group.digits for group in run)


def digit_runs(text: str, language: str, *, sounds: bool = False) -> list[list[DigitGroup]]:
    """Groups of digits that follow each other with nothing but marks and hesitations between, in order.

    With `sounds`, words that sound like digits are digits beside others.
    """
    tokens = canonical(text, language).tokens
    runs: list[list[DigitGroup]] = []
    run: list[DigitGroup] = []
    at, joined_from = 0, 0
    while at < len(tokens):
        group, used = _group(tokens, at, bool(run), known(language))
        if not group and sounds:
            group = _sounding(tokens, at, bool(run) and joined_from == at, known(language))
        if group:
            mark = any(token.form in ",." for token in tokens[joined_from:at])
            run.append(DigitGroup(group, tokens[at].start, tokens[at + used - 1].end, mark, _sureness(tokens[at])))
            at += used
            joined_from = at
        elif run and tokens[at].form in _JOINS:
            at += 1
        else:
            runs.append(run)
            run, at = [], at + 1
            joined_from = at
    return [run for run in (*runs, run) if run]


def _sureness(token: Token) -> float:
    return 1.0 if token.form[0].isdecimal() or token.form in _ALWAYS_DIGIT or token.form in _REPEATS else 0.7


def _group(tokens: Sequence[Token], at: int, inside: bool, language: str) -> tuple[str, int]:
    """The digits that begin at token `at` and how many tokens they take; ("", 1) if none do."""
    form = tokens[at].form
    if form in _REPEATS:
        skip = 2 if at + 2 < len(tokens) and tokens[at + 1].form in (",", "-") else 1  # "double, three"
        after = _digits(tokens[at + skip].form) if at + skip < len(tokens) else ""
        if inside and not after and at + 1 < len(tokens):
            after = "0" if tokens[at + 1].form == "of" else ""  # "double oh"
        return (after[0] * (_REPEATS[form] - 1) + after, skip + 1) if after else ("", 1)
    if _names_an_end(tokens, at):
        return "", 1
    after_mark = at + 1 < len(tokens) and tokens[at + 1].form == ","
    if inside and _ORDINAL.fullmatch(form) and _digits_next(tokens, at + after_mark):
        return form[0], 1  # "zero seven ninth, five"
    if _FIGURE.fullmatch(form):
        return re.sub(r"[^0-9]", "", form), 1
    if form in _ALWAYS_DIGIT:
        # "Oh, it's nine": a sigh unless digits stand on one side at least.
        return ("0", 1) if inside or _digits_next(tokens, at) else ("", 1)
    if inside and form in _DIGIT_WITHIN[language] and _digits_next(tokens, at):
        return _DIGIT_WITHIN[language][form], 1
    return "", 1


def _names_an_end(tokens: Sequence[Token], at: int) -> bool:
    """Whether the number at `at` counts the last digits ("and the last four are"), and is none of them."""
    after = tokens[at + 1].form if at + 1 < len(tokens) else "."
    return bool(at and tokens[at - 1].form == "last" and tokens[at].form in "23456" and not _digits(after))


def _sounding(tokens: Sequence[Token], at: int, inside: bool, language: str) -> str:
    """The digit that the word at `at` sounds like, where digits stand beside it."""
    digit = _SOUNDS[language].get(tokens[at].form, "")
    after = tokens[at + 1].form if at + 1 < len(tokens) else "."
    beside = inside and (after in ",." or after in _SOUNDS[language])
    return digit if beside or _digits(after) else ""


def _digits_next(tokens: Sequence[Token], at: int) -> bool:
    after = tokens[at + 1].form if at + 1 < len(tokens) else ""
    return bool(_digits(after)) or after in _REPEATS


def _digits(form: str) -> str:
    return _ALWAYS_DIGIT.get(form) or (re.sub(r"[^0-9]", "", form) if _FIGURE.fullmatch(form) else "")


def read_digits(text: str, language: str) -> list[Reading[str]]:
    """Strings of digits said one by one or in groups ("oh seven nine, double two", "079 22"), in their order.

    A single digit alone is no string of digits.
    """
    found = []
    for run in digit_runs(text, language):
        digits = dialled(run)
        if len(digits) > 1:
            found.append(Reading(digits, run[0].start, run[-1].end, min(group.sure for group in run)))
    return found


def number_words(number: int, language: str) -> str:
    """Words for a cardinal of 0 to 999,999.

    Raises:
        ValueError: it is out of range.
    """
    if not 0 <= number < 1_000_000:
        raise ValueError(f"{number} is not in 0..999,999")
    return _words_de(number) if known(language) == "de" else _words_en(number)


def _words_en(number: int) -> str:
    if number >= 1000:
        rest = number % 1000
        joint = " and " if 0 < rest < 100 else " "
        return f"{_words_en(number // 1000)} thousand{joint + _words_en(rest) if rest else ''}"
    if number >= 100:
        return f"{UNITS['en'][number // 100]} hundred{' and ' + _words_en(number % 100) if number % 100 else ''}"
    if number >= 20:
        tens = TENS["en"][number // 10 - 2]
        return f"{tens}-{UNITS['en'][number % 10]}" if number % 10 else tens
    return (UNITS["en"] + TEENS["en"])[number]


def _words_de(number: int) -> str:
    if number >= 1000:
        thousands = number // 1000
        return f"{_joined_de(thousands)}tausend{_words_de(number % 1000) if number % 1000 else ''}"
    if number >= 100:
        return f"{_joined_de(number // 100)}hundert{_words_de(number % 100) if number % 100 else ''}"
    if number >= 20:
        tens = TENS["de"][number // 10 - 2]
        return f"{_joined_de(number % 10)}und{tens}" if number % 10 else tens
    return (UNITS["de"] + TEENS["de"])[number]


def _joined_de(number: int) -> str:
    """As the first part of a longer number: "ein", "einundzwanzig", "hundertein"."""
    return _words_de(number).removesuffix("s") if number % 100 == 1 else _words_de(number)


_IRREGULAR_EN = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth"}
_IRREGULAR_DE = {1: "erste", 3: "dritte", 7: "siebte", 8: "achte"}


def ordinal_words(number: int, language: str) -> str:
    """Words for an ordinal of 1 to 999 ("twenty-fourth", "vierundzwanzigste").

    Raises:
        ValueError: it is out of range.
    """
    if not 0 < number < 1000:
        raise ValueError(f"{number} is not in 1..999")
    if known(language) == "de":
        rest = number % 100
        if 0 < rest < 20:
            head = _words_de(number - rest) if number >= 100 else ""
            return head + _IRREGULAR_DE.get(rest, _words_de(rest) + "te")
        return _words_de(number) + "ste"
    head, joint, last = re.fullmatch(r"(.*?)([ -]?)(\w+)", _words_en(number)).groups()  # type: ignore[union-attr]
    if last == "twelve":
        last = "twelf"
    ordinal = _IRREGULAR_EN.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")
    return f"{head}{joint}{ordinal}"


def year_words(year: int, language: str) -> str:
    """Words for a year of 1100 to 2099 ("nineteen eighty-four", "neunzehnhundertvierundachtzig").

    Raises:
        ValueError: it is out of range.
    """
    if not 1100 <= year < 2100:
        raise ValueError(f"{year} is not in 1100..2099")
    century, rest = divmod(year, 100)
    if known(language) == "de":
        return _words_de(year) if century == 20 else f"{_words_de(century)}hundert{_words_de(rest) if rest else ''}"
    if century == 20 and rest < 10:
        return _words_en(year)
    if not rest:
        return f"{_words_en(century)} hundred"
    return f"{_words_en(century)} {'oh ' if rest < 10 else ''}{_words_en(rest)}"
