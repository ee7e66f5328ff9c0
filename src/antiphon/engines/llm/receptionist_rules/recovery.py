"""What to say when nothing was understood, and how a question is asked again."""

import re

from antiphon.engines.llm.receptionist_rules import agenda, slots
from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.heard import Heard
from antiphon.engines.llm.receptionist_rules.intents import Intent
from antiphon.engines.llm.receptionist_rules.memory import Item, Task
from antiphon.engines.llm.receptionist_rules.tokens import Token
from antiphon.events.dialogue import Speaker
from antiphon.events.speech import Expectation
from antiphon.language.reading import Reading

_NO_NAME = (Intent.ABORT, Intent.BYE, Intent.CALLBACK, Intent.CANCEL, Intent.MOVE, Intent.REPEAT, Intent.WAIT)
_SMALL = frozenset(
    ("the", "a", "an", "in", "of", "and", "or", "with", "for", "to", "on", "at", "by", "from", "that", "there")
)
_SMALL |= {
    "here",
    "mister",
    "missis",
    "mrs",
    "mr",
    "ms",
    "der",
    "die",
    "das",
    "und",
    "oder",
    "mit",
    "fuer",
    "von",
    "zu",
}
_SMALL |= {"aus", "herr", "frau", "ich", "bin", "mein", "heisse"}
"""Words of grammar, some of which no table of cues has."""
_WORDS_OF_A_NAME = 3
NO_NAME, NO_REASON, NO_TIME = "no name", "no reason", "no time"
"""Among the questions asked again: what could not be understood at all."""
_TROUBLES = {Item.NAME: NO_NAME, Item.REASON: NO_REASON, **dict.fromkeys((Item.SLOT, Item.DAY, Item.TIME), NO_TIME)}
_FIRST_GUESS = "guessed name"
_GUESSED, _GUESSED_AGAIN = 0.45, 0.6
_WAYS_OUT = (Item.HUMAN, Item.WANT_CALLBACK)


def fail(ex: Exchange, key: str) -> bool:
    """Say what was not understood; after some such turns offer a person."""
    ex.memory.failures += 1
    ex.understood = False
    if ex.memory.failures >= ex.patience.failures_before_human and ex.memory.asked not in _WAYS_OUT:
        offer_way_out(ex)
        return True
    if key:
        ex.say(key)
    ask_again(ex, told=bool(key) and key != "sorry")
    return True


def offer_way_out(ex: Exchange) -> None:
    """A person now, then a person who calls back, then none: the same question is never asked for ever."""
    ex.say("sorry_human")
    trouble = _TROUBLES.get(ex.memory.asked)
    if trouble is not None:
        ex.memory.reasked.append(trouble)
    if not ex.memory.offers_refused:
        ex.say("ask_human")
        ex.ask(Item.HUMAN, Expectation.YES_NO)
    elif ex.memory.offers_refused == 1 and ex.memory.task is not Task.CALLBACK:
        ex.say("ask_want_callback")
        ex.ask(Item.WANT_CALLBACK, Expectation.YES_NO)
    else:
        ex.say("goodbye_helpless")
        ex.hang_up = True
        ex.memory.asked = Item.NOTHING


def ask_again(ex: Exchange, *, told: bool = False) -> None:
    """The last question once more, in the words for a second time."""
    memory = ex.memory
    if told and memory.asked is not Item.CHECK:
        expect_again(ex)
    elif memory.asked is Item.HUMAN:
        ex.say("ask_human")
        ex.ask(Item.HUMAN, Expectation.YES_NO)
    elif memory.asked is Item.WANT_CALLBACK:
        ex.say("ask_want_callback")
        expect_again(ex)
    elif memory.asked is Item.MOVE_OR_CANCEL and memory.task is Task.NONE:
        ex.say("ask_move_or_cancel")
        expect_again(ex)
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


def guess_name(ex: Exchange) -> None:
    """A name that could not be read when it was asked for a second time: take the words that look most like one.

    The first guess is asked about, the next one is left to the read-back.
    """
    heard, memory = ex.heard, ex.memory
    understood = heard.names or heard.phones or heard.slots or heard.yes or heard.answers or heard.means(*_NO_NAME)
    if memory.asked is not Item.NAME or not memory.failures or understood:
        return
    run = max(_unknown_words(heard), key=_looks_like_name, default=[])
    if run:
        sure = _GUESSED if _FIRST_GUESS not in memory.reasked else _GUESSED_AGAIN
        memory.reasked.append(_FIRST_GUESS)
        words = " ".join(token.word.capitalize() for token in run)
        heard.names = [Reading(words, run[0].start, run[-1].end, sure)]


def _unknown_words(heard: Heard) -> list[list[Token]]:
    """Runs of up to three words that mean nothing else."""
    runs: list[list[Token]] = [[]]
    for token in heard.said:
        if token.opens_clause or token.known or token.word in _SMALL or len(token.word) == 1:
            runs.append([])
        if not (token.known or token.word in _SMALL or len(token.word) == 1) and len(runs[-1]) < _WORDS_OF_A_NAME:
            runs[-1].append(token)
    return [run for run in runs if run]


def _looks_like_name(run: list[Token]) -> tuple[int, int]:
    """Two or three words look more like a name than one, and earlier words more than later ones."""
    return min(len(run), 2), -run[0].start


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
