"""Arithmetic on days that both grammars of dates share."""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from antiphon.language.parts import Bound


@dataclass(frozen=True, slots=True)
class Named:
    """What a rule made of a match.

    Attributes:
        first: the day, or the first day of several.
        kind: `calendar`, `weekday`, `relative` or `range`.
        last: the last day of several, else None.
        sure: how sure the rule is.
        bound: how the words limit the day, where the rule knows.
        before: the group at which the date ends, where the rule used less than it matched.
    """

    first: datetime.date
    kind: str
    last: datetime.date | None = None
    sure: float = 1.0
    bound: Bound = Bound.AT
    before: str = ""


Reader: TypeAlias = Callable[[re.Match[str], datetime.date], Named | None]


@dataclass(frozen=True, slots=True)
class DayRule:
    """A pattern over canonical text and what it means; a rule that returns None still claims the words it matched."""

    pattern: re.Pattern[str]
    read: Reader


def pattern(source: str, **names: str) -> re.Pattern[str]:
    """A pattern over canonical text: whole tokens only; a comma may stand at every space, `{name}` is filled in.

    `~` is a space at which none may stand, as needed in look-behinds.
    """
    for name, value in names.items():
        source = source.replace("{" + name + "}", value)
    return re.compile(r"(?<= )(?:" + source.replace(" ", r" (?:[,\-] )?").replace("~", " ") + r")(?= )")


def on_or_after(today: datetime.date, weekday: int) -> datetime.date:
    """The first such weekday that is not before `today`."""
    return today + timedelta((weekday - today.weekday()) % 7)


def after(today: datetime.date, weekday: int) -> datetime.date:
    """The first such weekday after `today`."""
    return on_or_after(today + timedelta(1), weekday)


def week_of(today: datetime.date, ahead: int) -> datetime.date:
    """Monday of the week that is `ahead` weeks after this one."""
    return today + timedelta(7 * ahead - today.weekday())


def make_date(year: int, month: int, day: int) -> datetime.date | None:
    """The date, or None where there is none such."""
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def add_months(day: datetime.date, months: int) -> datetime.date:
    """The same day of a later month, or that month's last day."""
    count = day.year * 12 + day.month - 1 + months
    year, month = min(count // 12, 9999), count % 12 + 1
    return next(d for n in range(day.day, 0, -1) if (d := make_date(year, month, n)))


def month_span(year: int, month: int) -> tuple[datetime.date, datetime.date]:
    """First and last day of a month."""
    first = datetime.date(year, month, 1)
    return first, add_months(first.replace(day=1), 1) - timedelta(1)


def coming(today: datetime.date, month: int, day: int) -> Named | None:
    """The next such date that is not past; doubtful when that is so far off that a past date may be meant."""
    for year in range(today.year, today.year + 9):
        found = make_date(year, month, day)
        if found and found >= today:
            return Named(found, "calendar", sure=1.0 if (found - today).days <= 300 else 0.5)
    return None


def coming_day(today: datetime.date, day: int) -> Named | None:
    """The next day of a month with this number."""
    for ahead in range(12):
        month = add_months(today.replace(day=1), ahead)
        found = make_date(month.year, month.month, day)
        if found and found >= today:
            return Named(found, "calendar", sure=0.9)
    return None


def edge_of(first: datetime.date, last: datetime.date, edge: str, width: int) -> Named | None:
    """A span of days, or only its first, middle or last `width` of them (`edge`: `start`, `middle`, `end` or empty)."""
    if last < first:
        return None
    if edge == "start":
        last = min(last, first + timedelta(width - 1))
    elif edge == "end":
        first = max(first, last - timedelta(width - 1))
    elif edge == "middle":
        middle = first + (last - first) // 2
        first, last = max(first, middle - timedelta(width // 2)), middle + timedelta(width // 2)
    return Named(first, "range", last=last, sure=0.9)


def week_span(today: datetime.date, ahead: int, edge: str) -> Named | None:
    """The working days of this week or a later one that are still to come, or one end of them."""
    first = week_of(today, ahead)
    friday = first + timedelta(4)
    return edge_of(max(first, today), friday if friday >= today else first + timedelta(6), edge, 2)


def months_ahead(today: datetime.date, ahead: int, edge: str) -> Named | None:
    """What is left of this month or a later one, or one end of it."""
    month = add_months(today.replace(day=1), ahead)
    first, last = month_span(month.year, month.month)
    return edge_of(max(first, today), last, edge, 10)


def named_month(today: datetime.date, month: int, edge: str) -> Named | None:
    """What is left of the next such month, or one end of it."""
    return months_ahead(today, (month - today.month) % 12, edge)


def weekend(today: datetime.date) -> Named:
    """The weekend to come, or what is left of the present one."""
    if today.weekday() == 6:
        return Named(today, "range", last=today, sure=0.9)
    saturday = on_or_after(today, 5)
    return Named(saturday, "range", last=saturday + timedelta(1), sure=0.9)


def weekday_and_day(today: datetime.date, weekday: int, day: int) -> Named | None:
    """A day of the month said with its weekday: the weekday confirms it, moves it by a month, or casts doubt."""
    said = coming_day(today, day)
    if said is None:
        return None
    if said.first.weekday() == weekday:
        return Named(said.first, said.kind)
    later = add_months(said.first.replace(day=1), 1)
    following = make_date(later.year, later.month, day)
    if following and following.weekday() == weekday:
        return Named(following, said.kind, sure=0.6)
    return Named(said.first, said.kind, sure=0.4)


def dated(today: datetime.date, year: int | None, month: int, day: int) -> Named | None:
    """A date with or without a year; None when it does not exist, is past or lies further off than two years."""
    if year is None:
        return coming(today, month, day)
    found = make_date(year, month, day)
    return Named(found, "calendar") if found and today <= found and year <= today.year + 2 else None


def weekday_and_date(today: datetime.date, weekday: int, said: Named | None) -> Named | None:
    """A date that was said with its weekday: kept, but doubtful, where the two do not agree."""
    if said is None or said.first.weekday() == weekday:
        return said
    return Named(said.first, said.kind, sure=0.4)


def year_of(words: str | None, today: datetime.date) -> int | None:
    """The year in canonical words: `1984`, `19 84`, `20 oh 5`, `2000 and 5`, `84`; None when there is none."""
    figures = re.findall(r"[0-9]+", words or "")
    if not figures:
        return None
    numbers = [int(figure) for figure in figures]
    if len(numbers) == 2:
        return numbers[0] + numbers[1] if numbers[0] >= 1000 else numbers[0] * 100 + numbers[1]
    if len(figures[0]) == 4:
        return numbers[0]
    century = today.year - today.year % 100
    return century + numbers[0] if numbers[0] <= today.year % 100 + 2 else century - 100 + numbers[0]


YEAR = r"(?:(?:19|20) (?:(?:oh|o|0) )?[0-9]{1,2}|2000 (?:and )?[0-9]{1,2}|(?:19|20)[0-9]{2})"
"""A year in canonical words."""
DAY = r"(?:[12][0-9]|3[01]|0?[1-9])"
MONTH = r"(?:1[0-2]|0?[1-9])"
