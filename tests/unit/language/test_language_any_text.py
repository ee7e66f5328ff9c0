"""Whatever the text: no reader raises, spans lie inside it, case does not matter, nothing is read from nothing."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.events.practice import Hours
from antiphon.language.answers import read_yes_no
from antiphon.language.backchannels import is_backchannel
from antiphon.language.dates import read_birth_dates, read_dates
from antiphon.language.languages import read_language
from antiphon.language.lexicon import vocabulary
from antiphon.language.names import read_names, read_spelling
from antiphon.language.normal import normalise, words
from antiphon.language.numbers import read_digits, read_numbers
from antiphon.language.parts import read_parts
from antiphon.language.phones import read_phones
from antiphon.language.reading import Reading
from antiphon.language.slots import read_refusals, read_slots
from antiphon.language.times import read_times

NOW = datetime(2026, 11, 21, 12, tzinfo=ZoneInfo("Europe/Zurich"))
HOURS = [Hours(weekday, time(8), time(18)) for weekday in range(5)]
Reader = Callable[[str, str], Sequence[Reading[Any]]]
CASELESS: dict[str, Reader] = {
    "numbers": read_numbers,
    "digits": read_digits,
    "phones": lambda text, language: read_phones(text, language, "CH"),
    "dates": lambda text, language: read_dates(text, language, NOW.date()),
    "birth dates": lambda text, language: read_birth_dates(text, language, NOW.date()),
    "times": read_times,
    "parts": read_parts,
    "slots": lambda text, language: read_slots(text, language, NOW, HOURS),
    "refusals": lambda text, language: read_refusals(text, language, NOW),
    "yes or no": lambda text, language: [reading] if (reading := read_yes_no(text, language)) else [],
}
READERS: dict[str, Reader] = {
    **CASELESS,
    "names": lambda text, language: read_names(text, language, False),
    "names asked for": lambda text, language: read_names(text, language, True),
    "spelling": read_spelling,
    "language": lambda text, _: [reading] if (reading := read_language(text)) else [],
}
VOCABULARY = sorted(
    vocabulary(
        "at on the a of to two ten eleven thirty half past quarter Tuesday Wednesday november 24th 3rd 10:30 2.30"
        " 24.11. 079 223 tomorrow next week in not no sorry morning after before between and or , . ? - am p.m."
        " o'clock oh double nineteen eighty four hundred thousand my name is I'm Susan Miller M E I um Uhr halb"
        " viertel nach vor dreiviertel am dritten vierundzwanzigsten März übermorgen nächste Woche Dienstag zwischen"
        " bis zwölf null neunzehnhundert zwei ein und nicht sondern verschieben move from can't doesn't work geht 1984"
        " 84 '84 12 31 30 00 + (0) 41 yes right year may second"
    )
)
PHRASES = st.lists(st.sampled_from(VOCABULARY), max_size=14).map(" ".join)
TEXTS = st.one_of(st.text(max_size=60), PHRASES, st.text("0123456789 .,:-/+()", max_size=40))
LANGUAGES = st.sampled_from(("en", "de", "de-CH", "fr", ""))


@pytest.mark.parametrize("name", READERS)
@given(text=TEXTS, language=LANGUAGES)
def test_a_reading_lies_in_the_text(name: str, text: str, language: str) -> None:
    for reading in READERS[name](text, language):
        assert 0 <= reading.start < reading.end <= len(text)
        assert 0 < reading.confidence <= 1


@pytest.mark.parametrize("name", CASELESS)
@given(text=PHRASES, language=st.sampled_from(("en", "de")))
def test_case_makes_no_difference(name: str, text: str, language: str) -> None:
    values = [reading.value for reading in CASELESS[name](text, language)]
    assert [reading.value for reading in CASELESS[name](text.upper(), language)] == values
    assert [reading.value for reading in CASELESS[name](text.lower(), language)] == values


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", ""),
        ("en", "   "),
        ("en", "..."),
        ("en", "I would like to make an appointment please"),
        ("en", "my wisdom tooth hurts and the gum is swollen"),
        ("en", "do you take my insurance"),
        ("en", "how much does a cleaning cost"),
        ("de", "ich hätte gerne einen Termin bei Ihnen"),
        ("de", "mein Weisheitszahn tut weh und das Zahnfleisch ist geschwollen"),
        ("de", "was kostet eine Zahnreinigung"),
    ],
)
def test_nothing_is_read_where_nothing_was_said(name: str, language: str, text: str) -> None:
    if name != "language":
        assert list(READERS[name](text, language)) == []


@given(TEXTS, LANGUAGES)
def test_words_and_normal_forms_of_anything(text: str, language: str) -> None:
    normal = normalise(text, language)
    assert normal == normal.strip()
    assert "  " not in normal
    assert all(word == word.lower() for word in words(text))
    assert isinstance(is_backchannel(text, language), bool)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), PHRASES, st.sampled_from(("en", "de")))
def test_days_are_never_past(today: date, text: str, language: str) -> None:
    for reading in read_dates(text, language, today):
        assert reading.value.date >= today
        assert reading.value.until is None or reading.value.until >= reading.value.date
    for birth in read_birth_dates(text, language, today):
        assert birth.value <= today
