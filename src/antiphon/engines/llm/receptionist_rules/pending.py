"""The answer to what the last reply asked: yes, no, one of two, or something else altogether."""

import re

from antiphon.engines.llm.receptionist_rules import agenda, slots
from antiphon.engines.llm.receptionist_rules.checks import HALF_A_YES, ask_once_more, on_change, on_check
from antiphon.engines.llm.receptionist_rules.doubts import ask_doubts, repeats
from antiphon.engines.llm.receptionist_rules.endings import abandon, say_goodbye, transfer
from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.intents import Intent
from antiphon.engines.llm.receptionist_rules.learning import learn
from antiphon.engines.llm.receptionist_rules.memory import Item, Task
from antiphon.engines.llm.receptionist_rules.recovery import NO_NAME, NO_REASON, NO_TIME, fail
from antiphon.events.speech import Expectation
from antiphon.language.reading import Reading
from antiphon.language.slots import Slot

_CANNOT_THEN = re.compile(
    r"(?i)\btoo (?:early|late|soon|far off)\b|\b(?:bit|little|rather) (?:early|late|soon)\b|\bno good\b"
    r"|\b(?:at|have|got|in|on) (?:work|school|class(?:es)?|holiday|a meeting|the office)\b"
    r"|\b(?:i['’]?m|i am|we['’]?re|we are|he['’]?s|she['’]?s) (?:away|working|busy|abroad|out|travelling|teaching)\b"
    r"|\bzu (?:früh|spät)\b|\b(?:arbeite|arbeiten|unterwegs|weg|verreist|beschäftigt|in den ferien)\b"
)
"""Reasons why an offered time does not suit, as they are told in place of a no."""


def answer_pending(ex: Exchange) -> bool:
    """Deal with the answer to a yes-or-no question; True when the reply is complete."""
    steps = {
        Item.CHECK: on_check,
        Item.CHANGE: on_change,
        Item.DOUBT: _on_doubt,
        Item.OFFER: _on_offer,
        Item.HUMAN: _on_human,
        Item.MOVE_OR_CANCEL: _on_move_or_cancel,
        Item.WANT_BOOKING: _on_want_booking,
        Item.WANT_CALLBACK: _on_want_callback,
        Item.MORE: _on_more,
    }
    step = steps.get(ex.memory.asked)
    return step is not None and step(ex)


def _on_doubt(ex: Exchange) -> bool:
    memory = ex.memory
    doubts, memory.doubts = memory.doubts, []
    told = {"slot" if name == "preferred_slots" else name for name in doubts} & ex.news
    if (ex.heard.agrees or repeats(ex, doubts)) and not told:
        ex.confirm(doubts)
        ex.news.add("confirmed")
    elif ex.heard.refuses and not ex.news:
        for name in doubts:
            ex.forget(name)
        if "preferred_slots" in doubts:
            memory.wish = Slot()
        if "previous_slot" in doubts:
            memory.old = Slot()
        memory.asked = Item.NOTHING
        ex.say("sorry")
        agenda.proceed(ex)
        return True
    elif not told and not ex.heard.refuses and ask_once_more(ex, "doubt " + " ".join(doubts)):
        return ask_doubts(ex, doubts)
    return False


def _on_offer(ex: Exchange) -> bool:
    heard = ex.heard
    if _leaves_open(ex) and ask_once_more(ex, "offer " + " ".join(ex.memory.offers)):
        if "caller_name" in ex.news:
            ex.say("ack_name", name=ex.text_value("caller_name"))
        slots.offer_again(ex)
        return True
    if slots.take_offer(ex):
        return False
    if "slot" in ex.news or ex.news - {"language"}:
        return False
    if heard.means(Intent.ABORT):
        return abandon(ex)
    refuses = heard.refuses or bool(_CANNOT_THEN.search(heard.text))
    if refuses or heard.means(Intent.LATER, Intent.EARLIER, Intent.OTHER):
        ex.memory.offers, ex.memory.wish = [], Slot()
        slots.ask_slot(ex, "ask_slot_other")
        return True
    if heard.agrees and slots.ask_which_offer(ex):
        return True
    return not ex.answered and not heard.means(Intent.WAIT) and fail(ex, "sorry")


def _leaves_open(ex: Exchange) -> bool:
    """Whether the caller told something else than whether the offered time suits them."""
    heard = ex.heard
    sure = heard.yes is not None and heard.yes.confidence > HALF_A_YES
    answers = sure or heard.slots or heard.refusals or {"slot", "reason", "task"} & ex.news
    chooses = heard.means(
        Intent.FIRST, Intent.SECOND, Intent.ANY, Intent.SOONEST, Intent.LATER, Intent.EARLIER, Intent.OTHER
    )
    return bool(ex.memory.offers and ex.news - {"language"}) and not answers and not chooses


def _on_human(ex: Exchange) -> bool:
    if ex.heard.agrees and not ex.news - {"language"} and not ex.heard.means(Intent.BOOK):
        transfer(ex)
        return True
    if ex.heard.refuses and not ex.news and ex.memory.task is Task.NONE and not ex.answered:
        if ex.memory.advised:
            ex.say("emergency_again", number=" ".join(ex.practice.emergency_number))
        agenda.ask_more(ex)
        return True
    if ex.heard.refuses:
        _resume(ex)
        agenda.go_on_without_phone(ex)
    return False


def _resume(ex: Exchange) -> None:
    """No person is wanted instead: back to what was being done."""
    ex.memory.asked = Item.NOTHING
    ex.memory.failures = 0
    ex.memory.offers_refused += 1
    ex.news.add("resumed")
    if NO_NAME in ex.memory.reasked:
        agenda.go_on_without_name(ex)
    if NO_REASON in ex.memory.reasked and not ex.value("reason"):
        ex.memory.skipped.append(Item.REASON)
    if NO_TIME in ex.memory.reasked:
        ex.memory.reasked.remove(NO_TIME)
        ex.news.add("time_unheard")


def _on_move_or_cancel(ex: Exchange) -> bool:
    if ex.memory.task is not Task.NONE:
        return False
    if ex.heard.means(Intent.BYE):
        return False
    return not ex.answered and fail(ex, "")


def _on_want_booking(ex: Exchange) -> bool:
    if ex.memory.task is not Task.NONE:
        return False
    if ex.heard.agrees or (ex.heard.slots and not ex.answered):
        ex.memory.task = Task.BOOK
        if ex.memory.topic and not ex.value("reason"):
            ex.learn("reason", Reading(ex.memory.topic, 0, len(ex.heard.text)))
        if ex.heard.slots:
            learn(ex)
        ex.news.add("task")
        return False
    return _on_more(ex)


def _on_want_callback(ex: Exchange) -> bool:
    if ex.memory.task not in (Task.NONE, Task.CALLBACK):
        return _on_callback_instead(ex)
    if ex.memory.task is Task.NONE and ex.heard.agrees:
        ex.memory.task = Task.CALLBACK
        ex.memory.message = ex.memory.message or ex.memory.topic
        ex.news.add("task")
        return False
    if ex.memory.task is Task.NONE and _rather_now(ex):
        ex.say("ask_human")
        ex.ask(Item.HUMAN, Expectation.YES_NO)
        return True
    return ex.memory.task is Task.NONE and _on_more(ex)


def _rather_now(ex: Exchange) -> bool:
    """Whether a call back is refused in more words than a no, without a thank you or a goodbye."""
    heard = ex.heard
    leaves = heard.means(Intent.BYE, Intent.DONE, Intent.THANKS, Intent.ABORT)
    return heard.refuses and heard.words > 1 and not leaves and not ex.answered


def _on_callback_instead(ex: Exchange) -> bool:
    """What was begun made no sense, and a colleague may call back about it."""
    if ex.heard.agrees and not ex.news - {"language"}:
        ex.memory.task = Task.CALLBACK
        ex.memory.failures = 0
        ex.news.add("task")
    elif ex.heard.refuses:
        _resume(ex)
    return False


def _on_more(ex: Exchange) -> bool:
    heard = ex.heard
    if ex.answered or ex.memory.task is not Task.NONE:
        return False
    if heard.means(Intent.BYE, Intent.DONE) or heard.refuses or heard.means(Intent.THANKS):
        say_goodbye(ex, done=True)
        return True
    if heard.agrees:
        agenda.ask_task(ex)
        return True
    return False
