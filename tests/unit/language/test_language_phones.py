"""Telephone numbers come out as E.164, and nothing comes out where a digit is missing."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.language.numbers import number_words
from antiphon.language.phones import read_phones, spell_phone

MOBILES = (
    st.integers(760_000_000, 799_999_999)
    .map(lambda number: f"+41{number}")
    .filter(lambda e164: phonenumbers.is_valid_number(phonenumbers.parse(e164)))
)


@pytest.mark.parametrize(
    ("text", "language", "e164"),
    [
        ("079 223 45 67", "en", "+41792234567"),
        ("My number is oh seven nine, 2 2 3 four five double six.", "en", "+41792234566"),
        ("+41 (0)79 223 45 67", "en", "+41792234567"),
        ("0041 79 223 45 67", "en", "+41792234567"),
        ("plus four one seven nine two two three forty five sixty seven", "en", "+41792234567"),
        ("four one seven nine two two three four five six seven", "en", "+41792234567"),
        ("Zero seven nine two two three four five six seven and I can come at 10", "en", "+41792234567"),
        ("0792234567", "en", "+41792234567"),
        ("079.223.45.67", "en", "+41792234567"),
        ("079/223 45 67", "de", "+41792234567"),
        ("null neunundsiebzig zweihundertdreiundzwanzig fünfundvierzig siebenundsechzig", "de", "+41792234567"),
        ("null sieben neun, zwo zwo drei, vier fünf, sechs sieben", "de", "+41792234567"),
        ("plus 49 30 901820", "de", "+4930901820"),
        ("It's +1 212 555 2368", "en", "+12125552368"),
    ],
)
def test_a_swiss_practice_reads(text: str, language: str, e164: str) -> None:
    (reading,) = read_phones(text, language, "CH")
    assert reading.value == e164
    assert reading.confidence >= 0.8
    assert text[reading.start : reading.end].strip(" .,") == text[reading.start : reading.end]


@pytest.mark.parametrize(
    "text",
    [
        "079 223 45 6",
        "12345",
        "Tuesday the 24th at 10 30",
        "",
        "the year 1984",
        "079 223",
        "one two three four five six seven",
    ],
)
def test_what_is_no_number_is_not_made_one(text: str) -> None:
    assert not read_phones(text, "en", "CH")


@pytest.mark.parametrize("text", ["555-010-2030", "five five five, oh one oh, two oh three oh"])
@pytest.mark.parametrize("region", ["US", "CH"])
def test_a_possible_number_is_to_be_confirmed(text: str, region: str) -> None:
    (reading,) = read_phones(text, "en", region)
    assert reading.value == "+15550102030"
    assert reading.confidence < 0.8


def test_a_time_after_the_number_is_left_out() -> None:
    (reading,) = read_phones("0 7 9, 2 2 3, 45, 67, 10 o'clock", "en", "CH")
    assert reading.value == "+41792234567"
    assert reading.confidence < 0.8


@given(MOBILES, st.sampled_from(("en", "de")), st.sampled_from(("CH", None)))
def test_a_number_read_back_is_the_number(e164: str, language: str, region: str | None) -> None:
    said = spell_phone(e164, language, region)
    assert not any(character.isdigit() for character in said)
    (reading,) = read_phones(said, language, "CH")
    assert (reading.value, reading.confidence) == (e164, 1.0)


def _one_by_one(digits: str, language: str) -> str:
    return " ".join(number_words(int(digit), language) for digit in digits)


@given(MOBILES, st.sampled_from(("en", "de")))
def test_groups_may_be_said_as_numbers(e164: str, language: str) -> None:
    national = "0" + e164[3:]
    groups: tuple[str, ...] = (national[:3], national[3:6], national[6:8], national[8:])
    if any(group.startswith("0") for group in groups[1:]):
        groups = tuple(national)
    said = ", ".join(
        " ".join(number_words(int(digit), language) for digit in group)
        if group[0] == "0"
        else number_words(int(group), language)
        for group in groups
    )
    assert [reading.value for reading in read_phones(said, language, "CH")] == [e164]


@pytest.mark.parametrize(
    ("said", "e164"),
    [
        ("You can reach me on zero, seven, six, five, one, eight, twenty, nine, thirty.", "+41765182930"),
        ("zero, three, one, three, two, eight, fifty, one, eleven", "+41313285111"),
        ("Oh, seven eight, nine, two, six, seventy, three, fifty one.", "+41789267351"),
        ("Seventeen nine, six, one, four, twenty, two, eighty seven.", "+41796142287"),
        ("Of seven nine, eight of five, one seven, six two.", "+41798051762"),
        ("zero, seven, six, three, four, one, five, nine, do eight", "+41763415928"),
    ],
)
def test_numbers_are_read_from_what_a_recogniser_makes_of_them(said: str, e164: str) -> None:
    (reading,) = read_phones(said, "en", "CH")
    assert reading.value == e164
    assert reading.confidence < 1.0


def test_a_comma_after_double_parts_nothing() -> None:
    (reading,) = read_phones("Zero, seven, eight, nine, one, four, double, three, six, zero.", "en", "CH")
    assert reading.value == "+41789143360"


def test_a_number_that_may_be_joined_in_two_ways_is_in_doubt() -> None:
    (reading,) = read_phones("zero seven nine, twenty, three, forty, five, sixty, seven", "en", "CH")
    assert reading.confidence <= 0.5


@pytest.mark.parametrize("said", ["four, seven, nine, eight, oh five, one, seven, six, two", "279 805 17 62"])
def test_a_first_zero_that_was_misheard_is_guessed_and_doubted(said: str) -> None:
    (reading,) = read_phones(said, "en", "CH")
    assert reading.value == "+41798051762"
    assert reading.confidence < 0.5


def test_a_digit_too_many_is_not_cut_off() -> None:
    assert not read_phones("zero, seven, nine, four, one, two, three, six, eight, five, five", "en", "CH")


def test_the_region_s_own_numbers_are_said_without_country_code() -> None:
    assert spell_phone("+41792234567", "en", "CH") == "zero seven nine, two two three, four five, six seven"
    assert spell_phone("+41792234567", "en").startswith("plus four one, seven nine")
