"""Questions that callers ask besides what they want done: opening hours, prices, services, the practice's own list."""

import re
from datetime import date, datetime
from functools import cache

from antiphon.engines.llm.receptionist_rules.cues import Cue, compile_phrase, find
from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.intents import Intent
from antiphon.engines.llm.receptionist_rules.memory import Task
from antiphon.engines.llm.receptionist_rules.tokens import fold
from antiphon.events.practice import Hours, Service

_MOST_ANSWERS = 2
_MOST_PRICES = 3
_LETTERS_OF_A_TOPIC = 5
_ASKING = (Intent.QUESTION, Intent.SERVICES, Intent.GREETING, Intent.THANKS)
_WORDS_OF_A_QUESTION = 3
_CLEARLY_BOOKS = 1.5
_DURATION = re.compile(
    r"(?i)\bhow (?:long|many minutes)\b(?!.*\b(?:open|closed|wait|waiting|there|have you|until)\b)"
    r"|\bwie (?:lange|viele minuten)\b(?!.*\b(?:offen|geöffnet|geschlossen|warten|da|auf|erreichbar)\b)"
)
_AND_ON = re.compile(r"(?i)^\W*(?:and|und|(?:what|how) about|was ist mit|wie (?:sieht|ist|wäre) es)\b")
_WHEN_IS_MINE = re.compile(
    r"(?i)\b(?:when|what (?:time|day|date)|wann|um welche zeit|an welchem tag)\b.{0,25}"
    r"\b(?:my|our|mein|meine|meinen|unser|unseren) (?:\w+ )?(?:appointment|booking|visit|termin)\b"
)
_ASKS_FOR_HELP = re.compile(r"(?i)\b(?:help|hear|hello|question|frage|helfen|hören|hallo)\b")


def answer_questions(ex: Exchange) -> bool:
    """Answer every question of the turn; False when there was none."""
    heard = ex.heard
    answered = False
    if heard.means(Intent.ROBOT):
        ex.say("robot", practice=ex.practice.name)
        answered = True
    named = heard.answers[:_MOST_ANSWERS]
    if named and not _booking_word_only(ex):
        for answer in named:
            ex.say_text(answer.text.get(ex.language) or next(iter(answer.text.values()), ""))
        return True
    if asks_duration(ex):
        _answer_duration(ex)
        answered = True
    elif heard.means(Intent.PRICE):
        _answer_price(ex)
        answered = True
    elif heard.means(Intent.SERVICES) and _asks_for_services(ex):
        _answer_services(ex)
        answered = True
    if (heard.means(Intent.HOURS) and heard.score(Intent.HOURS) > 0) or _asks_about_day(ex):
        _answer_hours(ex)
        answered = True
    return answered


def asks_duration(ex: Exchange) -> bool:
    """Whether the turn asks how long a visit takes."""
    return bool(_DURATION.search(ex.heard.text)) and ex.heard.score(Intent.BOOK) < _CLEARLY_BOOKS


def note_question(ex: Exchange) -> None:
    """Tell questions from wishes: how long a service takes asks about it, and when my appointment is moves none."""
    if _WHEN_IS_MINE.search(ex.heard.text) and not ex.heard.means(Intent.MOVE, Intent.CANCEL, Intent.CANT_COME):
        ex.heard.scores[Intent.STATUS] = max(1.0, ex.heard.score(Intent.STATUS))
    if asks_duration(ex) and not ex.heard.slots:
        ex.heard.scores[Intent.SERVICES] = max(1.0, ex.heard.score(Intent.SERVICES))


def answer_rest(ex: Exchange) -> bool:
    """Answer a question that no cue told, by its topic, or say that the appointment book cannot be read."""
    heard = ex.heard
    if ex.news - {"language"} or heard.yes:
        return False
    if heard.means(Intent.STATUS) and ex.memory.task is not Task.NONE:
        ex.say("no_diary_now")
        return True
    if not asks_something(ex) or heard.slots or heard.service or heard.symptoms or heard.refusals:
        return False
    words = {token.word for token in heard.said if len(token.word) >= _LETTERS_OF_A_TOPIC and not token.known}
    about = [answer for answer in ex.practice.answers if words & _topic(answer.cues.get(ex.heard.language, ()))]
    if len(about) != 1:
        return False
    ex.say_text(about[0].text.get(ex.language) or next(iter(about[0].text.values()), ""))
    return True


def asks_something(ex: Exchange) -> bool:
    """Whether the turn is a question, and nothing that is known to be wanted."""
    heard = ex.heard
    wants = any(heard.means(intent) for intent in heard.scores if intent not in _ASKING)
    asks = heard.means(Intent.QUESTION) and not wants and heard.words >= _WORDS_OF_A_QUESTION
    return asks and not _ASKS_FOR_HELP.search(heard.text)


def _topic(cues: tuple[str, ...]) -> set[str]:
    """The longer words of a question's cues, which tell what it is about."""
    words = (fold(word) for cue in cues for word in cue.split())
    return {word for word in words if len(word) >= _LETTERS_OF_A_TOPIC}


def _booking_word_only(ex: Exchange) -> bool:
    """A cue of the practice's list inside a plain wish to book asks for nothing ("a first visit for a new patient")."""
    heard = ex.heard
    return heard.score(Intent.BOOK) >= 1.5 and not heard.means(Intent.QUESTION) and "?" not in heard.text


# Prices and services --------------------------------------------------------------------------------------------------


def _answer_price(ex: Exchange) -> None:
    services = _services_meant(ex)
    if not services:
        ex.say("price_which")
    for service in services:
        price = service.price.get(ex.language) or next(iter(service.price.values()), "")
        if price:
            ex.say_text(price)
        else:
            ex.say("price_unknown", service=ex.wording.service(service))


def _answer_duration(ex: Exchange) -> None:
    services = _services_meant(ex)
    if not services:
        ex.say("price_which")
    for service in services:
        ex.say("duration", service=ex.wording.service(service), minutes=str(service.minutes))
        ex.memory.topic = service.name


def _services_meant(ex: Exchange) -> list[Service]:
    """The services named in the turn, in their order; where there is none, the one that was talked about."""
    found = []
    for service in ex.practice.services:
        words = service.words.get(ex.heard.language) or next(iter(service.words.values()), ())
        hits = list(find(_cues(tuple(words)), ex.heard.said))
        if hits:
            longest = max(hits, key=lambda hit: hit.last - hit.first)
            found.append((longest.first, longest.last, service))
    named = [
        (first, service)
        for first, last, service in found
        if not any(f <= first and last <= to and to - f > last - first for f, to, _ in found)
    ]
    if len(named) > 1:
        return [service for _, service in sorted(named, key=lambda pair: pair[0])][:_MOST_PRICES]
    arranged = ex.text_value("reason")
    before = arranged if arranged and ex.memory.task is Task.BOOK else ex.memory.topic or arranged
    talked_of = ex.heard.service.value if ex.heard.service else before
    one = ex.service(talked_of)
    return [one] if one else []


@cache
def _cues(phrases: tuple[str, ...]) -> tuple[Cue, ...]:
    return tuple(compile_phrase(phrase) for phrase in phrases)


def _asks_for_services(ex: Exchange) -> bool:
    """Whether it is a question: "do you do whitening?" is, "do you have something on Thursday?" wants a visit."""
    heard = ex.heard
    if heard.service:
        return heard.score(Intent.BOOK) < 1.0 and not heard.slots
    return heard.score(Intent.SERVICES) >= 1.2 and heard.score(Intent.BOOK) < 1.0 and bool(_list_words(ex))


def _list_words(ex: Exchange) -> bool:
    cues = {
        "services",
        "treatments",
        "offer",
        "treatment",
        "provide",
        "leistungen",
        "behandlungen",
        "bieten",
        "angebot",
    }
    return any(token.word in cues for token in ex.heard.said)


def _answer_services(ex: Exchange) -> None:
    service = ex.service(ex.heard.service.value) if ex.heard.service else None
    if service:
        ex.memory.topic = service.name
        ex.say("service_yes", service=ex.wording.service(service, bare=True))
        ex.say_text(service.price.get(ex.language, ""))
        return
    ex.say("services", services=ex.wording.listed(names(ex, list(ex.practice.services))))


def names(ex: Exchange, services: list[Service]) -> list[str]:
    """What services are called, without articles."""
    return [ex.wording.service(service, bare=True) for service in services]


# Opening hours --------------------------------------------------------------------------------------------------------


def _answer_hours(ex: Exchange) -> None:
    slot = next((reading.value for reading in ex.heard.slots if reading.value.date), None)
    if slot and slot.date and not slot.until_date:
        _answer_day(ex, slot.date, ex.calendar.at(slot.date, slot.time) if slot.time is not None else None)
    elif _says_now(ex):
        _answer_now(ex)
    elif (weekend := _weekend(ex)) is not None:
        _answer_day(ex, weekend, None)
    else:
        ex.say("hours_week", hours=ex.wording.hours(ex.practice.hours))


def _asks_about_day(ex: Exchange) -> bool:
    """Whether a day is asked about without saying what ("and on the 25th of December?") while nothing is arranged."""
    heard = ex.heard
    days = any(slot.value.date and not slot.value.until_date and slot.value.time is None for slot in heard.slots)
    other = heard.service or heard.means(Intent.BOOK, Intent.MOVE, Intent.CANCEL, Intent.PRICE)
    return ex.memory.task is Task.NONE and days and not other and bool(_AND_ON.search(heard.text))


def _answer_day(ex: Exchange, day: date, at: datetime | None) -> None:
    hours = ex.calendar.hours_on(day)
    said = ex.wording.day(day)
    if not hours:
        ex.say("hours_no", day=said, hours=ex.wording.hours(ex.practice.hours))
    elif at and not ex.calendar.open_at(at):
        ex.say("hours_not_then", day=said, spans=ex.wording.spans(hours))
    else:
        ex.say("hours_open_on", day=said, spans=ex.wording.spans(hours))


def _says_now(ex: Exchange) -> bool:
    now = {"now", "currently", "still", "moment", "jetzt", "gerade", "momentan", "noch"}
    return any(token.word in now for token in ex.heard.said)


def _weekend(ex: Exchange) -> date | None:
    """The Saturday that "at the weekend" means, or the Sunday of "on Sundays"."""
    words = {token.word.rstrip("s") for token in ex.heard.said}
    weekday = (
        6 if words & {"sunday", "sonntag"} else 5 if words & {"weekend", "saturday", "samstag", "wochenende"} else -1
    )
    if weekday < 0:
        return None
    ahead = (weekday - ex.calendar.today.weekday()) % 7
    return date.fromordinal(ex.calendar.today.toordinal() + ahead)


def _answer_now(ex: Exchange) -> None:
    now = ex.calendar.now
    if ex.calendar.open_at(now):
        closes = next(hours for hours in ex.calendar.hours_on(now.date()) if _covers(hours, now))
        ex.say("hours_now_open", closes=ex.wording.time(ex.calendar.at(now.date(), closes.closes)))
        return
    opens = ex.calendar.next_opening()
    if opens is None:
        ex.say("hours_now_closed_for_long")
    else:
        ex.say("hours_now_closed", opens=ex.wording.moment(opens))


def _covers(hours: Hours, at: datetime) -> bool:
    return hours.opens <= at.time() < hours.closes
