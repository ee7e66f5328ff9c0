"""The answer to a read-back: act, ask what to change, or take a correction."""

import re

from antiphon.engines.llm.receptionist_rules import agenda
from antiphon.engines.llm.receptionist_rules.endings import abandon, act_and_go_on, say_goodbye
from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.intents import Intent
from antiphon.engines.llm.receptionist_rules.memory import Item, Task
from antiphon.engines.llm.receptionist_rules.read_back import read_back
from antiphon.engines.llm.receptionist_rules.recovery import expect_again, fail
from antiphon.events.speech import Expectation
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
HALF_A_YES = 0.5
_DIGITS_OF_A_NUMBER = 6
_WORDS_OF_AN_ORDER = 6
_WORDS_OF_A_YES = 3
_PLAIN_YES = re.compile(
    r"(?:yes|yeah|yep|yup|sure|ok|okay|please|thats?|is|it|was|all|right|correct|exactly|perfect|fine|good|great|thanks?"
    r"|you|very|much|everything|absolutely|of|course|sounds|(?:good)?bye|go|ahead|do|ja|jawohl|genau|das|ist|es|stimmt|so"
    r"|richtig|gut|sehr|perfekt|passt|in|ordnung|danke|vielen|dank|bitte|alles|klar|gerne|einverstanden|korrekt|doch)"
)
"""Words that make a plain yes, however badly they were heard."""


def on_check(ex: Exchange) -> bool:
    """Deal with the answer to a read-back; True when the reply is complete."""
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
        if _nothing_to_change(ex) and ask_once_more(ex, "nothing to change"):
            read_back(ex)
            return True
        ex.say("ask_change_or_keep" if ex.memory.task is Task.CANCEL else "ask_change")
        ex.ask(Item.CHANGE, Expectation.FREE)
        return True
    if _says_yes(ex):
        if _hardly_a_yes(ex) and ask_once_more(ex, "yes"):
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
        if heard.means(Intent.BYE) and not ask_once_more(ex, "goodbye"):
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
    return yes is not None and yes.value and (yes.confidence > HALF_A_YES or not ex.news - {"language"})


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
    contradicts = ex.heard.yes is not None and ex.heard.yes.confidence < HALF_A_YES and not plain
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


def on_change(ex: Exchange) -> bool:
    """Deal with the answer to what should be changed; True when the reply is complete."""
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
        read_back(ex)
        return True
    return not ex.answered and fail(ex, "sorry")


def ask_once_more(ex: Exchange, question: str) -> bool:
    """Whether `question` may be asked again, which is so once; the read-back has it again anyway."""
    if question in ex.memory.reasked:
        return False
    ex.memory.reasked.append(question)
    return True
