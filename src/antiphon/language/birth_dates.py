"""Dates of birth: complete dates in the past, with a year."""

import datetime
import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from antiphon.language.calendar import DAY, MONTH, YEAR, make_date
from antiphon.language.canonical import canonical
from antiphon.language.lexicon import MONTHS, known
from antiphon.language.reading import Reading

_OLDEST_YEARS = 120
_APART = r"(?:(?:19|20|90) (?:, )?[0-9]{2}|1[3-8] [1-9])"
"""A year heard as two numbers ("nineteen, ninety-nine"), also with a slip: "ninety ninety-nine", "seventeen nine"."""
_SHORT = rf"(?:{YEAR}|18[0-9]{{2}}|{_APART}|(?:oh|o|0) [0-9]|[0-9]{{2}})"
_FULL_YEAR = re.compile(r"[0-9]{4}|(?:1[89]|90) ")
_NO_TIME = re.compile(r"20 1[0-9]|3[1-9]|4[0-46-9]|5[1-9]|[6-9][0-9]")
"""Short years that are no time of day either; "twenty fifteen" is hardly one for a practice."""
_IN_WORDS = re.compile(r"[a-z]{3}|[0-9]th")
_SEP = r"(?:(?:[.,\-/]|slash|dot|dash|punkt|strich) )?"
_NAMES = {
    language: [month.lower().replace("ä", "ae") for month in months] for language, months in MONTHS.items()
}  # fmt: skip
_Order: TypeAlias = Callable[[re.Match[str], str], tuple[int, int] | None]


def _named(match: re.Match[str], language: str) -> tuple[int, int] | None:
    return int(match["day"]), _NAMES[language].index(match["month"]) + 1


def _figures(match: re.Match[str], _language: str) -> tuple[int, int] | None:
    day, month = int(match["day"]), int(match["month"])
    return (month, day) if month > 12 >= day else (day, month)


def _patterns(language: str) -> tuple[tuple[re.Pattern[str], _Order], ...]:
    month = "(?P<month>" + "|".join(_NAMES[language]) + ")"
    filler = r"(?:(?:and|in|of|im|the|year|year's|jahr|dem|is|was|und|das|ist|war) )*"
    year = rf"(?P<year>{_SHORT})(?! (?:o'clock|uhr|a\.m\.|p\.m\.|{_SEP}[0-9]))"
    number = r"(?:1[3-9]|2[0-9]|3[01]|1[0-2]|0?[1-9])"
    sources: tuple[tuple[str, _Order], ...] = (
        (rf"(?P<day>{DAY})(?:th)? {_SEP}(?:of )?(?:the )?(?:month )?{_SEP}{month} {_SEP}{filler}{year}", _named),
        (rf"{month} {_SEP}(?:the )?(?P<day>{DAY})(?:th)? {_SEP}{filler}{year}", _named),
        (rf"{month} {_SEP}{filler}{year} {_SEP}(?:on )?the (?P<day>{DAY})(?:th)?", _named),
        (rf"(?P<year>{YEAR}|{_APART}) {_SEP}(?:on |in )?{month} (?:the )?(?P<day>{DAY})(?:th)?", _named),
        (
            rf"(?P<day>{DAY})(?:th)? (?:of )?{month} {_SEP}(?:and )?(?:(?:i|he|she) )?(?:was )?(?:born )?(?:in )"
            rf"(?P<year>{YEAR})",
            _named,
        ),
        (
            rf"(?P<year>{YEAR}|{_APART}|[3-9][0-9]) {_SEP}(?:and )?(?:on )?(?:the )?(?P<day>{DAY})th (?:of )?{month}",
            _named,
        ),
        (rf"(?P<day>{number})[./\-](?P<month>{number})[./\-](?P<year>(?:18|19|20)?[0-9]{{2}})", _figures),
        (rf"(?P<day>{number})[.](?P<month>{MONTH}) {_SEP}(?P<year>(?:18|19|20)?[0-9]{{2}})", _figures),
        (rf"(?P<year>(?:19|20)[0-9]{{2}})[\-/](?P<month>{MONTH})[\-/](?P<day>{DAY})", _figures),
        (
            rf"(?P<day>{number})(?:th)? {_SEP}(?:of )?(?:the )?(?P<month>{number})(?:th)?(?: month)? "
            rf"{_SEP}{filler}{year}",
            _figures,
        ),
        (
            rf"(?:(?:oh|o|0) )?(?P<day>{number})(?:th)? {_SEP}(?:(?:oh|o|0) )?(?P<month>{number})(?:th)? {_SEP}{year}",
            _figures,
        ),
        (r"(?P<day>0[1-9]|[12][0-9]|3[01])(?P<month>0[1-9]|1[0-2])(?: , )?(?P<year>(?:19|20)[0-9]{2})", _figures),
    )
    return tuple((re.compile(rf"(?<= )(?<![0-9] )(?<! at ){source}(?= )"), order) for source, order in sources)


_PATTERNS = {language: _patterns(language) for language in _NAMES}


def read_birth_dates(
    text: str, language: str, today: datetime.date, *, full_year: bool = False
) -> list[Reading[datetime.date]]:
    """Complete dates in the past, with a year, as said for a date of birth ("3.4.84", "dritter vierter 84").

    Figures are read day first; month first only where day first is impossible, with a confidence below 0.8. A year of
    two digits is the latest that lies in the past; below 0.8 when that makes the caller younger than twelve.

    Args:
        text: what a caller said.
        language: ISO 639-1 code.
        today: the practice's local date.
        full_year: only dates whose year no time of day is mistaken for ("1984" or "of May, 84", not "of May, 12").
    """
    form = canonical(text, language)
    spoken = known(language)
    found: list[Reading[datetime.date]] = []
    reach = 0
    for match, order in sorted(_matches(form.text, spoken), key=lambda one: (one[0].start(), -one[0].end())):
        start, end, heard = form.span(match.start(), match.end())
        if start < reach:
            continue
        reach = end
        said = order(match, spoken)
        read = _past(match, said, today) if said else None
        if read and (not full_year or _is_no_time(match, form.text)):
            swapped = order is _figures and int(match["month"]) > 12
            found.append(Reading(read[0], start, end, min(heard, read[1], 0.7 if swapped else 1.0)))
    return found


def _is_no_time(match: re.Match[str], text: str) -> bool:
    """Whether the year of a date cannot be a time on it, nor the whole a part of a telephone number."""
    if _FULL_YEAR.match(match["year"]):
        return True
    weekday = text[: match.start()].rstrip().removesuffix(" the").endswith(("day", "tag", "mittwoch"))
    return not weekday and bool(_NO_TIME.fullmatch(match["year"]) and _IN_WORDS.search(match[0]))


def _matches(text: str, language: str) -> Iterator[tuple[re.Match[str], _Order]]:
    for pattern, order in _PATTERNS[language]:
        for match in pattern.finditer(text):
            yield match, order


def _past(match: re.Match[str], said: tuple[int, int], today: datetime.date) -> tuple[datetime.date, float] | None:
    day, month = said
    figures = re.findall(r"[0-9]+", match["year"])
    if len(figures) > 1 and int(figures[0]) == 2000:
        years = [2000 + int(figures[1])]
    elif re.fullmatch("1[3-8] [1-9]", match["year"]):
        years = [1900 + (int(figures[0]) - 10) * 10 + int(figures[1])]
    elif len(figures) > 1 and len(figures[0]) == 2 and figures[0] != "00":
        years = [(19 if figures[0] == "90" else int(figures[0])) * 100 + int(figures[-1])]
    elif len(figures[0]) == 4:
        years = [int(figures[0])]
    else:
        short = int(figures[-1])
        years = [2000 + short, 1900 + short]
    for year in years:
        born = make_date(year, month, day)
        if born and born <= today and year >= today.year - _OLDEST_YEARS:
            unsure = len(years) > 1 and (today - born).days < 12 * 365
            return born, 0.7 if unsure else 1.0
    return None
