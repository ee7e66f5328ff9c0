"""Numbers, ordinals, years and strings of digits, written and spoken, are read as what they are."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.language.numbers import number_words, ordinal_words, read_digits, read_numbers, year_words

LANGUAGES = st.sampled_from(("en", "de"))


@given(st.integers(0, 999_999), LANGUAGES)
def test_a_spoken_cardinal_is_read_back(number: int, language: str) -> None:
    said = number_words(number, language)
    (reading,) = read_numbers(said, language)
    assert reading.value == number
    assert said[reading.start : reading.end] == said


@given(st.integers(1, 999), LANGUAGES, st.sampled_from(("", "n", "r", "s")))
def test_a_spoken_ordinal_is_read_back_in_every_case(number: int, language: str, ending: str) -> None:
    said = ordinal_words(number, language) + (ending if language == "de" else "")
    assert [reading.value for reading in read_numbers(said, language)] == [number]


@given(st.integers(0, 999_999))
def test_german_numbers_may_be_written_apart(number: int) -> None:
    said = re.sub(r"(?<!h)und|tausend|hundert", r" \g<0> ", number_words(number, "de"))
    assert [reading.value for reading in read_numbers(" ".join(said.split()), "de")] == [number]


@pytest.mark.parametrize(
    ("year", "language", "words"),
    [
        (1984, "en", "nineteen eighty-four"),
        (1984, "de", "neunzehnhundertvierundachtzig"),
        (2005, "en", "two thousand and five"),
        (2005, "de", "zweitausendfünf"),
        (2012, "en", "twenty twelve"),
        (1905, "en", "nineteen oh five"),
        (1900, "en", "nineteen hundred"),
        (2000, "en", "two thousand"),
    ],
)
def test_years_are_said_as_people_say_them(year: int, language: str, words: str) -> None:
    assert year_words(year, language) == words


@pytest.mark.parametrize("number", [-1, 1_000_000])
def test_a_number_out_of_range_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="not in"):
        number_words(number, "en")


@pytest.mark.parametrize("number", [0, 1000])
def test_an_ordinal_out_of_range_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="not in"):
        ordinal_words(number, "de")


@pytest.mark.parametrize("year", [1099, 2100])
def test_a_year_out_of_range_is_refused(year: int) -> None:
    with pytest.raises(ValueError, match="not in"):
        year_words(year, "en")


@pytest.mark.parametrize(
    ("text", "language", "digits"),
    [
        ("555-010-2030", "en", ["5550102030"]),
        ("555-double01-2030", "en", ["5550012030"]),
        ("0 7 9, 2 2 3", "en", ["079223"]),
        ("oh seven nine, double two, triple three", "en", ["07922333"]),
        ("o seven nine", "en", ["079"]),
        ("It's seventy nine, two hundred and twenty", "en", ["79220"]),
        ("eight hundred", "en", ["800"]),
        ("one for two", "en", ["142"]),
        ("null sieben neun zwo zwo", "de", ["07922"]),
        ("neunundsiebzig doppel drei", "de", ["7933"]),
        ("zero, äh, sieben", "de", ["07"]),
        ("079 22, and then 33", "en", ["0792233"]),
        ("Oh, I have two teeth", "en", []),
        ("nothing here", "en", []),
        ("double trouble", "en", []),
    ],
)
def test_strings_of_digits(text: str, language: str, digits: list[str]) -> None:
    assert [reading.value for reading in read_digits(text, language)] == digits


@given(st.text("0123456789", min_size=2, max_size=14), LANGUAGES, st.sampled_from((" ", ", ", "-", ". ")))
def test_digits_said_one_by_one_are_read_back(digits: str, language: str, between: str) -> None:
    said = between.join(number_words(int(digit), language) for digit in digits)
    assert [reading.value for reading in read_digits(said, language)] == [digits]
