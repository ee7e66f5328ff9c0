"""Which task the caller means, given the cues of the turn and what is going on already."""

import re

from antiphon.engines.llm.receptionist_rules import agenda
from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.intents import NOT_DENTAL, Intent, last_place
from antiphon.engines.llm.receptionist_rules.learning_appointments import set_old_from_turn
from antiphon.engines.llm.receptionist_rules.memory import Item, Task
from antiphon.language.reading import Reading
from antiphon.language.slots import Slot

_SERVICE_WEIGHT = 1.0
_SLOT_WEIGHT = 0.5
_SYMPTOM_WEIGHT = 1.0
_STAFF_WEIGHT = 0.6
_EXISTING_WEIGHT = 1.0
_FEW_WORDS = 2
_HALF_A_MOVE = 0.6


_NO_OTHER = re.compile(
    r"(?i)(?:\bno|\bnot|n['’]t|\bwithout)\b(?:\W+\w+){0,3}?\W+(?:new|another|replacement|other one)\b"
    r"|\b(?:kein(?:e[nr]?)?|ohne)\W+(?:neue[nr]?|andere[nr]?|weitere[nr]?)\b"
)
_RATHER_THEN = re.compile(
    r"(?i)\b(?:prefer|rather|instead|the (?:week|day) after|(?:could|can|may) (?:i|we|he|she|they) come"
    r"|lieber|stattdessen)\b(?!.*\b(?:also|as well|too|auch)\b)"
)
"""Beside an appointment that exists, what makes it one to be moved."""
_BY_HOURS = re.compile(r"(?i)\b(?:hours?|stunden?)\b")
_ANOTHER = re.compile(
    r"(?i)\b(?:another|different|other) (?:one|time|day|date|slot)\b|\b(?:ein(?:en)?|zum) ander(?:e[nrs])\b"
)
_SHIFTS = (Intent.WEEK_LATER, Intent.WEEK_EARLIER, Intent.DAY_LATER, Intent.DAY_EARLIER)


def choose_task(ex: Exchange) -> None:
    """Begin a task, change it, or leave it as it is."""
    if ex.memory.task is Task.NONE:
        _begin(ex)
    else:
        _change(ex)


def _start(ex: Exchange, task: Task) -> None:
    ex.memory.task = task
    ex.news.add("task")


def wants_booking(ex: Exchange) -> float:
    """How strongly the turn asks for a new appointment; services, symptoms and times count as well."""
    heard = ex.heard
    score = heard.score(Intent.BOOK)
    asks = heard.means(Intent.PRICE, Intent.HOURS, Intent.STATUS) or (
        heard.means(Intent.SERVICES) and heard.service is not None and not heard.slots
    )
    at_once = any(slot.value.date and slot.value.time is not None for slot in heard.slots)
    hurts = any(symptom.value not in NOT_DENTAL for symptom in heard.symptoms) and heard.means(Intent.SEVERE)
    priced = heard.means(Intent.PRICE) and at_once and heard.service and score > 0 and not heard.means(Intent.HOURS)
    question = heard.text.rfind("?")
    wants_too = heard.service is not None and 0 <= question < heard.service.start and score > 0
    if wants_too:
        return score + _SERVICE_WEIGHT  # "do you take new patients? I'd like a check-up"
    if (asks and not priced) or (heard.answers and not hurts and not (at_once and score > 0)):
        return score if score >= 1.6 else 0.0
    if heard.words <= _FEW_WORDS:
        score *= 2  # "appointment, please"
    if heard.service:
        score += _SERVICE_WEIGHT
    if heard.slots:
        score += _SLOT_WEIGHT
    if heard.symptoms:
        score += _SYMPTOM_WEIGHT
    if heard.practitioner:
        score += _STAFF_WEIGHT
    if heard.means(Intent.EXISTING):
        score -= _EXISTING_WEIGHT
    if heard.means(Intent.SOONEST):
        score += _SLOT_WEIGHT
    return score


def _begin(ex: Exchange) -> None:
    heard, memory = ex.heard, ex.memory
    move, cancel = heard.score(Intent.MOVE), heard.score(Intent.CANCEL)
    asks_rules = any(answer.name == "cancellation_policy" for answer in heard.answers)
    if memory.booked and _corrects_booking(ex):
        return
    if memory.asked is Item.MOVE_OR_CANCEL and _decides(ex):
        return
    if move >= 1.0 and cancel >= 1.0 and not asks_rules:
        _start(ex, Task.CANCEL if _cancels_after_all(ex) else Task.MOVE)
    elif move >= 1.0 and not _only_another(ex):
        _start(ex, Task.MOVE)
    elif cancel >= 1.0 and not asks_rules:
        _start(ex, Task.CANCEL)
    elif heard.means(*_SHIFTS) and not heard.means(Intent.CALLBACK):
        _start(ex, Task.MOVE)
    elif (heard.means(Intent.CANT_COME) or _rules_out(ex)) and not heard.means(Intent.CALLBACK, Intent.STATUS):
        other = heard.means(Intent.LATER, Intent.EARLIER) or move >= _HALF_A_MOVE or _ANOTHER.search(heard.text)
        if heard.slots and (_rules_out(ex) or heard.earlier_slots):
            _start(ex, Task.MOVE)  # the day that does not suit and the one that does, in one sentence
        elif _wants_no_other(ex) or other:
            _remember_old(ex)
            _start(ex, Task.CANCEL if _wants_no_other(ex) else Task.MOVE)
        else:
            _remember_old(ex)
    elif heard.means(Intent.EXISTING) and len(heard.slots) + len(heard.earlier_slots) > 1:
        _start(ex, Task.MOVE)  # when it is, and when it should be
    elif heard.means(Intent.EXISTING) and (rather := _RATHER_THEN.search(heard.text)):
        if heard.slots and heard.slots[0].start < rather.start():
            _remember_old(ex)
        _start(ex, Task.MOVE)
    elif _only_names_existing(ex):
        _remember_old(ex)
        heard.scores[Intent.CANT_COME] = 1.0  # "it's about my appointment": to move or to cancel it
    elif heard.means(Intent.CALLBACK) and heard.score(Intent.CALLBACK) >= wants_booking(ex) - 1.0:
        _start(ex, Task.CALLBACK)
    elif not heard.means(Intent.STATUS) and wants_booking(ex) >= 1.0:
        _begin_booking(ex)


def _rules_out(ex: Exchange) -> bool:
    """Whether a day is ruled out, or only the time of one that there is ("Thursday at ten suits no longer")."""
    heard = ex.heard
    return bool(heard.refusals) or (bool(heard.refused_slots) and heard.means(Intent.EXISTING))


def _only_another(ex: Exchange) -> bool:
    """Whether "another appointment" is a new one, since nothing is to be moved."""
    heard = ex.heard
    if heard.means(Intent.EXISTING) or heard.refusals:
        return False
    moving = (
        "delay",
        "swap",
        "switc",
        "rearr",
        "move",
        "resch",
        "push",
        "shift",
        "postp",
        "chang",
        "versc",
        "verle",
        "umbuc",
        "vorve",
        "aende",
    )
    moves = any(token.word.startswith(moving) for token in heard.said)
    return not moves and heard.score(Intent.BOOK) >= heard.score(Intent.MOVE) and heard.score(Intent.MOVE) < 1.2


def _only_names_existing(ex: Exchange) -> bool:
    heard = ex.heard
    other = heard.means(Intent.CALLBACK, Intent.STATUS, Intent.HOURS, Intent.PRICE) or heard.answers or heard.symptoms
    return heard.means(Intent.EXISTING) and not other and wants_booking(ex) < 1.0


def _begin_booking(ex: Exchange) -> None:
    memory = ex.memory
    if memory.booked:  # a second appointment in the same call may be for something else
        ex.forget("reason")
        ex.forget("preferred_slots")
    _start(ex, Task.BOOK)
    if memory.topic and not ex.heard.service and not ex.value("reason"):
        ex.learn("reason", Reading(memory.topic, 0, len(ex.heard.text)))


def _corrects_booking(ex: Exchange) -> bool:
    """After a booking: "actually make it Thursday" moves it, "cancel it" cancels it."""
    heard = ex.heard
    if heard.means(Intent.CANCEL) and not heard.means(Intent.MOVE) and not heard.answers:
        agenda.reopen_to_cancel(ex)
        ex.news.add("task")
        return True
    new_wish = heard.slots and not heard.means(Intent.HOURS, Intent.PRICE)
    another = heard.service is not None or heard.score(Intent.BOOK) >= 1.6 or heard.means(Intent.STATUS)
    if heard.means(Intent.MOVE) or (new_wish and (heard.means(Intent.CHANGED, Intent.OTHER) or not another)):
        agenda.reopen(ex)
        ex.news.add("task")
        if not heard.slots:
            ex.memory.wish = Slot()
        return True
    return False


def _remember_old(ex: Exchange) -> None:
    """The day that the caller cannot come on is that of the appointment, whatever becomes of it."""
    set_old_from_turn(ex)


def _decides(ex: Exchange) -> bool:
    """The answer to "move it or cancel it?"."""
    heard = ex.heard
    words = {token.word for token in heard.said}
    if heard.score(Intent.CANCEL) > 0 or words & {"cancel", "off", "absagen", "streichen"} or _wants_no_other(ex):
        _start(ex, Task.CANCEL)
    elif heard.score(Intent.MOVE) > 0 or heard.slots or heard.means(*_SHIFTS, Intent.OTHER, Intent.SOONEST):
        _start(ex, Task.MOVE)
    else:
        return False
    return True


def _wants_no_other(ex: Exchange) -> bool:
    """Whether the appointment is not to be replaced by another one."""
    return _NO_OTHER.search(ex.heard.text) is not None


def _cancels_after_all(ex: Exchange) -> bool:
    """Of moving and cancelling, both spoken of, the last word counts; one day to another is a move."""
    heard = ex.heard
    if len(heard.slots) + len(heard.earlier_slots) > 1:
        return False
    move, cancel = (last_place(heard.said, heard.language, intent) for intent in (Intent.MOVE, Intent.CANCEL))
    return cancel > move


def _change(ex: Exchange) -> None:
    heard, memory = ex.heard, ex.memory
    move, cancel = heard.means(Intent.MOVE), heard.means(Intent.CANCEL)
    empty = memory.wish == Slot() and not ex.value("preferred_slots")
    if memory.task is Task.BOOK:
        if cancel and not heard.slots and not _names_appointment(ex) and not heard.answers:
            heard.scores[Intent.ABORT] = 2.0  # "cancel that": nothing has been booked yet
        elif cancel and _names_appointment(ex) and not move and (empty or memory.asked is Item.REASON):
            _start(ex, Task.CANCEL)
            memory.old, memory.wish = memory.wish.merged(memory.old), Slot()
        elif memory.asked is Item.REASON and not heard.service and _moves_what_was_named(ex):
            _start(ex, Task.MOVE)
            _move_what_was_named(ex)
        elif heard.score(Intent.MOVE) >= 1.7 and empty and memory.asked not in (Item.OFFER, Item.CHECK):
            _start(ex, Task.MOVE)
    elif memory.task is Task.CANCEL and (move or (heard.score(Intent.MOVE) >= 0.6 and heard.slots)) and not cancel:
        _start(ex, Task.MOVE)
    elif memory.task is Task.MOVE and not heard.slots and (cancel or _wants_no_other(ex)):
        _start(ex, Task.CANCEL)
    elif memory.task is Task.CALLBACK and memory.asked is not Item.MESSAGE and wants_booking(ex) >= 1.7:
        _start(ex, Task.BOOK)
    if (
        memory.task is not Task.CALLBACK
        and heard.score(Intent.CALLBACK) >= 1.2
        and not heard.phones
        and not ex.heard.slots
    ):
        _start(ex, Task.CALLBACK)


def _moves_what_was_named(ex: Exchange) -> bool:
    """Whether the answer to what it is for tells that a time named before is to be another one."""
    later = ex.heard.means(Intent.MOVE, Intent.LATER, Intent.EARLIER, *_SHIFTS)
    return later and ex.memory.wish.date is not None and not ex.heard.means(Intent.CANCEL)


def _move_what_was_named(ex: Exchange) -> None:
    memory = ex.memory
    memory.old = memory.wish.merged(memory.old)
    iso = memory.old.iso(ex.calendar.zone)
    if iso:
        ex.learn("previous_slot", Reading(iso, 0, len(ex.heard.text)))
    if not _BY_HOURS.search(ex.heard.text):
        memory.wish = Slot()
    ex.forget("preferred_slots")


def _names_appointment(ex: Exchange) -> bool:
    return ex.heard.means(Intent.EXISTING)
