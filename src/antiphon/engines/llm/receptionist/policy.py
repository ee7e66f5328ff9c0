"""What the receptionist does with a turn, in the order in which it matters."""

import re

from antiphon.engines.llm.receptionist import agenda, slots
from antiphon.engines.llm.receptionist.exchange import Exchange
from antiphon.engines.llm.receptionist.intents import Intent
from antiphon.engines.llm.receptionist.learning import learn
from antiphon.engines.llm.receptionist.memory import Item, Task
from antiphon.engines.llm.receptionist.questions import answer_questions
from antiphon.engines.llm.receptionist.tasks import choose_task
from antiphon.events.dialogue import ActionType
from antiphon.events.speech import Expectation
from antiphon.language.reading import Reading
from antiphon.language.slots import Slot

_NUDGES_BEFORE_HANGING_UP = 2
_UNSURE_READING = 0.55
_WORDS_OF_A_MESSAGE = 5
_DOUBTABLE = ("caller_name", "phone_e164", "reason", "preferred_slots", "previous_slot", "date_of_birth")
_MESSAGE_AFTER = re.compile(
    r"(?i)\b(?:message|tell|let|nachricht|ausrichten|sagen sie)\b.{0,40}?(?:\bthat\b|\bdass\b|:|\bis\b)\W+"
    r"(?P<message>\S.{8,})"
)
_ABOUT = re.compile(
    r"(?i)\b(?:about|regarding|concerning|because|as i|wegen|weil|bezüglich|es geht um)\b\W*(?P<message>\S.{3,})"
)
_PRESSING = re.compile(
    r"(?i)\b(?:running|am|be|komme|bin)\b.{0,20}\b(?:late|später|zu spät)\b|prescription|rezept|results|befund"
)


def greet(ex: Exchange) -> None:
    """Open the conversation."""
    greeting = ex.practice.greeting.get(ex.language, "")
    if greeting:
        ex.say_text(greeting)
    else:
        ex.say("greeting", practice=ex.practice.name)
    ex.ask(Item.TASK, Expectation.FREE)


def nudge(ex: Exchange) -> None:
    """The caller is silent: ask, ask again, then hang up."""
    ex.memory.idle += 1
    if ex.memory.idle == 1:
        ex.say("still_there")
    elif ex.memory.idle <= _NUDGES_BEFORE_HANGING_UP:
        ex.say("hello_again")
        ex.say_text(_last_question(ex))
    else:
        ex.say("silent_goodbye")
        ex.hang_up = True


def _last_question(ex: Exchange) -> str:
    questions = re.findall(r"[^.?!]*\?", ex.memory.said)
    return questions[-1] if questions and ex.memory.idle > 1 else ""


def answer(ex: Exchange) -> None:
    """Answer the caller's turn."""
    ex.memory.idle = 0
    for step in (_injection, _emergency, _too_unsure, _human, _repeat):
        if step(ex):
            return
    choose_task(ex)
    learn(ex)
    _keep_message(ex)
    if ex.heard.means(Intent.SPEAK_DE, Intent.SPEAK_EN):
        ex.say("switched")
        ex.heard.answers = [answer for answer in ex.heard.answers if answer.name != "spoken_languages"]
    begun = ex.memory.task is Task.CALLBACK and "task" in ex.news
    answered = ex.answered = not begun and answer_questions(ex)
    if _pending(ex, answered) or _leave(ex, answered):
        return
    _go_on(ex, answered)


# Before anything else -------------------------------------------------------------------------------------------------


def _injection(ex: Exchange) -> bool:
    """Words aimed at a machine, not at a receptionist: nothing of such a turn is believed."""
    if not ex.heard.means(Intent.INJECTION):
        return False
    ex.say("only_appointments")
    ex.understood = False
    ex.heard.scores.clear()
    _ask_again(ex)
    return True


def _emergency(ex: Exchange) -> bool:
    """Advice at once, whatever else is going on, and however badly it was heard."""
    if not ex.heard.emergencies:
        return False
    learn(ex)
    kind = ex.heard.emergencies[0]
    number = " ".join(ex.practice.emergency_number)
    ex.say(f"emergency_{kind}", number=number)
    if not ex.memory.advised:
        ex.act(ActionType.EMERGENCY, ("urgency", "symptoms", "pain_level", "caller_name", "phone_e164", "language"))
    ex.memory.advised = True
    ex.say("ask_human_emergency")
    ex.ask(Item.HUMAN, Expectation.YES_NO)
    return True


def _too_unsure(ex: Exchange) -> bool:
    """Heard badly, and nothing in it makes sense.

    A confidence tells how likely every word is right, which a long turn seldom is; where it makes sense all the same,
    the read-back is there to find a mistake.
    """
    if ex.request.confidence >= ex.patience.repeat_below or ex.heard.made_sense:
        return False
    _fail(ex, "sorry_repeat")
    return True


def _human(ex: Exchange) -> bool:
    if not ex.heard.means(Intent.HUMAN) or ex.heard.means(Intent.ROBOT):
        return False
    if ex.heard.practitioner:
        learn(ex)
    _transfer(ex)
    return True


def _transfer(ex: Exchange) -> None:
    ex.act(
        ActionType.TRANSFER, ("caller_name", "phone_e164", "reason", "urgency", "symptoms", "practitioner", "language")
    )
    ex.say("transfer")
    ex.transfer = True
    ex.memory.asked = Item.NOTHING


def _repeat(ex: Exchange) -> bool:
    heard = ex.heard
    alone = heard.text.strip(" ?.!").lower() in {"sorry", "what", "huh", "excuse me", "pardon me", "was", "hä", "bitte"}
    asked = heard.means(Intent.REPEAT) and not heard.slots and not heard.phones
    if not (alone or asked) or not ex.memory.said:
        return False
    ex.say_text(ex.memory.said)
    _expect_again(ex)
    return True


def _expect_again(ex: Exchange) -> None:
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


def _keep_message(ex: Exchange) -> None:
    """A message that came along with the wish to leave one, or that was just asked for."""
    memory, heard = ex.memory, ex.heard
    if memory.task is not Task.CALLBACK or memory.message:
        return
    match = _MESSAGE_AFTER.search(heard.text) or _ABOUT.search(heard.text)
    if match and not _PRESSING.search(heard.text):
        agenda.keep_message(ex, match["message"])
    elif (
        (memory.asked is Item.MESSAGE and not heard.means(Intent.BYE, Intent.WAIT) and heard.words > 1)
        or _PRESSING.search(heard.text)
        or heard.service
        or _tells_something(ex)
    ):
        agenda.keep_message(ex, heard.text)


def _tells_something(ex: Exchange) -> bool:
    """A sentence without any fact while we take a message is the message."""
    begun, heard = "task" in ex.news, ex.heard
    facts = ex.news & {"caller_name", "phone_e164", "digits"}
    other = heard.means(Intent.WAIT, Intent.THANKS, Intent.BYE, Intent.ABORT, Intent.UNSURE) or heard.yes
    return not begun and not facts and not other and heard.words >= _WORDS_OF_A_MESSAGE


# What the last reply asked --------------------------------------------------------------------------------------------


def _pending(ex: Exchange, answered: bool) -> bool:
    """Deal with the answer to a yes-or-no question; True when the reply is complete."""
    steps = {
        Item.CHECK: _on_check,
        Item.CHANGE: _on_change,
        Item.DOUBT: _on_doubt,
        Item.OFFER: _on_offer,
        Item.HUMAN: _on_human,
        Item.MOVE_OR_CANCEL: _on_move_or_cancel,
        Item.WANT_BOOKING: _on_want_booking,
        Item.WANT_CALLBACK: _on_want_callback,
        Item.MORE: _on_more,
    }
    step = steps.get(ex.memory.asked)
    return step is not None and step(ex, answered)


def _on_check(ex: Exchange, answered: bool) -> bool:
    heard = ex.heard
    if heard.means(Intent.ABORT) and not ex.news:
        return _abandon(ex)
    if ex.news & {"slot", "old", "caller_name", "phone_e164", "reason"}:
        only_phone = ex.news <= {"phone_e164", "digits"} and ex.memory.task is Task.MOVE and heard.agrees
        if not only_phone:
            return False
    if heard.refuses:
        if _reopen_item(ex):
            return True
        ex.say("ask_change")
        ex.ask(Item.CHANGE, Expectation.FREE)
        return True
    if heard.agrees:
        _act(ex)
        return True
    if heard.means(Intent.WAIT) and not answered:
        ex.say("wait")
        _expect_again(ex)
        return True
    if not answered and not ex.news:
        return _reopen_item(ex) or _fail(ex, "sorry_yes_no")
    return False


def _act(ex: Exchange) -> None:
    agenda.act(ex)
    if ex.heard.means(Intent.BYE):
        _goodbye(ex, done=True)
    else:
        agenda.ask_more(ex)


def _reopen_item(ex: Exchange) -> bool:
    """Forget what the caller says is wrong ("the time is wrong") and ask for it again."""
    heard, memory = ex.heard, ex.memory
    if ex.news:
        return False
    if heard.means(Intent.ABOUT_NAME):
        ex.forget("caller_name")
    elif heard.means(Intent.ABOUT_PHONE):
        ex.forget("phone_e164")
    elif heard.means(Intent.ABOUT_TIME) and memory.task is not Task.CANCEL:
        memory.wish = Slot(date=memory.wish.date)
        ex.forget("preferred_slots")
    elif heard.means(Intent.ABOUT_DAY):
        memory.wish = Slot(time=memory.wish.time)
        memory.old = Slot() if memory.task is Task.CANCEL else memory.old
        ex.forget("preferred_slots")
    elif heard.means(Intent.ABOUT_REASON):
        ex.forget("reason")
    else:
        return False
    memory.asked = Item.NOTHING
    agenda.proceed(ex)
    return True


def _on_change(ex: Exchange, answered: bool) -> bool:
    if ex.news & {"slot", "old", "caller_name", "phone_e164", "reason"}:
        return False
    if ex.heard.means(Intent.ABORT) or ex.heard.means(Intent.CANCEL):
        return _abandon(ex)
    if _reopen_item(ex):
        return True
    return not answered and _fail(ex, "sorry")


def _on_doubt(ex: Exchange, answered: bool) -> bool:
    memory = ex.memory
    doubts, memory.doubts = memory.doubts, []
    if ex.heard.agrees and not ex.news & set(doubts):
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
    return False


def _on_offer(ex: Exchange, answered: bool) -> bool:
    heard = ex.heard
    if slots.take_offer(ex):
        return False
    if "slot" in ex.news or ex.news - {"language"}:
        return False
    if heard.means(Intent.ABORT):
        return _abandon(ex)
    if heard.means(Intent.LATER, Intent.EARLIER) or heard.refuses or heard.means(Intent.OTHER):
        ex.memory.offers, ex.memory.wish = [], Slot()
        slots.ask_slot(ex, "ask_slot_other")
        return True
    if heard.agrees and slots.ask_which_offer(ex):
        return True
    return not answered and not heard.means(Intent.WAIT) and _fail(ex, "sorry")


def _on_human(ex: Exchange, answered: bool) -> bool:
    if ex.heard.agrees and not ex.news - {"language"} and not ex.heard.means(Intent.BOOK):
        _transfer(ex)
        return True
    if ex.heard.refuses and not ex.news and ex.memory.task is Task.NONE and not answered:
        if ex.memory.advised:
            ex.say("emergency_again", number=" ".join(ex.practice.emergency_number))
        agenda.ask_more(ex)
        return True
    if ex.heard.refuses:
        ex.memory.asked = Item.NOTHING
        ex.memory.failures = 0
        ex.news.add("resumed")
    return False


def _on_move_or_cancel(ex: Exchange, answered: bool) -> bool:
    if ex.memory.task is not Task.NONE:
        return False
    if ex.heard.means(Intent.BYE):
        return False
    ex.say("ask_move_or_cancel")
    ex.ask(Item.MOVE_OR_CANCEL, Expectation.FREE)
    return True


def _on_want_booking(ex: Exchange, answered: bool) -> bool:
    if ex.memory.task is not Task.NONE:
        return False
    if ex.heard.agrees or ex.heard.slots:
        ex.memory.task = Task.BOOK
        if ex.memory.topic and not ex.value("reason"):
            ex.learn("reason", Reading(ex.memory.topic, 0, len(ex.heard.text)))
        if ex.heard.slots:
            learn(ex)
        ex.news.add("task")
        return False
    return _on_more(ex, answered)


def _on_want_callback(ex: Exchange, answered: bool) -> bool:
    if ex.memory.task is Task.NONE and ex.heard.agrees:
        ex.memory.task = Task.CALLBACK
        ex.memory.message = ex.memory.message or ex.memory.topic
        ex.news.add("task")
        return False
    return ex.memory.task is Task.NONE and _on_more(ex, answered)


def _on_more(ex: Exchange, answered: bool) -> bool:
    heard = ex.heard
    if answered or ex.memory.task is not Task.NONE:
        return False
    if heard.means(Intent.BYE, Intent.DONE) or heard.refuses or heard.means(Intent.THANKS):
        _goodbye(ex, done=True)
        return True
    if heard.agrees:
        agenda.ask_task(ex)
        return True
    return False


# Going on -------------------------------------------------------------------------------------------------------------


def _leave(ex: Exchange, answered: bool) -> bool:
    """The caller says goodbye, gives up, or thanks."""
    heard, memory = ex.heard, ex.memory
    told = ex.news - {"language"}
    if heard.means(Intent.ABORT) and not told and memory.task is not Task.NONE:
        return _abandon(ex)
    if (
        (heard.means(Intent.BYE) or (heard.means(Intent.DONE) and memory.task is Task.NONE))
        and not told
        and not answered
    ):
        _goodbye(ex, done=memory.task is Task.NONE)
        return True
    return False


def _abandon(ex: Exchange) -> bool:
    agenda.abandon(ex)
    if ex.heard.means(Intent.BYE):
        _goodbye(ex, done=True)
    else:
        agenda.ask_more(ex)
    return True


def _goodbye(ex: Exchange, *, done: bool) -> None:
    ex.say("goodbye_done" if done and ex.memory.booked else "goodbye" if done else "goodbye_unfinished")
    ex.hang_up = True
    ex.memory.asked = Item.NOTHING


def _go_on(ex: Exchange, answered: bool) -> None:
    memory, heard = ex.memory, ex.heard
    told = ex.news - {"language"}
    if memory.task is Task.NONE:
        _without_task(ex, answered)
        return
    if not told and not answered:
        if heard.means(Intent.WAIT):
            ex.say("wait")
            _expect_again(ex)
            return
        if not _moves_on(ex):
            _fail(ex, "")
            return
    memory.failures = 0
    if not _ask_about_doubts(ex):
        _acknowledge(ex)
        agenda.proceed(ex)


def _moves_on(ex: Exchange) -> bool:
    """Nothing was told, but the turn still answers: any time, the soonest, I do not know."""
    heard, asked = ex.heard, ex.memory.asked
    flexible = asked in (Item.SLOT, Item.DAY, Item.TIME, Item.OFFER) and heard.means(Intent.ANY, Intent.SOONEST)
    unsure = asked is Item.OLD and heard.means(Intent.UNSURE)
    return flexible or unsure or (heard.means(Intent.THANKS) and not heard.refuses)


def _without_task(ex: Exchange, answered: bool) -> None:
    memory, heard = ex.memory, ex.heard
    if heard.means(Intent.STATUS):
        ex.say("no_diary")
        ex.say("ask_want_callback")
        memory.topic = heard.text[:200]
        ex.ask(Item.WANT_CALLBACK, Expectation.YES_NO)
    elif heard.means(Intent.CANT_COME) or heard.refusals:
        ex.say("ack_cant_come")
        ex.say("ask_move_or_cancel")
        ex.ask(Item.MOVE_OR_CANCEL, Expectation.FREE)
    elif answered and memory.topic and heard.means(Intent.PRICE, Intent.SERVICES):
        ex.say("ask_want_booking")
        ex.ask(Item.WANT_BOOKING, Expectation.YES_NO)
    elif answered:
        agenda.ask_more(ex)
    elif heard.means(Intent.SPEAK_DE, Intent.SPEAK_EN):
        agenda.ask_task(ex)
    elif heard.means(Intent.WAIT):
        ex.say("wait")
        _expect_again(ex)
    elif heard.means(Intent.THANKS):
        ex.say("welcome")
        agenda.ask_more(ex)
    elif heard.means(Intent.GREETING) or ex.news - {"language"}:
        if ex.value("caller_name") and "caller_name" in ex.news:
            ex.say("ack_name", name=ex.text_value("caller_name"))
        agenda.ask_task(ex)
    else:
        _fail(ex, "sorry")
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


def _ask_about_doubts(ex: Exchange) -> bool:
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
    unsure_slot = "slot" in ex.news and heard_badly
    doubts = [name for name in doubts if name != "preferred_slots"]
    if not doubts and not unsure_slot:
        return False
    what = _doubtful_words(ex, doubts, slot=unsure_slot)
    if not what:
        return False
    ex.memory.doubts = [*doubts, *(["preferred_slots"] if unsure_slot else [])]
    ex.say("doubt", what=", ".join(what))
    ex.ask(Item.DOUBT, Expectation.YES_NO)
    return True


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


# Not understood -------------------------------------------------------------------------------------------------------


def _fail(ex: Exchange, key: str) -> bool:
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
    _ask_again(ex, told=bool(key) and key != "sorry")
    return True


def _ask_again(ex: Exchange, *, told: bool = False) -> None:
    """The last question once more, in the words for a second time."""
    memory = ex.memory
    if told and memory.asked is not Item.CHECK:
        _expect_again(ex)
    elif memory.asked is Item.HUMAN:
        ex.say("ask_human")
        ex.ask(Item.HUMAN, Expectation.YES_NO)
    elif memory.asked is Item.OFFER and memory.offers:
        ex.say_text(_last_question(ex) or memory.said)
        _expect_again(ex)
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


def not_heard(ex: Exchange) -> None:
    """A turn without a word in it."""
    _fail(ex, "sorry_repeat")
