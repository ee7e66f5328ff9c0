"""The German grammar of days."""

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
    pattern,
    week_of,
    week_span,
    weekday_and_date,
    weekday_and_day,
    weekend,
    year_of,
)
from antiphon.language.lexicon import MONTHS, WEEKDAYS
from antiphon.language.parts import Bound

_WEEKDAYS = [day.lower() for day in WEEKDAYS["de"]]
_MONTHS = [month.lower().replace("ä", "ae") for month in MONTHS["de"]]
_EDGES = {"anfang": "start", "ende": "end", "mitte": "middle", "anfangs": "start", "gegen ende": "end"}
_NAMES = {
    "WD": "(?P<weekday>" + "|".join(_WEEKDAYS) + ")",
    "DAYNAME": "(?:" + "|".join(_WEEKDAYS) + ")",
    "MO": "(?P<month>" + "|".join(_MONTHS) + ")",
    "DAY": DAY,
    "M": MONTH,
    "YEAR": YEAR,
    "N": r"(?P<count>einem?|einer|eine|[0-9]{1,3}|ein paar)",
    "U": r"(?P<unit>tag|woche|monat)",
    "EDGE": "(?P<edge>" + "|".join(_EDGES) + ")",
    "LEAD": "(?:diesen|naechsten|kommenden)",
    "WHICH": "(?P<which>diesen|naechsten|kommenden|uebernaechsten)",
}


def _count(words: str) -> tuple[int, float]:
    if words == "ein paar":
        return 3, 0.5
    return (int(words), 1.0) if words.isdecimal() else (1, 1.0)


def _later(start: datetime.date, match: re.Match[str]) -> Named:
    count, sure = _count(match["count"])
    if match["unit"] == "monat":
        return Named(add_months(start, min(count, 60)), "relative", sure=min(sure, 0.7))
    if match["unit"] == "tag" and count == 8:  # "in acht Tagen" means a week
        return Named(start + timedelta(7), "relative", sure=0.6)
    return Named(start + timedelta(count * (7 if match["unit"] == "woche" else 1)), "relative", sure=sure)


def _in_a_while(match: re.Match[str], today: datetime.date) -> Named | None:
    anchor = match["anchor"] or "heute"
    if anchor in _WEEKDAYS:
        return _later(after(today, _WEEKDAYS.index(anchor)), match)
    return _later(today + timedelta(("heute", "morgen", "uebermorgen").index(anchor)), match)


def _weekday(match: re.Match[str], today: datetime.date) -> Named | None:
    weekday = _WEEKDAYS.index(match["weekday"])
    upcoming = after(today, weekday)
    groups = match.groupdict()
    which = groups.get("which")
    if groups.get("week"):
        ahead = {"diesen": 0, "uebernaechsten": 2}.get(which or "", 1)
        named = week_of(today, ahead) + timedelta(weekday)
        return Named(named, "weekday", sure=1.0 if named > today else 0.6) if named >= today else None
    if which == "uebernaechsten":
        return Named(upcoming + timedelta(7), "weekday", sure=0.8)
    # "Nächsten Freitag", said on a Monday, is this week's for most speakers and the one after for the others.
    clear = which != "naechsten" or upcoming >= week_of(today, 1)
    return Named(upcoming, "weekday", sure=1.0 if clear else 0.7)


def _month_date(match: re.Match[str], today: datetime.date) -> Named | None:
    month = _MONTHS.index(match["month"]) + 1
    year = year_of(match["year"], today)
    if year and year > today.year + 2 and " " in match["year"]:
        # "Am 24. November zwanzig dreissig" is a time, not a year.
        said = dated(today, None, month, int(match["day"]))
        return said and replace(said, before="year")
    said = dated(today, year, month, int(match["day"]))
    return weekday_and_date(today, _WEEKDAYS.index(match["weekday"]), said) if match["weekday"] else said


def _figures(match: re.Match[str], today: datetime.date) -> Named | None:
    said = dated(today, year_of(match["year"], today), int(match["month"]), int(match["day"]))
    weekday = match.groupdict().get("weekday")
    return weekday_and_date(today, _WEEKDAYS.index(weekday), said) if weekday else said


def _bare_day(match: re.Match[str], today: datetime.date) -> Named | None:
    groups = match.groupdict()
    if groups.get("weekday"):
        return weekday_and_day(today, _WEEKDAYS.index(groups["weekday"]), int(match["day"]))
    if groups.get("which"):
        month = add_months(today.replace(day=1), 0 if groups["which"] == "diesen" else 1)
        return dated(today, month.year, month.month, int(match["day"]))
    return coming_day(today, int(match["day"]))


def _span(match: re.Match[str], today: datetime.date) -> Named | None:
    groups = match.groupdict()
    ahead = {"diesen": 0, "uebernaechsten": 2}.get(groups.get("which") or "diesen", 1)
    edge = _EDGES.get(groups.get("edge") or "", "")
    return months_ahead(today, ahead, edge) if match["unit"] == "monat" else week_span(today, ahead, edge)


def _month(match: re.Match[str], today: datetime.date) -> Named | None:
    return named_month(today, _MONTHS.index(match["month"]) + 1, _EDGES.get(match["edge"] or "", ""))


def _weekend(match: re.Match[str], today: datetime.date) -> Named | None:
    said = weekend(today)
    return replace(said, sure=0.6) if match["which"] == "naechsten" else said


def _day(distance: int) -> Reader:
    return lambda _match, today: Named(today + timedelta(distance), "relative")


def _never(_match: re.Match[str], _today: datetime.date) -> Named | None:
    return None


_BEFORE_NOUN = (
    r"(?=~$|~(?:[.,\-]|#+|[0-9]\S*|um|am|ab|an|bitte|oder|und|geht|ginge|passt|wuerde|waere|ist|gegen|vor|nach|zwischen"
    r"|kann|haette|wenn|aber|nicht|noch|frueh|vormittags?|nachmittags?|morgens?|abends?|mittags?|kommen|ich|wir|so|von"
    r"|irgendwann|gerne?|auch|halb|viertel|bei|zu)~)"
)
"""A bare ordinal is a day only where no noun follows ("den ersten Termin")."""
_NO_UNIT = r"(?! (?:uhr|minuten|tag|woche|monat|jahre?n?|franken|euro|prozent|mal|leute|personen|stunden?|\.[0-9]))"
_RULES: tuple[tuple[str, Reader], ...] = (
    (r"uebermorgen", _day(2)),
    (r"(?<!~am~)(?<!~guten~)(?<!~heute~)(?<!~gueten~)(?<!~jeden~)(?<!tag~)(?<!woch~)morgen", _day(1)),
    (r"heute|noch heute", _day(0)),
    (r"(?:vor)?gestern(?: morgen)?|(?:letzten?|jeden) (?:{DAYNAME}|woche|monat)|vor {N} {U}", _never),
    (r"seit(?: dem| letzten| letztem)? (?:{DAYNAME}|gestern|heute)(?: morgen)?", _never),
    (r"(?:am |den )?(?:(?P<anchor>heute|morgen|uebermorgen|{DAYNAME}) )?(?:in|innert|ueber) {N} {U}", _in_a_while),
    (r"(?:am )?(?:{WHICH} )?{WD}", _weekday),
    (r"(?:am )?(?:{LEAD} )?{WD} (?:in )?(?:der )?{WHICH} (?P<week>woche)", _weekday),
    (r"(?:in )?(?:der )?{WHICH} (?P<week>woche)(?: vielleicht)?(?: am| den| der)? {WD}", _weekday),
    (r"(?:(?:am )?(?:{LEAD} )?{WD} )?(?:(?:den|dem|am|der|zum|von) )?(?P<day>{DAY})(?:th)?(?: \.)? {MO}(?:"
     r" (?P<year>{YEAR}))?", _month_date),
    (r"(?:(?:am )?(?:{LEAD} )?{WD} )?(?:(?:den|dem|am|der|zum|von) )?(?P<day>{DAY})[.](?P<month>{M})[.](?P<year>(?:20"
     r"|19)?[0-9]{2})", _figures),
    (r"(?:(?:am )?(?:{LEAD} )?{WD} )?(?:den|dem|am|der|zum|von|bis|ab|auf) (?P<day>{DAY})\.(?P<month>{M})(?P<year>)(?:"
     r" \.)?", _figures),
    (r"(?:am )?(?:{LEAD} )?{WD} (?P<day>{DAY})\.(?P<month>{M})(?P<year>)(?: \.)?", _figures),
    (r"(?<!~um~)(?<!~gegen~)(?<!~nach~)(?<!~vor~)(?<!~ab~)(?P<day>{DAY})\.(?P<month>{M})(?P<year>) \.", _figures),
    (r"(?:(?:am )?(?:{LEAD} )?{WD} )?(?:(?:den|dem|am|der|zum|von) )?(?P<day>{DAY})(?:th| \.)"
     r" (?P<month>{M})(?:th| \.)(?:"
     r" (?P<year>{YEAR}))?", _figures),
    (r"(?P<day>{DAY})/(?P<month>{M})(?:/(?P<year>(?:20|19)?[0-9]{2}))?", _figures),
    (r"(?P<year>20[0-9]{2})-(?P<month>{M})-(?P<day>{DAY})", _figures),
    (r"(?:am )?(?:{LEAD} )?{WD} (?:den|dem|der|am) (?P<day>{DAY})(?:th| \.)?" + _NO_UNIT, _bare_day),
    (r"(?:am )?(?:{LEAD} )?{WD} (?P<day>{DAY})(?:th| \.)" + _NO_UNIT, _bare_day),
    (r"(?:am|den|dem|zum|von|auf den|der) (?P<day>{DAY})th {WHICH} monat", _bare_day),
    (r"(?:am|den|dem|zum|von|auf den) (?P<day>{DAY})th" + _BEFORE_NOUN, _bare_day),
    (r"der (?P<day>1[3-9]|2[0-9]|3[01])th" + _BEFORE_NOUN, _bare_day),
    (r"am (?P<day>{DAY})(?: \.)?(?: {WHICH} monat)?" + _NO_UNIT, _bare_day),
    (r"(?:{EDGE} (?:der )?)?{WHICH} (?P<unit>woche|monat)", _span),
    (r"{EDGE} (?:der |des |von )?(?P<unit>woche|monat)", _span),
    (r"(?:{EDGE} |im |(?P<which>diesen|naechsten|kommenden) ){MO}", _month),
    (r"(?:am |uebers |das )?(?:(?P<which>diesen|naechsten|kommenden) )?wochenende", _weekend),
)  # fmt: skip
RULES: tuple[DayRule, ...] = tuple(DayRule(pattern(source, **_NAMES), read) for source, read in _RULES)
BOUNDS: tuple[tuple[re.Pattern[str], Bound], ...] = (
    (re.compile(r" (?:vor|bis|spaetestens)(?: (?:am|zum|dem|den))? $|^ bis "), Bound.BEFORE),
    (re.compile(r" (?:nach|ab|fruehestens|nicht vor|nicht vor)(?: (?:am|dem|den))? $|^ ab "), Bound.AFTER),
)
