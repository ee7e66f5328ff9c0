"""What the figures of a turn are: a date of birth, digits, a pain level, days and times."""

import re
from dataclasses import replace
from datetime import date

from antiphon.engines.llm.receptionist_rules.heard import Ears, Heard, blank, hide
from antiphon.engines.llm.receptionist_rules.intents import Intent
from antiphon.engines.llm.receptionist_rules.pain_levels import SCALE, read_pain_level
from antiphon.language.birth_dates import read_birth_dates
from antiphon.language.dates import NoDay, read_impossible_days
from antiphon.language.numbers import read_digits, read_numbers
from antiphon.language.parts import Bound
from antiphon.language.reading import Reading
from antiphon.language.slots import Slot, read_refusals, read_refused_slots, read_slots

_MOST_DIGITS_OF_A_TIME = 4
_CLOCK = re.compile(r"(?i)\b(?:at|um|o'?clock|uhr|past|half|halb|quarter|viertel)\b")
_BIRTH = re.compile(r"(?i)\b(?:born|birth\w*|dob|d\.o\.b|geboren|geburt\w*|jahrgang)\b")
_TOLD_OF = re.compile(
    r"(?i)\b(?:since|seit|was|were|war|missed|verpasst|from|of|von|vom|appointment|termin|booked|called|rang|cancelled"
    r"|angerufen|here|da|hier|until|bis|already|schon)\W+(?:on\W+|am\W+|the\W+)?$"
    r"|\b(?:was|were|came|been|went|visited|saw|had|did) (?:[\w’']+ ){1,4}$"
)
_OWN_HOURS = re.compile(
    r"(?i)\b(?:(?:do|does)n[’']t|(?:do|does) not|never|not)"
    r" (?:start|begin|open|finish|leave|get (?:in|up|off|out|home))(?: (?:work|school))?"
    r"(?: \w+)?? (?:until|till|before|at) [^.,;?!]+"
)
"""Until when a caller is free or busy, which beside a time is why they wish for that."""
_ENDS_IN = re.compile(r"(?i)\b(?:ends?|ending|digits|ones|figures) (?:in|with|on|are|is|were)\W*$")
"""What stands before the last digits of a number: "4/7" is no date there."""
_RULED_OUT = re.compile(r"(?i)\b(?:not|nicht|instead of|statt)\W+$")
_TURNS = re.compile(
    r"(?i)\b(?:but|rather|instead|later|earlier|could|i['’]d (?:like|prefer)|aber|lieber|stattdessen)\b"
)
"""Within one appointment, what stands between its old time and the new one ("tomorrow at eight, but rather four")."""
_ONE_WORD = re.compile(r"\W*\w+\W*")
_NOON = re.compile(r"(?i)\b(?:new|moon|nun|noun|nune|noom)\b")
"""What recognisers make of "noon" where it is all that is said."""
_CLAUSE = re.compile(r"(?<![^.?!,; ])(?!\s*\d{3})[^.?!,;]+")
_SOME_ONE = re.compile(
    r"(?i)\b(?:the|that|this|no|some|new|other|another|different|either|any|every|each|which|right|wrong)\W+one\b"
    r"(?!\W*(?:o['’]?clock|thirty|fifteen|forty|p\.?m|a\.?m|in the|after))"
    r"|\b(?:like|have|want|need|book|get|take) one\b(?= (?:on|for|this|next|tomorrow|today|in|please)\b)"
)
"""Things and people, not one o'clock: "that's the one"."""


def read_figures(heard: Heard, ears: Ears) -> None:
    """Dates of birth, telephone numbers, pain levels, and from what is left of the text days and times."""
    text, language = heard.text, ears.language
    rest = hide(text, heard.phones)
    heard.birth_date = _birth_date(rest, ears)
    if heard.birth_date:
        rest = _BIRTH.sub(blank, hide(rest, [heard.birth_date]))
    heard.pain_level = read_pain_level(rest, language, hurts=bool(heard.symptoms))
    if heard.pain_level:
        level = heard.pain_level
        rest = SCALE.sub(blank, hide(rest, [Reading(0, level.start, level.end)]))
    heard.digits = [] if heard.phones else read_digits(rest, language)
    if not heard.digits and heard.means(Intent.LAST_DIGITS):
        numbers = (number for number in read_numbers(rest, language) if 0 <= number.value <= 99)
        heard.digits = [Reading(str(n.value), n.start, n.end, n.confidence) for n in numbers]
    if heard.means(Intent.LAST_DIGITS):
        heard.digits = [
            digits for digits in heard.digits if not _RULED_OUT.search(rest[: digits.start])
        ] or heard.digits
        rest = hide(rest, [digits for digits in heard.digits if _ENDS_IN.search(rest[: digits.start])])
    spoken = sum(len(digits.value) for digits in heard.digits)
    if ears.phone_asked and (spoken > _MOST_DIGITS_OF_A_TIME or (spoken >= 3 and not _CLOCK.search(rest))):
        return
    if ears.phone_asked and _ONE_WORD.fullmatch(rest):
        numbers = (number for number in read_numbers(rest, language) if number.value < 10)
        digit = [Reading(str(one.value), one.start, one.end, one.confidence) for one in numbers]
        if digit:
            heard.digits = digit
            return
    if ears.day_asked and _ONE_WORD.fullmatch(rest):
        rest = _NOON.sub("noon", rest)
    rest = _SOME_ONE.sub(blank, rest)
    heard.slots = _wished_slots(rest, ears)
    if ears.day_asked and not any(slot.value.time for slot in heard.slots):
        heard.slots = _with_hour(rest, heard.slots, ears)
    if heard.slots:
        last = heard.slots[-1]
        turn = _TURNS.search(rest, last.start, last.end)
        before = rest[: turn.start() if turn else last.start]
        heard.earlier_slots = read_slots(before, language, ears.now, ears.practice.hours)
    if heard.slots and spoken <= _MOST_DIGITS_OF_A_TIME and not heard.means(Intent.LAST_DIGITS):
        heard.digits = []
    impossible = read_impossible_days(rest, language, ears.now.date())
    heard.impossible = [day for day in impossible if _wishes(heard, rest, day)]
    heard.refusals = read_refusals(rest, language, ears.now)
    heard.refused_slots = read_refused_slots(rest, language, ears.now, ears.practice.hours)


def _wished_slots(text: str, ears: Ears) -> list[Reading[Slot]]:
    """The days and times in the text; the caller's own hours are wished for only where no other time is told."""
    others = _OWN_HOURS.sub(blank, text)
    wished = read_slots(others, ears.language, ears.now, ears.practice.hours)
    if others == text or any(slot.value.time for slot in wished):
        return wished
    return read_slots(text, ears.language, ears.now, ears.practice.hours)


def _with_hour(text: str, slots: list[Reading[Slot]], ears: Ears) -> list[Reading[Slot]]:
    """The wishes with the hour that a sentence or clause of its own is ("not too early. Ten?"), where one is."""
    for clause in reversed(list(_CLAUSE.finditer(text))):
        alone = " " * clause.start() + clause[0]
        for read in read_slots(alone, ears.language, ears.now, ears.practice.hours):
            if read.value.time is not None and read.value.date is None and read.value.bound is Bound.AT:
                whole = [replace(slot, value=read.value.merged(slot.value), end=read.end) for slot in slots]
                return whole or [read]
    return slots


def _wishes(heard: Heard, text: str, day: Reading[NoDay]) -> bool:
    """Whether an impossible day is wished for: what has hurt since yesterday is only told."""
    if day.value is NoDay.PAST and (heard.symptoms or heard.birth_date):
        return False
    return not _TOLD_OF.search(text[: day.start])


def _birth_date(text: str, ears: Ears) -> Reading[date] | None:
    """The date that is named as one of birth; unnamed, "the ninth, eight forty-five" is an appointment."""
    named = _BIRTH.search(text)
    if named is None and ears.day_asked:
        return None
    births = read_birth_dates(text, ears.language, ears.now.date(), full_year=named is None)
    if named is None:  # "November 3rd 2026" may be a slip in the year, or a visit
        births = [birth for birth in births if birth.value.year < ears.now.year - 1]
        return next(iter(births), None)
    return min(births, key=lambda birth: _apart(text, named, birth), default=None)


def _apart(text: str, word: re.Match[str], birth: Reading[date]) -> tuple[bool, int]:
    """How far a date stands from the word that names it; one in another clause is farther than any in its own."""
    between = text[word.end() : birth.start] if birth.start >= word.end() else text[birth.end : word.start()]
    return bool(re.search("[,.;]", between)), len(between)
