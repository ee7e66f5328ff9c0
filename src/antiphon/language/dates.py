"""Days as callers name them: weekdays, calendar dates, distances from today."""

import datetime
import heapq
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from antiphon.language import dates_de, dates_en
from antiphon.language.birth_dates import read_birth_dates as read_birth_dates
from antiphon.language.calendar import DayRule, Named, make_date, year_of
from antiphon.language.canonical import Canonical, canonical, fold
from antiphon.language.dates_follow import FOLLOW_RULES, FollowRule
from antiphon.language.lexicon import MONTHS, known
from antiphon.language.parts import Bound, Part, read_parts
from antiphon.language.reading import Reading

_GRAMMARS = {"en": (dates_en.RULES, dates_en.BOUNDS), "de": (dates_de.RULES, dates_de.BOUNDS)}
_BETWEEN = frozenset(("", "in the", "at", "the", "im", "am", "in der", "during the", "early", "late", "early in the"))
_PAST = re.compile(r"(?:the )?(?:day before )?yesterday|last |.* ago$|(?:vor)?gestern|letzte|vor ")
_ONWARDS = re.compile(r" (?:on ?wards?|or later|or after|at the earliest|oder spaeter|an) (?!der|die|das)")


class DayKind(StrEnum):
    """What a day was named by."""

    CALENDAR = "calendar"
    WEEKDAY = "weekday"
    RELATIVE = "relative"
    RANGE = "range"


class NoDay(StrEnum):
    """Why a day that was named cannot be wished for."""

    PAST = "past"
    NOT_IN_CALENDAR = "not_in_calendar"


@dataclass(frozen=True, slots=True)
class Day:
    """A day, or several days in a row.

    Attributes:
        date: the day, or the first of a range.
        kind: what it was named by.
        part: the part of the day said with it ("tomorrow morning").
        until: the last day of a range ("next week"), else None.
        bound: `before Friday`, `from Monday on`; else `at`.
    """

    date: datetime.date
    kind: DayKind = DayKind.CALENDAR
    part: Part | None = None
    until: datetime.date | None = None
    bound: Bound = Bound.AT


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    named: Named | None
    match: re.Match[str]
    follows: bool = False


def read_dates(text: str, language: str, today: datetime.date) -> list[Reading[Day]]:
    """Days named in `text`, today or later, in their order.

    A bare weekday is the next one strictly after today. Dates in figures are read day first; month first only where
    day first is impossible, with a confidence below 0.8. A date without a year that has passed belongs to next year.

    Args:
        text: what a caller said.
        language: ISO 639-1 code.
        today: the practice's local date.
    """
    form = canonical(text, language)
    parts = read_parts(text, language)
    readings = []
    for found in _found(form, language, today):
        if found.named is None:
            continue
        start, end, sure = form.span(found.start, found.end)
        part = next((part for part in parts if _belongs(text, start, end, part)), None)
        day = Day(
            date=found.named.first,
            kind=DayKind(found.named.kind),
            part=part.value if part else None,
            until=found.named.last,
            bound=_bound(form, found, language),
        )
        readings.append(Reading(day, start, max(end, part.end) if part else end, min(sure, found.named.sure)))
    return readings


def read_impossible_days(text: str, language: str, today: datetime.date) -> list[Reading[NoDay]]:
    """Days named in `text` that have passed ("yesterday") or that no year has ("February 30th"), in their order."""
    form = canonical(text, language)
    readings = []
    for found in _found(form, language, today):
        why = _why_not(found.match, known(language), today) if found.named is None else None
        if why:
            start, end, sure = form.span(found.start, found.end)
            readings.append(Reading(why, start, end, sure))
    return readings


def _why_not(match: re.Match[str], language: str, today: datetime.date) -> NoDay | None:
    said = match.groupdict()
    if not (said.get("day") and said.get("month")):
        return NoDay.PAST if _PAST.match(match[0]) else None
    month = int(said["month"]) if said["month"].isdecimal() else _month(said["month"], language)
    year = year_of(said.get("year"), today)
    if year is None:
        return NoDay.NOT_IN_CALENDAR
    day = make_date(year, month, int(said["day"]))
    if day is None:
        return NoDay.NOT_IN_CALENDAR
    return NoDay.PAST if day < today else None


def _month(name: str, language: str) -> int:
    return [fold(month) for month in MONTHS[language]].index(name) + 1


def _belongs(text: str, start: int, end: int, part: Reading[Part]) -> bool:
    """Whether a part of the day is named in the day or directly after it."""
    return start <= part.start and (part.start < end or text[end : part.start].strip(" ,").lower() in _BETWEEN)


def _bound(form: Canonical, found: _Found, language: str) -> Bound:
    if found.follows:
        return Bound.AT  # "the day after" is one day
    _, bounds = _GRAMMARS[known(language)]
    before, after = form.text[max(0, found.start - 30) : found.start], form.text[found.end : found.end + 20]
    if _ONWARDS.match(after):
        return Bound.AFTER
    day = f" {form.text[found.start : found.end]} "
    return next((bound for words, bound in bounds if words.search(before) or words.search(day)), Bound.AT)


def _found(form: Canonical, language: str, today: datetime.date) -> list[_Found]:
    """Matches of the grammar, the longest where several begin together; no two overlap."""
    rules: tuple[DayRule | FollowRule, ...] = (*FOLLOW_RULES[known(language)], *_GRAMMARS[known(language)][0])
    ahead: list[tuple[int, int, int, re.Match[str]]] = []

    def look_on(rank: int, start: int) -> None:
        match = rules[rank].pattern.search(form.text, start)
        if match:
            heapq.heappush(ahead, (match.start(), -match.end(), rank, match))

    for rank in range(len(rules)):
        look_on(rank, 0)
    kept: list[_Found] = []
    while ahead:
        start, _, rank, match = heapq.heappop(ahead)
        reach = kept[-1].end if kept else 0
        found = _read(match, rules[rank], kept, today) if start >= reach else None
        if found:
            kept.append(found)
        look_on(rank, max(reach, start + 1) if found is None else found.end)
    return kept


def _read(
    match: re.Match[str], rule: DayRule | FollowRule, kept: Sequence[_Found], today: datetime.date
) -> _Found | None:
    """What a rule makes of its match; None where it needs a day before it and there is none."""
    if isinstance(rule, FollowRule):
        before = next((found.named for found in reversed(kept) if found.named), None)
        named = before and rule.read(match, before, today)
        return _Found(match.start(), match.end(), named, match, follows=True) if named else None
    named = rule.read(match, today)
    end = match.start(named.before) - 1 if named and named.before else match.end()
    return _Found(match.start(), end, named, match)
