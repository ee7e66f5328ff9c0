"""The English grammar of days."""

import datetime
import re
from dataclasses import replace
from datetime import timedelta

from antiphon.language.calendar import (
    DAY,
    MONTH,
    YEAR,
    DayRule,
    Named,
    Reader,
    add_months,
    after,
    coming_day,
    dated,
    months_ahead,
    named_month,
    on_or_after,
    pattern,
    week_of,
    week_span,
    weekday_and_date,
    weekday_and_day,
    weekend,
    year_of,
)
from antiphon.language.feasts_en import FEAST, feast
from antiphon.language.lexicon import MONTHS, WEEKDAYS
from antiphon.language.parts import Bound

_WEEKDAYS = [day.lower() for day in WEEKDAYS["en"]]
_MONTHS = [month.lower() for month in MONTHS["en"]]
_WD = "(?P<weekday>" + "|".join(_WEEKDAYS) + ")"
_MO = "(?P<month>" + "|".join(_MONTHS) + ")(?!(?<=may)~be~)"
_COUNT = r"(?P<count>an?|[0-9]{1,3}|(?:a )?couple(?: of)?|(?:a )?few)"
_FOLLOWERS = (
    "at|in|on|please|and|or|would|if|is|was|works?|around|about|before|after|from|then|though|sounds|between|i|we|it"
    "|that|to|suits?|might|maybe|for|should|will|could|can|with|any|not|also|instead|this|next|no|sorry"
    "|be|do|fit|sound|look|free|possible|okay|ok|too|then|say|but"
)
_BEFORE_NOUN = rf"(?=~$|~(?:[.,\-]|#+|[0-9]{{2}}\S*|[0-9][:.]\S*|[0-9] o'clock|{_FOLLOWERS})~)"
"""A bare ordinal is a day only where no noun follows ("the first available")."""


def _count(words: str) -> tuple[int, float]:
    if "couple" in words:
        return 2, 0.6
    if "few" in words:
        return 3, 0.5
    return (1, 1.0) if words in ("a", "an") else (int(words), 1.0)


def _later(start: datetime.date, count: int, unit: str, sure: float = 1.0) -> Named:
    if unit.startswith("month"):
        return Named(add_months(start, min(count, 60)), "relative", sure=min(sure, 0.7))
    days = {"d": 1, "w": 7, "f": 14}[unit[0]] * count
    return Named(start + timedelta(days), "relative", sure=sure)


def _in_a_while(match: re.Match[str], today: datetime.date) -> Named | None:
    count, sure = _count(match["count"])
    return _later(today, count, match["unit"], min(sure, 0.7) if match["about"] else sure)


def _while_from(match: re.Match[str], today: datetime.date) -> Named | None:
    count, sure = _count(match["count"] or "a")
    start = today
    if match["weekday"]:
        start = after(today, _WEEKDAYS.index(match["weekday"]))
    elif match["anchor"] == "tomorrow":
        start = today + timedelta(1)
    return _later(start, count, match["unit"], sure)


def _weekday(match: re.Match[str], today: datetime.date) -> Named | None:
    weekday = _WEEKDAYS.index(match["weekday"])
    upcoming = after(today, weekday)
    groups = match.groupdict()
    week = groups.get("week") or groups.get("lead") or ""
    if "after next" in week:
        return Named(week_of(today, 2) + timedelta(weekday), "weekday")
    if "next week" in week or "following week" in week or "we can" in week:
        return Named(week_of(today, 1) + timedelta(weekday), "weekday")
    if "this week" in week:
        this = week_of(today, 0) + timedelta(weekday)
        return Named(this, "weekday", sure=1.0 if this > today else 0.6) if this >= today else None
    if week.startswith("week"):
        return Named(upcoming + timedelta(7), "weekday")
    if "next" in week:
        # "Next Friday", said on a Monday, is the one of next week for most speakers and this week's for the others.
        following = week_of(today, 1) + timedelta(weekday)
        return Named(following, "weekday", sure=1.0 if following == upcoming else 0.7)
    return Named(upcoming, "weekday")


def _weekday_after(match: re.Match[str], today: datetime.date) -> Named | None:
    return Named(after(today, _WEEKDAYS.index(match["weekday"])) + timedelta(7), "weekday")


def _weekday_in_weeks(match: re.Match[str], today: datetime.date) -> Named | None:
    groups = match.groupdict()
    weeks, sure = _count(groups.get("count") or "a")
    first = on_or_after(today, _WEEKDAYS.index(match["weekday"]))
    weeks *= 2 if groups.get("unit") else 1  # "in eight days" is a week for speakers of German and French
    return Named(first + timedelta(7 * min(weeks, 99)), "weekday", sure=sure)


def _nth_weekday(match: re.Match[str], today: datetime.date) -> Named | None:
    """Weekdays counted within a month: "the second Thursday of December", "the last Monday of the month"."""
    weekday = _WEEKDAYS.index(match["weekday"])
    ahead = 1 if match["which"] == "next" else 0
    if match["month"]:
        ahead = (_MONTHS.index(match["month"]) + 1 - today.month) % 12
    month = add_months(today.replace(day=1), ahead)
    if match["nth"] == "last":
        found = on_or_after(add_months(month, 1) - timedelta(7), weekday)
    else:
        found = on_or_after(month, weekday) + timedelta(7 * int(match["nth"][0]) - 7)
    return Named(found, "weekday", sure=0.9) if found >= today and found.month == month.month else None


def _last_day(match: re.Match[str], today: datetime.date) -> Named | None:
    ahead = (_MONTHS.index(match["month"]) + 1 - today.month) % 12 if match["month"] else 1 if match["which"] else 0
    return Named(add_months(today.replace(day=1), ahead + 1) - timedelta(1), "calendar")


def _month_date(match: re.Match[str], today: datetime.date) -> Named | None:
    year = year_of(match["year"], today)
    weekday = match.groupdict().get("weekday")
    if year and " " in match["year"] and (year > today.year + 2 or (weekday and year < today.year)):
        # "The 24th of November, twenty thirty" is a time, not a year.
        said = dated(today, None, _MONTHS.index(match["month"]) + 1, int(match["day"]))
        return said and replace(said, before="year")
    said = dated(today, year, _MONTHS.index(match["month"]) + 1, int(match["day"]))
    return weekday_and_date(today, _WEEKDAYS.index(weekday), said) if weekday else said


def _bare_day(match: re.Match[str], today: datetime.date) -> Named | None:
    groups = match.groupdict()
    day = int(match["day"])
    if groups.get("which"):
        month = add_months(today.replace(day=1), 1 if groups["which"] != "this" else 0)
        return dated(today, month.year, month.month, day)
    if groups.get("weekday"):
        return weekday_and_day(today, _WEEKDAYS.index(groups["weekday"]), day)
    return coming_day(today, day)


def _day_and_weekday(match: re.Match[str], today: datetime.date) -> Named | None:
    """A day of the month before a weekday ("the second, Wednesday"): that day if it is such a one, else the weekday."""
    weekday = _WEEKDAYS.index(match["weekday"])
    named = coming_day(today, int(match["day"]))
    return named if named and named.first.weekday() == weekday else Named(after(today, weekday), "weekday", sure=0.6)


def _figures(match: re.Match[str], today: datetime.date) -> Named | None:
    day, month = int(match["day"]), int(match["month"])
    year = year_of(match["year"], today)
    if month > 12 >= day:  # month first, as Americans write it
        said = dated(today, year, day, month)
        return said and Named(said.first, said.kind, sure=0.7)
    return dated(today, year, month, day)


def _iso(match: re.Match[str], today: datetime.date) -> Named | None:
    return dated(today, int(match["year"]), int(match["month"]), int(match["day"]))


_EDGES = {
    **dict.fromkeys(("start", "beginning", "early"), "start"),
    **dict.fromkeys(("end", "late", "later"), "end"),
    **dict.fromkeys(("middle", "mid"), "middle"),
}


def _span(match: re.Match[str], today: datetime.date) -> Named | None:
    edge = _EDGES.get(match["edge"] or "", "")
    ahead = 0 if (match["which"] or "this") == "this" else 1
    if match[0].endswith("after next"):
        ahead = 2
    return months_ahead(today, ahead, edge) if match["unit"] == "month" else week_span(today, ahead, edge)


def _weekend(match: re.Match[str], today: datetime.date) -> Named | None:
    said = weekend(today)
    return replace(said, sure=0.6) if match["which"] == "next" else said


def _month(match: re.Match[str], today: datetime.date) -> Named | None:
    return named_month(today, _MONTHS.index(match["month"]) + 1, _EDGES.get(match["edge"] or "", ""))


def _feast(match: re.Match[str], today: datetime.date) -> Named | None:
    groups = match.groupdict()
    named = feast(match["feast"], today)
    if named and groups.get("away"):
        days = _count(groups.get("count") or "a")[0] * (1 if groups["away"] == "after" else -1)
        return replace(named, first=named.first + timedelta(days))
    if named and groups.get("weekday"):
        weekday = _WEEKDAYS.index(match["weekday"])
        first = named.first - timedelta(((named.first.weekday() - weekday - 1) % 7) + 1)
        return replace(named, first=first, kind="weekday")
    return named if match["feast"] not in ("christmas", "xmas") else None


def _day(distance: int) -> Reader:
    return lambda _match, today: Named(today + timedelta(distance), "relative")


def _never(_match: re.Match[str], _today: datetime.date) -> Named | None:
    return None


_UNIT = r"(?P<unit>days?|weeks?|months?|fortnights?)"
_NAMES = {
    "WD": _WD,
    "WD2": "(?:" + "|".join(_WEEKDAYS) + ")",
    "MO": _MO,
    "DAY": DAY,
    "M": MONTH,
    "YEAR": YEAR,
    "N": _COUNT,
    "U": _UNIT,
    "EDGE": "|".join(_EDGES),
}
_NAMES["FEAST"] = FEAST
_RULES: tuple[tuple[str, Reader], ...] = (
    (r"(?:the )?day after (?:the )?tomorrow|(?<!time~)(?:the |over )?after tomorrow", _day(2)),
    (r"today(?:'s| is) (?:a )?{WD}", _day(0)),
    (r"{N} {U}(?P<weekday>) (?P<anchor>today|tomorrow)", _while_from),
    (r"(?P<anchor>today|tomorrow)(?P<weekday>)(?P<count>) (?P<unit>week|fortnight)(?! (?:of|after|in|for|on))",
     _while_from),
    (r"tomorrow|the next day", _day(1)),
    (r"today|tonight|this(?=~(?:morning|afternoon|evening)~)|later (?:on )?today", _day(0)),
    (r"(?:the )?(?:day before )?yesterday|last (?:{WD}|week|month|year|night)|{N} (?:days|weeks|months|years)"
     r" ago", _never),
    (r"(?:the |{N} )days? (?P<away>before|after) {FEAST}", _feast),
    (r"the (?:last )?{WD} before {FEAST}", _feast),
    (r"(?<!before~)(?<!after~)(?<!by~)(?<!until~)(?<!over~)(?<!at~){FEAST}", _feast),
    (r"every {WD}", _never),
    (r"(?:since|started|began|happened|starting last)(?: on)? (?:last )?(?:{WD}|the {DAY}th)", _never),
    (r"(?:in|within) (?P<about>about |around |roughly |maybe |exactly )?{N}(?: more)? {U}(?: time| s)?", _in_a_while),
    # Recognisers write "and" for "in".
    (r"(?:the |on )?{WD} (?:in|and) {N} (?:weeks?|(?P<unit>fortnight))(?: time| s)?", _weekday_in_weeks),
    (r"(?:the |on )?{WD} (?:in (?P<days>8) days|in 8(?=~[.,]|~$)|(?P<unit>fortnight))", _weekday_in_weeks),
    (r"(?P<anchor>today|tomorrow)(?P<weekday>) in {N} {U}(?: time| s)?", _while_from),
    (r"in {N} weeks?(?: time| s)?(?: on)?(?: the| a)? {WD}", _weekday_in_weeks),
    (r"the(?P<count>) {U} (?:from|on) (?:now|(?P<anchor>today|tomorrow)|(?:this |next )?{WD})", _while_from),
    (r"{N} {U} (?:from|after|on|this|next) (?:now|(?P<anchor>today|tomorrow)|(?:this |next )?{WD})", _while_from),
    (r"(?:the )?(?P<day>{DAY})th of the (?P<month>{M})th(?P<year>)", _figures),
    (r"(?:the )?(?P<day>{DAY})th (?P<month>{M})th(?P<year>)" + _BEFORE_NOUN, _figures),
    (r"(?:the )?(?P<day>{DAY})th {WD}(?! (?:of|in|this|next)~)", _day_and_weekday),
    (r"(?:the )?(?P<nth>[1-4]th|last) {WD} (?:in|of) (?:{MO}|(?:the|this|(?P<which>next)) month)", _nth_weekday),
    (r"(?:the )?last (?:day )?(?:of|in) (?:{MO}|(?:the|this|(?P<which>next)) month)", _last_day),
    (r"not (?:this|the coming|this coming) {WD} (?:but )?(?:the )?(?:next|following|1 after)(?: (?:1|{WD2}))?",
     _weekday_after),
    (r"(?:the )?{WD} (?P<week>after next)(?= [#.,]|$|~(?!week|month))", _weekday),
    (r"(?:the )?{WD} (?:in )?(?:the )?(?P<week>week after next|(?:of )?(?:the )?(?:next|following|this) week"
     r"|week(?! (?:of|after|in|for)))", _weekday),
    (r"(?P<lead>(?:the )?week after next|(?:the )?(?:next|following|this) week|next we can)(?: maybe| perhaps|"
     r" possibly)?(?:'s)?(?: on| like| say)?(?: a| the)? {WD}", _weekday),
    (r"(?:(?P<lead>this|next|the|coming|this coming|the coming|the following|the next|upcoming) )?{WD}", _weekday),
    (r"(?:(?:(?:this|next|the following|the coming) )?(?<!not~this~){WD} )?"
     r"(?:the )?(?P<day>{DAY})(?:th)?(?: of| in)? {MO}(?: (?:in |of )?(?:the year"
     r" )?(?P<year>{YEAR}))?", _month_date),
    (r"(?:(?:this |next )?{WD} )?{MO} (?:the )?(?P<day>{DAY})(?:th)?(?: (?:in )?(?:the year"
     r" )?(?P<year>{YEAR}))?", _month_date),
    (r"(?:this |next )?(?<!not~this~){WD} (?:on )?(?:the )?(?P<day>{DAY})th(?: of (?:the|this) month)?"
     r"(?!~(?:thing|available|free|appointment|slot|one|time|opening|half|hour)~)", _bare_day),
    (r"(?:this |next )?(?<!not~this~){WD} (?:on )?the (?P<day>(?!1~after){DAY})" + _BEFORE_NOUN, _bare_day),
    (r"(?:the )?(?P<day>{DAY})th of (?P<which>this|next|the next|the following|the coming) month", _bare_day),
    (r"the (?P<day>{DAY})th(?: of the month)?" + _BEFORE_NOUN, _bare_day),
    (r"(?:on|by|until|before|after|from|for|and|or|the) (?:the )?(?P<day>1[0-9]|2[0-9]"
     r"|3[01])th" + _BEFORE_NOUN, _bare_day),
    (r"on the (?P<day>1[3-9]|2[0-9]|3[01])" + _BEFORE_NOUN, _bare_day),
    (r"(?<=^~)(?P<day>1[0-9]|2[0-9]|3[01])th(?=~$|~[.]~$)", _bare_day),
    (r"(?P<day>{DAY})[/.\-](?P<month>{M}|1[3-9]|2[0-9]|3[01])[/.\-](?P<year>(?:20|19)?[0-9]{2})", _figures),
    (r"(?P<day>{DAY})/(?P<month>{M}|1[3-9]|2[0-9]|3[01])(?P<year>)", _figures),
    (r"(?:(?<=~on~)|(?<=~the~))(?P<day>{DAY})\.(?P<month>{M})(?P<year>)", _figures),
    (r"(?P<year>20[0-9]{2})-(?P<month>{M})-(?P<day>{DAY})", _iso),
    (r"(?:the )?(?:(?P<edge>{EDGE})(?: in| of)? )?(?:the )?(?P<which>this|next|following|coming) (?P<unit>week"
     r"|month)(?! (?:end|day)s?)", _span),
    (r"(?:the )?(?P<edge>{EDGE})(?: of)? the (?P<which>)(?P<unit>week|month)(?! (?:after|end))", _span),
    (r"(?:the )?(?:(?P<edge>{EDGE})(?: of)? (?:the )?)?(?P<which>)(?P<unit>week) after next", _span),
    (r"(?:at |on |over )?(?:the |(?P<which>this|next|coming) )(?:coming )?weekend", _weekend),
    (r"(?:(?<=~in~)|(?<=~during~)|(?P<edge>{EDGE})(?: in| of)? ){MO}(?! [0-9])", _month),
)  # fmt: skip
RULES: tuple[DayRule, ...] = tuple(DayRule(pattern(source, **_NAMES), read) for source, read in _RULES)
BOUNDS: tuple[tuple[re.Pattern[str], Bound], ...] = (
    (re.compile(r" (?:before|by|until|till|no later than|not later than|latest)(?: the)? $"), Bound.BEFORE),
    (
        re.compile(
            r" (?:after|from|starting|starting from|any ?time after|not before|no earlier than|since)(?: the)? $"
        ),
        Bound.AFTER,
    ),
)
