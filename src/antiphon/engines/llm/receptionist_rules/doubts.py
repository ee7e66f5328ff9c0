"""Facts that were heard badly are confirmed before the call goes on."""

from antiphon.engines.llm.receptionist_rules import agenda, slots
from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.memory import Item
from antiphon.events.speech import Expectation
from antiphon.language.slots import Slot

_UNSURE_READING = 0.55
_DOUBTABLE = ("caller_name", "phone_e164", "reason", "preferred_slots", "previous_slot", "date_of_birth")


def ask_about_doubts(ex: Exchange) -> bool:
    """Confirm what was heard badly, unless the read-back comes next anyway."""
    if ex.memory.asked is Item.CHECK or agenda.complete(ex):
        return False
    if "slot" in ex.news and slots.fits(ex):
        slots.learn_slot(ex)
    heard_badly = ex.request.confidence < ex.patience.confirm_below
    limit = 1.0 if heard_badly else _UNSURE_READING * ex.request.confidence
    doubts = [
        fact.name
        for fact in ex.learnt
        if fact.name in _DOUBTABLE and fact.value is not None and fact.confidence < limit
    ]
    if "caller_name" in doubts and ex.memory.asked is not Item.NAME and " " not in ex.text_value("caller_name"):
        ex.forget("caller_name")  # a word in passing that may be no name at all: it is asked for in its turn
        ex.news.discard("caller_name")
        doubts.remove("caller_name")
    unsure_slot = "slot" in ex.news and heard_badly
    doubts = [name for name in doubts if name != "preferred_slots"]
    return ask_doubts(ex, [*doubts, *(["preferred_slots"] if unsure_slot else [])])


def ask_doubts(ex: Exchange, doubts: list[str]) -> bool:
    """Ask whether the facts named in `doubts` are right; False when there is nothing to ask about."""
    what = _doubtful_words(ex, doubts, slot="preferred_slots" in doubts)
    if not what:
        return False
    ex.memory.doubts = doubts
    ex.say("doubt", what=", ".join(what))
    ex.ask(Item.DOUBT, Expectation.YES_NO)
    return True


def repeats(ex: Exchange, doubts: list[str]) -> bool:
    """Whether the caller says again what was heard badly, which confirms it."""
    heard, said = ex.heard, set[str]()
    if any(name.value == ex.value("caller_name") for name in heard.names):
        said.add("caller_name")
    if any(phone.value == ex.value("phone_e164") for phone in heard.phones):
        said.add("phone_e164")
    if heard.service and heard.service.value == ex.value("reason"):
        said.add("reason")
    if heard.slots:
        said.update(("preferred_slots", "previous_slot"))
    return not heard.refuses and bool(doubts) and set(doubts) <= said


def _doubtful_words(ex: Exchange, doubts: list[str], *, slot: bool) -> list[str]:
    wording, what = ex.wording, []
    if "reason" in doubts:
        service = ex.service(ex.text_value("reason"))
        what.append(wording.service(service) if service else ex.text_value("reason"))
    if slot and ex.memory.wish != Slot():
        what.append(wording.slot(ex.memory.wish))
    if "previous_slot" in doubts:
        what.append(wording.slot(ex.memory.old))
    if "caller_name" in doubts:
        what.append(ex.text_value("caller_name"))
    if "phone_e164" in doubts:
        what.append(wording.phone(ex.text_value("phone_e164")))
    return [words for words in what if words]
