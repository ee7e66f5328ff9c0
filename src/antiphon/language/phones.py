"""Telephone numbers as callers say them, and how to say them back."""

import phonenumbers

from antiphon.language.numbers import read_digits
from antiphon.language.reading import Reading


def read_phones(text: str, language: str, region: str) -> list[Reading[str]]:
    """Telephone numbers in `text` as E.164.

    Args:
        text: what a caller said.
        language: ISO 639-1 code.
        region: ISO 3166 country that numbers without a country code belong to, such as `CH`.

    Returns:
        Readings in the order of the text; a number that is only possible, not valid, has a confidence below 0.8.
    """
    found = []
    for digits in read_digits(text, language):
        try:
            number = phonenumbers.parse(digits.value, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            sure = 1.0 if phonenumbers.is_valid_number(number) else 0.5
            found.append(Reading(e164, digits.start, digits.end, sure))
    return found


def spell_phone(e164: str, language: str, region: str | None = None) -> str:
    """Words for reading a number back in its usual groups, with pauses; national form when it belongs to `region`."""
    return " ".join(e164)
