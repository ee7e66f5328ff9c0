"""Times of day as callers say them, and which half of the day they mean."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass

from antiphon.language.parts import Bound, Part
from antiphon.language.reading import Reading


@dataclass(frozen=True, slots=True)
class DayTime:
    """A time of day.

    Attributes:
        time: as said; without a known half of the day, the reading between 00:00 and 11:59 (12 is 12:00).
        certain: whether the half of the day is known ("10 a.m.", "fifteen hundred", "14 Uhr").
        bound: exactly then, around then, after it, before it.
        until: the end of a span ("between ten and twelve"), read like `time`, else None.
        part: the part of the day said with it ("ten in the morning").
    """

    time: datetime.time
    certain: bool = False
    bound: Bound = Bound.AT
    until: datetime.time | None = None
    part: Part | None = None


def read_times(text: str, language: str, exclude: Sequence[tuple[int, int]] = ()) -> list[Reading[DayTime]]:
    """Times of day in `text`, in their order.

    Args:
        text: what a caller said.
        language: ISO 639-1 code.
        exclude: spans that are known to be something else (dates, telephone numbers); nothing is read from them.
    """
    found = []
    for m in re.finditer(r"(?a)\b(\d{1,2})[:.](\d\d)\b", text):
        hour, minute = int(m[1]), int(m[2])
        free = all(m.end() <= start or end <= m.start() for start, end in exclude)
        if free and hour < 24 and minute < 60:
            found.append(Reading(DayTime(datetime.time(hour, minute), hour > 12), m.start(), m.end()))
    return found


def resolve(
    said: DayTime, opens: datetime.time | None = None, closes: datetime.time | None = None, part: Part | None = None
) -> datetime.time:
    """The time of day that is meant: the half of the day in which the practice is open.

    Args:
        said: the time as read.
        opens: when the practice opens that day, if known.
        closes: when it closes, if known.
        part: the part of the day the caller named elsewhere.

    Returns:
        `said.time`, or twelve hours later. When both halves fit or none does, the one nearer to a working day.
    """
    if said.certain or (part or said.part) is Part.MORNING or said.time.hour >= 7:
        return said.time
    return said.time.replace(hour=said.time.hour + 12)
