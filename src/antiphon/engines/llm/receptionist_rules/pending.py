"""The answer to what the last reply asked: yes, no, one of two, or something else altogether."""

import re

from antiphon.engines.llm.receptionist_rules import agenda, slots
from antiphon.engines.llm.receptionist_rules.doubts import ask_doubts, repeats
from antiphon.engines.llm.receptionist_rules.endings import abandon, act_and_go_on, say_goodbye, transfer
from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.intents import Intent
from antiphon.engines.llm.receptionist_rules.learning import learn
from antiphon.engines.llm.receptionist_rules.memory import Item, Task
from antiphon.engines.llm.receptionist_rules.recovery import NO_NAME, NO_REASON, NO_TIME, expect_again, fail
from antiphon.events.speech import Expectation
from antiphon.language.reading import Reading
from antiphon.language.slots import Slot

_NOTHING = re.compile(
    r"(?i)\b(?:nothing|none|fine|good|okay|ok|all right|alright|correct|perfect|leave it|keep it|as it is|never mind"
    r"|no change|nichts|nix|gut|in ordnung|passt|stimmt|richtig|perfekt|lassen|bleibt|so lassen|keine änderung)\b"
)
"""Nothing is to be changed after all."""


_READ_BACK = frozenset(("slot", "old", "caller_name", "phone_e164", "reason", "practitioner"))
_NOT_RIGHT = re.compile(r"(?i)\b(?:not|nicht|wrong|falsch)\b(?! (?:to|zu) )|n['’]t\b")
_WRONG_NAME = re.compile(
    r"(?i)\bname\W+(?:(?:is|was|ist|war)\W+)?(?:auch |also )?(?:wrong|incorrect|falsch|not right)\b"
)
_WRONG_NUMBER = re.compile(
    r"(?i)(?:number|nummer)\W+(?:(?:is|was|ist|war)\W+)?(?:auch |also )?(?:wrong|incorrect|falsch)\b"
)
_CANNOT_THEN = re.compile(
    r"(?i)\btoo (?:early|late|soon|far off)\b|\b(?:bit|little|rather) (?:early|late|soon)\b|\bno good\b"
    r"|\b(?:at|have|got|in|on) (?:work|school|class(?:es)?|holiday|a meeting|the office)\b"
    r"|\b(?:i['’]?m|i am|we['’]?re|we are|he['’]?s|she['’]?s) (?:away|working|busy|abroad|out|travelling|teaching)\b"
    r"|\bzu (?:früh|spät)\b|\b(?:arbeite|arbeiten|unterwegs|weg|verreist|beschäftigt|in den ferien)\b"
)
"""Reasons why an offered time does not suit, as they are told in place of a no."""
_HALF_A_YES = 0.5
_DIGITS_OF_A_NUMBER = 6
_WORDS_OF_AN_ORDER = 6
_WORDS_OF_A_YES = 3
_PLAIN_YES = re.compile(
    r"(?:yes|yeah|yep|yup|sure|ok|okay|please|thats?|is|it|was|all|right|correct|exactly|perfect|fine|good|great|thanks?"
    r"|you|very|much|everything|absolutely|of|course|sounds|(?:good)?bye|go|ahead|do|ja|jawohl|genau|das|ist|es|stimmt|so"
    r"|richtig|gut|sehr|perfekt|passt|in|ordnung|danke|vielen|dank|bitte|alles|klar|gerne|einverstanden|korrekt|doch)"
)
"""Words that make a plain yes, however badly they were heard."""


def answer_pending(ex: Exchange) -> bool:
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
    return step is not None and step(ex)


def _on_check(ex: Exchange) -> bool:
    heard = ex.heard
    if heard.means(Intent.ABORT) and not ex.news:
        return abandon(ex)
    _forget_wrong(ex)
    if ex.news & _READ_BACK:
        may_lack_phone = ex.memory.task in (Task.MOVE, Task.CANCEL)
        only_phone = ex.news <= {"phone_e164", "digits"} and may_lack_phone and heard.agrees
        if not only_phone:
            return False
    if _tells_digits(ex):
        agenda.ask_phone_again(ex)
        return True
    if heard.refuses:
        if heard.means(Intent.BYE):
            say_goodbye(ex, done=False)
            return True
        if _reopen_item(ex):
            return True
        if _nothing_to_change(ex) and _ask_once_more(ex, "nothing to change"):
            agenda.read_back(ex)
            return True
        ex.say("ask_change_or_keep" if ex.memory.task is Task.CANCEL else "ask_change")
        ex.ask(Item.CHANGE, Expectation.FREE)
        return True
    if _says_yes(ex):
        if _hardly_a_yes(ex) and _ask_once_more(ex, "yes"):
            ex.say("sorry_yes")
            ex.ask(Item.CHECK, Expectation.YES_NO)
        else:
            act_and_go_on(ex)
        return True
    if heard.means(Intent.WAIT) and not ex.answered:
        ex.say("wait")
        expect_again(ex)
        return True
    if not ex.answered and not ex.news - {"language"}:
        if heard.means(Intent.BYE) and not _ask_once_more(ex, "goodbye"):
            say_goodbye(ex, done=False)
            return True
        return _reopen_item(ex) or fail(ex, "sorry_yes_no")
    return False


def _tells_digits(ex: Exchange) -> bool:
    """Whether the answer is a telephone number that could not be read, where there is none yet."""
    told = sum(len(digits.value) for digits in ex.heard.digits)
    return told >= _DIGITS_OF_A_NUMBER and not ex.value("phone_e164") and not ex.heard.agrees


def _nothing_to_change(ex: Exchange) -> bool:
    """Whether all is well after all."""
    text = ex.heard.text
    return ex.heard.means(Intent.DONE) or (bool(_NOTHING.search(text)) and not _NOT_RIGHT.search(text))


def _says_yes(ex: Exchange) -> bool:
    """A yes, or "cancel it, please"; "I am" at the head of a sentence that tells something else is none."""
    yes, heard = ex.heard.yes, ex.heard
    if yes is None and ex.memory.task is Task.CANCEL and heard.words <= _WORDS_OF_AN_ORDER:
        return heard.means(Intent.CANCEL) and not ex.news - {"language"} and "?" not in heard.text
    return yes is not None and yes.value and (yes.confidence > _HALF_A_YES or not ex.news - {"language"})


def _forget_wrong(ex: Exchange) -> None:
    """Beside another correction, what is only said to be wrong is asked for again."""
    if not ex.news & _READ_BACK:
        return
    for name, wrong in (("caller_name", _WRONG_NAME), ("phone_e164", _WRONG_NUMBER)):
        if name not in ex.news and wrong.search(ex.heard.text):
            ex.forget(name)


def _hardly_a_yes(ex: Exchange) -> bool:
    """A yes denied in the same breath, or among words heard badly, sets nothing in motion that cannot be undone."""
    plain = all(_PLAIN_YES.fullmatch(token.word) for token in ex.heard.said)
    badly = ex.request.confidence < ex.patience.repeat_below
    contradicts = ex.heard.yes is not None and ex.heard.yes.confidence < _HALF_A_YES and not plain
    return contradicts or (badly and ex.heard.words > _WORDS_OF_A_YES and not plain)


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


def _on_change(ex: Exchange) -> bool:
    _forget_wrong(ex)
    if ex.news & _READ_BACK:
        return False
    keeps = ex.heard.means(Intent.ABORT) and re.search(r"(?i)as it is|like that|wie es ist|so lassen", ex.heard.text)
    if (ex.heard.means(Intent.ABORT) and not keeps) or ex.heard.means(Intent.CANCEL):
        return abandon(ex)
    if ex.heard.means(Intent.BYE):
        say_goodbye(ex, done=False)
        return True
    if _reopen_item(ex):
        return True
    if ex.heard.agrees or _nothing_to_change(ex):
        agenda.read_back(ex)
        return True
    return not ex.answered and fail(ex, "sorry")


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
    elif not told and not ex.heard.refuses and _ask_once_more(ex, "doubt " + " ".join(doubts)):
        return ask_doubts(ex, doubts)
    return False


def _on_offer(ex: Exchange) -> bool:
    heard = ex.heard
    if _leaves_open(ex) and _ask_once_more(ex, "offer " + " ".join(ex.memory.offers)):
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
    sure = heard.yes is not None and heard.yes.confidence > _HALF_A_YES
    answers = sure or heard.slots or heard.refusals or {"slot", "reason", "task"} & ex.news
    chooses = heard.means(
        Intent.FIRST, Intent.SECOND, Intent.ANY, Intent.SOONEST, Intent.LATER, Intent.EARLIER, Intent.OTHER
    )
    return bool(ex.memory.offers and ex.news - {"language"}) and not answers and not chooses


def _ask_once_more(ex: Exchange, question: str) -> bool:
    """Whether `question` may be asked again, which is so once; the read-back has it again anyway."""
    if question in ex.memory.reasked:
        return False
    ex.memory.reasked.append(question)
    return True


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
