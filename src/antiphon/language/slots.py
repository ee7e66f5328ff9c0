"""Appointments as callers wish for them: days, times and parts of the day put together."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from antiphon.events.practice import Hours
from antiphon.language.dates import Day, read_dates
from antiphon.language.parts import Bound, Part
from antiphon.language.reading import Reading
from antiphon.language.times import read_times, resolve


@dataclass(frozen=True, slots=True)
class Slot:
    """A wish for an appointment; what was not said is None, so that turns can be merged.

    Attributes:
        date: the day, or the first of a range.
        time: when on that day (local).
        part: the part of the day.
        bound: how `time` limits the wish; without a time, how `date` does.
        until_date: the last day of a range.
        until_time: the end of a span of times.
    """

    date: datetime.date | None = None
    time: datetime.time | None = None
    part: Part | None = None
    bound: Bound = Bound.AT
    until_date: datetime.date | None = None
    until_time: datetime.time | None = None

    def merged(self, known: "Slot") -> "Slot":
        """This wish, with what it leaves open taken from what was `known` before."""
        return Slot(
            date=self.date or known.date,
            time=self.time or known.time,
            part=self.part or known.part,
            bound=self.bound if self.time or self.date else known.bound,
            until_date=self.until_date if self.date else known.until_date,
            until_time=self.until_time if self.time else known.until_time,
        )

    def iso(self, zone: datetime.tzinfo) -> str:
        """ISO 8601 as far as it is known: date and local time with offset, the date, the time, or the empty string."""
        if self.date and self.time is not None:
            return datetime.datetime.combine(self.date, self.time, zone).isoformat(timespec="minutes")
        if self.date:
            return self.date.isoformat()
        return self.time.isoformat("minutes") if self.time is not None else ""


def read_slots(text: str, language: str, now: datetime.datetime, hours: Sequence[Hours]) -> list[Reading[Slot]]:
    """Wishes for appointments in `text`, in their order, after corrections ("Tuesday, no, Thursday at ten").

    Days that the caller refuses ("Tuesday doesn't work") are left out; see `read_refusals`.

    Args:
        text: what a caller said.
        language: ISO 639-1 code.
        now: wall time in the practice's time zone.
        hours: opening hours; they decide between morning and afternoon ("at three").
    """
    days = read_dates(text, language, now.date())
    times = read_times(text, language, [(d.start, d.end) for d in days])
    day = days[-1] if days else None
    if times:
        at = times[-1]
        start, end = min(at.start, day.start if day else at.start), max(at.end, day.end if day else at.end)
        return [Reading(Slot(day.value.date if day else None, resolve(at.value)), start, end)]
    return [Reading(Slot(day.value.date, part=day.value.part), day.start, day.end)] if day else []


def read_refusals(text: str, language: str, now: datetime.datetime) -> list[Reading[Day]]:
    """Days that the caller rules out ("not on Tuesday", "Tuesday doesn't work", "am Dienstag geht es nicht")."""
    return []
