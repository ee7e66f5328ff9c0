"""Telephone numbers as callers say them, and how to say them back."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations

import phonenumbers
from phonenumbers import PhoneNumberFormat

from antiphon.language.canonical import canonical
from antiphon.language.lexicon import UNITS, known
from antiphon.language.numbers import DigitGroup, digit_runs
from antiphon.language.reading import Reading

_FEWEST_DIGITS = 7
_MOST_DIGITS = 17
_MOST_GROUPS = 40
_MOST_JOINTS = 5
_SLIP = 0.6
_MOST_PARTS = 4
_LONGEST_ASIDE = 40
"""Characters between two parts of a number: room for "and then the number is", not for another matter."""
_MOST_CORRECTED = 6
_OF_AN_END = re.compile(r"\b(?:last|letzte\w*|ends)\b")
_OF_A_CLOCK = re.compile(r"\s*(?:o'?\s?clock|uhr\b|[ap]\.?\s?m\b|:|st\b|nd\b|rd\b|th\b)", re.IGNORECASE)
_TOOK_BACK = re.compile(
    r"\b(?:no|nein|sorry|pardon|mean|meant|meine|rather|correction|entschuldigung|last|letzte\w*|ends)\b"
)
_TAKES_BACK = re.compile(
    r"(?:[\s,.;:!?–-]|\b(?:oh|uh|um|äh|ähm|no|nein|sorry|pardon|wait|i|mean|meant|ich|meine|rather|correction|"
    r"entschuldigung|that's|thats|it's|its|das|ist|is|are|the|die|last|letzte\w*|digits?|ones?|ziffern?|a|an|eine?|ends|"
    r"in|with)\b)*"
)
"""Words that take back the end of a number and say nothing else."""
_TENS, _TEENS, _UNIT = re.compile("[2-9]0"), re.compile("1[3-9]"), re.compile("[1-9]")


def read_phones(text: str, language: str, region: str) -> list[Reading[str]]:
    """Telephone numbers in `text` as E.164.

    Args:
        text: what a caller said.
        language: ISO 639-1 code.
        region: ISO 3166 country that numbers without a country code belong to, such as `CH`.

    Returns:
        Readings in the order of the text; a number that is only possible, not valid, has a confidence below 0.8.
    """
    runs = digit_runs(text, language)
    found = []
    for index, run in enumerate(runs):
        if len(_dialled(run)) >= _FEWEST_DIGITS:
            readings = _best(run, _plus_before(text, language, run[0].start), region.upper())
            if readings and index + 1 < len(runs):
                readings[-1] = _corrected(text, readings[-1], runs[index + 1 :], region)
            found += readings
    return found or _around_asides(text, language, runs, region.upper())


def _dialled(run: list[DigitGroup]) -> str:
    return "".join(group.digits for group in run)


def _corrected(text: str, reading: Reading[str], runs: list[list[DigitGroup]], region: str) -> Reading[str]:
    """The number with its end replaced, where the caller takes it back at once ("…68, sorry, 67")."""
    then = runs[0]
    if len(runs) > 1 and text[: then[0].start].lower().endswith("last "):
        then = runs[1]  # "the last one is a seven": the one is no digit
    digits = _dialled(then)
    between = text[reading.end : then[0].start].lower()
    a_time = ":" in text[then[0].start : then[-1].end] or _OF_A_CLOCK.match(text[then[-1].end :])
    said = _TAKES_BACK.fullmatch(between) and _TOOK_BACK.search(between) and not a_time
    fewest = 1 if _OF_AN_END.search(between) else 2
    number = reading.value[: -len(digits)] + digits
    if not said or not fewest <= len(digits) <= _MOST_CORRECTED or _e164(number[1:], True, region)[1] < 1.0:
        return reading
    return Reading(number, reading.start, then[-1].end, 0.8 * reading.confidence)


def _around_asides(text: str, language: str, runs: list[list[DigitGroup]], region: str) -> list[Reading[str]]:
    """A valid number with words between its parts ("zero seven nine, that's the prefix, one two three …")."""
    for first in range(len(runs) - 1):
        whole = list(runs[first])
        for run in runs[first + 1 : first + _MOST_PARTS]:
            said_again = _dialled(run)[:2] == _dialled(runs[first])[:2]
            if said_again or run[0].start - whole[-1].end > _LONGEST_ASIDE:
                break
            whole += run
            plus = _plus_before(text, language, whole[0].start)
            e164, sure = _e164(_dialled(whole), plus is not None, region)
            if sure == 1.0:
                start = whole[0].start if plus is None else plus
                return [Reading(e164, start, whole[-1].end, 0.8 * min(group.sure for group in whole))]
    return []


def _plus_before(text: str, language: str, start: int) -> int | None:
    """Where a plus sign, written or spoken, stands directly before `start`."""
    before = [token for token in canonical(text, language).tokens if token.end <= start]
    while before and before[-1].form in ("(", ","):
        before.pop()
    return before[-1].start if before and before[-1].form in ("+", "plus") else None


def _best(run: list[DigitGroup], plus: int | None, region: str) -> list[Reading[str]]:
    whole: list[Reading[str]] = []
    joined = _joined(run, plus, region)
    for part in _parts(run):
        leads = part[0] is run[0]
        e164, sure = _e164(_dialled(part), plus is not None and leads, region)
        start = plus if plus is not None and leads else part[0].start
        complete = len(part) == len(run)
        heard = min(group.sure for group in part) * (1.0 if complete else 0.75)
        if e164 and sure >= 0.8:
            return [Reading(e164, start, part[-1].end, sure * heard)]
        if joined:
            return joined
        if e164 and complete:
            whole = [Reading(e164, start, part[-1].end, sure * heard)]
    return whole


def _joined(run: list[DigitGroup], plus: int | None, region: str) -> list[Reading[str]]:
    """The number with tens and units joined that a recogniser set apart ("seventy, three" for 73), if that is valid.

    "Seventeen nine" is a slip for 79 where nothing else fits.
    """
    pairs = [(i, run[i].digits) for i in range(len(run) - 1) if _UNIT.fullmatch(run[i + 1].digits)]
    apart = [i for i, digits in pairs if _TENS.fullmatch(digits) or _TEENS.fullmatch(digits)]
    start = run[0].start if plus is None else plus
    found: dict[str, float] = {}
    for count in range(len(apart), 0, -1):
        for chosen in combinations(apart[:_MOST_JOINTS], count):
            e164, sure = _e164(_digits_joined(run, chosen), plus is not None, region)
            if sure >= 0.8:
                guessed = any(_TEENS.fullmatch(run[i].digits) for i in chosen)
                found.setdefault(e164, sure * min(group.sure for group in run) * (_SLIP if guessed else 1.0))
    if not found:
        return []
    e164, sure = next(iter(found.items()))
    return [Reading(e164, start, run[-1].end, sure * (0.85 if len(found) == 1 else 0.5))]


def _digits_joined(run: list[DigitGroup], at: tuple[int, ...]) -> str:
    return "".join(group.digits.strip("10") if i in at else group.digits for i, group in enumerate(run))


def _parts(run: list[DigitGroup]) -> Iterator[list[DigitGroup]]:
    """The whole run, then what is left when it is cut at commas and full stops, longest first.

    It is never cut elsewhere, nor where a recogniser put a comma after every digit: a number with a digit too many must
    be asked for again, not made to fit.
    """
    yield run
    one_by_one = sum(group.breaks and len(group.digits) == 1 for group in run) > len(run) / 2
    if len(run) > _MOST_GROUPS or one_by_one:
        return
    cuts = [0, *(i for i, group in enumerate(run) if group.breaks and i), len(run)]
    pieces = [run[a:b] for i, a in enumerate(cuts) for b in cuts[i + 1 :]]
    yield from sorted((p for p in pieces if len(p) < len(run)), key=lambda p: -sum(len(g.digits) for g in p))


@lru_cache(maxsize=256)
def _e164(digits: str, plus: bool, region: str) -> tuple[str, float]:
    """E.164 and confidence of dialled digits; ("", 0) where they are no telephone number anywhere likely."""
    if not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS:
        return "", 0.0
    international = plus or digits.startswith("00")
    dialled = "+" + digits.removeprefix("00") if international else digits
    number = _parsed(dialled, region)
    if number and phonenumbers.is_valid_number(number):
        return phonenumbers.format_number(number, PhoneNumberFormat.E164), 1.0
    code = str(phonenumbers.country_code_for_region(region))
    if not international and digits.startswith(code):  # "four one, seven nine …"
        whole = _parsed("+" + digits, region)
        if whole and phonenumbers.is_valid_number(whole):
            return phonenumbers.format_number(whole, PhoneNumberFormat.E164), 0.9
    # A trunk zero that is left over shows that the number does not fit the region's plan.
    left_over = number is not None and str(number.national_number) != digits and digits.startswith("0")
    fewest = _FEWEST_DIGITS if international else 0  # "double oh four nine, one five one" has only begun
    long_enough = number is not None and len(str(number.national_number)) >= fewest
    if number and long_enough and phonenumbers.is_possible_number(number) and (international or not left_over):
        return phonenumbers.format_number(number, PhoneNumberFormat.E164), 0.5
    # The first sound of a number is heard worst: "zero" comes as "three" or "two", "oh" as "four".
    national = _parsed("0" + digits[1:], region) if not international and digits[0] in "234" else None
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


def _parsed(dialled: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(dialled, region)
    except phonenumbers.NumberParseException:
        return None


def spell_phone(e164: str, language: str, region: str | None = None) -> str:
    """Words for reading a number back in its usual groups, with pauses; national form when it belongs to `region`."""
    number = _parsed(e164, region or "ZZ")
    written = e164
    if number:
        home = region is not None and phonenumbers.country_code_for_region(region.upper()) == number.country_code
        written = phonenumbers.format_number(
            number, PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
        )
    names = UNITS[known(language)]
    groups = "".join(c if c in "+0123456789" else " " for c in written).split()
    return ", ".join(" ".join("plus" if c == "+" else names[int(c)] for c in group) for group in groups)
