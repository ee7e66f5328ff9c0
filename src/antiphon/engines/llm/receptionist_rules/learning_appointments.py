"""Days and times of a turn become the wish, or the appointment that exists."""

import re
from dataclasses import replace
from datetime import datetime, time, timedelta

from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.intents import Intent
from antiphon.engines.llm.receptionist_rules.learning_wishes import (
    names_choice,
    narrow_choice,
    settle_day,
    shift_wish,
    wished,
)
from antiphon.engines.llm.receptionist_rules.memory import Item, Task
from antiphon.language.canonical import canonical, fold
from antiphon.language.lexicon import WEEKDAYS
from antiphon.language.lexicon import known as spoken
from antiphon.language.parts import Part
from antiphon.language.reading import Reading
from antiphon.language.slots import Slot

_TO = re.compile(r"(?i)\b(?:to|until|till|instead|auf|neu|zu|lieber|rather)\W+(?:the\W+|on\W+|den\W+|am\W+)?$")
_FROM = re.compile(
    r"(?i)\b(?:from|of|vom|von|statt|instead of|appointment|booking|slot|visit|termin|booked|gebucht|was|ist|is|it's"
    r"|cancel|absagen)\W+"
    r"(?:for\W+|on\W+|at\W+|is\W+|was\W+|ist\W+|am\W+|um\W+|the\W+|vom\W+|von\W+|in\W+)*$"
)
_IT_IS = re.compile(r"(?i)\b(?:it's|it is|it was|er ist|es ist|das ist|der ist)\W*$")
_OLD_AFTER = re.compile(r"(?i)^(?:['’]s)?[^\w.?!]+(?:\w+\W+)?(?:appointment|booking|visit|slot|termin)\b")
_WISHING = re.compile(
    r"(?i)\b(?:instead|rather|prefer|make it|free|available|better|can|could|may|might|would|shall|about|let['’]?s|for"
    r"|like|want|anything|something (?:on|for)|open(?:ing)?|kann|könnte|können|könnten|möchte|will|lieber|wäre|besser"
    r"|frei|stattdessen|gern|gerne|auf|etwas)\b"
)
_WISHED_AFTER = re.compile(
    r"(?i)^[^.;?!]{0,25}\b(?:instead|rather|would|works?|suits?|possible|free|available|better|fine|good|stattdessen|lieber"
    r"|wäre|ginge|geht|passt|möglich|besser|frei|gut)\b"
)
_FROM_TIME = re.compile(
    r"(?i)\b(?:move|moved|switch|change|shift|push|bring|put|swap|reschedule|postpone|verschieben|verlegen)\b"
    r"(?:(?!\b(?:to|auf|free|available|frei)\b)[^.?!,;])*\b(?:from|von)\b[^.?!,;]*\b(?:to|auf)\b"
)
"""How another time on the same day is asked for ("move it from eight to four")."""
_WEEKDAYS = {language: frozenset(fold(day) for day in days) for language, days in WEEKDAYS.items()}
_HOURS_AWAY = re.compile(
    r"(?i)\b(?:(?P<half>half an|eine halbe)|(?P<two>two|zwei)|an|one|eine) (?:hours?|stunden?)"
    r" (?P<way>later|earlier|später|früher)\b"
)
_OPEN = (Item.NOTHING, Item.TASK, Item.MORE, Item.NAME, Item.MOVE_OR_CANCEL)


def learn_appointments(ex: Exchange) -> None:
    """Take the wish, and the appointment that is to be moved or cancelled, from the turn."""
    memory, heard = ex.memory, ex.heard
    before = memory.wish
    narrow_choice(ex)
    settle_day(ex)
    for refusal in heard.refusals:
        if memory.wish.date == refusal.value.date:
            memory.wish = replace(memory.wish, date=None, until_date=None)
            ex.forget("preferred_slots")
    if heard.means(Intent.HOURS) and memory.task is Task.BOOK and _asks_hours(ex):
        return
    if memory.task in (Task.BOOK, Task.MOVE) and shift_wish(ex, before):
        return
    if memory.task is Task.CANCEL or memory.asked is Item.OLD:
        _set_old(ex, _named_old(ex))
        if memory.asked is Item.OLD and memory.task is Task.MOVE and len(heard.slots) > 1:
            _set_wish(ex, heard.slots[-1])
    elif memory.task is Task.MOVE:
        _sort_slots(ex)
    elif heard.slots and memory.task is not Task.CALLBACK:
        _set_wish(ex, wished(ex))
    if heard.means(Intent.SAME_TIME) and memory.old.time is not None and memory.wish.time is None:
        memory.wish = replace(memory.wish, time=memory.old.time, part=None)
        ex.news.add("slot")
    _shift(ex)
    _shift_hours(ex)


def _asks_hours(ex: Exchange) -> bool:
    """Whether "are you open on Saturday?" is all that is said: no wish, unlike "at eight, when you open"."""
    slots = ex.heard.slots
    return "?" in ex.heard.text or not slots or slots[0].value.date is None or slots[0].value.time is None


def _shift_hours(ex: Exchange) -> None:
    """After "an hour later" the wish is for another time on the same day."""
    moved, wish = _HOURS_AWAY.search(ex.heard.text), ex.memory.wish
    if moved is None or ex.heard.slots or wish.date is None or wish.time is None:
        return
    minutes = 30 if moved["half"] else 120 if moved["two"] else 60
    earlier = moved["way"].lower() in ("earlier", "früher")
    at = datetime.combine(wish.date, wish.time) + timedelta(minutes=-minutes if earlier else minutes)
    if at.date() == wish.date:
        ex.memory.wish = replace(wish, time=at.time())
        ex.news.add("slot")


def _sort_slots(ex: Exchange) -> None:
    """Which of the appointments named is the old one, which the new one."""
    slots, memory = ex.heard.slots, ex.memory
    if len(slots) == 1 and ex.heard.earlier_slots and memory.old == Slot():
        slots = [ex.heard.earlier_slots[-1], *slots]
    if slots and (names_choice(ex) or (memory.asked is Item.SLOT and memory.old != Slot())):
        _set_wish(ex, wished(ex))
        return
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
    if span.time and span.until_time and memory.old == Slot() and _FROM_TIME.search(ex.heard.text[: slot.end]):
        _set_old(ex, [replace(slot, value=Slot(date=span.date, time=span.time))])
        _set_wish(ex, replace(slot, value=Slot(date=span.date, time=span.until_time)))
    elif span.until_date and span.date and memory.asked is not Item.SLOT and re.search(r"(?i)\bfrom|vom|von", before):
        _set_old(ex, [replace(slot, value=Slot(date=span.date))])
        _set_wish(ex, replace(slot, value=Slot(date=span.until_date, time=span.time)))
    elif memory.old == Slot() and (_is_old(ex, before) or _stands_in_the_way(ex, slot)):
        _set_old(ex, [slot])
    else:
        _set_wish(ex, slot)


def _is_old(ex: Exchange, before: str) -> bool:
    """Whether the words before a day or time make it that of the existing appointment."""
    if ex.memory.asked is Item.SLOT:
        return bool(_IT_IS.search(before))
    return ex.memory.asked in _OPEN and bool(_FROM.search(before)) and not _TO.search(before)


def _stands_in_the_way(ex: Exchange, slot: Reading[Slot]) -> bool:
    """Whether the day beside a first wish to move is that of the appointment ("he has to be in court on Thursday").

    Where nothing makes it the new one, it is safer to ask for that.
    """
    begun = "task" in ex.news and ex.memory.asked in (Item.NOTHING, Item.TASK, Item.MORE)
    if not begun or slot.value.date is None or slot.value.until_date:
        return False
    before, after = ex.heard.text[: slot.start], ex.heard.text[slot.end :]
    if _OLD_AFTER.match(after):
        return True
    clause = re.split(r"(?i)[.,;:?!]|\b(?:and|but|so|because|und|aber|weil|denn)\b", before)[-1]
    return not (_TO.search(before) or _WISHING.search(clause) or _WISHED_AFTER.match(after))


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
    weekday = _is_weekday(ex, ex.heard.text[slot.start : slot.end])
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


def _is_weekday(ex: Exchange, words: str) -> bool:
    """Whether the words only name a weekday, also as a recogniser wrote it ("thirsty")."""
    return canonical(words, ex.heard.language).text.strip() in _WEEKDAYS[spoken(ex.heard.language)]
