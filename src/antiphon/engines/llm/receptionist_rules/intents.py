"""What a caller may want or tell, as far as it is told by cue words."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache

from antiphon.engines.llm.receptionist_rules import cues_de, cues_en
from antiphon.engines.llm.receptionist_rules.cues import Cue, Hit, compile_table, find, score
from antiphon.engines.llm.receptionist_rules.tokens import Token

THRESHOLD = 1.0
NOT_DENTAL = frozenset(("chest_pain", "numbness"))
"""Symptoms that no visit to a dentist is for."""
_TABLES = {"en": cues_en, "de": cues_de}


class Intent(StrEnum):
    """Meanings with a table of cues in every language; the values name the tables' keys."""

    BOOK = "book"
    MOVE = "move"
    CANCEL = "cancel"
    CANT_COME = "cant_come"
    CALLBACK = "callback"
    HUMAN = "human"
    STATUS = "status"
    HOURS = "hours"
    PRICE = "price"
    SERVICES = "services"
    ROBOT = "robot"
    REPEAT = "repeat"
    THANKS = "thanks"
    BYE = "bye"
    DONE = "done"
    ABORT = "abort"
    WAIT = "wait"
    UNSURE = "unsure"
    ANY = "any"
    SOONEST = "soonest"
    EARLIER = "earlier"
    LATER = "later"
    OTHER = "other"
    FIRST = "first"
    SECOND = "second"
    CHANGED = "changed"
    GREETING = "greeting"
    NEW_PATIENT = "new_patient"
    KNOWN_PATIENT = "known_patient"
    URGENT = "urgent"
    SEVERE = "severe"
    ROUTINE = "routine"
    OVERDUE = "overdue"
    MAY_RECORD = "may_record"
    NO_RECORDING = "no_recording"
    SPEAK_EN = "speak_en"
    SPEAK_DE = "speak_de"
    INJECTION = "injection"
    ABOUT_NAME = "about_name"
    ABOUT_PHONE = "about_phone"
    ABOUT_DAY = "about_day"
    ABOUT_TIME = "about_time"
    ABOUT_REASON = "about_reason"
    LAST_DIGITS = "last_digits"
    QUESTION = "question"
    EXISTING = "existing"
    NO_PHONE = "no_phone"
    SAME_TIME = "same_time"
    WEEK_LATER = "week_later"
    WEEK_EARLIER = "week_earlier"
    DAY_LATER = "day_later"
    DAY_EARLIER = "day_earlier"


@cache
def _compiled(language: str, group: str) -> Mapping[str, tuple[Cue, ...]]:
    tables: Mapping[str, str] = getattr(_TABLES[language], group)
    return {name: compile_table(table) for name, table in tables.items()}


def intent_scores(said: Sequence[Token], language: str) -> dict[Intent, float]:
    """Every intent with cues in `said`, by the sum of their weights; those from `THRESHOLD` on count as meant."""
    scores = {Intent(name): score(cues, said) for name, cues in _compiled(language, "INTENTS").items()}
    return {intent: value for intent, value in scores.items() if value > 0}


def last_place(said: Sequence[Token], language: str, intent: Intent) -> int:
    """Where the last cue of `said` begins that tells `intent` by itself; -1 where none does."""
    hits = find(_compiled(language, "INTENTS")[intent], said)
    return max((hit.first for hit in hits if hit.cue.weight >= THRESHOLD), default=-1)


def emergencies(said: Sequence[Token], language: str) -> list[str]:
    """Kinds of emergency that `said` tells of, gravest first (the order of the table)."""
    return [kind for kind, cues in _compiled(language, "EMERGENCIES").items() if score(cues, said) > 0]


def symptoms(said: Sequence[Token], language: str) -> dict[str, Hit]:
    """Symptoms in `said`, by name, with their first place."""
    found = {name: next(iter(find(cues, said)), None) for name, cues in _compiled(language, "SYMPTOMS").items()}
    hits = {name: hit for name, hit in found.items() if hit}
    elsewhere = [hit for name, hit in hits.items() if name in NOT_DENTAL]
    toothache = hits.get("toothache")
    if toothache and any(hit.first < toothache.last and toothache.first < hit.last for hit in elsewhere):
        del hits["toothache"]  # the pain is said to be in the chest
    return hits


def insurers(said: Sequence[Token], language: str) -> dict[str, Hit]:
    """Insurers named in `said`."""
    found = {name: next(iter(find(cues, said)), None) for name, cues in _compiled(language, "INSURERS").items()}
    return {name: hit for name, hit in found.items() if hit}
