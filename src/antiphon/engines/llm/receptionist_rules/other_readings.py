"""What else a turn may have been: taken where the first reading does not answer the question, but another one does."""

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial

from antiphon.engines.llm.receptionist_rules.calendar import Calendar
from antiphon.engines.llm.receptionist_rules.heard import Heard
from antiphon.engines.llm.receptionist_rules.intents import Intent
from antiphon.engines.llm.receptionist_rules.memory import Item
from antiphon.language.names import read_spelling
from antiphon.language.slots import Slot

TRUST = 0.7
"""How much less another reading is believed than the first."""
_VALID = 0.6
_MENDED = 0.45
_SURE = 0.7
_NAMED = 0.89
_BIRTH = re.compile(r"(?i)\b(?:born|birth\w*|geboren|geburt\w*)\b")
_DIGITS_OF_A_NUMBER = 6
_DAY_ASKED = (Item.SLOT, Item.DAY, Item.OLD)
_TIME_ASKED = (Item.SLOT, Item.TIME)
_NO_REASON = frozenset((Intent.BOOK, Intent.SEVERE, Intent.URGENT, Intent.ROUTINE, Intent.GREETING, Intent.NEW_PATIENT))
"""Meanings that a turn may have without saying what the visit is for."""
_NO_ANSWER = frozenset(
    (Intent.ABORT, Intent.BYE, Intent.CANCEL, Intent.MOVE, Intent.CALLBACK, Intent.HUMAN, Intent.STATUS, Intent.HOURS)
)
"""Meanings of a turn that answers no question about the visit."""
_HESITATES = frozenset((Intent.WAIT,))
"""What may be meant beside figures that are a day or a time ("let's see, eleven")."""
_IN_WORDS = 2.0
"""How much more a number in words counts than one in figures, which leave out or make up what was hard to hear."""
_REPEATED = re.compile(r"(?i)\b(?:double|triple|treble|doppel\w*|dreifach)\b")
_SAYS_REPEATED = 7.0
"""How much a number with "double" or "triple" in it counts: a recogniser writes the digits, but never makes this up."""
_MISFIT = 0.5
"""How much an appointment counts at which the practice is closed."""
_YES_NO = (Item.CHECK, Item.DOUBT, Item.WANT_BOOKING, Item.WANT_CALLBACK, Item.HUMAN)


def choose(first: Heard, others: Iterable[Heard], asked: Item, calendar: Calendar) -> Heard | None:
    """The first of `others` that answers what was `asked`; None where `first` does, or says something else."""
    if first.emergencies:
        return None
    others = tuple(others)
    if asked in _DAY_ASKED or asked in _TIME_ASKED:
        return _with_slot(first, others, asked, calendar)
    if asked is Item.PHONE or _many_digits(first):
        other = _elected(first, others, _vote_on_phone) if _has_phone(first) else _with_phone(first, others)
        if other or asked is not Item.TASK or not _has_phone(first):
            return other
    whole_name = next((other for other in others if _only_name_is_whole(first, other)), None)
    if asked is Item.TASK and whole_name:
        return whole_name
    if asked is Item.TASK and first.slots:
        other = _with_slot(first, (other for other in others if _same_wish(first, other)), Item.SLOT, calendar)
        if other:
            return other
    if asked is Item.NAME and (spelled := next((one for one in (first, *others) if _spelled_as_said(one)), None)):
        return None if spelled is first else spelled
    if asked is not Item.NAME and first.birth_date is None and _BIRTH.search(first.text):
        return next((other for other in others if other.birth_date), None)
    if asked is Item.TASK and _only_a_day(first):
        return next((other for other in others if _born_on(first.slots[0].value, other)), None)
    if asked is Item.TASK and _leaves_appointment_open(first):
        return next((other for other in others if _changes_appointment(first, other)), None)
    if asked is Item.TASK and _without_reason(first):
        return next((other for other in others if _adds_reason(first, other)), None)
    if not _left_open(first, asked):
        return None
    answering = (other for other in others if _answers(other, asked))
    if asked is Item.NAME and _in_lower_case(first):
        return next((other for other in answering if not _in_lower_case(other)), None)
    if asked is Item.NAME and first.names and first.names[0].confidence >= _SURE:
        return next((other for other in answering if _holds_name(other, first.names[0].value)), None)
    return next(answering, None)


def _spelled_as_said(heard: Heard) -> bool:
    """Whether letters spell just the word that was said before them ("Weber, W E B E R"): two witnesses of one name."""
    if not heard.names or " " not in heard.names[0].value:
        return False
    letters = next(iter(read_spelling(heard.text, heard.language)), None)
    last = heard.names[0].value.split()[-1]
    said = letters and re.search(rf"(?i)\b{re.escape(letters.value)}\b", heard.text[: letters.start])
    return bool(said) and letters is not None and last.lower() == letters.value.lower()


def _holds_name(other: Heard, part: str) -> bool:
    """Whether the whole name that another reading tells has the `part` that the first one tells."""
    return part.removesuffix("'s") in other.names[0].value.split()


def _has_phone(heard: Heard) -> bool:
    return any(phone.confidence >= _VALID for phone in heard.phones)


def _with_phone(first: Heard, others: Sequence[Heard]) -> Heard | None:
    """The first reading with a valid number, or the one whose number had to be mended least."""
    valid = next((other for other in others if _has_phone(other)), None)
    if valid or first.phones:
        return valid
    mended = max(others, key=_phone_sure, default=None)
    return mended if mended is not None and _phone_sure(mended) >= _MENDED else None


def _elected(first: Heard, others: Iterable[Heard], vote: Callable[[Heard], tuple[Hashable, float]]) -> Heard | None:
    """A reading of the fact that most tell, the likelier counting more; None where it is the first one's.

    `vote` gives the fact that a reading tells, and how much that counts.
    """
    votes: dict[Hashable, float] = {}
    told: dict[Hashable, Heard] = {}
    for rank, heard in enumerate((first, *others), start=1):
        fact, weight = vote(heard)
        votes[fact] = votes.get(fact, 0.0) + weight / rank
        told.setdefault(fact, heard)
    best = told[max(votes, key=lambda fact: votes[fact])]
    return None if best is first else best


def _vote_on_phone(heard: Heard) -> tuple[Hashable, float]:
    if not _has_phone(heard):
        return "", 0.0
    phone = heard.phones[-1]
    words = heard.text[phone.start : phone.end]
    if _REPEATED.search(words):
        return phone.value, _SAYS_REPEATED
    return phone.value, 1.0 if any(sign.isdigit() for sign in words) else _IN_WORDS


def _phone_sure(heard: Heard) -> float:
    return max((phone.confidence for phone in heard.phones), default=0.0)


def _many_digits(heard: Heard) -> bool:
    return bool(heard.phones) or sum(len(digits.value) for digits in heard.digits) >= _DIGITS_OF_A_NUMBER


def _left_open(first: Heard, asked: Item) -> bool:
    """Whether the first reading neither answers what was asked nor says anything else."""
    if asked is Item.NAME and first.names:
        return first.names[0].confidence < _SURE or " " not in first.names[0].value or _in_lower_case(first)
    if asked is Item.NAME:
        told = first.service or first.symptoms or first.answers or first.slots or first.digits or first.refuses
        return not told and not first.means(*first.scores)
    if asked is Item.REASON:
        answered = bool(first.service or first.symptoms or first.answers)
        answered = answered or bool(first.yes or first.slots or first.refusals)
        return not answered and not first.means(*_NO_ANSWER)
    return not first.made_sense


def _in_lower_case(heard: Heard) -> bool:
    """Whether the surest name was not even written as one ("under a backed turner")."""
    return bool(heard.names) and heard.text[heard.names[0].start : heard.names[0].end].islower()


def _without_reason(first: Heard) -> bool:
    """Whether a reading neither tells what the visit is for nor says why there should be none."""
    told = first.service or first.symptoms or first.answers
    return not told and (_NO_REASON | {Intent.OTHER}).issuperset(
        intent for intent in first.scores if first.means(intent)
    )


def _adds_reason(first: Heard, other: Heard) -> bool:
    """Whether another reading tells what the visit is for, and all else that the first one does."""
    about = other.service is not None or bool(other.symptoms)
    return about and _keeps_facts(first, other)


def _only_a_day(first: Heard) -> bool:
    """Whether a reading names a day of the year, and says nothing else at all."""
    told = first.names or first.phones or first.service or first.symptoms or first.answers or first.birth_date
    return (
        len(first.slots) == 1 and first.slots[0].value.date is not None and not told and not first.means(*first.scores)
    )


def _born_on(day: Slot, other: Heard) -> bool:
    """Whether another reading is a date of birth on that day of the year."""
    born = other.birth_date
    return born is not None and day.date is not None and born.value.timetuple()[1:3] == day.date.timetuple()[1:3]


def _leaves_appointment_open(first: Heard) -> bool:
    """Whether a reading names an appointment that there is, but not what should become of it."""
    meant = {intent for intent in first.scores if first.means(intent)}
    about = first.service or first.symptoms or first.answers
    return not about and Intent.EXISTING in meant and meant <= {Intent.EXISTING, Intent.BOOK, Intent.GREETING}


def _changes_appointment(first: Heard, other: Heard) -> bool:
    return other.means(Intent.MOVE, Intent.CANCEL) and _keeps_facts(first, other)


def _keeps_facts(first: Heard, other: Heard) -> bool:
    """Whether another reading tells every name, number, day and time that the first one does."""
    return _facts(first) <= _facts(other) and not other.emergencies


def _facts(heard: Heard) -> set[Hashable]:
    texts = {reading.value for reading in (*heard.names, *heard.phones)}
    days = {reading.value for reading in heard.refusals}
    return {*texts, *days, *(reading.value for reading in heard.slots)}


def _answers(other: Heard, asked: Item) -> bool:
    if asked is Item.NAME:
        return bool(other.names) and other.names[0].confidence >= _SURE and " " in other.names[0].value
    if asked is Item.OFFER and other.slots:
        return True
    if asked in (*_YES_NO, Item.OFFER):
        return other.yes is not None and other.yes.confidence >= _SURE
    about = other.service is not None or bool(other.symptoms)
    if asked is Item.REASON:
        return about
    return about or other.birth_date is not None or other.means(Intent.BOOK, Intent.MOVE, Intent.CANCEL)


# Days and times -------------------------------------------------------------------------------------------------------


def _with_slot(first: Heard, others: Iterable[Heard], asked: Item, calendar: Calendar) -> Heard | None:
    """A reading that names the whole appointment and agrees with what the first one names of it."""
    known = first.slots[-1].value if first.slots else Slot()
    if _complete(known, asked) and not first.refusals:
        return _elected(first, others, partial(_vote_on_slot, asked=asked, calendar=calendar))
    if first.refusals or not (first.slots or _only_digits(first)):
        return None
    partly: Heard | None = None
    for other in others:
        said = other.slots[-1].value if other.slots else Slot()
        if _agrees(said, known) and (asked is Item.OLD or _fits(said, calendar)):
            if _complete(said, asked):
                return other
            partly = partly or (other if said.date and not first.slots else None)
    return partly


def _vote_on_slot(heard: Heard, asked: Item, calendar: Calendar) -> tuple[Hashable, float]:
    slots = tuple(slot.value for slot in heard.slots)
    if not slots or not _complete(slots[-1], asked) or heard.refusals:
        return (), 0.0
    fits = asked is Item.OLD or all(_fits(slot, calendar) for slot in slots)
    return slots, 1.0 if fits else _MISFIT


def _same_wish(first: Heard, other: Heard) -> bool:
    """Whether another reading tells all else that the first one does."""
    heards = (first, other)
    values = ([read and read.value for read in (heard.service, *heard.names, *heard.phones)] for heard in heards)
    return next(values) == next(values) and not other.emergencies


def _only_name_is_whole(first: Heard, other: Heard) -> bool:
    """Whether another reading tells a whole name, surely, where the first tells a part of one, and all else alike."""
    if not first.names or " " in first.names[0].value or not other.names or other.emergencies:
        return False
    name = other.names[0]
    told = ([heard.service and heard.service.value, *(slot.value for slot in heard.slots)] for heard in (first, other))
    return " " in name.value and name.confidence >= _NAMED and next(told) == next(told)


def _only_digits(first: Heard) -> bool:
    """Whether a reading without any day or time says nothing else either: its figures may belong to one."""
    told = first.names or first.yes or first.service or first.answers or first.symptoms or first.birth_date
    return not told and (_NO_REASON | _HESITATES).issuperset(intent for intent in first.scores if first.means(intent))


def _complete(slot: Slot, asked: Item) -> bool:
    day = slot.date is not None and slot.until_date is None
    return (day or asked not in _DAY_ASKED) and (slot.time is not None or asked not in _TIME_ASKED)


def _agrees(said: Slot, known: Slot) -> bool:
    if known.date and said.date and not known.date <= said.date <= (known.until_date or known.date):
        return False
    return known.time is None or said.time == known.time


def _fits(slot: Slot, calendar: Calendar) -> bool:
    if slot.date is None:
        return True
    if slot.time is None:
        return calendar.closed_on(slot.date) is None
    return calendar.open_at(calendar.at(slot.date, slot.time))
