"""What a visit is for, told by a service's name, by a complaint, or in other words."""

from dataclasses import replace

from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.intents import NOT_DENTAL, Intent
from antiphon.engines.llm.receptionist_rules.memory import Item, Task
from antiphon.events.dialogue import Json
from antiphon.language.lexicon import vocabulary
from antiphon.language.reading import Reading

_CHECKUP = {"a check-up", "check-up", "checkup", "eine Kontrolle", "Kontrolle"}
_MOUTH = vocabulary(
    "tooth teeth gum gums molar molars incisor mouth jaw zahn zaehne zahnfleisch mund kiefer backenzahn"
)
_SURELY_BOOKS = 1.5


def learn_reason(ex: Exchange) -> None:
    """Take what the visit is for: a service, else what a complaint or the words about it come to."""
    heard, memory = ex.heard, ex.memory
    if heard.service is None:
        _reason_from_symptom(ex)
        _reason_from_overdue(ex)
        _reason_from_mouth(ex)
        return
    asked = memory.asked in (Item.REASON, Item.CHANGE)
    only_asks = heard.means(Intent.PRICE, Intent.SERVICES) and not asked and not _books_as_well(ex)
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


def _books_as_well(ex: Exchange) -> bool:
    """Whether a question about a treatment goes on to ask for it ("do you do bleaching? I'd take Friday at four")."""
    whole = any(slot.value.date and slot.value.time is not None for slot in ex.heard.slots)
    return ex.heard.score(Intent.BOOK) >= _SURELY_BOOKS or (whole and ex.memory.task is Task.BOOK)


def _reason_from_symptom(ex: Exchange) -> None:
    """A complaint without a service's name: the service that lists it, else the one for toothache."""
    dental = [symptom for symptom in ex.heard.symptoms if symptom.value not in NOT_DENTAL]
    level = ex.heard.pain_level
    if level and not ex.heard.symptoms:
        dental = [Reading("toothache", level.start, level.end, level.confidence)]  # it is pain that has a level
    if not dental or ex.value("reason") or ex.memory.task is not Task.BOOK:
        return
    symptom = dental[0]
    for wanted in (symptom.value.replace("_", " "), "toothache"):
        for service in ex.practice.services:
            if any(wanted in words for phrases in service.words.values() for words in phrases):
                ex.learn("reason", replace(_json(symptom), value=service.name, confidence=0.8))
                return


def _reason_from_overdue(ex: Exchange) -> None:
    """Who is asked what it is for, and has not been to a dentist for years, or only wants a look, gets a check-up."""
    if ex.memory.asked is not Item.REASON or ex.value("reason") or not ex.heard.means(Intent.OVERDUE):
        return
    service = _service_for(ex, _CHECKUP)
    if service:
        ex.learn("reason", Reading(service, 0, len(ex.heard.text), 0.7))


def _reason_from_mouth(ex: Exchange) -> None:
    """Who is asked what it is for, and tells of a tooth in words unknown, has trouble with it; the read-back asks."""
    said = next((token for token in ex.heard.said if token.word in _MOUTH), None)
    if said is None or ex.memory.asked is not Item.REASON or ex.value("reason"):
        return
    service = _service_for(ex, {"toothache", "Zahnschmerzen"})
    if service:
        ex.learn("reason", Reading(service, said.start, said.end, 0.6))


def _service_for(ex: Exchange, called: set[str]) -> str:
    """The service that is also `called` so; empty where there is none such."""
    services = ex.practice.services
    return next((one.name for one in services for words in one.words.values() if called & {*words}), "")


def _json(reading: Reading[str]) -> Reading[Json]:
    return Reading(reading.value, reading.start, reading.end, reading.confidence)
