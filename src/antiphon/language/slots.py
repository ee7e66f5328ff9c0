"""Appointments as callers wish for them: days, times and parts of the day put together."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from antiphon.events.practice import Hours
from antiphon.language.dates import Day, DayKind
from antiphon.language.lexicon import known
from antiphon.language.mentions import Atom, is_refused, limits, mentioned, wanted
from antiphon.language.parts import Bound, Part
from antiphon.language.reading import Reading
from antiphon.language.times import DayTime, resolve
from antiphon.language.wishes import asks, ends_sentence, links, replaces, restarts, spans

_THIS = re.compile(r"(?i)\b(?:this|coming|diese[nrsm]?|kommende[nrsm]?)\b")


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
            time=known.time if self.time is None else self.time,
            part=self.part or (known.part if self.time is None else None),
            bound=known.bound if self.time is None and known.time is not None else self.bound,
            until_date=self.until_date if self.date else known.until_date,
            until_time=known.until_time if self.time is None else self.until_time,
        )

    def iso(self, zone: datetime.tzinfo) -> str:
        """ISO 8601 as far as it is known: date and local time with offset, the date, the time, or the empty string."""
        if self.date and self.time is not None:
            return datetime.datetime.combine(self.date, self.time, zone).isoformat(timespec="minutes")
        if self.date:
            return self.date.isoformat()
        return self.time.isoformat("minutes") if self.time is not None else ""


_NOTHING_ELSE = re.compile(r"(?i)\s*(?:,|on|at|am|um|the|den|der)?\s*")


@dataclass(slots=True)
class _Group:
    """What was said about one wish, or about several that share a day or a time."""

    days: list[Reading[Day]] = field(default_factory=list)
    times: list[Reading[DayTime]] = field(default_factory=list)
    parts: list[Reading[Part]] = field(default_factory=list)
    time_first: bool = False
    outdated: set[str] = field(default_factory=set)


def read_slots(text: str, language: str, now: datetime.datetime, hours: Sequence[Hours]) -> list[Reading[Slot]]:
    """Wishes for appointments in `text`, in their order, after corrections ("Tuesday, no, Thursday at ten").

    Days that the caller refuses ("Tuesday doesn't work") are left out; see `read_refusals`.

    Args:
        text: what a caller said.
        language: ISO 639-1 code.
        now: wall time in the practice's time zone.
        hours: opening hours; they decide between morning and afternoon ("at three").
    """
    atoms = wanted(text, language, mentioned(text, language, now.date()))
    groups: list[_Group] = []
    before = 0
    for atom in atoms:
        between = text[before : atom.start] if groups else ""
        _place(groups, atom, between, text[atom.start : atom.end], known(language))
        before = max(before, atom.end)
    return [slot for group in groups for slot in _slots(group, hours)]


def read_refusals(text: str, language: str, now: datetime.datetime) -> list[Reading[Day]]:
    """Days that the caller rules out ("not on Tuesday", "Tuesday doesn't work", "am Dienstag geht es nicht")."""
    atoms = mentioned(text, language, now.date())
    days: list[Reading[Day]] = []
    for index, atom in enumerate(atoms):
        if isinstance(atom.value, Day) and is_refused(text, language, atoms, index):
            days.append(Reading(atom.value, atom.start, atom.end, atom.confidence))
    return days


def read_refused_slots(text: str, language: str, now: datetime.datetime, hours: Sequence[Hours]) -> list[Reading[Slot]]:
    """Days that the caller rules out, each with the time said beside it ("I can't come on Thursday at ten").

    A day of which only the time is ruled out ("Donnerstag um zehn geht nicht") is among them.
    """
    atoms = mentioned(text, language, now.date())
    slots: list[Reading[Slot]] = []
    for index, day in enumerate(atoms):
        if not isinstance(day.value, Day):
            continue
        near = [at for at in (index + 1, index - 1) if 0 <= at < len(atoms) and _beside(text, day, atoms[at])]
        clocks = [at for at in near if isinstance(atoms[at].value, DayTime)][:1]
        if any(is_refused(text, language, atoms, at) for at in (index, *clocks)):
            days = [Reading(day.value, day.start, day.end, day.confidence)]
            found = [(at.value, at) for at in (atoms[clock] for clock in clocks)]
            times = [Reading(v, at.start, at.end, at.confidence) for v, at in found if isinstance(v, DayTime)]
            slots += _slots(_Group(days=days, times=times), hours)
    return slots


def _beside(text: str, day: Atom, other: Atom) -> bool:
    between = text[day.end : other.start] if other.start >= day.end else text[other.end : day.start]
    return _NOTHING_ELSE.fullmatch(between) is not None


def _place(groups: list[_Group], atom: Atom, between: str, words: str, language: str) -> None:
    """Put an atom into the wish that it belongs to, or begin a new one."""
    if not groups:
        groups.append(_Group(time_first=not isinstance(atom.value, Day)))
    elif restarts(f"{between} {words}", language):
        # "It's my day off on Friday, so at ten" still means Friday.
        told = any(not limits(time.value) for time in groups[-1].times)
        days = [] if isinstance(atom.value, Day) or told else groups[-1].days
        groups[-1] = _Group(days=days, time_first=not days and not isinstance(atom.value, Day))
    elif replaces(between + " " + words, language):
        groups[-1].outdated = {"day", "time"}
    elif _begins_request(groups[-1], atom, between, language):
        groups.append(_Group(time_first=not isinstance(atom.value, Day)))
    group = groups[-1]
    if isinstance(atom.value, Day):
        _place_day(groups, Reading(atom.value, atom.start, atom.end, atom.confidence), between, words, language)
        return
    if "time" in group.outdated:
        group.times, group.parts = [], []
        group.outdated.discard("time")
    if group.time_first and group.days and group.times:
        group = _Group(time_first=True)
        groups.append(group)
    if isinstance(atom.value, DayTime):
        if group.times and limits(group.times[-1].value) and not limits(atom.value) and not links(between, language):
            group.times.pop()  # "not before ten, let's say half past"
        group.times.append(Reading(atom.value, atom.start, atom.end, atom.confidence))
    else:
        group.parts.append(Reading(atom.value, atom.start, atom.end, atom.confidence))


def _begins_request(group: _Group, atom: Atom, between: str, language: str) -> bool:
    """Whether a request begins with `atom` that shares nothing ("I'm back tomorrow, could I come on Wednesday?")."""
    if isinstance(atom.value, Day):
        return asks(between, language) or (
            bool(group.days)
            and ends_sentence(between)
            and not (links(between, language) or _spans_days(group) or _settles(group.days[-1].value, atom.value))
        )
    return bool(group.times) and not group.days and asks(between, language)


def _settles(weekday: Day, day: Day) -> bool:
    """Whether a date tells which of its weekdays is meant ("I only have Wednesdays. The ninth.")."""
    settled = weekday.kind is DayKind.WEEKDAY and day.kind is DayKind.CALENDAR
    return settled and weekday.date.weekday() == day.date.weekday()


def _spans_days(group: _Group) -> bool:
    """Whether a day that follows may lie within what the group names ("next week. Tuesday.")."""
    return any(day.value.until for day in group.days)


def _place_day(groups: list[_Group], day: Reading[Day], between: str, words: str, language: str) -> None:
    group = groups[-1]
    if "day" in group.outdated:
        group.days = [_in_week_of(group.days[-1].value, day, words)] if group.days else [day]
        group.outdated.discard("day")
        return
    if not group.days or not (group.times or group.parts):
        _join_day(group.days, day, between, words, language)
    elif group.times and not links(between, language) and _same_day(group.days[-1].value, day.value):
        group.days[-1] = day
    else:
        groups.append(_Group(days=[day]))


def _in_week_of(corrected: Day, day: Reading[Day], words: str) -> Reading[Day]:
    """A weekday that takes another's place stays in its week ("Tuesday next week, no, Wednesday")."""
    weekdays = corrected.kind is DayKind.WEEKDAY and day.value.kind is DayKind.WEEKDAY
    if not weekdays or corrected.until or _THIS.search(words):
        return day
    same_week = corrected.date + datetime.timedelta(day.value.date.weekday() - corrected.date.weekday())
    return replace(day, value=replace(day.value, date=max(same_week, day.value.date)))


def _join_day(days: list[Reading[Day]], day: Reading[Day], between: str, words: str, language: str) -> None:
    """Add a day to those of a wish; two names of one day become one, a weekday settles in the week said before it."""
    last = days[-1] if days else None
    alternative = links(between, language)
    if last and not last.value.until and last.value.date < day.value.date and spans(between, words):
        week = replace(last.value, until=day.value.until or day.value.date, bound=Bound.AT, kind=DayKind.RANGE)
        days[-1] = Reading(week, last.start, day.end, min(last.confidence, day.confidence))
        return
    if last and not alternative and last.value.until and day.value.kind is DayKind.WEEKDAY:
        span = (last.value.until - last.value.date).days
        ahead = (day.value.date.weekday() - last.value.date.weekday()) % 7
        if ahead <= span <= 7:
            within = replace(day.value, date=last.value.date + datetime.timedelta(ahead))
            days[-1] = Reading(within, last.start, day.end, min(last.confidence, day.confidence))
            return
    if last and not alternative and last.value.until and last.value.date <= day.value.date <= last.value.until:
        days[-1] = Reading(day.value, last.start, day.end, day.confidence)
        return
    if last and not alternative and _same_day(last.value, day.value):
        part = day.value.part or last.value.part
        days[-1] = Reading(replace(day.value, part=part), last.start, day.end, max(last.confidence, day.confidence))
        return
    if last and alternative and re.search(r"(?i)week|woche", words) and last.value.kind is DayKind.WEEKDAY:
        monday = day.value.date - datetime.timedelta(day.value.date.weekday())
        same_week = replace(last.value, date=monday + datetime.timedelta(last.value.date.weekday()))
        days[-1] = replace(last, value=same_week)
    days.append(day)


def _same_day(first: Day, second: Day) -> bool:
    """Whether both may name one day: the same date, or a weekday and a date or the same weekday that is on it."""
    if first.date == second.date and not first.until and not second.until:
        return True
    weekday_first = first.kind is DayKind.WEEKDAY and second.kind in (DayKind.CALENDAR, DayKind.WEEKDAY)
    return weekday_first and first.date.weekday() == second.date.weekday()


def _slots(group: _Group, hours: Sequence[Hours]) -> list[Reading[Slot]]:
    days: list[Reading[Day] | None] = [*group.days] or [None]
    times: list[Reading[DayTime] | None] = [*group.times] or [None]
    return [_slot(day, time, group.parts, hours) for day, time in product(days, times)]


def _slot(
    day: Reading[Day] | None, time: Reading[DayTime] | None, parts: Sequence[Reading[Part]], hours: Sequence[Hours]
) -> Reading[Slot]:
    pieces: list[Atom] = [piece for piece in (day, time, *parts) if piece]
    part = next(
        (p for p in (time and time.value.part, day and day.value.part) if p), parts[-1].value if parts else None
    )
    opens, closes = _open_on(day.value.date if day and not day.value.until else None, hours)
    at = until = None
    bound = day.value.bound if day else Bound.AT
    if time:
        at, until = _times(time.value, opens, closes, part)
        bound = time.value.bound
    slot = Slot(
        date=day.value.date if day else None,
        time=at,
        part=part,
        bound=bound,
        until_date=day.value.until if day else None,
        until_time=until,
    )
    start, end = min(piece.start for piece in pieces), max(piece.end for piece in pieces)
    return Reading(slot, start, end, min(piece.confidence for piece in pieces))


def _times(
    said: DayTime, opens: datetime.time | None, closes: datetime.time | None, part: Part | None
) -> tuple[datetime.time, datetime.time | None]:
    at = resolve(said, opens, closes, part)
    if said.until is None:
        return at, None
    until = said.until
    if until <= at and until.hour < 12:
        until = until.replace(hour=until.hour + 12)
    return at, until


def _open_on(day: datetime.date | None, hours: Sequence[Hours]) -> tuple[datetime.time | None, datetime.time | None]:
    """When the practice opens and closes on that day; over the whole week where it is shut then or the day is open."""
    today = [one for one in hours if day and one.weekday == day.weekday()] or list(hours)
    if not today:
        return None, None
    return min(one.opens for one in today), max(one.closes for one in today)
