"""Corrections of several things in one turn, and those that name the wrong hour before the right one."""

import re
from itertools import pairwise

from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.intents import Intent
from antiphon.engines.llm.receptionist_rules.learning import learn
from antiphon.language.numbers import read_numbers
from antiphon.language.reading import Reading
from antiphon.language.slots import Slot, read_slots

_RULED_OUT = re.compile(r"(?i)\b(?:not|nicht)\W+(?:at\W+|um\W+)?$")
_CLOCK = re.compile(r"(?i)\b(?:at|um|o'?clock|uhr|past|half|halb|quarter|viertel)\b")
_AT = {"en": "at ", "de": "um "}
_HOURS_ON_A_DIAL = 12


def learn_all(ex: Exchange) -> None:
    """Take every fact of the turn: an appointment beside the end of a telephone number counts as well as that end."""
    heard = ex.heard
    _take_hour_instead(ex)
    sure = [slot for slot in heard.slots if _names_a_time(ex, slot)]
    if heard.means(Intent.LAST_DIGITS):
        heard.digits = [digits for digits in heard.digits if not any(_overlap(digits, slot) for slot in sure)]
    learn(ex)
    if not heard.slots and sure and "phone_e164" in ex.news:
        heard.slots, heard.digits = sure, []
        learn(ex)


def _names_a_time(ex: Exchange, slot: Reading[Slot]) -> bool:
    """Whether it is a day, or a time that is marked as one; the other numbers may be digits."""
    return slot.value.date is not None or bool(_CLOCK.search(ex.heard.text[max(0, slot.start - 3) : slot.end]))


def _overlap(one: Reading[str], other: Reading[Slot]) -> bool:
    return one.start < other.end and other.start < one.end


def _take_hour_instead(ex: Exchange) -> None:
    """After "not ten, eleven" the wish is for eleven, where ten o'clock is what was understood."""
    heard, known = ex.heard, ex.memory.wish.time
    if known is None or heard.slots or heard.phones or heard.means(Intent.ABOUT_PHONE, Intent.LAST_DIGITS):
        return
    numbers = read_numbers(heard.text, heard.language)
    for wrong, right in pairwise(numbers):
        if _RULED_OUT.search(heard.text[: right.start]):
            wrong, right = right, wrong  # "nine, not ten"
        same_hour = (wrong.value - known.hour) % _HOURS_ON_A_DIAL == 0
        if not same_hour or not _RULED_OUT.search(heard.text[: wrong.start]):
            continue
        at = _AT.get(heard.language, _AT["en"])
        spoken = at.rjust(right.start) + heard.text[right.start : right.end]
        slots = read_slots(spoken, heard.language, ex.calendar.now, ex.practice.hours)
        if slots and slots[0].value.time is not None:
            heard.slots, heard.digits = slots[:1], []
        return
