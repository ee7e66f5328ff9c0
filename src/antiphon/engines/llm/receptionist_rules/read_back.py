"""The read-back: everything that an action rests on, said before it is asked for."""

from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.memory import Item, Task
from antiphon.events.speech import Expectation


def read_back(ex: Exchange) -> None:
    """Say everything that the action rests on and ask whether it is right."""
    memory, wording = ex.memory, ex.wording
    number = ex.text_value("phone_e164")
    unnamed = "unnamed_owner" if memory.task in (Task.MOVE, Task.CANCEL) else "unnamed"
    name = ex.text_value("caller_name") or wording.phrase(unnamed)
    phone = wording.phone(number) if number else ""
    slot, old = wording.slot(memory.wish), wording.slot(memory.old)
    staff = wording.staff(ex.text_value("practitioner"))
    if memory.task is Task.BOOK:
        service = ex.service(ex.text_value("reason"))
        reason = wording.service(service) if service else ex.text_value("reason") or wording.phrase("a_visit")
        ex.say(
            "check_book" if phone else "check_book_no_phone",
            reason=reason,
            slot=slot,
            staff=staff,
            name=name,
            phone=phone,
        )
    elif memory.task is Task.MOVE:
        bare = wording.slot(memory.wish, bare=True)
        ex.say("check_move_from" if old else "check_move", name=name, old=old, slot=slot, bare=bare, staff=staff)
    elif memory.task is Task.CANCEL:
        ex.say("check_cancel" if old else "check_cancel_unknown", name=name, old=old)
    else:
        ex.say("check_callback" if phone else "check_callback_no_phone", name=name, phone=phone, message=memory.message)
    ex.ask(Item.CHECK, Expectation.YES_NO)
    if memory.task in (Task.MOVE, Task.CANCEL) and not phone and Item.PHONE not in memory.skipped:
        # Enough to go on, but somebody must find the patient: asked along, not insisted upon.
        ex.say("check_phone_too")
        memory.skipped.append(Item.PHONE)
        ex.expect = Expectation.DIGITS
