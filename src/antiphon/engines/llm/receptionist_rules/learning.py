"""What a turn tells becomes facts and appointments; corrections replace what was known."""

import re
from dataclasses import replace
from datetime import time, timedelta

import phonenumbers

from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.intents import NOT_DENTAL, Intent
from antiphon.engines.llm.receptionist_rules.memory import Item, Task
from antiphon.events.dialogue import FactStatus, Json
from antiphon.language.lexicon import WEEKDAYS
from antiphon.language.names import named_part
from antiphon.language.parts import Part
from antiphon.language.reading import Reading
from antiphon.language.slots import Slot

_SURE_ENOUGH_UNASKED = 0.6
_MOST_DIGITS = 15
_SURE_ENOUGH_TO_REPLACE = 0.9
_TO = re.compile(r"(?i)\b(?:to|until|till|instead|auf|neu|zu|lieber|rather)\W+(?:the\W+|on\W+|den\W+|am\W+)?$")
_FROM = re.compile(
    r"(?i)\b(?:from|of|vom|von|statt|instead of|appointment|booking|slot|visit|termin|booked|gebucht|was|ist|is|it's"
    r"|cancel|absagen)\W+"
    r"(?:for\W+|on\W+|at\W+|is\W+|was\W+|ist\W+|am\W+|um\W+|the\W+|vom\W+|von\W+|in\W+)*$"
)

_IT_IS = re.compile(r"(?i)\b(?:it's|it is|it was|er ist|es ist|das ist|der ist)\W*$")
_WEEKDAY = re.compile("|".join(day for days in WEEKDAYS.values() for day in days), re.IGNORECASE)
_OPEN = (Item.NOTHING, Item.TASK, Item.MORE, Item.NAME, Item.MOVE_OR_CANCEL)


def learn(ex: Exchange) -> None:
    """Take all facts from the turn; `ex.news` tells which are new."""
    _learn_name(ex)
    _learn_phone(ex)
    _learn_patient(ex)
    _learn_complaint(ex)
    _learn_reason(ex)
    _learn_appointments(ex)
    _learn_language(ex)


def _learn_name(ex: Exchange) -> None:
    heard, known = ex.heard, ex.value("caller_name")
    if not heard.names:
        return
    name = heard.names[0]
    doubted = ex.memory.asked is Item.DOUBT and "caller_name" in ex.memory.doubts
    asked = doubted or ex.memory.asked in (Item.NAME, Item.CHANGE) or heard.means(Intent.ABOUT_NAME)
    if known:
        enough = 0.5 if asked or heard.means(Intent.CHANGED) else _SURE_ENOUGH_TO_REPLACE
        spoken = str(known).split()
        if not asked and name.value.lower() in (word.lower() for word in spoken):
            return  # "Susan" after "Susan Miller" is no correction
        if len(spoken) > 1 and " " not in name.value and _is_spelled(ex, name):
            given = name.value[:1] == spoken[0][:1] != spoken[-1][:1]
            parts = [name.value, *spoken[1:]] if given else [*spoken[:-1], name.value]
            name = replace(name, value=" ".join(parts))
        elif len(spoken) > 1 and " " not in name.value:
            name = _with_other_part(ex, name, spoken)
    else:
        enough = 0.4 if asked else _SURE_ENOUGH_UNASKED
    if name.confidence >= enough:
        ex.learn("caller_name", _json(name))


def _with_other_part(ex: Exchange, name: Reading[str], known: list[str]) -> Reading[str]:
    """The known name with the part corrected that the caller names ("my last name is Becker")."""
    part = named_part(ex.heard.text[: name.start], ex.request.language)
    whole = {"given": [name.value, *known[1:]], "family": [*known[:-1], name.value]}.get(part, [name.value])
    return replace(name, value=" ".join(whole))


def _is_spelled(ex: Exchange, name: Reading[str]) -> bool:
    return bool(re.search(r"\b\w[\s.,\-]+\w\b[\s.,\-]+\w\b", ex.heard.text[name.start : name.end]))


# Telephone numbers ----------------------------------------------------------------------------------------------------


def _learn_phone(ex: Exchange) -> None:
    memory, heard = ex.memory, ex.heard
    if heard.phones:
        memory.digits = ""
        ex.learn("phone_e164", _json(heard.phones[-1]))
        return
    known = ex.text_value("phone_e164")
    digits = "".join(reading.value for reading in heard.digits)
    if not digits:
        return
    if known and heard.digits and memory.asked is not Item.PHONE:
        _correct_phone(ex, known)
        return
    if memory.asked is Item.PHONE and not known:
        _continue_phone(ex, digits)


def _correct_phone(ex: Exchange, known: str) -> None:
    """Corrections of a part: "the last digit is a six", "it ends in 68", "not 67 but 68"."""
    heard = ex.heard
    last = heard.digits[-1]
    if heard.means(Intent.LAST_DIGITS):
        corrected = known[: -len(last.value)] + last.value
    elif len(heard.digits) == 2 and heard.digits[0].value in known and heard.means(Intent.ABOUT_PHONE):
        head, _, tail = known.rpartition(heard.digits[0].value)
        corrected = head + last.value + tail
    else:
        return
    if _valid(corrected, None):
        ex.learn("phone_e164", Reading(corrected, last.start, last.end, last.confidence))
        heard.slots = []


def _continue_phone(ex: Exchange, digits: str) -> None:
    """Digits that come in several turns are put together until they are a number."""
    memory, heard = ex.memory, ex.heard
    for candidate in (digits, memory.digits + digits):
        e164 = _valid(candidate, ex.practice.phone_region)
        if e164:
            memory.digits = ""
            first, last = heard.digits[0], heard.digits[-1]
            ex.learn("phone_e164", Reading(e164, first.start, last.end, min(first.confidence, last.confidence)))
            return
    joined = memory.digits + digits
    may_begin = (part for part in (joined, digits) if _may_begin(part, ex.practice.phone_region))
    memory.digits = next(may_begin, "")
    if memory.digits:
        ex.news.add("digits")


def _may_begin(digits: str, region: str) -> bool:
    """Whether a valid number may begin with `digits`: some digit, repeated, completes it."""
    prefix = "+" + digits.removeprefix("00") if digits.startswith("00") else digits
    lengths = range(1, _MOST_DIGITS - len(digits) + 1)
    return any(_valid(prefix + filler * length, region) for length in lengths for filler in "0123456789")


def _valid(digits: str, region: str | None) -> str:
    """The number as E.164, or the empty string where it is none."""
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


# Patient and complaint ------------------------------------------------------------------------------------------------


def _learn_patient(ex: Exchange) -> None:
    heard = ex.heard
    asks_only = bool(heard.answers) and heard.means(Intent.QUESTION)
    if heard.birth_date:
        birth = heard.birth_date
        ex.learn("date_of_birth", Reading(birth.value.isoformat(), birth.start, birth.end, birth.confidence))
    if heard.means(Intent.NEW_PATIENT) and not any(answer.name == "new_patients" for answer in heard.answers):
        ex.learn("existing_patient", _whole(ex, False))
    elif heard.means(Intent.KNOWN_PATIENT):
        ex.learn("existing_patient", _whole(ex, True))
    if heard.insurance and not asks_only:
        ex.learn("insurance", _json(heard.insurance))
    if heard.practitioner:
        ex.learn("practitioner", _json(heard.practitioner))
    if heard.means(Intent.NO_RECORDING):
        ex.learn("consent_recording", _whole(ex, False))
    elif heard.means(Intent.MAY_RECORD):
        ex.learn("consent_recording", _whole(ex, True))


def _learn_complaint(ex: Exchange) -> None:
    heard = ex.heard
    if heard.symptoms:
        known = ex.value("symptoms")
        names: list[Json] = list(known) if isinstance(known, list) else []
        names += [symptom.value for symptom in heard.symptoms if symptom.value not in names]
        start = min(symptom.start for symptom in heard.symptoms)
        ex.learn("symptoms", Reading(names, start, max(symptom.end for symptom in heard.symptoms)))
    if heard.pain_level:
        level = heard.pain_level
        ex.learn("pain_level", Reading(level.value, level.start, level.end, level.confidence))
    urgency = _urgency(ex)
    if urgency:
        ex.learn("urgency", _whole(ex, urgency))


def _urgency(ex: Exchange) -> str:
    heard = ex.heard
    if heard.emergencies:
        return "emergency"
    if ex.value("urgency") == "emergency":
        return ""
    if heard.means(Intent.ROUTINE) and not heard.symptoms:
        return "routine"
    strong = heard.pain_level is not None and heard.pain_level.value >= 6
    hurts = bool(heard.symptoms) and heard.means(Intent.SEVERE)
    pressing = heard.means(Intent.URGENT) and (bool(heard.symptoms) or heard.score(Intent.URGENT) > 1.0)
    if strong or hurts or pressing or (heard.means(Intent.SOONEST, Intent.URGENT) and ex.value("symptoms")):
        return "today"
    return "week" if heard.symptoms and not ex.value("urgency") else ""


def _learn_reason(ex: Exchange) -> None:
    heard, memory = ex.heard, ex.memory
    if heard.service is None:
        _reason_from_symptom(ex)
        return
    asked = memory.asked in (Item.REASON, Item.CHANGE)
    only_asks = heard.means(Intent.PRICE, Intent.SERVICES) and not asked and heard.score(Intent.BOOK) < 1.5
    if only_asks or (heard.answers and not asked and memory.task is not Task.BOOK):
        memory.topic = heard.service.value
        return
    if memory.task is Task.CALLBACK and not asked:
        return
    known = ex.value("reason")
    settled = known and memory.task is Task.BOOK and not asked and memory.asked is not Item.CHECK
    if settled and not heard.means(Intent.CHANGED) and not heard.refuses and heard.words > 3:
        return  # a word in passing does not change what the visit is for
    ex.learn("reason", _json(heard.service))


def _reason_from_symptom(ex: Exchange) -> None:
    """A complaint without a service's name: the service that lists it, else the one for toothache."""
    dental = [symptom for symptom in ex.heard.symptoms if symptom.value not in NOT_DENTAL]
    if not dental or ex.value("reason") or ex.memory.task is not Task.BOOK:
        return
    symptom = dental[0]
    for wanted in (symptom.value.replace("_", " "), "toothache"):
        for service in ex.practice.services:
            if any(wanted in words for phrases in service.words.values() for words in phrases):
                ex.learn("reason", replace(_json(symptom), value=service.name, confidence=0.8))
                return


# Appointments ---------------------------------------------------------------------------------------------------------


def _learn_appointments(ex: Exchange) -> None:
    memory, heard = ex.memory, ex.heard
    for refusal in heard.refusals:
        if memory.wish.date == refusal.value.date:
            memory.wish = replace(memory.wish, date=None, until_date=None)
            ex.forget("preferred_slots")
    if heard.means(Intent.HOURS) and memory.task is Task.BOOK:
        return  # "are you open on Saturday?" is no wish
    if memory.task is Task.CANCEL or memory.asked is Item.OLD:
        _set_old(ex, _named_old(ex))
        if memory.asked is Item.OLD and memory.task is Task.MOVE and len(heard.slots) > 1:
            _set_wish(ex, heard.slots[-1])
    elif memory.task is Task.MOVE:
        _sort_slots(ex)
    elif heard.slots and memory.task is not Task.CALLBACK:
        _set_wish(ex, heard.slots[0])
    if heard.means(Intent.SAME_TIME) and memory.old.time is not None and memory.wish.time is None:
        memory.wish = replace(memory.wish, time=memory.old.time, part=None)
        ex.news.add("slot")
    _shift(ex)


def _sort_slots(ex: Exchange) -> None:
    """Which of the appointments named is the old one, which the new one."""
    slots, memory = ex.heard.slots, ex.memory
    if len(slots) == 1 and ex.heard.earlier_slots and memory.old == Slot():
        slots = [ex.heard.earlier_slots[-1], *slots]
    if len(slots) >= 2:
        old, new = slots[0], slots[-1]
        if _TO.search(ex.heard.text[: old.start]) and not _TO.search(ex.heard.text[: new.start]):
            old, new = new, old
        _set_old(ex, [old])
        _set_wish(ex, new)
        return
    if ex.heard.refusals and memory.old == Slot():
        _set_old(ex, ex.heard.refused_slots)
    if not slots:
        return
    slot = slots[0]
    before = ex.heard.text[: slot.start]
    span = slot.value
    if span.until_date and span.date and memory.asked is not Item.SLOT and re.search(r"(?i)\bfrom|vom|von", before):
        _set_old(ex, [replace(slot, value=Slot(date=span.date))])
        _set_wish(ex, replace(slot, value=Slot(date=span.until_date, time=span.time)))
    elif memory.old == Slot() and _is_old(ex, before):
        _set_old(ex, [slot])
    else:
        _set_wish(ex, slot)


def _is_old(ex: Exchange, before: str) -> bool:
    """Whether the words before a day or time make it that of the existing appointment."""
    if ex.memory.asked is Item.SLOT:
        return bool(_IT_IS.search(before))
    return ex.memory.asked in _OPEN and bool(_FROM.search(before)) and not _TO.search(before)


def set_old_from_turn(ex: Exchange) -> None:
    """The day named in this turn is that of the existing appointment."""
    _set_old(ex, [*ex.heard.refused_slots, *ex.heard.slots])
    ex.heard.slots = []


def _named_old(ex: Exchange) -> list[Reading[Slot]]:
    """What tells the existing appointment: days named, with the times the caller cannot come at, else days refused."""
    slots, refused = ex.heard.slots, ex.heard.refused_slots
    same_day = slots and refused and slots[0].value.date == refused[0].value.date
    return refused if same_day or not slots else slots


def _set_old(ex: Exchange, slots: list[Reading[Slot]]) -> None:
    if not slots:
        return
    slot = slots[0]
    ex.memory.old = slot.value.merged(ex.memory.old)
    ex.news.add("old")
    iso = ex.memory.old.iso(ex.calendar.zone)
    if ex.memory.old.date and iso:
        ex.learn("previous_slot", Reading(iso, slot.start, slot.end, slot.confidence))


def _set_wish(ex: Exchange, slot: Reading[Slot]) -> None:
    memory, said = ex.memory, slot.value
    known = memory.wish
    if known.until_date and known.date and said.date and not said.until_date and said.date < known.date:
        ahead = -(-(known.date - said.date).days // 7) * 7  # "Tuesday" after "next week" is the one of that week
        moved = said.date + timedelta(days=ahead)
        said = replace(said, date=moved) if moved <= known.until_date else said
    weekday = _WEEKDAY.fullmatch(ex.heard.text[slot.start : slot.end])
    if weekday and memory.asked in (Item.CHECK, Item.DOUBT, Item.CHANGE) and known.date and said.date:
        same_week = known.date + timedelta(days=said.date.weekday() - known.date.weekday())
        said = replace(said, date=same_week) if same_week > ex.calendar.today else said
    if memory.task is Task.MOVE and said.date is None and known.date is None and memory.old.date and said.time:
        said = replace(said, date=memory.old.date)  # "can we make it eleven": another time on the same day
    if said.part is Part.NOON and said.time is None:
        said = replace(said, time=time(12), part=None)
    merged = said.merged(known)
    if said.time is not None:
        merged = replace(merged, part=None)
    elif said.part and said.date is None and known.time is not None:
        merged = replace(merged, time=None, until_time=None)
    if merged != known:
        memory.wish = merged
        ex.news.add("slot")


def _shift(ex: Exchange) -> None:
    """After "push it back a week", new appointment is told by its distance from the old one."""
    memory, heard = ex.memory, ex.heard
    if memory.task is not Task.MOVE:
        return
    shifts = {Intent.WEEK_LATER: 7, Intent.WEEK_EARLIER: -7, Intent.DAY_LATER: 1, Intent.DAY_EARLIER: -1}
    for intent, days in shifts.items():
        if heard.means(intent):
            memory.shift_days = days
    if memory.shift_days and memory.old.date and memory.wish.date is None:
        memory.wish = replace(memory.old, date=memory.old.date + timedelta(days=memory.shift_days), until_date=None)
        ex.news.add("slot")
        memory.shift_days = 0


def _learn_language(ex: Exchange) -> None:
    if ex.heard.words:
        asked_for = ex.heard.means(Intent.SPEAK_DE, Intent.SPEAK_EN)
        status = FactStatus.STATED if asked_for else FactStatus.INFERRED
        known = ex.facts.get("language")
        if not known or known.value != ex.language:
            ex.learn("language", _whole(ex, ex.language), status)
            ex.news.discard("language")


def _whole(ex: Exchange, value: Json) -> Reading[Json]:
    return Reading(value, 0, len(ex.heard.text))


def _json(reading: Reading[str]) -> Reading[Json]:
    return Reading(reading.value, reading.start, reading.end, reading.confidence)
