"""Which of several days and times in a turn is wished for, and which of them the caller leaves to choose from."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.intents import Intent, last_place
from antiphon.engines.llm.receptionist_rules.memory import Item
from antiphon.events.dialogue import Json
from antiphon.language.parts import Bound
from antiphon.language.reading import Reading
from antiphon.language.slots import Slot
from antiphon.language.wishes import asks

_EITHER = re.compile(
    r"(?i)\b(?:or|o['’]er|and|either|otherwise|alternatively|failing that|if not|if that|else|could be|would be|maybe"
    r"|perhaps|oder|und|sonst|ansonsten|alternativ|vielleicht|beziehungsweise)\b"
)
_JOINT = re.compile(r"(?i)(?:or|and|oder|und)\b")
_NEW_SENTENCE = re.compile(r"(?i)[.?!]\s+(?!or\b|oder\b|otherwise\b|alternatively\b|sonst\b|maybe\b|either\b)")
_TELLS = re.compile(
    r"(?i)\b(?:finish(?:es|ed)?|ends?|over|out|starts?|begins?|lands?|arrives?|gets? (?:in|back|home|off)|leaves?"
    r"|visits?|closes?|opens?|shift|school|class|lecture|meeting|train|flight|plane"
    r"|(?:am|[’']m|is|[’']s|are|[’']re) (?:back|away)|any|every|each|always|usually|generally"
    r"|endet|beginnt|landet|kommt|fertig|schule|feierabend|jeden?|immer)\b"
    r"[^.;?!]*$"
)
"""Words before a day or time that tell of something else; `any Friday` names no certain one."""
_AWAY = re.compile(
    r"(?i)\b(?P<unit>day|week|tag|woche) (?P<way>after(?! (?:tomorrow|next))|later|before(?! yesterday)|earlier|sooner"
    r"|danach|darauf|später|davor|vorher|früher)\b|\b(?:next|following|nächsten) (?P<next>day|tag)\b"
)
_WHICHEVER = re.compile(
    r"(?i)\b(?:which\w*|either|both|all the same|egal|beide)\b(?!.*\b(?:any ?time|whenever|jederzeit)\b)"
)
_BACK = frozenset(("before", "earlier", "sooner", "davor", "vorher", "früher"))
_SETTLED = (Item.CHECK, Item.DOUBT, Item.CHANGE, Item.OFFER, Item.NAME, Item.PHONE)


def wished(ex: Exchange) -> Reading[Slot]:
    """The wish of a turn that names one day or time at least: the first one that fits, of those to choose from."""
    run = _chosen(ex)
    return next((slot for slot in run if _iso(ex, slot)), run[0])


def names_choice(ex: Exchange) -> bool:
    """Whether all that the turn names is to choose from ("to Tuesday at nine or Wednesday at ten")."""
    slots, text = ex.heard.slots, ex.heard.text
    between = [_before(text, one.end if one.end <= other.start else one.start, other) for one, other in pairwise(slots)]
    return len(slots) > 1 and len(_runs(ex)) == 1 and all(re.search(r"(?i)\b(?:or|oder)\b", words) for words in between)


def choice(ex: Exchange, iso: str) -> list[Json]:
    """`iso`, and the other times of the turn that the caller named to choose from, as far as they can be booked."""
    if not ex.heard.slots:
        return [iso]
    old = ex.memory.old.iso(ex.calendar.zone)
    fitting = [at for at in (_iso(ex, slot) for slot in _chosen(ex)) if at and at != old]
    return [iso, *(at for at in dict.fromkeys(fitting) if at != iso)] if iso in fitting else [iso]


def narrow_choice(ex: Exchange) -> None:
    """The caller agrees to the one time that was read back: the others are settled with it."""
    known = ex.value("preferred_slots")
    if ex.memory.asked is Item.CHECK and ex.heard.agrees and isinstance(known, list) and len(known) > 1:
        ex.learn("preferred_slots", Reading(known[:1], 0, len(ex.heard.text)))
        ex.news.discard("preferred_slots")


def settle_day(ex: Exchange) -> None:
    """A day named after "as soon as you can" or "any day" is the answer; its time is still to be asked for."""
    heard = ex.heard
    day = next((slot for slot in heard.slots if slot.value.date and not slot.value.until_date), None)
    if len({slot.value.date for slot in heard.slots} - {None}) > 1 and _WHICHEVER.search(heard.text):
        heard.scores.pop(Intent.ANY, None)  # either day will do; the time is still to be told
    for intent in (Intent.ANY, Intent.SOONEST):
        at = last_place(heard.said, heard.language, intent)
        if day and 0 <= at < len(heard.said) and re.search(r"[,.;]", heard.text[heard.said[at].end : day.start]):
            heard.scores.pop(intent, None)


def shift_wish(ex: Exchange, base: Slot) -> bool:
    """After "no, the day after, at the same time" the wish is for another day than `base`, which was known."""
    away = _AWAY.search(ex.heard.text)
    if away is None or base.date is None or base.until_date or ex.memory.asked not in _SETTLED:
        return False
    days = 7 if (away["unit"] or "").lower() in ("week", "woche") else 1
    back = (away["way"] or "").lower() in _BACK
    times = [slot.value.time for slot in ex.heard.slots if slot.value.time is not None]
    ex.memory.wish = replace(
        base, date=base.date + timedelta(-days if back else days), time=times[-1] if times else base.time
    )
    ex.news.add("slot")
    return True


def _chosen(ex: Exchange) -> list[Reading[Slot]]:
    """Of the runs of times to choose from, the one that is asked for."""
    runs, text = _runs(ex), ex.heard.text
    ends = [0, *(run[-1].end for run in runs)]
    for first, (run, later) in enumerate(pairwise(runs)):
        before = text[ends[first] : run[0].start]
        requested = asks(text[run[-1].end : later[0].start], ex.heard.language) and not asks(before, ex.heard.language)
        only_day = run[0].value.time is None and later[0].value.date is not None and later[0].value.time is not None
        told = _TELLS.search(before)
        if not (requested or only_day or told) or (_tells_why(ex, run, later) and not told):
            return run
    return runs[-1]


def _tells_why(ex: Exchange, run: Sequence[Reading[Slot]], later: Sequence[Reading[Slot]]) -> bool:
    """Whether what follows a wish only tells why it is one ("five would be lovely, I finish work at half four")."""
    between = ex.heard.text[max(one.end for one in run) : later[0].start]
    return bool(_TELLS.search(between)) and not asks(between, ex.heard.language)


def _runs(ex: Exchange) -> list[list[Reading[Slot]]]:
    runs = [[ex.heard.slots[0]]]
    for slot in ex.heard.slots[1:]:
        if _joined(ex.heard.text, runs[-1], slot):
            runs[-1].append(slot)
        else:
            runs.append([slot])
    return runs


def _joined(text: str, run: Sequence[Reading[Slot]], slot: Reading[Slot]) -> bool:
    end = max(one.end for one in run)
    between = _before(text, end, slot)
    if end >= slot.start:
        return bool(_EITHER.search(text[run[-1].start : slot.end]))
    if _TELLS.search(between) or _NEW_SENTENCE.search(between) or asks(between, "en"):
        return False
    return bool(_EITHER.search(between))


def _before(text: str, start: int, slot: Reading[Slot]) -> str:
    """The words from `start` to a slot, with one that joins it to what comes before ("or the eleventh")."""
    joint = _JOINT.match(text, slot.start)
    return text[start : joint.end() if joint else slot.start]


def _iso(ex: Exchange, slot: Reading[Slot]) -> str:
    """The time with its day, where that can be booked; else the empty string."""
    said = slot.value.merged(replace(ex.memory.wish, until_date=None, until_time=None))
    limited = said.until_date or said.until_time or said.bound in (Bound.AFTER, Bound.BEFORE)
    if said.date is None or said.time is None or limited:
        return ""
    at = ex.calendar.at(said.date, said.time)
    return said.iso(ex.calendar.zone) if ex.calendar.misfit(at, ex.minutes) is None else ""
