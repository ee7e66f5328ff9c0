"""What the receptionist does with a turn, in the order in which it matters."""

from antiphon.engines.llm.receptionist_rules import agenda, slots
from antiphon.engines.llm.receptionist_rules.corrections import learn_all
from antiphon.engines.llm.receptionist_rules.doubts import ask_about_doubts
from antiphon.engines.llm.receptionist_rules.endings import abandon, keep_appointment, say_goodbye
from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.intents import Intent
from antiphon.engines.llm.receptionist_rules.interruptions import (
    agrees_unasked,
    emergency,
    human,
    injection,
    repeat,
    too_unsure,
)
from antiphon.engines.llm.receptionist_rules.memory import Item, Task
from antiphon.engines.llm.receptionist_rules.messages import keep_message
from antiphon.engines.llm.receptionist_rules.pending import answer_pending
from antiphon.engines.llm.receptionist_rules.questions import (
    answer_questions,
    answer_rest,
    asks_something,
    note_question,
)
from antiphon.engines.llm.receptionist_rules.recovery import (
    expect_again,
    fail,
    guess_name,
    last_question,
    offer_way_out,
)
from antiphon.engines.llm.receptionist_rules.tasks import choose_task
from antiphon.events.speech import Expectation
from antiphon.language.dates import NoDay

_NUDGES_BEFORE_HANGING_UP = 2
_MOST_STANDSTILL = 4
_NEEDED = (Item.REASON, Item.SLOT, Item.DAY, Item.TIME, Item.OLD, Item.NAME, Item.MESSAGE)
_READ_BACK = (Item.CHECK, Item.CHANGE)


def greet(ex: Exchange) -> None:
    """Open the conversation."""
    greeting = ex.practice.greeting.get(ex.language, "")
    if greeting:
        ex.say_text(greeting)
    else:
        ex.say("greeting", practice=ex.practice.name)
    ex.ask(Item.TASK, Expectation.FREE, ex.wording.terms(ex.practice.services))


def nudge(ex: Exchange) -> None:
    """The caller is silent: ask, ask again, then hang up."""
    ex.memory.idle += 1
    if ex.memory.idle == 1:
        ex.say("still_there")
    elif ex.memory.idle <= _NUDGES_BEFORE_HANGING_UP:
        ex.say("hello_again")
        ex.say_text(last_question(ex))
    else:
        ex.say("silent_goodbye")
        ex.hang_up = True


def answer(ex: Exchange) -> None:
    """Answer the caller's turn."""
    before = ex.memory.asked
    ex.memory.idle = 0
    _answer(ex)
    again = ex.memory.asked is before and before in _NEEDED and not ex.answered
    ex.memory.standstill = ex.memory.standstill + 1 if again else 0
    if ex.memory.standstill >= _MOST_STANDSTILL:  # told something each time, but never what was asked for
        ex.unsay()
        offer_way_out(ex)


def _answer(ex: Exchange) -> None:
    guess_name(ex)
    for step in (injection, emergency, too_unsure, human, repeat, agrees_unasked):
        if step(ex):
            return
    note_question(ex)
    choose_task(ex)
    learn_all(ex)
    keep_message(ex)
    if ex.heard.means(Intent.SPEAK_DE, Intent.SPEAK_EN):
        ex.say("switched")
        ex.heard.answers = [answer for answer in ex.heard.answers if answer.name != "spoken_languages"]
    begun = ex.memory.task is Task.CALLBACK and "task" in ex.news
    ex.answered = not begun and (answer_questions(ex) or answer_rest(ex))
    why = _impossible(ex)
    if why and ex.memory.asked in _READ_BACK:
        ex.say(why)
    ex.answered = ex.answered or bool(why)
    if keep_appointment(ex) or answer_pending(ex) or _leave(ex):
        return
    _go_on(ex)


def _impossible(ex: Exchange) -> str:
    """The sentence that tells what is wrong with the only day that the caller names; empty where nothing is."""
    reasons = {reading.value for reading in ex.heard.impossible}
    if ex.memory.task in (Task.NONE, Task.CALLBACK) or any(slot.value.date for slot in ex.heard.slots):
        return ""
    if NoDay.NOT_IN_CALENDAR in reasons:
        return "no_such_day"
    return "day_passed" if NoDay.PAST in reasons and ex.memory.asked in _READ_BACK else ""


def _leave(ex: Exchange) -> bool:
    """The caller says goodbye, gives up, or thanks."""
    heard, memory = ex.heard, ex.memory
    told = ex.news - {"language"}
    if heard.means(Intent.ABORT) and not told and memory.task is not Task.NONE:
        return abandon(ex)
    idle = memory.task is Task.NONE
    leaves = heard.means(Intent.BYE) or (idle and heard.means(Intent.DONE))
    if leaves and not ex.answered and told <= ({"slot", "restated"} if idle else set()):  # "that's all for today"
        say_goodbye(ex, done=memory.task is Task.NONE)
        return True
    return False


def _go_on(ex: Exchange) -> None:
    memory, heard = ex.memory, ex.heard
    if not ex.news and (heard.slots or heard.service or heard.names or heard.phones):
        ex.news.add("restated")  # "yes, nine is fine" was understood, though it tells nothing new
    told = ex.news - {"language"}
    if memory.task is Task.NONE:
        _without_task(ex)
        return
    if memory.asked is Item.PHONE and heard.means(Intent.NO_PHONE) and not told:
        ex.memory.phone_trouble = agenda.MOST_PHONE_TROUBLE
        ex.say("phone_needed")
        ex.say("ask_human")
        ex.ask(Item.HUMAN, Expectation.YES_NO)
        return
    if not told and not ex.answered:
        if heard.means(Intent.WAIT):
            ex.say("wait")
            expect_again(ex)
            return
        if not _moves_on(ex):
            if asks_something(ex) and not memory.failures:
                ex.say("unknown_question")
                ex.answered = True  # the open question is asked in the words for a first time
            fail(ex, "")
            return
    memory.failures = 0
    if not ask_about_doubts(ex):
        _acknowledge(ex)
        why = _impossible(ex)
        if why and memory.asked not in _READ_BACK:
            ex.say(why)
        agenda.proceed(ex)


def _moves_on(ex: Exchange) -> bool:
    """Nothing was told, but the turn still answers: any time, the soonest, I do not know."""
    heard, asked = ex.heard, ex.memory.asked
    flexible = asked in (Item.SLOT, Item.DAY, Item.TIME, Item.OFFER) and heard.means(Intent.ANY, Intent.SOONEST)
    unsure = asked is Item.OLD and heard.means(Intent.UNSURE)
    return flexible or unsure or (heard.means(Intent.THANKS) and not heard.refuses)


def _without_task(ex: Exchange) -> None:
    memory, heard = ex.memory, ex.heard
    if heard.means(Intent.STATUS):
        if memory.booked:
            ex.say("done_book", slot=agenda.booked(ex))
            agenda.ask_more(ex)
            return
        ex.say("no_diary")
        ex.say("ask_want_callback")
        memory.topic = heard.text[:200]
        ex.ask(Item.WANT_CALLBACK, Expectation.YES_NO)
    elif heard.means(Intent.CANT_COME) or heard.refusals:
        ex.say("ack_cant_come")
        ex.say("ask_move_or_cancel")
        ex.ask(Item.MOVE_OR_CANCEL, Expectation.FREE)
    elif ex.answered and memory.topic and heard.means(Intent.PRICE, Intent.SERVICES):
        ex.say("ask_want_booking")
        ex.ask(Item.WANT_BOOKING, Expectation.YES_NO)
    elif ex.answered:
        agenda.ask_more(ex)
    elif heard.means(Intent.SPEAK_DE, Intent.SPEAK_EN):
        agenda.ask_task(ex)
    elif heard.means(Intent.WAIT):
        ex.say("wait")
        expect_again(ex)
    elif heard.means(Intent.THANKS):
        ex.say("welcome")
        agenda.ask_more(ex)
    elif heard.means(Intent.GREETING) or ex.news - {"language"}:
        if ex.value("caller_name") and "caller_name" in ex.news:
            ex.say("ack_name", name=ex.text_value("caller_name"))
        agenda.ask_task(ex)
    elif asks_something(ex) and ex.request.confidence >= ex.patience.repeat_below and not memory.failures:
        memory.failures += 1
        ex.understood = False
        ex.say("unknown_question")
        ex.say("ask_want_callback")
        memory.topic = heard.text[:200]
        ex.ask(Item.WANT_CALLBACK, Expectation.YES_NO)
        return
    else:
        fail(ex, "sorry")
        return
    memory.failures = 0


def _acknowledge(ex: Exchange) -> None:
    """Show what was understood, so that a mistake can be heard at once; the read-back repeats it anyway."""
    memory, wording = ex.memory, ex.wording
    if "task" in ex.news and memory.task is not Task.NONE:
        sorry = memory.task is Task.BOOK and "symptoms" in ex.news
        ex.say("ack_sorry" if sorry else f"ack_{memory.task.value}")
    elif "symptoms" in ex.news and memory.task is Task.BOOK:
        ex.say("ack_sorry")
    if "caller_name" in ex.news:
        ex.say("ack_name", name=ex.text_value("caller_name"))
    what = []
    if "reason" in ex.news and memory.task is Task.BOOK:
        service = ex.service(ex.text_value("reason"))
        what.append(wording.service(service) if service else ex.text_value("reason"))
    if "slot" in ex.news and slots.fits(ex):
        what.append(wording.slot(memory.wish))
    if what and not agenda.complete(ex):
        ex.say("ack", what=" ".join(what))
