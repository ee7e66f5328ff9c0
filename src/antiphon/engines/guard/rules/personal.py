"""Personal data and secrets, told from other figures by their check digits."""

import re
from collections.abc import Iterator

from antiphon.language.numbers import read_digits

_SECRETS = re.compile(
    r"\bsk-[\w-]{16,}|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{30,}|\bxox[abprs]-[\w-]{10,}|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}|\bAIza[\w-]{35}"
    r"|(?i:(?<!wifi )(?<!wi-fi )(?<!wlan )(?<!wlan-)\b(?:password|passwort|api[ -]?key|access token)"
    r"\s?(?:is|ist|lautet|:|=)\s?\S*\d\S*)"
)
_CARD = re.compile(r"(?<![\d+])[2-6]\d{3}(?:[ -]?\d{2,6}){2,4}(?!\d)")
_IBAN = re.compile(r"\b([a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,3})?)\b")
_AHV = re.compile(r"\b756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}\b")
_SSN = re.compile(r"(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])")
_EMAIL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+\b")


def secrets(text: str) -> Iterator[str]:
    """Categories of the keys and passwords in `text` as it was written."""
    if _SECRETS.search(text):
        yield "secret"


def personal(plain: str, language: str) -> Iterator[str]:
    """Categories of the personal data in a text made plain; numbers may be spoken ("four one one one ...")."""
    written = [_digits(match[0]) for match in _CARD.finditer(plain)]
    spoken = [reading.value for reading in read_digits(plain, language) if reading.value[:1] in "23456"]
    if any(13 <= len(number) <= 19 and is_luhn(number) for number in (*written, *spoken)):
        yield "pii.card"
    if any(is_iban(match[1]) for match in _IBAN.finditer(plain)):
        yield "pii.iban"
    if any(is_ean13(_digits(match[0])) for match in _AHV.finditer(plain)):
        yield "pii.ahv"
    if _SSN.search(plain):
        yield "pii.ssn"
    if _EMAIL.search(plain):
        yield "pii.email"


def _digits(text: str) -> str:
    return "".join(character for character in text if character in "0123456789")


def is_luhn(number: str) -> bool:
    """Whether the check digit of a payment card number is right. Source: ISO/IEC 7812-1, annex B."""
    doubled = (int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(number)))
    return len(set(number)) > 1 and sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def is_iban(text: str) -> bool:
    """Whether the check digits of a bank account number are right. Source: ISO 13616, ISO 7064 MOD 97-10."""
    compact = text.replace(" ", "").upper()
    if not (15 <= len(compact) <= 34 and compact.isascii() and compact.isalnum()):
        return False
    return int("".join(str(int(character, 36)) for character in compact[4:] + compact[:4])) % 97 == 1


def is_ean13(number: str) -> bool:
    """Whether the check digit of 13 digits is right, as in Swiss insurance numbers. Source: GS1, EAN-13."""
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(number))
    return len(number) == 13 and total % 10 == 0
