"""Telephone numbers that a recogniser grouped otherwise than the caller, mended where that makes them valid."""

import re
from collections.abc import Sequence
from itertools import combinations

from antiphon.language.numbers import DigitGroup
from antiphon.language.phone_plans import e164
from antiphon.language.reading import Reading

_MOST_JOINTS = 5
_SLIP = 0.6
_REGROUPED = 0.5
_TENS, _TEENS, _UNIT = re.compile("[2-9]0"), re.compile("1[3-9]"), re.compile("[1-9]")
_HUNDREDS = re.compile(r"([1-9])(?!\1\1)(?:0[1-9]|[1-9][0-9])")  # "triple four" is no hundred
_HUNDRED, _TWO = re.compile("[1-9]00"), re.compile("[1-9][0-9]")


def joined(run: list[DigitGroup], plus: int | None, region: str) -> list[Reading[str]]:
    """The number with tens and units joined that a recogniser set apart ("seventy, three" for 73), if that is valid.

    "Seventeen nine" is a slip for 79 where nothing else fits.
    """
    pairs = [(i, run[i].digits) for i in range(len(run) - 1) if _UNIT.fullmatch(run[i + 1].digits)]
    apart = [i for i, digits in pairs if _TENS.fullmatch(digits) or _TEENS.fullmatch(digits)]
    apart += [i for i in range(len(run) - 1) if _HUNDRED.fullmatch(run[i].digits) and _TWO.fullmatch(run[i + 1].digits)]
    start = run[0].start if plus is None else plus
    found: dict[str, float] = {}
    for count in range(len(apart), 0, -1):
        for chosen in combinations(apart[:_MOST_JOINTS], count):
            number, sure = e164(_digits_joined(run, chosen), plus is not None, region)
            if sure >= 0.8:
                guessed = any(_TEENS.fullmatch(run[i].digits) for i in chosen)
                found.setdefault(number, sure * min(group.sure for group in run) * (_SLIP if guessed else 1.0))
    if not found:
        return []
    number, sure = next(iter(found.items()))
    return [Reading(number, start, run[-1].end, sure * (0.85 if len(found) == 1 else 0.5))]


def _digits_joined(run: list[DigitGroup], at: tuple[int, ...]) -> str:
    return "".join(_head(group.digits) if i in at else group.digits for i, group in enumerate(run))


def _head(digits: str) -> str:
    """What tens, teens or hundreds add before what they are joined with: 7 of "seventy", 4 of "four hundred"."""
    return digits[0] if _HUNDRED.fullmatch(digits) else digits.strip("10")


def tens_joined(run: Sequence[DigitGroup]) -> str:
    """All digits of a run, its tens joined with the units that follow them ("fifty, six" as 56)."""
    follows = [group.digits for group in run[1:]] + [""]
    at = [i for i, group in enumerate(run) if _TENS.fullmatch(group.digits) and _UNIT.fullmatch(follows[i])]
    return _digits_joined(list(run), tuple(at))


def regrouped(text: str, run: list[DigitGroup], plus: int | None, region: str) -> list[Reading[str]]:
    """The number with hundreds set apart from what follows them, or joined with it, where only one way is valid.

    "Three hundred, forty" comes as "three hundred forty", "one hundred and eight" as "100 and 08". Figures alone are
    left as they are: "079 123 45" has only begun.
    """
    words = set(re.findall(r"[a-z]+", text[run[0].start : run[-1].end].lower()))
    said = [digits for group in run for digits in _as_written(text, group)]
    candidates = []
    for at, digits in enumerate(said):
        if "hundred" in words and _HUNDREDS.fullmatch(digits) and at:
            candidates.append([*said[:at], digits[0] + "00", digits[1:].lstrip("0"), *said[at + 1 :]])
        if "and" in words and _HUNDRED.fullmatch(digits) and at + 1 < len(said):
            candidates.append([*said[:at], digits[:2], said[at + 1].lstrip("0"), *said[at + 2 :]])
    valid = [(number, sure) for number, sure in (e164("".join(c), plus is not None, region) for c in candidates)]
    numbers = {number: sure for number, sure in valid if sure >= 0.8}
    if len(numbers) != 1:
        return []
    number, sure = numbers.popitem()
    start = run[0].start if plus is None else plus
    return [Reading(number, start, run[-1].end, _REGROUPED * sure * min(group.sure for group in run))]


def _as_written(text: str, group: DigitGroup) -> list[str]:
    """The figures that a group is written in ("079-340-50"); the group itself where it is written in words."""
    figures = re.findall(r"[0-9]+", text[group.start : group.end])
    return figures if "".join(figures) == group.digits else [group.digits]
