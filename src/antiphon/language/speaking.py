"""How the agent says days, times, hours and telephone numbers, in words a synthesizer pronounces well."""

from collections.abc import Sequence
from datetime import date, time

from antiphon.events.practice import Hours
from antiphon.language.numbers import number_words
from antiphon.language.phones import spell_phone


def say_date(day: date, language: str, today: date | None = None) -> str:
    """A day in words; "tomorrow, Tuesday the twenty-fourth of November" where `today` is given and near.

    The year is said only where it differs from `today`'s, or where `today` is None.
    """
    return f"{day:%A} {day.day} {day:%B}"


def say_time(at: time, language: str, *, part: bool = False) -> str:
    """A time of day in words ("half past ten", "zehn Uhr dreißig"); `part` adds "in the morning" and the like."""
    return f"{number_words(at.hour, language)} {number_words(at.minute, language)}"


def say_phone(e164: str, language: str, region: str | None = None) -> str:
    """A telephone number digit by digit, in groups; national form when it belongs to `region`."""
    return spell_phone(e164, language, region)


def say_hours(hours: Sequence[Hours], language: str) -> str:
    """Opening hours in one phrase, equal days joined ("Monday to Friday from eight o'clock to six o'clock")."""
    return ", ".join(f"{h.weekday} {say_time(h.opens, language)} {say_time(h.closes, language)}" for h in hours)
