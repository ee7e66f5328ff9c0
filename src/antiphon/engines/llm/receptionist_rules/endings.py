"""How a task or a call ends: an action, a hand-over, a goodbye."""

from antiphon.engines.llm.receptionist_rules import agenda
from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.intents import Intent
from antiphon.engines.llm.receptionist_rules.memory import Item
from antiphon.events.dialogue import ActionType


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


def say_goodbye(ex: Exchange, *, done: bool) -> None:
    """End the call; `done` tells whether no task was left unfinished."""
    ex.say("goodbye_done" if done and ex.memory.booked else "goodbye" if done else "goodbye_unfinished")
    ex.hang_up = True
    ex.memory.asked = Item.NOTHING
