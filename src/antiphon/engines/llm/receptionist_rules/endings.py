"""How a task or a call ends: an action, a hand-over, a goodbye."""

import re

from antiphon.engines.llm.receptionist_rules import agenda
from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.intents import Intent
from antiphon.engines.llm.receptionist_rules.memory import Item, Task
from antiphon.events.dialogue import ActionType

_KEEPS = re.compile(
    r"(?i)\b(?:(?:do|does|will|would)?\W?(?:not|n'?t|n’t|never)\W+(?:want to\W+)?(?:cancel|move|change)\b"
    r"|(?:i|we|i'll|we'll|will|to|would|rather|like to|me)\W+keep (?:it|the|my|our|that)\b"
    r"|(?:leave|keep) (?:it|the appointment|my appointment|everything) (?:as|like|how|where|the way)\b"
    r"|will be there|coming after all|come after all"
    r"|(?:sagen|sag|sage)\b[^.!?]{0,30}\bnicht ab\b"
    r"|nicht (?:absagen|abgesagt|verschieben|verschoben|stornieren|streichen)"
    r"|(?:behalte|behalten)\b|(?:komme|kommen) (?:doch|trotzdem)\b"
    r"|(?:bleibt|bleiben|lassen|lass)\b[^.!?]{0,25}\b(?:so|dabei|wie (?:es|er) ist|stehen|bestehen)\b)"
)
"""The caller wants to keep the appointment that was to be moved or cancelled."""


def transfer(ex: Exchange) -> None:
    """Hand over to a person."""
    ex.act(
        ActionType.TRANSFER, ("caller_name", "phone_e164", "reason", "urgency", "symptoms", "practitioner", "language")
    )
    ex.say("transfer")
    ex.transfer = True
    ex.memory.asked = Item.NOTHING


def act_and_go_on(ex: Exchange) -> None:
    """Do what the caller has agreed to, and ask for more unless they take their leave."""
    agenda.act(ex)
    if ex.heard.means(Intent.BYE):
        say_goodbye(ex, done=True)
    else:
        agenda.ask_more(ex)


def abandon(ex: Exchange) -> bool:
    """Give up the task; always True, the reply is complete."""
    agenda.abandon(ex)
    if ex.heard.means(Intent.BYE):
        say_goodbye(ex, done=True)
    else:
        agenda.ask_more(ex)
    return True


def keep_appointment(ex: Exchange) -> bool:
    """The appointment is neither cancelled nor moved after all: drop the task and say so."""
    memory, heard = ex.memory, ex.heard
    begun = memory.task in (Task.CANCEL, Task.MOVE) and "task" not in ex.news
    other_wish = bool(ex.news - {"language", "restated"}) or bool(heard.slots)
    if not begun or other_wish or not _KEEPS.search(heard.text):
        return False
    agenda.drop(ex)
    ex.say("kept")
    if heard.means(Intent.BYE):
        say_goodbye(ex, done=True)
    else:
        agenda.ask_more(ex)
    return True


def say_goodbye(ex: Exchange, *, done: bool) -> None:
    """End the call; `done` tells whether no task was left unfinished."""
    unfinished = "goodbye_unbooked" if ex.memory.task is Task.BOOK else "goodbye_unfinished"
    ex.say("goodbye_done" if done and ex.memory.booked else "goodbye" if done else unfinished)
    ex.hang_up = True
    ex.memory.asked = Item.NOTHING
