"""Days and dates of birth as callers put them, recognisers' slips included. Today is Saturday, 21 November 2026."""

from datetime import date

import pytest

from antiphon.language.dates import Day, DayKind, read_birth_dates, read_dates, read_impossible_days
from antiphon.language.parts import Bound, Part

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Tuesday", "2026-11-24"),
        ("for Tuesday, please", "2026-11-24"),
        ("Saturday", "2026-11-28"),
        ("next Tuesday", "2026-11-24"),
        ("this Friday", "2026-11-27"),
        ("Tuesday next week", "2026-11-24"),
        ("next week on Wednesday", "2026-11-25"),
        ("the week after next, on Monday", "2026-11-30"),
        ("a week on Monday", "2026-11-30"),
        ("Monday week", "2026-11-30"),
        ("a fortnight on Tuesday", "2026-12-08"),
        ("two weeks from Tuesday", "2026-12-08"),
        ("in two weeks", "2026-12-05"),
        ("Thursday in two weeks", "2026-12-10"),
        ("Saturday in two weeks", "2026-12-05"),
        ("Thursday and two weeks", "2026-12-10"),
        ("The week from today at 10", "2026-11-28"),
        ("In two weeks, on Tuesday, at ten", "2026-12-08"),
        ("in 3 days", "2026-11-24"),
        ("tomorrow", "2026-11-22"),
        ("the day after tomorrow", "2026-11-23"),
        ("today", "2026-11-21"),
        ("on the 3rd of march", "2027-03-03"),
        ("March the third, 2027", "2027-03-03"),
        ("24 November", "2026-11-24"),
        ("November 24th at 10:30", "2026-11-24"),
        ("December first", "2026-12-01"),
        ("the 24th of November twenty thirty", "2026-11-24"),
        ("24.11.2026", "2026-11-24"),
        ("24/11", "2026-11-24"),
        ("11/24", "2026-11-24"),
        ("2026-11-24", "2026-11-24"),
        ("Tuesday the 24th", "2026-11-24"),
        ("Tuesday, the twenty-fourth, please", "2026-11-24"),
        ("Friday, the 27th of November", "2026-11-27"),
        ("on the 5th", "2026-12-05"),
        ("a check-up on Tuesday the first of December", "2026-12-01"),
        ("by next Tuesday, the 24th", "2026-11-24"),
        ("the 20 fourth", "2026-11-24"),
        ("the third of next month", "2026-12-03"),
        ("Can I come on Wensday?", "2026-11-25"),
        ("choose day at 3", "2026-11-24"),
        ("Tuesdey", "2026-11-24"),
        ("Satur day", "2026-11-28"),
        ("4 Tuesday", "2026-11-24"),
    ],
)
def test_english_days(text: str, day: str) -> None:
    assert [reading.value.date.isoformat() for reading in read_dates(text, "en", TODAY)] == [day]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("am Dienstag", "2026-11-24"),
        ("nächsten Dienstag", "2026-11-24"),
        ("naechsten Dienstag", "2026-11-24"),
        ("Mittwoch nächste Woche", "2026-11-25"),
        ("nächste Woche Mittwoch", "2026-11-25"),
        ("übernächste Woche am Montag", "2026-11-30"),
        ("Samstag in einer Woche", "2026-12-05"),
        ("heute in einer Woche", "2026-11-28"),
        ("in vierzehn Tagen", "2026-12-05"),
        ("morgen", "2026-11-22"),
        ("übermorgen", "2026-11-23"),
        ("ubermorgen", "2026-11-23"),
        ("über morgen", "2026-11-23"),
        ("am dritten März", "2027-03-03"),
        ("am 3. Maerz um zehn", "2027-03-03"),
        ("am 3.3.", "2027-03-03"),
        ("am dritten zwölften", "2026-12-03"),
        ("am 24. November", "2026-11-24"),
        ("am 24.11. um 14.15", "2026-11-24"),
        ("am vierundzwanzigsten", "2026-11-24"),
        ("am 24.", "2026-11-24"),
        ("Dienstag, den 24. November", "2026-11-24"),
        ("Dienstagmorgen", "2026-11-24"),
        ("zweiter Dezember", "2026-12-02"),
        ("bis Dienstag, den 1. Dezember", "2026-12-01"),
        ("am kommenden Dienstag, dem ersten Dezember", "2026-12-01"),
    ],
)
def test_german_days(text: str, day: str) -> None:
    assert [reading.value.date.isoformat() for reading in read_dates(text, "de", TODAY)] == [day]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "the first available"),
        ("en", "one second please"),
        ("en", "May I come in?"),
        ("en", "last Tuesday"),
        ("en", "two weeks ago"),
        ("en", "I was born on the 3rd of April 1984"),
        ("en", "30 February"),
        ("en", "31.2.2027"),
        ("en", "Thuesday"),  # one letter from Tuesday and from Thursday
        ("en", "every Tuesday"),
        ("de", "guten Morgen"),
        ("de", "am Morgen"),
        ("de", "gestern"),
        ("de", "letzten Montag"),
        ("de", "vor zwei Wochen"),
        ("de", "um 10.12."),
        ("de", "geboren am 3.4.1984"),
    ],
)
def test_what_is_no_day_to_come(language: str, text: str) -> None:
    assert read_dates(text, language, TODAY) == []


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("en", "tomorrow morning", Day(date(2026, 11, 22), DayKind.RELATIVE, Part.MORNING)),
        ("en", "this afternoon", Day(date(2026, 11, 21), DayKind.RELATIVE, Part.AFTERNOON)),
        ("en", "tonight", Day(date(2026, 11, 21), DayKind.RELATIVE, Part.EVENING)),
        ("en", "Tuesday in the afternoon", Day(date(2026, 11, 24), DayKind.WEEKDAY, Part.AFTERNOON)),
        ("en", "before Friday", Day(date(2026, 11, 27), DayKind.WEEKDAY, bound=Bound.BEFORE)),
        ("en", "any time after Tuesday", Day(date(2026, 11, 24), DayKind.WEEKDAY, bound=Bound.AFTER)),
        ("en", "Tuesday or later", Day(date(2026, 11, 24), DayKind.WEEKDAY, bound=Bound.AFTER)),
        ("en", "next week", Day(date(2026, 11, 23), DayKind.RANGE, until=date(2026, 11, 27))),
        ("en", "end of next week", Day(date(2026, 11, 26), DayKind.RANGE, until=date(2026, 11, 27))),
        ("en", "in December", Day(date(2026, 12, 1), DayKind.RANGE, until=date(2026, 12, 31))),
        ("en", "the weekend", Day(date(2026, 11, 21), DayKind.RANGE, until=date(2026, 11, 22))),
        ("de", "morgen früh", Day(date(2026, 11, 22), DayKind.RELATIVE, Part.MORNING)),
        ("de", "Dienstag Morgen", Day(date(2026, 11, 24), DayKind.WEEKDAY, Part.MORNING)),
        ("de", "Dienstagnachmittag", Day(date(2026, 11, 24), DayKind.WEEKDAY, Part.AFTERNOON)),
        ("de", "ab Montag", Day(date(2026, 11, 23), DayKind.WEEKDAY, bound=Bound.AFTER)),
        ("de", "bis Freitag", Day(date(2026, 11, 27), DayKind.WEEKDAY, bound=Bound.BEFORE)),
        ("de", "Anfang Dezember", Day(date(2026, 12, 1), DayKind.RANGE, until=date(2026, 12, 10))),
    ],
)
def test_parts_bounds_and_ranges(language: str, text: str, day: Day) -> None:
    assert [reading.value for reading in read_dates(text, language, TODAY)] == [day]


@pytest.mark.parametrize(
    ("language", "text", "today"),
    [
        ("en", "11/24", TODAY),  # month first, as day first is impossible
        ("en", "Wednesday the 24th", TODAY),  # the 24th is a Tuesday
        ("en", "next Friday", date(2026, 11, 23)),  # said on a Monday: this one or the one after
        ("de", "nächsten Freitag", date(2026, 11, 23)),
        ("en", "the 3rd of November", TODAY),  # just past: next year's is unlikely
        ("en", "in a couple of weeks", TODAY),
        ("de", "in acht Tagen", TODAY),
        ("en", "Tuesdey", TODAY),
    ],
)
def test_doubtful_days_are_to_be_confirmed(language: str, text: str, today: date) -> None:
    (reading,) = read_dates(text, language, today)
    assert reading.confidence < 0.8


@pytest.mark.parametrize(
    ("language", "text", "born"),
    [
        ("en", "the 3rd of April nineteen eighty-four", "1984-04-03"),
        ("en", "3.4.84", "1984-04-03"),
        ("en", "April 3 1984", "1984-04-03"),
        ("en", "April 3rd, 1984", "1984-04-03"),
        ("en", "three four eighty four", "1984-04-03"),
        ("en", "the third of the fourth eighty four", "1984-04-03"),
        ("en", "03041984", "1984-04-03"),
        ("en", "0 3. 0 4. 1984", "1984-04-03"),
        ("en", "born 4/23/1990", "1990-04-23"),
        ("en", "3 April two thousand and five", "2005-04-03"),
        ("en", "12 May twenty twelve", "2012-05-12"),
        ("en", "the 5th of June '78", "1978-06-05"),
        ("en", "seventh of the third, nineteen ninety", "1990-03-07"),
        ("de", "dritter vierter vierundachtzig", "1984-04-03"),
        ("de", "am 3. April 1984", "1984-04-03"),
        ("de", "dritter April neunzehnhundertvierundachtzig", "1984-04-03"),
        ("de", "12. 5. 1990", "1990-05-12"),
        ("de", "am zwölften Mai zweitausendfünf", "2005-05-12"),
        ("de", "24. Dezember 19 84", "1984-12-24"),
    ],
)
def test_dates_of_birth(language: str, text: str, born: str) -> None:
    assert [reading.value.isoformat() for reading in read_birth_dates(text, language, TODAY)] == [born]


@pytest.mark.parametrize(
    "text",
    ["Tuesday the 24th of November", "born in 1984", "24.11.2026", "3 May 1899", "31.4.1984", "April 1984"],
)
def test_an_incomplete_or_impossible_birth_date_is_none(text: str) -> None:
    assert read_birth_dates(text, "en", TODAY) == []


@pytest.mark.parametrize(
    ("language", "text", "why"),
    [
        ("en", "yesterday at ten", "past"),
        ("en", "last Tuesday", "past"),
        ("en", "two weeks ago", "past"),
        ("en", "the third of January 2025", "past"),
        ("en", "February 30th", "not_in_calendar"),
        ("en", "the thirty-first of November", "not_in_calendar"),
        ("en", "on 31/4", "not_in_calendar"),
        ("de", "gestern um zehn", "past"),
        ("de", "vor zwei Wochen", "past"),
        ("de", "am 30. Februar", "not_in_calendar"),
        ("de", "am 31.4. um neun", "not_in_calendar"),
    ],
)
def test_a_day_that_cannot_be(language: str, text: str, why: str) -> None:
    assert [reading.value for reading in read_impossible_days(text, language, TODAY)] == [why]


@pytest.mark.parametrize("text", ["tomorrow at ten", "February 28th", "every Tuesday", "before Friday", "at ten"])
def test_a_day_that_can_be_is_not_impossible(text: str) -> None:
    assert read_impossible_days(text, "en", TODAY) == []


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("3 December, 11", None),
        ("January 12, 9 30", None),
        ("the fourth of May 12", None),
        ("the fourth of May 84", "1984-05-04"),
        ("May fourth, fifty-nine", "1959-05-04"),
        ("four, five, eighty-four", None),
        ("the fourth of May, and the year is nineteen eighty-four", "1984-05-04"),
        ("four slash five slash nineteen eighty-four", "1984-05-04"),
        ("the ninth of December, twenty fifteen", "2015-12-09"),
        ("Wednesday the ninth of December, fifteen fifty", None),
        ("the fourth of May nineteen eighty-four", "1984-05-04"),
        ("4.5.1984", "1984-05-04"),
    ],
)
def test_a_birth_date_with_its_full_year(text: str, born: str | None) -> None:
    found = read_birth_dates(text, "en", TODAY, full_year=True)
    assert [reading.value.isoformat() for reading in found] == ([born] if born else [])
