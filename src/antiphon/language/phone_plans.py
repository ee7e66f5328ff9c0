"""Which dialled digits are a telephone number, by the numbering plans of the world."""

from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberFormat

FEWEST_DIGITS = 7
MOST_DIGITS = 17


@lru_cache(maxsize=256)
def e164(digits: str, plus: bool, region: str) -> tuple[str, float]:
    """E.164 and confidence of dialled digits; ("", 0) where they are no telephone number anywhere likely."""
    if not FEWEST_DIGITS <= len(digits) <= MOST_DIGITS:
        return "", 0.0
    international = plus or digits.startswith("00")
    dialled = "+" + digits.removeprefix("00") if international else digits
    number = parsed(dialled, region)
    if number and phonenumbers.is_valid_number(number):
        return phonenumbers.format_number(number, PhoneNumberFormat.E164), 1.0
    code = str(phonenumbers.country_code_for_region(region))
    if not international and digits.startswith(code):  # "four one, seven nine …"
        whole = parsed("+" + digits, region)
        if whole and phonenumbers.is_valid_number(whole):
            return phonenumbers.format_number(whole, PhoneNumberFormat.E164), 0.9
    # A trunk zero that is left over shows that the number does not fit the region's plan.
    left_over = number is not None and str(number.national_number) != digits and digits.startswith("0")
    fewest = FEWEST_DIGITS if international else 0  # "double oh four nine, one five one" has only begun
    long_enough = number is not None and len(str(number.national_number)) >= fewest
    if number and long_enough and phonenumbers.is_possible_number(number) and (international or not left_over):
        return phonenumbers.format_number(number, PhoneNumberFormat.E164), 0.5
    # The first sound of a number is heard worst: "zero" comes as "three" or "two", "oh" as "four".
    national = parsed("0" + digits[1:], region) if not international and digits[0] in "234" else None
    if national and phonenumbers.is_valid_number(national) and _has_trunk_zero(national, digits):
        return phonenumbers.format_number(national, PhoneNumberFormat.E164), 0.45
    # Ten digits without a trunk zero are a North American number to a visitor, whatever the region.
    if not international and len(digits) == 10 and digits[0] not in "01":
        return f"+1{digits}", 0.4
    return "", 0.0


def _has_trunk_zero(number: phonenumbers.PhoneNumber, dialled: str) -> bool:
    return str(number.national_number) == dialled[1:] and phonenumbers.format_number(
        number, PhoneNumberFormat.NATIONAL
    ).startswith("0")


def parsed(dialled: str, region: str) -> phonenumbers.PhoneNumber | None:
    """What `dialled` is in `region`, valid or not; None where it can be no number."""
    try:
        return phonenumbers.parse(dialled, region)
    except phonenumbers.NumberParseException:
        return None
