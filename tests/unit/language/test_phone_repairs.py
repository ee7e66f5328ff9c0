"""Telephone numbers that were taken back, repeated, or grouped and heard wrongly: mended only where that is valid."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.language.numbers import number_words
from antiphon.language.phones import read_phones


def numbers(text: str) -> list[str]:
    """The numbers read from `text` by a Swiss practice."""
    return [reading.value for reading in read_phones(text, "en", "CH")]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("zero seven nine, two one eight, five five, three, no sorry, five five, four two", "+41792185542"),
        ("zero four four, two seven one, fifty, six, thirty, no, sorry, fifty, six, thirteen", "+41442715613"),
        ("Plus four one, seven nine, two five six, five one two, no wait, five one, two eight", "+41792565128"),
        ("zero, seven, six, four hundred, twelve, thirty-seven, fifty-five", "+41764123755"),
        ("Zero four four, two two one, oh dear, two two two, eighteen, thirty.", "+41442221830"),
        ("Oh seven six, four one two, no, that's wrong, four one three, thirty-three, twelve", "+41764133312"),
        ("Oh seven six, four one two, thirty-three, twelve, silly me, twenty-one", "+41764123321"),
        ("Oh seven six, four one two, thirty-three, twelve, not twelve, twenty-one", "+41764123321"),
        ("Oh seven six, four one two, thirty-three, twelve, not twelve but twenty-one", "+41764123321"),
        ("Oh seven six, four one two, thirty-three, twenty, no, not twenty, twenty-one", "+41764123321"),
        ("Oh seven six, four one two, thirty-three, twelve, and not before two o'clock", "+41764123312"),
        ("Oh seven six, four one two, thirty-three, twelve, not in the morning, 2 to 4 is best", "+41764123312"),
        ("zero seven six, three one nine, no, three one eight, two five, six six", "+41763182566"),
        ("zero seven eight, six four, no weight, six five four, two one, one nine", "+41786542119"),
        ("zero seven nine, seven two two, I repeat, seven two two, four six, one three", "+41797224613"),
        ("zero seven six, one one nine, that's double one nine, four four, two eight", "+41761194428"),
    ],
)
def test_a_part_that_is_said_again(text: str, number: str) -> None:
    assert numbers(text) == [number]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Zero seven eight six hundred fifteen twenty five.", "+41786001525"),
        ("zero seven nine, and then it's four four one, and then thirty, two, eight, six", "+41794413286"),
        ("079-100 and 0824-60.", "+41791082460"),
        ("zero seven nine, five one three, and the last four are eight six two four", "+41795138624"),
        ("Zero seven ninth, five one three, eight six, two four.", "+41795138624"),
        ("then it goes zero seven six for three at one, nine, two, five", "+41764381925"),
        ("those seven nine triple four to six won it", "+41794442618"),
    ],
)
def test_digits_heard_as_something_else(text: str, number: str) -> None:
    assert numbers(text) == [number]


@pytest.mark.parametrize(
    "text",
    [
        "079 123 45",
        "079 100 45",
        "079-340-50",
        "I want two at ten, or three at eleven, for four people",
        "for one or two days at four, to be at it at eight",
        "the last four are eight six two four",
        "zero seven nine, no, two one eight",
    ],
)
def test_what_is_not_complete_is_not_made_so(text: str) -> None:
    assert numbers(text) == []


def test_what_needs_no_mending_is_surer() -> None:
    plain, mended = "079 438 19 25", "zero seven six for three at one nine two five"
    assert read_phones(plain, "en", "CH")[0].confidence > read_phones(mended, "en", "CH")[0].confidence


@given(st.sampled_from(("76", "78", "79")), st.lists(st.integers(0, 9), min_size=7, max_size=7), st.integers(0, 2))
def test_a_part_begun_again_replaces_what_was_wrong(prefix: str, rest: list[int], at: int) -> None:
    """A caller who stops at a wrong digit of the middle part and says that part again means the second one."""
    wrong = [*rest[:at], (rest[at] + 1) % 10]
    text = f"{_spoken([0, *map(int, prefix)])}, {_spoken(wrong)}, sorry, {_spoken(rest)}"
    assert numbers(text) in ([], ["+41" + prefix + "".join(map(str, rest))])


@given(st.text("0123456789 ,.-", max_size=40), st.sampled_from(("", "and", "no", "hundred", "for", "to", "won it")))
def test_any_digits_give_numbers_of_a_region_or_none(digits: str, word: str) -> None:
    for reading in read_phones(f"{digits} {word} {digits}", "en", "CH"):
        assert phonenumbers.is_possible_number(phonenumbers.parse(reading.value))
        assert 0.0 < reading.confidence <= 1.0


def _spoken(digits: list[int]) -> str:
    return " ".join(number_words(digit, "en") for digit in digits)
