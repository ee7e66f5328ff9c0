"""What takes a turn over before anything else of it counts: an emergency, a wish for a person, nothing understood."""

import re

from antiphon.engines.llm.receptionist_rules.endings import transfer
from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.intents import Intent, last_place
from antiphon.engines.llm.receptionist_rules.learning import learn
from antiphon.engines.llm.receptionist_rules.memory import Item
from antiphon.engines.llm.receptionist_rules.recovery import ask_again, expect_again, fail, last_question_heard
from antiphon.events.dialogue import ActionType
from antiphon.events.speech import Expectation

_CONSENTS = (Item.CHECK, Item.DOUBT, Item.HUMAN, Item.WANT_BOOKING, Item.WANT_CALLBACK)
"""Questions to which a yes sets something in motion."""
_WORDS_OF_A_MESSAGE = 3
_SURELY_BOOKS = 1.5
_WORDS_OF_A_PLEA = 15


def injection(ex: Exchange) -> bool:
    """Words aimed at a machine, not at a receptionist: nothing of such a turn is believed."""
    if not ex.heard.means(Intent.INJECTION):
        return False
    ex.say("only_appointments")
    ex.understood = False
    ex.heard.scores.clear()
    ask_again(ex)
    return True


def emergency(ex: Exchange) -> bool:
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


def too_unsure(ex: Exchange) -> bool:
    """Heard badly, and nothing in it makes sense.

    A confidence tells how likely every word is right, which a long turn seldom is; where it makes sense all the same,
    the read-back is there to find a mistake.
    """
    if ex.request.confidence >= ex.patience.repeat_below or ex.heard.made_sense:
        return False
    if ex.memory.asked is Item.MESSAGE and ex.heard.words >= _WORDS_OF_A_MESSAGE:
        return False  # whatever it is about, it is read back
    fail(ex, "sorry_repeat")
    return True


def human(ex: Exchange) -> bool:
    """A person is asked for."""
    if not ex.heard.means(Intent.HUMAN) or (ex.heard.means(Intent.ROBOT) and not _asks_for_person_after_all(ex)):
        return False
    if _to_be_seen(ex):
        return False
    if ex.heard.practitioner or ex.heard.names:
        learn(ex)
    transfer(ex)
    return True


def _to_be_seen(ex: Exchange) -> bool:
    """Whether "to talk to someone about a crown, Thursday at three" asks for a visit: it has a reason and a day."""
    about = ex.heard.service is not None or bool(ex.heard.symptoms)
    return about and any(slot.value.date for slot in ex.heard.slots)


def _asks_for_person_after_all(ex: Exchange) -> bool:
    """Whether a sentence of its own asks for a person, after one that asks whether this is a machine."""
    heard = ex.heard
    robot, human = (last_place(heard.said, heard.language, intent) for intent in (Intent.ROBOT, Intent.HUMAN))
    return 0 <= robot < human and bool(
        re.search(r"[.?!;]", heard.text[heard.said[robot].start : heard.said[human].start])
    )


def repeat(ex: Exchange) -> bool:
    """The last reply once more, where that is asked for."""
    heard = ex.heard
    alone = heard.text.strip(" ?.!").lower() in {"sorry", "what", "huh", "excuse me", "pardon me", "was", "hä", "bitte"}
    wants = heard.means(Intent.CALLBACK, Intent.CANCEL, Intent.MOVE) or heard.score(Intent.BOOK) >= _SURELY_BOOKS
    wants = wants or heard.words > _WORDS_OF_A_PLEA
    asked = heard.means(Intent.REPEAT) and not wants and not heard.slots and not heard.phones
    if not (alone or asked) or not ex.memory.said:
        return False
    ex.say_text(ex.memory.said)
    expect_again(ex)
    return True


def agrees_unasked(ex: Exchange) -> bool:
    """A bare yes to a question that the caller, having interrupted, never heard: it is asked again, not believed."""
    if not ex.heard.agrees or ex.memory.asked not in _CONSENTS or last_question_heard(ex):
        return False
    learn(ex)
    if ex.news - {"language"}:
        return False
    ex.say_text(ex.memory.said)
    expect_again(ex)
    return True
