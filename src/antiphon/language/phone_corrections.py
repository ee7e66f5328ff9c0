"""Telephone numbers whose caller takes back a part of what was said."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from phonenumbers import PhoneNumberFormat, format_number

from antiphon.language.numbers import DigitGroup, dialled
from antiphon.language.phone_plans import e164, parsed
from antiphon.language.phone_repairs import tens_joined
from antiphon.language.reading import Reading

_MOST_CORRECTED = 6
_GROUP = 3
_PREFIX = re.compile(r"0[1-9][0-9]")
_OF_AN_END = re.compile(r"\b(?:last|letzte\w*|ends)\b")
_OF_A_CLOCK = re.compile(r"\s*(?:o'?\s?clock|uhr\b|[ap]\.?\s?m\b|:|st\b|nd\b|rd\b|th\b)", re.IGNORECASE)
_TOOK_BACK = re.compile(
    r"\b(?:no|not|nein|nicht|sorry|pardon|mean|meant|meine|rather|correction|entschuldigung|last|letzte\w*|ends|dear|oops"
    r"|whoops|wrong|mistake|scratch|actually|silly|falsch|quatsch)\b"
)
_TAKES_BACK = re.compile(
    r"(?:[\s,.;:!?–-]|\b(?:oh|uh|um|äh|ähm|no|nein|sorry|pardon|wait|weight|hang|on|hold|make|let|me|see|i|mean|meant|ich|meine|rather|correction|"
    r"entschuldigung|dear|my|me|goodness|oops|whoops|wrong|mistake|scratch|actually|silly|i'm|im|it|was|sondern|but|falsch|quatsch|ach|doch|nicht|that's|thats|it's|its|das|ist|is|are|the|die|last|letzte\w*|digits?|ones?|ziffern?|a|an|eine?|ends|"
    r"in|with|two|three|four|couple|pair|of|numbers?|figures?|should|be|must|would|end|actually|bit|part|got|have|that|"
    r"said|wrong|again|well|zwei|drei|vier|muss|sein|sind|wäre|am|ende)\b)*"
)
"""Words that take back the end of a number and say nothing else."""


_DENIES = re.compile(r"(?i)\b(?:not|nicht)\W+$")
_DENIED = re.compile(r"\b(?:not|nicht) [\w\s-]+?[,.;]| not .*$")
_MOST_DENIED = 3


def corrected(text: str, reading: Reading[str], runs: list[list[DigitGroup]], region: str) -> Reading[str]:
    """The number with its end or its prefix replaced, where the caller takes it back at once ("…68, sorry, 67")."""
    then = runs[0]
    if len(runs) > 1 and text[: then[0].start].lower().endswith("last "):
        then = runs[1]  # "the last one is a seven": the one is no digit
    denied = _DENIES.search(text[: then[0].start]) is not None
    then = _instead(reading.value, runs) if denied else then
    if not then:
        return reading
    digits, joined = dialled(then), tens_joined(then)
    if joined[:2] == reading.value[-len(joined) :][:2]:
        digits = joined
    between = text[reading.end : then[0].start].lower()
    between = _DENIED.sub(" no ", between) if denied else between
    a_time = ":" in text[then[0].start : then[-1].end] or _OF_A_CLOCK.match(text[then[-1].end :])
    said = _TAKES_BACK.fullmatch(between) and _TOOK_BACK.search(between) and not a_time
    at_the_end = _OF_AN_END.search(between)
    fewest = 1 if at_the_end else 2
    number = reading.value[: -len(digits)] + digits
    if _PREFIX.fullmatch(digits) and not at_the_end:
        number = _with_prefix(reading.value, digits, region)
    elif len(digits) == _GROUP and not at_the_end:
        number = _with_group(reading.value, digits) or number
    if not said or not fewest <= len(digits) <= _MOST_CORRECTED or e164(number[1:], True, region)[1] < 1.0:
        return reading
    return Reading(number, reading.start, then[-1].end, 0.8 * reading.confidence)


def _with_prefix(number: str, prefix: str, region: str) -> str:
    """The number with another prefix of the same length ("sorry, 079 at the beginning"), if there is such a one."""
    known = parsed(number, region)
    national = format_number(known, PhoneNumberFormat.NATIONAL) if known else ""
    digits = re.sub(r"[^0-9]", "", national)
    return e164(prefix + digits[len(prefix) :], False, region)[0] if digits.startswith("0") else ""


def _with_group(number: str, group: str) -> str:
    """The number with the one group replaced that is nearly `group` ("sorry, 213" where it has 214)."""
    alike = []
    for at in range(len(number) - _GROUP + 1):
        said = number[at : at + _GROUP]
        slips = sum(a != b for a, b in zip(said, group, strict=True))
        if slips == 1 or (slips and sorted(said) == sorted(group)):
            alike.append(number[:at] + group + number[at + _GROUP :])
    return alike[0] if len(alike) == 1 else ""


def _instead(number: str, runs: Sequence[Sequence[DigitGroup]]) -> list[DigitGroup]:
    """What follows the end of `number` said once more to deny it ("not 91, 19"); nothing where that is not its end."""
    said = [group for run in runs for group in run]
    for count in range(1, min(len(said), _MOST_DENIED + 1)):
        if number.endswith(dialled(said[:count])) and len(dialled(said[:count])) > 1:
            return said[count:]
    return []


_SAYS_AGAIN = re.compile(
    r"(?:[\s,.;:!?–-]|\b(?:i|repeat|again|that's|thats|so|ich|wiederhole|nochmal|also|das|heisst)\b)*"
)


def begun_again(
    text: str, runs: list[list[DigitGroup]], region: str, plus_before: Callable[[int], int | None]
) -> list[Reading[str]]:
    """The number whose part is taken back and said again before it is complete ("079 31, no, 32 …").

    What was said again begins where that makes a valid number: at the one place there is, or at the one whose digit it
    repeats. `plus_before` tells where a plus sign stands directly before a place.
    """
    for first, then in pairwise(runs):
        between = text[first[-1].end : then[0].start].lower()
        took_back = _TAKES_BACK.fullmatch(between) and _TOOK_BACK.search(between)
        repeats = any(c.isalpha() for c in between) and _SAYS_AGAIN.fullmatch(between)
        if not took_back and not repeats:
            continue
        begun, plus = dialled(first), plus_before(first[0].start)
        fitting: dict[str, bool] = {}
        for again in dict.fromkeys((dialled(then), tens_joined(then))):
            for at in range(1, len(begun)):
                number, valid = e164(begun[:at] + again, plus is not None, region)
                if valid == 1.0:
                    fitting[number] = fitting.get(number, False) or begun[at] == again[0]
        same = [number for number, repeated in fitting.items() if repeated]
        if len(same or fitting) == 1 and (took_back or same):
            number = next(iter(same or fitting))
            sure = min(group.sure for group in (*first, *then))
            start = first[0].start if plus is None else plus
            return [Reading(number, start, then[-1].end, 0.75 * sure)]
    return []
