"""Written text as it is read aloud: times, dates, prices, telephone numbers and abbreviations in words.

Synthesizers read letters and whole numbers well and the rest badly ("ten zero zero", "dash eleven dash"). Each
character of the result knows the characters of the original that it stands for, so that a word heard can be found in
the text as it was written.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from antiphon.language.numbers import ordinal_words, year_words


@dataclass(frozen=True, slots=True)
class Aloud:
    """A text to be spoken.

    Attributes:
        text: what is spoken; no control or invisible characters.
        starts: for each of its characters, where what it stands for begins in the original.
        ends: for each of its characters, where that ends.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


Rule: TypeAlias = "tuple[re.Pattern[str], Callable[[re.Match[str]], str]]"


def read_aloud(text: str, language: str) -> Aloud:
    """`text` with written forms in words; only cleaned of what cannot be spoken where it is neither English nor German.

    Nothing in it is a command: control characters, which synthesizers give meanings to, become spaces.
    """
    aloud = Aloud(text, tuple(range(len(text))), tuple(range(1, len(text) + 1)))
    for pattern, replace in (*_CLEAN, *_RULES.get(language, ())):
        aloud = _rewrite(aloud, pattern, replace)
    return aloud


def _rewrite(aloud: Aloud, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str]) -> Aloud:
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for match in pattern.finditer(aloud.text):
        new = replace(match)
        if new == match[0]:
            continue
        begin, end = match.span()
        pieces += [aloud.text[at:begin], new]
        starts += [*aloud.starts[at:begin], *([aloud.starts[begin]] * len(new))]
        ends += [*aloud.ends[at:begin], *([aloud.ends[end - 1]] * len(new))]
        at = end
    pieces.append(aloud.text[at:])
    return Aloud("".join(pieces), (*starts, *aloud.starts[at:]), (*ends, *aloud.ends[at:]))


def _rule(pattern: str, replace: Callable[[re.Match[str]], str] | str, flags: int = 0) -> Rule:
    return re.compile(pattern, flags), (lambda _: replace) if isinstance(replace, str) else replace


# Every language ---------------------------------------------------------------------------------------------------

_CLEAN = (
    _rule(r"[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+", ""),  # invisible
    _rule(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ue000-\uf8ff]", " "),  # control, surrogate, private
    _rule(r"(?<=\d)['’](?=\d{3}\b)", ""),  # 1'250
)

_NOT_IN_NUMBER = r"(?<![\w.,:/+-])"
_PHONE = _NOT_IN_NUMBER + r"(?:\+\d|\(?0\d)(?:[ /\-()]{0,2}\d){6,13}(?![\w:]|[.,/-]\d)"
_PHONE_IN_THREES = _NOT_IN_NUMBER + r"\d{3}-(?:\d{3}-)?\d{4}(?![\w-])"
_ISO_DATE = r"(?<![\w.-])(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?![\w-])"
_DOTTED_DATE = r"(?<![\w.:])(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.(?:\s?(?P<year>[12]\d{3})\b)?(?!\d)"
_SLASHED_DATE = r"(?<![\w/])(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})(?![\w/])"
_RANGE = _NOT_IN_NUMBER + r"(\d{1,2}(?:[:.][0-5]\d)?)\s?[–—-]\s?(\d{1,2}(?:[:.][0-5]\d)?)(?![\w:/-]|\.\d)"
_CLOCK = r"(?<![\w.:])(?P<hour>[01]?\d|2[0-4])[:](?P<minute>[0-5]\d)"
_YEAR = r"(?<![\w.,:/+-])1[5-9]\d\d(?![\w:/-]|[.,]\d|\s?(?:CHF|Fr\.|[€$£%]|francs?|euros?|Franken|Euro|\d))"
_AMOUNT = r"(?P<whole>\d+)(?:[.,](?P<part>\d\d|[-–—]+))?(?![.,]?\d)"
_CURRENCY = r"(?P<currency>CHF|SFr\.|Fr\.|EUR|€|USD|\$|£)"

_DIGITS = {
    "en": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
    "de": ["null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"],
}
_MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "de": [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
}
_CURRENCIES = {
    "en": {"CHF": "franc", "SFr.": "franc", "Fr.": "franc", "EUR": "euro", "€": "euro", "USD": "dollar", "$": "dollar"}
    | {"£": "pound"},
    "de": {"CHF": "Franken", "SFr.": "Franken", "Fr.": "Franken", "EUR": "Euro", "€": "Euro", "USD": "Dollar"}
    | {"$": "Dollar", "£": "Pfund"},
}


def _phone(match: re.Match[str], language: str) -> str:
    """Digit by digit, with a pause after each group."""
    groups = re.findall(r"\d+", match[0])
    if len(groups) <= 2 and len(groups[-1]) > 5:  # written without groups: make some
        digits = "".join(groups)
        groups = [digits[:3], digits[3:6], *re.findall(r"\d{1,2}", digits[6:])]
    spelled = (" ".join(_DIGITS[language][int(digit)] for digit in group) for group in groups)
    return ("plus " if match[0].startswith("+") else "") + ", ".join(spelled)


def _range(match: re.Match[str], language: str) -> str:
    return f"{match[1]} {'to' if language == 'en' else 'bis'} {match[2]}"


def _year(match: re.Match[str], language: str) -> str:
    return year_words(int(match[0]), language)


def _money(match: re.Match[str], language: str) -> str:
    whole, part = match["whole"], match["part"] or ""
    currency = _CURRENCIES[language][match["currency"]]
    if language == "en" and whole != "1":
        currency += "s"
    whole = "ein" if language == "de" and whole == "1" else whole
    cents = str(int(part)) if part.isdigit() and int(part) else ""
    return f"{whole} {currency} {cents}".rstrip()


def _is_date(match: re.Match[str]) -> bool:
    return 1 <= int(match["day"]) <= 31 and 1 <= int(match["month"]) <= 12


def _year_of(match: re.Match[str], language: str) -> str:
    year = match["year"]
    return f" {year_words(int(year), language)}" if year and 1100 <= int(year) <= 2099 else f" {year or ''}".rstrip()


# English ----------------------------------------------------------------------------------------------------------


def _english_date(match: re.Match[str]) -> str:
    if not _is_date(match) or not match["year"]:  # "3.5." at the end of a sentence is a number
        return match[0]
    the = "" if re.search(r"\bthe\s*$", match.string[: match.start()], re.IGNORECASE) else "the "
    month = _MONTHS["en"][int(match["month"]) - 1]
    return f"{the}{ordinal_words(int(match['day']), 'en')} of {month}{_year_of(match, 'en')}"


def _english_clock(match: re.Match[str]) -> str:
    hour, minute = int(match["hour"]), int(match["minute"])
    half = (match["half"] or "").lower()[:1]
    if not half and (hour > 12 or hour == 0):
        half = "p" if 12 <= hour < 24 else "a"
    minutes = "" if not minute else f" oh {minute}" if minute < 10 else f" {minute}"
    if half:
        return f"{(hour - 1) % 12 + 1}{minutes} {half}.m."
    return f"{hour}{minutes}" if minute else f"{hour} o'clock"


_ENGLISH: tuple[Rule, ...] = (
    _rule(_PHONE, lambda m: _phone(m, "en")),
    _rule(_PHONE_IN_THREES, lambda m: _phone(m, "en")),
    _rule(_ISO_DATE, _english_date),
    _rule(_DOTTED_DATE, _english_date),
    _rule(_SLASHED_DATE, _english_date),
    _rule(_RANGE, lambda m: _range(m, "en")),
    _rule(_CLOCK + r"(?:\s?(?P<half>[ap]\.?m\b\.?))?(?![\d:])(?:\s*o'clock)?", _english_clock, re.IGNORECASE),
    _rule(
        r"(?<![\w.:])(?P<hour>1[0-2]|0?\d)\.(?P<minute>[0-5]\d)\s?(?P<half>[ap]\.?m\b\.?)",
        _english_clock,
        re.IGNORECASE,
    ),
    _rule(_CURRENCY + r"\s?" + _AMOUNT, lambda m: _money(m, "en")),
    _rule(_NOT_IN_NUMBER + _AMOUNT + r"\s?" + _CURRENCY, lambda m: _money(m, "en")),
    _rule(_YEAR, lambda m: _year(m, "en")),
    _rule(r"\bNo\.\s?(?=\d)", "number "),
    _rule(r"\bapprox\.", "approximately"),
    _rule(r"(?<=\d)\s?mins?\b\.?(?=\s[a-z(]|\s*[,;)]|\s*$)", " minutes"),
)


# German -----------------------------------------------------------------------------------------------------------


_DATIVE = frozenset({"am", "beim", "bis", "dem", "den", "seit", "vom", "zum", "ab"})
_BEFORE_DATES = _DATIVE | {
    "der",
    "montag",
    "dienstag",
    "mittwoch",
    "donnerstag",
    "freitag",
    "samstag",
    "sonntag",
    "und",
}


def _last_word(text: str) -> str:
    words: list[str] = re.findall(r"[^\W\d_]+", text[-40:])
    return words[-1].lower() if words else ""


def _german_ordinal(day: int, before: str) -> str:
    """The ordinal of a day, inflected after the word before it."""
    word = _last_word(before)
    return ordinal_words(day, "de") + ("n" if word in _DATIVE else "" if word in {"der", "die", "das"} else "r")


def _german_date(match: re.Match[str]) -> str:
    before = match.string[: match.start()]
    if not _is_date(match) or not (match["year"] or _last_word(before) in _BEFORE_DATES):
        return match[0]
    day = _german_ordinal(int(match["day"]), before)
    return f"{day} {_MONTHS['de'][int(match['month']) - 1]}{_year_of(match, 'de')}"


def _german_day_of_month(match: re.Match[str]) -> str:
    day = int(match["day"])
    if not 1 <= day <= 31:
        return match[0]
    return f"{_german_ordinal(day, match.string[: match.start()])} "


def _german_clock(match: re.Match[str]) -> str:
    hour, minute = int(match["hour"]), int(match["minute"])
    return f"{'ein' if hour == 1 else hour} Uhr" + (f" {minute}" if minute else "")


_GERMAN: tuple[Rule, ...] = (
    _rule(_PHONE, lambda m: _phone(m, "de")),
    _rule(_PHONE_IN_THREES, lambda m: _phone(m, "de")),
    _rule(_ISO_DATE, _german_date),
    _rule(_DOTTED_DATE, _german_date),
    _rule(_SLASHED_DATE, _german_date),
    _rule(_RANGE, lambda m: _range(m, "de")),
    _rule(_CLOCK + r"(?![\d:])(?:\s?(?:Uhr|h)\b)?", _german_clock),
    _rule(r"(?<![\w.:])(?P<hour>[01]?\d|2[0-4])\.(?P<minute>[0-5]\d)\s?(?:Uhr|h)\b", _german_clock),
    _rule(r"(?<![\w.:,])1 Uhr\b", "ein Uhr"),
    _rule(r"(?<![\w.:,])(?P<day>\d{1,2})\.\s(?=(?:" + "|".join(_MONTHS["de"]) + r")\b)", _german_day_of_month),
    _rule(_CURRENCY + r"\s?" + _AMOUNT, lambda m: _money(m, "de")),
    _rule(_NOT_IN_NUMBER + _AMOUNT + r"\s?" + _CURRENCY, lambda m: _money(m, "de")),
    _rule(_YEAR, lambda m: _year(m, "de")),
    *(
        _rule(written, spoken)
        for written, spoken in {
            r"\bDr\.(?=\s)": "Doktor",
            r"\bFr\.(?=\s[A-ZÄÖÜ])": "Frau",
            r"\bHr\.(?=\s[A-ZÄÖÜ])": "Herr",
            r"\bNr\.(?=\s?\d)": "Nummer ",
            r"\bz\.\s?B\.": "zum Beispiel",
            r"\bca\.": "circa",
            r"\bbzw\.": "beziehungsweise",
            r"\busw\.": "und so weiter",
            r"(?<=\d)\s?Min\b\.?": " Minuten",
            r"(?<=\d)\s?Std\b\.?": " Stunden",
            r"(?<=[a-zäöü])str\.(?=\s)": "straße",
        }.items()
    ),
)

_RULES: Mapping[str, tuple[Rule, ...]] = MappingProxyType({"en": _ENGLISH, "de": _GERMAN})
