"""What a turn tells becomes facts and appointments; corrections replace what was known."""

import re
from dataclasses import replace

import phonenumbers
from rapidfuzz import fuzz

from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.intents import Intent
from antiphon.engines.llm.receptionist_rules.learning_appointments import learn_appointments
from antiphon.engines.llm.receptionist_rules.learning_reasons import learn_reason
from antiphon.engines.llm.receptionist_rules.memory import Item
from antiphon.engines.llm.receptionist_rules.patients import known_patient
from antiphon.events.dialogue import FactStatus, Json
from antiphon.language.name_cues import named_part
from antiphon.language.reading import Reading

_SURE_ENOUGH_UNASKED = 0.6
_RULED_OUT = re.compile(r"(?i)\b(?:not|nicht|instead of|statt)\W+$")
_ALIKE = 70.0
"""Least edit ratio in percent of a name and the part of the known one that it corrects ("Barker" for "Baker")."""
_MOST_DIGITS = 15
_SURE_ENOUGH_TO_REPLACE = 0.9


def learn(ex: Exchange) -> None:
    """Take all facts from the turn; `ex.news` tells which are new."""
    _learn_name(ex)
    _learn_phone(ex)
    _learn_patient(ex)
    _learn_complaint(ex)
    learn_reason(ex)
    learn_appointments(ex)
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
    """The known name with the part corrected that the caller names ("my last name is Becker") or says nearly alike."""
    part = named_part(ex.heard.text[: name.start], ex.request.language)
    if not part:
        alike = [fuzz.ratio(one.lower(), name.value.lower()) for one in known]
        nearest = alike.index(max(alike))
        part = (
            ("given" if nearest == 0 else "family" if nearest == len(known) - 1 else "") if max(alike) > _ALIKE else ""
        )
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
    if len(heard.digits) == 2 and _RULED_OUT.search(heard.text[: last.start]):
        right, wrong = (digits.value.removeprefix("0") for digits in heard.digits)
        corrected = known.replace(wrong, right, 1)
    elif heard.means(Intent.LAST_DIGITS):
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
    known = known_patient(ex.heard, ex.practice)
    if known is not None:
        ex.learn("existing_patient", _whole(ex, known))
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
