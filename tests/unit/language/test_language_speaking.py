"""What the agent says, it also understands: days, times and hours are read back as what was said."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from antiphon.events.practice import Hours
from antiphon.language.dates import read_birth_dates, read_dates
from antiphon.language.lexicon import MONTHS, WEEKDAYS
from antiphon.language.numbers import number_words, ordinal_words, year_words
from antiphon.language.slots import read_slots
from antiphon.language.speaking import say_date, say_hours, say_phone, say_time
from antiphon.language.times import read_times, resolve

TODAY = date(2026, 11, 21)
LANGUAGES = st.sampled_from(("en", "de"))
DAYS = st.integers(0, 299).map(lambda ahead: TODAY + timedelta(ahead))
TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
WORKING = st.builds(time, st.integers(8, 17), st.integers(0, 59))
HOURS = [Hours(weekday, time(8), time(18)) for weekday in range(7)]


@given(DAYS, LANGUAGES, st.booleans())
def test_a_day_said_is_read_back(day: date, language: str, near: bool) -> None:
    said = say_date(day, language, TODAY if near else None)
    found = {(reading.value.date, reading.confidence) for reading in read_dates(said, language, TODAY)}
    assert found == {(day, 1.0)}


@given(DAYS, st.sampled_from(range(10)))
def test_a_day_is_read_in_every_english_form(day: date, form: int) -> None:
    weekday, month = WEEKDAYS["en"][day.weekday()], MONTHS["en"][day.month - 1]
    ordinal = ordinal_words(day.day, "en")
    said = (
        f"the {ordinal} of {month}",
        f"{month} {ordinal}",
        f"{month} the {ordinal}, {year_words(day.year, 'en')}",
        f"{day.day} {month}",
        f"{month} {day.day}th {day.year}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day.day:02}/{day.month:02}/{day.year}",
        day.isoformat(),
        f"{weekday}, {ordinal} {month.lower()}",
        f"on the {day.day}th of {month.upper()}",
    )[form]
    assert [reading.value.date for reading in read_dates(said, "en", TODAY)] == [day]


@given(DAYS, st.sampled_from(range(8)))
def test_a_day_is_read_in_every_german_form(day: date, form: int) -> None:
    weekday, month = WEEKDAYS["de"][day.weekday()], MONTHS["de"][day.month - 1]
    ordinal = ordinal_words(day.day, "de") + "n"
    said = (
        f"am {ordinal} {month}",
        f"{weekday}, den {ordinal} {month}",
        f"am {day.day}. {month} {day.year}",
        f"am {day.day}.{day.month}.",
        f"{day.day:02}.{day.month:02}.{day.year}",
        f"am {ordinal} {ordinal_words(day.month, 'de')}n",
        f"am {day.day}. {month.replace('ä', 'ae')}",
        f"{weekday} {day.day}. {month} {year_words(day.year, 'de')}",
    )[form]
    assert [reading.value.date for reading in read_dates(said, "de", TODAY)] == [day]


@given(TIMES, LANGUAGES)
def test_a_time_said_with_its_part_of_the_day_is_read_back(at: time, language: str) -> None:
    (reading,) = read_times(say_time(at, language, part=True), language)
    # "Ein Uhr" alone may be one at night or after lunch in German as well.
    assert resolve(reading.value, at, at) == at


@given(WORKING, LANGUAGES)
def test_a_time_said_is_read_back_by_the_opening_hours(at: time, language: str) -> None:
    (reading,) = read_times(f"{'um' if language == 'de' else 'at'} {say_time(at, language)}", language)
    assert resolve(reading.value, time(8), time(18)) == at


@given(WORKING, st.sampled_from(range(9)))
def test_a_time_is_read_in_every_english_form(at: time, form: int) -> None:
    hour, minute = number_words(at.hour % 12 or 12, "en"), number_words(at.minute, "en")
    after = number_words((at.hour + 1) % 12 or 12, "en")
    twelve = at.hour % 12 or 12
    said = (
        f"at {twelve}:{at.minute:02}",
        f"{twelve}.{at.minute:02} {'a.m.' if at.hour < 12 else 'p.m.'}",
        f"{twelve}:{at.minute:02}{'am' if at.hour < 12 else 'pm'}",
        f"{at.hour}:{at.minute:02}",
        f"at {twelve}{at.minute:02}",
        f"{minute} minutes past {hour}",
        f"{number_words(60 - at.minute, 'en')} minutes to {after}" if at.minute else f"{hour} sharp",
        f"around {hour} {'oh ' if at.minute < 10 else ''}{minute}" if at.minute else f"around {hour}",
        f"{hour} {minute} please" if at.minute > 9 else f"{hour} oh {minute}" if at.minute else f"{hour} o'clock",
    )[form]
    (reading,) = read_times(said, "en")
    assert resolve(reading.value, time(8), time(18)) == at


@given(WORKING, st.sampled_from(range(6)))
def test_a_time_is_read_in_every_german_form(at: time, form: int) -> None:
    hour, minute = number_words(at.hour, "de"), number_words(at.minute, "de")
    twelve = number_words(at.hour % 12 or 12, "de")
    after = number_words((at.hour + 1) % 12 or 12, "de")
    said = (
        f"um {at.hour}:{at.minute:02}",
        f"um {at.hour}.{at.minute:02} Uhr",
        f"{hour} Uhr {minute}" if at.minute else f"{hour} Uhr",
        f"{minute} Minuten nach {twelve}",
        f"{number_words(60 - at.minute, 'de')} Minuten vor {after}" if at.minute else f"punkt {twelve}",
        f"um {at.hour} Uhr {at.minute:02}",
    )[form]
    (reading,) = read_times(said, "de")
    assert resolve(reading.value, time(8), time(18)) == at


@given(DAYS, WORKING, LANGUAGES)
def test_an_appointment_said_is_read_back(day: date, at: time, language: str) -> None:
    now = datetime(2026, 11, 21, 9, tzinfo=ZoneInfo("Europe/Zurich"))
    joint = "um" if language == "de" else "at"
    said = f"{say_date(day, language, TODAY)}, {joint} {say_time(at, language)}"
    (reading,) = read_slots(said, language, now, HOURS)
    assert (reading.value.date, reading.value.time) == (day, at)


@given(st.dates(date(1920, 1, 1), date(2013, 12, 31)), LANGUAGES, st.sampled_from(range(5)))
def test_a_date_of_birth_is_read_back(born: date, language: str, form: int) -> None:
    month = MONTHS[language][born.month - 1]
    ordinal, number = ordinal_words(born.day, language), ordinal_words(born.month, language)
    year = year_words(born.year, language)
    said = (
        say_date(born, language),
        f"{ordinal} {number} {year}",
        f"{born.day}. {born.month}. {born.year}" if language == "de" else f"{born.day}/{born.month}/{born.year}",
        f"{ordinal} {month} {born.year}",
        f"{born.day:02}.{born.month:02}.{born.year}",
    )[form]
    assert [reading.value for reading in read_birth_dates(said, language, TODAY)] == [born]


def test_near_days_are_named() -> None:
    assert say_date(date(2026, 11, 22), "en", TODAY) == "tomorrow, Sunday the twenty-second of November"
    assert say_date(date(2026, 11, 23), "de", TODAY) == "übermorgen, Montag, der dreiundzwanzigste November"
    assert say_date(date(2027, 1, 4), "en", TODAY) == "Monday the fourth of January twenty twenty-seven"


def test_hours_are_joined() -> None:
    week = [Hours(day, time(8), time(12)) for day in range(5)] + [
        Hours(day, time(13), time(17, 30)) for day in range(4)
    ]
    assert say_hours(week, "en") == (
        "Monday to Thursday from eight o'clock to noon and from one o'clock to half past five"
        " and Friday from eight o'clock to noon"
    )
    assert say_hours(week[:5], "de") == "Montag bis Freitag von acht Uhr bis zwölf Uhr"
    assert say_hours([week[0], week[1]], "de") == "Montag und Dienstag von acht Uhr bis zwölf Uhr"
    assert say_hours([], "en") == "closed"


def test_phones_are_said_in_groups() -> None:
    assert say_phone("+41792234567", "de", "CH") == "null sieben neun, zwei zwei drei, vier fünf, sechs sieben"
