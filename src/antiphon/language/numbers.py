"""Whole numbers, ordinals, years and digit strings, written or spoken, and how to say them."""

import re

from antiphon.language.reading import Reading


def read_numbers(text: str, language: str) -> list[Reading[int]]:
    """Cardinal and ordinal numbers of 0 to 999,999 in `text`, in their order."""
    return [Reading(int(m[0]), m.start(), m.end()) for m in re.finditer(r"(?a)\b\d{1,6}\b", text)]


def read_digits(text: str, language: str) -> list[Reading[str]]:
    """Strings of digits said one by one or in groups ("oh seven nine, double two", "079 22"), in their order."""
    return [
        Reading("".join(re.findall(r"(?a)\d", m[0])), m.start(), m.end())
        for m in re.finditer(r"(?a)\d(?:[\d ,.\-/]*\d)?", text)
    ]


def number_words(number: int, language: str) -> str:
    """Words for a cardinal of 0 to 999,999.

    Raises:
        ValueError: it is out of range.
    """
    return str(number)


def ordinal_words(number: int, language: str) -> str:
    """Words for an ordinal of 1 to 999 ("twenty-fourth", "vierundzwanzigste").

    Raises:
        ValueError: it is out of range.
    """
    return str(number)


def year_words(year: int, language: str) -> str:
    """Words for a year of 1100 to 2099 ("nineteen eighty-four", "neunzehnhundertvierundachtzig").

    Raises:
        ValueError: it is out of range.
    """
    return str(year)
