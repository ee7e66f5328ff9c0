"""Days told by their distance from a day named before: "Monday, no, the day after", "not Thursday, the next one"."""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from antiphon.language.calendar import Named, after, pattern
from antiphon.language.lexicon import WEEKDAYS

_Follow: TypeAlias = Callable[[re.Match[str], Named], datetime.date | Named | None]


@dataclass(frozen=True, slots=True)
class FollowRule:
    """A pattern over canonical text, and the day that it means after another one."""

    pattern: re.Pattern[str]
    day: _Follow

    def read(self, match: re.Match[str], named: Named, today: datetime.date) -> Named | None:
        """The day meant after `named`; None where it has passed."""
        day = self.day(match, named)
        if isinstance(day, Named):
            return day
        return Named(day, "relative", sure=min(0.9, named.sure)) if day and day >= today else None


def _away(days: int) -> _Follow:
    return lambda _match, named: (named.last or named.first if days > 0 else named.first) + timedelta(days)


def _next_one(_match: re.Match[str], named: Named) -> datetime.date | None:
    return named.first + timedelta(7) if named.kind == "weekday" else None


def _week_after(_match: re.Match[str], named: Named) -> Named | None:
    if named.last is None:
        return None  # a week after one day is that day again
    monday = named.first - timedelta(named.first.weekday()) + timedelta(7)
    return Named(monday, "range", last=monday + timedelta(4), sure=0.9)


def _weekday_after(language: str) -> _Follow:
    names = [day.lower() for day in WEEKDAYS[language]]
    return lambda match, named: after(named.last or named.first, names.index(match["weekday"]))


_RULES: dict[str, tuple[tuple[str, _Follow], ...]] = {
    "en": (
        (r"(?:the |a |1 )?day (?:after|later)(?: that)?(?!~(?:tomorrow|next|{WD2}|the|my|our|your))", _away(1)),
        (r"the (?:next|following) day", _away(1)),
        (r"(?:the |a |1 )?day (?:before|earlier|sooner)(?: that)?(?!~(?:yesterday|{WD2}|the|my|our|your))", _away(-1)),
        (r"(?:a|1) week later", _away(7)),
        (r"the (?:1 after(?: that| next)?|(?:next|following) 1)", _next_one),
        (r"(?:the )?{WD} after(?: that| then)?(?= [.,#]|~$|~(?:at|in|would|is|please|then)~)", _weekday_after("en")),
        (r"the following {WD}", _weekday_after("en")),
        (r"the (?:week after(?: that)?|(?:following|next) 1)(?!~(?:next|{WD2}|the|my|our))", _week_after),
    ),
    "de": (
        (r"(?:der |am |den )?tag (?:danach|darauf|spaeter)|(?:1|einen) tag (?:spaeter|danach)", _away(1)),
        (r"(?:am |den |der )?(?:folgenden|naechsten) tag", _away(1)),
        (r"(?:der |am |den )?tag (?:davor|vorher|zuvor)|(?:1|einen) tag (?:frueher|vorher)", _away(-1)),
        (r"(?:1|eine) woche spaeter", _away(7)),
        (r"(?:den |am )?{WD} (?:danach|darauf)", _weekday_after("de")),
        (r"(?:den |am )?darauffolgenden {WD}", _weekday_after("de")),
    ),
}


def _compiled(language: str) -> tuple[FollowRule, ...]:
    days = "|".join(day.lower() for day in WEEKDAYS[language])
    names = {"WD": f"(?P<weekday>{days})", "WD2": f"(?:{days})"}
    return tuple(FollowRule(pattern(source, **names), day) for source, day in _RULES[language])


FOLLOW_RULES: dict[str, tuple[FollowRule, ...]] = {language: _compiled(language) for language in _RULES}
