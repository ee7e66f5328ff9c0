"""Telephone numbers with words between their parts, and with their ends taken back."""

import pytest

from antiphon.language.phones import read_phones

MOBILE, OFFICE = "+41791234567", "+41446681800"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("the prefix is oh seven nine and the number is one two three four five six seven", MOBILE),
        ("zero seven nine, that's the prefix, one two three, four five, six seven", MOBILE),
        ("area code zero four four, number six six eight one eight zero zero", OFFICE),
        ("zero four four, that's Zurich, six six eight eighteen, and then zero zero", OFFICE),
        ("zero seven nine uh let me think one two three four five six seven", MOBILE),
        ("yes sure, zero seven nine, hang on, one two three, four five, six seven", MOBILE),
        ("null sieben neun, das ist die Vorwahl, eins zwei drei vier fünf sechs sieben", MOBILE),
        ("079 123 45 68, sorry, 67 at the end", MOBILE),
        ("079 123 45 68, no, sixty-seven", MOBILE),
        ("it's 079 123 45 68, I mean 67", MOBILE),
        ("zero seven nine one two three four five six eight, sorry, the last one is a seven", MOBILE),
        ("079 123 45 68, nein, 67", MOBILE),
    ],
)
def test_the_number_that_was_meant(text: str, number: str) -> None:
    language = "de" if "null" in text or "nein" in text else "en"
    assert [reading.value for reading in read_phones(text, language, "CH")] == [number]


@pytest.mark.parametrize(
    "text",
    [
        "079 123 45 67, no, ten o'clock",
        "079 123 45 67. Sorry, at ten.",
        "079 123 45 67, and on the 25th",
        "079 123 45 67 no 10:30",
        "my number is 079 123 45 67 and his ends in 44",
        "on the 24th at ten, 079 123 45 67",
        "oh seven nine, one two three, four five six seven, not four five six eight",
    ],
)
def test_other_figures_take_nothing_back(text: str) -> None:
    assert [reading.value for reading in read_phones(text, "en", "CH")] == [MOBILE]


@pytest.mark.parametrize(
    "text",
    [
        "I have 2 kids and 3 dogs and 12 fish and 400 ants",
        "at 10 30 on the 12th of the 11th",
        "five people at seven, my birthday is 12 3 1984",
        "it begins 079 12, let me see, 079 12 again",
    ],
)
def test_figures_that_are_no_number(text: str) -> None:
    assert not read_phones(text, "en", "CH")
