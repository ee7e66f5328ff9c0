"""How the agent says days, times, hours and telephone numbers, in words a synthesizer pronounces well."""

from collections.abc import Sequence
from datetime import date, time

from antiphon.events.practice import Hours
from antiphon.language.lexicon import MONTHS, WEEKDAYS, known
from antiphon.language.numbers import number_words, ordinal_words, year_words
from antiphon.language.phones import spell_phone

_NEAR = {"en": ("today", "tomorrow"), "de": ("heute", "morgen", "übermorgen")}
_PARTS = {
    "en": ("at night", "in the morning", "in the afternoon", "in the evening"),
    "de": ("in der Nacht", "am Morgen", "am Nachmittag", "am Abend"),
}
_CLOSED = {"en": "closed", "de": "geschlossen"}


def say_date(day: date, language: str, today: date | None = None) -> str:
    """A day in words; "tomorrow, Tuesday the twenty-fourth of November" where `today` is given and near.

    The year is said only where it differs from `today`'s, or where `today` is None.
    """
    spoken = known(language)
    weekday, month = WEEKDAYS[spoken][day.weekday()], MONTHS[spoken][day.month - 1]
    ordinal = ordinal_words(day.day, spoken)
    said = f"{weekday}, der {ordinal} {month}" if spoken == "de" else f"{weekday} the {ordinal} of {month}"
    if today is None or day.year != today.year:
        said += f" {_year(day.year, spoken)}"
    near = _NEAR[spoken]
    ahead = (day - today).days if today else -1
    return f"{near[ahead]}, {said}" if 0 <= ahead < len(near) else said


def _year(year: int, language: str) -> str:
    return year_words(year, language) if 1100 <= year < 2100 else number_words(year, language)


def say_time(at: time, language: str, *, part: bool = False) -> str:
    """A time of day in words ("half past ten", "zehn Uhr dreißig"); `part` adds "in the morning" and the like.

    English uses the twelve-hour clock, German the one of twenty-four hours, where `part` changes nothing.
    """
    if known(language) == "de":
        hour = "ein" if at.hour == 1 else number_words(at.hour, "de")
        return f"{hour} Uhr {number_words(at.minute, 'de')}" if at.minute else f"{hour} Uhr"
    if at.minute == 0 and at.hour in (0, 12):
        return "noon" if at.hour else "midnight"
    hour, after = number_words(at.hour % 12 or 12, "en"), number_words((at.hour + 1) % 12 or 12, "en")
    if at.minute in (15, 30, 45):
        said = {15: f"quarter past {hour}", 30: f"half past {hour}", 45: f"quarter to {after}"}[at.minute]
    elif at.minute == 0:
        said = f"{hour} o'clock"
    else:
        said = f"{hour} {'oh ' if at.minute < 10 else ''}{number_words(at.minute, 'en')}"
    return f"{said} {_part_of(at)}" if part else said


def _part_of(at: time) -> str:
    """The part of the day in which the words of a time are heard; "quarter to twelve" at 11:45 is still morning."""
    parts = _PARTS["en"]
    if at.hour < 5:
        return parts[0]
    return parts[1] if at.hour < 12 else parts[2] if at.hour < 17 else parts[3]


def say_phone(e164: str, language: str, region: str | None = None) -> str:
    """A telephone number digit by digit, in groups; national form when it belongs to `region`."""
    return spell_phone(e164, language, region)


def say_hours(hours: Sequence[Hours], language: str) -> str:
    """Opening hours in one phrase, equal days joined ("Monday to Friday from eight o'clock to six o'clock").

    Several entries for one weekday are its spells with a break between. Days without an entry are not mentioned; a
    practice without any hours is "closed".
    """
    spoken = known(language)
    days = {
        weekday: tuple(sorted((one.opens, one.closes) for one in hours if one.weekday == weekday))
        for weekday in range(7)
    }
    spells: list[str] = []
    first = 0
    while first < 7:
        last = first
        while last + 1 < 7 and days[last + 1] == days[first]:
            last += 1
        if days[first]:
            spells.append(f"{_days(first, last, spoken)} {_open(days[first], spoken)}")
        first = last + 1
    return _listed(spells, spoken) or _CLOSED[spoken]


def _days(first: int, last: int, language: str) -> str:
    names = WEEKDAYS[language]
    if first == last:
        return names[first]
    joint = {"en": (" and ", " to "), "de": (" und ", " bis ")}[language][last - first > 1]
    return names[first] + joint + names[last]


def _open(spells: Sequence[tuple[time, time]], language: str) -> str:
    opening, closing = ("von", "bis") if language == "de" else ("from", "to")
    return _listed(
        [f"{opening} {say_time(opens, language)} {closing} {say_time(closes, language)}" for opens, closes in spells],
        language,
    )


def _listed(phrases: Sequence[str], language: str) -> str:
    joint = " und " if language == "de" else " and "
    return joint.join([", ".join(phrases[:-1]), phrases[-1]]) if len(phrases) > 1 else "".join(phrases)
