"""What to say when nothing was understood, and how a question is asked again."""

import re

from antiphon.engines.llm.receptionist_rules import agenda, slots
from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.memory import Item, Task
from antiphon.events.dialogue import Speaker
from antiphon.events.speech import Expectation


def fail(ex: Exchange, key: str) -> bool:
    """Say what was not understood; after some such turns offer a person."""
    ex.memory.failures += 1
    ex.understood = False
    if ex.memory.failures >= ex.patience.failures_before_human and ex.memory.asked is not Item.HUMAN:
        ex.say("sorry_human")
        ex.say("ask_human")
        ex.ask(Item.HUMAN, Expectation.YES_NO)
        return True
    if key:
        ex.say(key)
    ask_again(ex, told=bool(key) and key != "sorry")
    return True


def ask_again(ex: Exchange, *, told: bool = False) -> None:
    """The last question once more, in the words for a second time."""
    memory = ex.memory
    if told and memory.asked is not Item.CHECK:
        expect_again(ex)
    elif memory.asked is Item.HUMAN:
        ex.say("ask_human")
        ex.ask(Item.HUMAN, Expectation.YES_NO)
    elif memory.asked is Item.OFFER and memory.offers:
        slots.offer_again(ex)
    elif memory.asked is Item.CHANGE:
        ex.say("ask_change")
        ex.ask(Item.CHANGE, Expectation.FREE)
    elif memory.task is Task.NONE:
        if memory.asked is Item.MORE:
            agenda.ask_more(ex)
        else:
            ex.say("sorry_task")
            agenda.ask_task(ex)
    else:
        agenda.proceed(ex)


def expect_again(ex: Exchange) -> None:
    """What the repeated reply asks for."""
    expect = {
        Item.CHECK: Expectation.YES_NO, Item.DOUBT: Expectation.YES_NO, Item.HUMAN: Expectation.YES_NO,
        Item.WANT_BOOKING: Expectation.YES_NO, Item.WANT_CALLBACK: Expectation.YES_NO, Item.SLOT: Expectation.DATE,
        Item.DAY: Expectation.DATE, Item.OLD: Expectation.DATE, Item.TIME: Expectation.TIME,
        Item.NAME: Expectation.NAME, Item.PHONE: Expectation.DIGITS,
    }  # fmt: skip
    ex.ask(ex.memory.asked, expect.get(ex.memory.asked, Expectation.FREE))
    if ex.memory.asked is Item.OFFER and len(ex.memory.offers) == 1:
        ex.expect = Expectation.YES_NO


def last_question(ex: Exchange) -> str:
    """The question that the last reply ended with."""
    questions = re.findall(r"[^.?!]*\?", ex.memory.said)
    return questions[-1] if questions else ""


def last_question_heard(ex: Exchange) -> bool:
    """Whether the last reply was heard at least until its question began."""
    last = ex.request.history[-1] if ex.request.history else None
    if last is None or last.speaker is not Speaker.AGENT or not last.interrupted:
        return True
    before = ex.memory.said.rstrip().removesuffix(last_question(ex).strip())
    return len(last.text.strip()) > len(before.strip())


def not_heard(ex: Exchange) -> None:
    """A turn without a word in it."""
    fail(ex, "sorry_repeat")
