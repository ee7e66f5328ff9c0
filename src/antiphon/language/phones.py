"""Telephone numbers as callers say them, and how to say them back."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import phonenumbers
from phonenumbers import PhoneNumberFormat

from antiphon.language.canonical import canonical
from antiphon.language.lexicon import UNITS, known
from antiphon.language.numbers import DigitGroup, dialled, digit_runs
from antiphon.language.phone_corrections import begun_again, corrected
from antiphon.language.phone_plans import FEWEST_DIGITS, e164, parsed
from antiphon.language.phone_repairs import joined, regrouped
from antiphon.language.reading import Reading

_LIKELY = 0.5
"""Below this confidence of a number as it was read, words that sound like digits are looked at too."""
_ALIKE = 0.45
"""No number that is only possible, not valid, is made of words that sound like digits."""
_MOST_GROUPS = 40
_MOST_PARTS = 4
_BEFORE_A_TIME = re.compile(r"(?i)\b(?:before|after|until|till|by|at|vor|nach|um|bis)\s+$")
_LONGEST_ASIDE = 40
"""Characters between two parts of a number: room for "and then the number is", not for another matter."""


def read_phones(text: str, language: str, region: str) -> list[Reading[str]]:
    """Telephone numbers in `text` as E.164.

    Args:
        text: what a caller said.
        language: ISO 639-1 code.
        region: ISO 3166 country that numbers without a country code belong to, such as `CH`.

    Returns:
        Readings in the order of the text; a number that is only possible, not valid, has a confidence below 0.8.
    """
    found = _read(text, language, region.upper(), sounds=False)
    if any(reading.confidence >= _LIKELY for reading in found):
        return found
    alike = _read(text, language, region.upper(), sounds=True)
    return [reading for reading in alike if reading.confidence >= _ALIKE] or found


def _read(text: str, language: str, region: str, *, sounds: bool) -> list[Reading[str]]:
    """The numbers in `text`; with `sounds`, words that only sound like digits count as digits among others."""
    runs = digit_runs(text, language, sounds=sounds)
    found = []
    for index, run in enumerate(runs):
        if len(dialled(run)) >= FEWEST_DIGITS:
            readings = _best(text, run, _plus_before(text, language, run[0].start), region)
            if readings and index + 1 < len(runs):
                readings[-1] = corrected(text, readings[-1], runs[index + 1 :], region)
            found += readings
    if any(reading.confidence >= _LIKELY for reading in found):
        return found
    plus_before = partial(_plus_before, text, language)
    return begun_again(text, runs, region, plus_before) or found or _around_asides(text, language, runs, region)


def _around_asides(text: str, language: str, runs: list[list[DigitGroup]], region: str) -> list[Reading[str]]:
    """A valid number with words between its parts ("zero seven nine, that's the prefix, one two three …")."""
    for first in range(len(runs) - 1):
        whole = list(runs[first])
        for run in runs[first + 1 : first + _MOST_PARTS]:
            if _BEFORE_A_TIME.search(text[: run[0].start]):
                break
            said_again = dialled(run)[:2] == dialled(runs[first])[:2]
            digit_lost = text[: run[0].start].endswith(" a ")  # "and a 24" was "eight, twenty-four"
            if said_again or digit_lost or run[0].start - whole[-1].end > _LONGEST_ASIDE:
                break
            whole += run
            plus = _plus_before(text, language, whole[0].start)
            number, sure = e164(dialled(whole), plus is not None, region)
            if sure == 1.0:
                start = whole[0].start if plus is None else plus
                return [Reading(number, start, whole[-1].end, 0.8 * min(group.sure for group in whole))]
            if mended := joined(whole, plus, region):
                return [replace(one, confidence=0.8 * one.confidence) for one in mended]
    return []


def _plus_before(text: str, language: str, start: int) -> int | None:
    """Where a plus sign, written or spoken, stands directly before `start`."""
    before = [token for token in canonical(text, language).tokens if token.end <= start]
    while before and before[-1].form in ("(", ","):
        before.pop()
    return before[-1].start if before and before[-1].form in ("+", "plus") else None


def _best(text: str, run: list[DigitGroup], plus: int | None, region: str) -> list[Reading[str]]:
    whole: list[Reading[str]] = []
    mended = joined(run, plus, region)
    for part in _parts(run):
        leads = part[0] is run[0]
        number, sure = e164(dialled(part), plus is not None and leads, region)
        start = plus if plus is not None and leads else part[0].start
        complete = len(part) == len(run)
        heard = min(group.sure for group in part) * (1.0 if complete else 0.75)
        if number and sure >= 0.8:
            return [Reading(number, start, part[-1].end, sure * heard)]
        if mended:
            return mended
        if number and complete:
            whole = [Reading(number, start, part[-1].end, sure * heard)]
    return whole or regrouped(text, run, plus, region)


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


def spell_phone(e164: str, language: str, region: str | None = None) -> str:
    """Words for reading a number back in its usual groups, with pauses; national form when it belongs to `region`."""
    number = parsed(e164, region or "ZZ")
    written = e164
    if number:
        home = region is not None and phonenumbers.country_code_for_region(region.upper()) == number.country_code
        written = phonenumbers.format_number(
            number, PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
        )
    names = UNITS[known(language)]
    groups = "".join(c if c in "+0123456789" else " " for c in written).split()
    return ", ".join(" ".join("plus" if c == "+" else names[int(c)] for c in group) for group in groups)
