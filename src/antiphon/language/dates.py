"""Days as callers name them: weekdays, calendar dates, distances from today, dates of birth."""

import datetime
import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from antiphon.language.parts import Bound, Part
from antiphon.language.reading import Reading


class DayKind(StrEnum):
    """What a day was named by."""

    CALENDAR = "calendar"
    WEEKDAY = "weekday"
    RELATIVE = "relative"
    RANGE = "range"


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


def read_dates(text: str, language: str, today: datetime.date) -> list[Reading[Day]]:
    """Days named in `text`, today or later, in their order.

    A bare weekday is the next one strictly after today. Dates in figures are read day first; month first only where
    day first is impossible, with a confidence below 0.8. A date without a year that has passed belongs to next year.

    Args:
        text: what a caller said.
        language: ISO 639-1 code.
        today: the practice's local date.
    """
    at = re.search(r"(?i)tomorrow|morgen", text)
    return [Reading(Day(today + timedelta(1), DayKind.RELATIVE), at.start(), at.end())] if at else []


def read_birth_dates(text: str, language: str, today: datetime.date) -> list[Reading[datetime.date]]:
    """Complete dates in the past, with a year, as said for a date of birth ("3.4.84", "dritter vierter 84")."""
    found = []
    for m in re.finditer(r"(?a)\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b", text):
        try:
            found.append(Reading(datetime.date(int(m[3]), int(m[2]), int(m[1])), m.start(), m.end()))
        except ValueError:
            continue
    return found
