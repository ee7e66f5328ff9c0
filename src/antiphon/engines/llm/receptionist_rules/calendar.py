"""When the practice is open, and which times can be offered. There is no diary: every opening hour can be asked for."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from antiphon.events.practice import Hours, Practice
from antiphon.language.parts import SPANS, Bound
from antiphon.language.slots import Slot

_STEP = timedelta(minutes=30)
_LEAD = timedelta(minutes=60)
_HORIZON_DAYS = 60
_WIDEST_SEARCH_DAYS = 21


class Misfit(StrEnum):
    """Why an appointment cannot be at a time."""

    PAST = "past"
    HOLIDAY = "holiday"
    CLOSED = "closed"
    OUTSIDE = "outside"


class Calendar:
    """The opening hours of `practice`, seen from `now`."""

    def __init__(self, practice: Practice, now: datetime) -> None:
        self.practice = practice
        self.zone = ZoneInfo(practice.timezone)
        self.now = now.astimezone(self.zone)

    @property
    def today(self) -> date:
        """The local date."""
        return self.now.date()

    def hours_on(self, day: date) -> list[Hours]:
        """The opening hours of `day`, earliest first; none where the practice is closed."""
        if day in self.practice.closed:
            return []
        return sorted((h for h in self.practice.hours if h.weekday == day.weekday()), key=lambda hours: hours.opens)

    def open_at(self, at: datetime) -> bool:
        """Whether the practice is open at `at`."""
        return any(hours.opens <= at.time() < hours.closes for hours in self.hours_on(at.date()))

    def next_opening(self) -> datetime | None:
        """When the practice opens next."""
        for day in self._days(self.today):
            for hours in self.hours_on(day):
                opens = self.at(day, hours.opens)
                if opens > self.now:
                    return opens
        return None

    def at(self, day: date, clock: time) -> datetime:
        """A local time."""
        return datetime.combine(day, clock, self.zone)

    def misfit(self, at: datetime, minutes: int) -> Misfit | None:
        """Why an appointment of `minutes` cannot begin at `at`; None where it can."""
        hours = self.hours_on(at.date())
        if not hours:
            return self.closed_on(at.date())
        if at <= self.now:
            return Misfit.PAST
        ends = at + timedelta(minutes=minutes)
        if any(h.opens <= at.time() and ends <= self.at(at.date(), h.closes) for h in hours):
            return None
        return Misfit.OUTSIDE

    def closed_on(self, day: date) -> Misfit | None:
        """Why nothing can be booked on the whole of `day`; None where something can."""
        if day < self.today:
            return Misfit.PAST
        if day in self.practice.closed:
            return Misfit.HOLIDAY
        return None if self.hours_on(day) else Misfit.CLOSED

    def times_on(self, day: date, minutes: int, wish: Slot | None = None) -> list[datetime]:
        """Half-hourly times on `day` that fit, within the part of the day or the limits of `wish`."""
        return [at for at in self._grid(day) if self.misfit(at, minutes) is None and _within(at.time(), wish)]

    def nearest(self, at: datetime, minutes: int) -> list[datetime]:
        """Up to two times near `at` that fit: the nearest on that day, else the same time on the nearest open days."""
        same_day = sorted(self.times_on(at.date(), minutes), key=lambda other: abs(other - at))
        if same_day:
            return same_day[:1]
        before = (at.date() - timedelta(days) for days in range(1, 4))
        after = (at.date() + timedelta(days) for days in range(1, _WIDEST_SEARCH_DAYS))
        found = []
        for days in (before, after):
            for day in days:
                times = sorted(self.times_on(day, minutes), key=lambda other: abs(_minutes(other) - _minutes(at)))
                if times:
                    found.append(times[0])
                    break
        return sorted(found)

    def soonest(self, minutes: int, wish: Slot | None = None, after: datetime | None = None) -> datetime | None:
        """The first time that fits `wish`, an hour from now at the earliest."""
        earliest = after or self.now + _LEAD
        first = max(earliest.date(), wish.date) if wish and wish.date else earliest.date()
        last = wish.until_date or wish.date if wish and wish.date else None
        for day in self._days(first):
            if last and day > last:
                break
            for at in self.times_on(day, minutes, wish):
                if at >= earliest:
                    return at
        return None

    def _grid(self, day: date) -> Iterator[datetime]:
        for hours in self.hours_on(day):
            at = self.at(day, hours.opens)
            while at < self.at(day, hours.closes):
                yield at
                at += _STEP

    @staticmethod
    def _days(first: date) -> Iterator[date]:
        return (first + timedelta(days) for days in range(_HORIZON_DAYS))


def _minutes(at: datetime) -> int:
    return at.hour * 60 + at.minute


def _within(at: time, wish: Slot | None) -> bool:
    """Whether `at` lies within the part of the day and the limits that `wish` names."""
    if wish is None:
        return True
    if wish.part:
        begins, ends = SPANS[wish.part]
        if not begins <= at < ends:
            return False
    if wish.time is None:
        return True
    if wish.until_time:
        return wish.time <= at <= wish.until_time
    if wish.bound is Bound.AT and wish.date is None:
        return at == wish.time  # any day will do, but not any time
    return at >= wish.time if wish.bound is Bound.AFTER else at <= wish.time if wish.bound is Bound.BEFORE else True
