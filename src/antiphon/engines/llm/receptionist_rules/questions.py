"""Questions that callers ask besides what they want done: opening hours, prices, services, the practice's own list."""

from datetime import date, datetime

from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.intents import Intent
from antiphon.events.practice import Hours, Service

_MOST_ANSWERS = 2


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
    if heard.means(Intent.PRICE):
        _answer_price(ex)
        answered = True
    elif heard.means(Intent.SERVICES) and _asks_for_services(ex):
        _answer_services(ex)
        answered = True
    if heard.means(Intent.HOURS) and heard.score(Intent.HOURS) > 0:
        _answer_hours(ex)
        answered = True
    return answered


def _booking_word_only(ex: Exchange) -> bool:
    """A cue of the practice's list inside a plain wish to book asks for nothing ("a first visit for a new patient")."""
    heard = ex.heard
    return heard.score(Intent.BOOK) >= 1.5 and not heard.means(Intent.QUESTION) and "?" not in heard.text


# Prices and services --------------------------------------------------------------------------------------------------


def _answer_price(ex: Exchange) -> None:
    heard = ex.heard
    named = heard.service.value if heard.service else ex.memory.topic or ex.text_value("reason")
    service = ex.service(named)
    if service is None:
        ex.say("price_which")
        return
    price = service.price.get(ex.language) or next(iter(service.price.values()), "")
    if price:
        ex.say_text(price)
    else:
        ex.say("price_unknown", service=ex.wording.service(service))


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
