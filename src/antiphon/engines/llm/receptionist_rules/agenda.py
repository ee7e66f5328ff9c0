"""What every task still needs, the read-back, and the action that the caller's yes sets in motion."""

from datetime import datetime

from antiphon.engines.llm.receptionist_rules import slots
from antiphon.engines.llm.receptionist_rules.exchange import Exchange
from antiphon.engines.llm.receptionist_rules.intents import Intent
from antiphon.engines.llm.receptionist_rules.memory import Item, Memory, Task
from antiphon.engines.llm.receptionist_rules.read_back import read_back
from antiphon.events.dialogue import ActionType, Json
from antiphon.events.speech import Expectation
from antiphon.language.reading import Reading
from antiphon.language.slots import Slot

_DETAILS = ("date_of_birth", "existing_patient", "insurance", "symptoms", "pain_level", "urgency", "practitioner")
_USED = {
    Task.BOOK: ("caller_name", "phone_e164", "reason", "preferred_slots"),
    Task.MOVE: ("caller_name", "phone_e164", "reason", "preferred_slots", "previous_slot"),
    Task.CANCEL: ("caller_name", "phone_e164", "previous_slot"),
    Task.CALLBACK: ("caller_name", "phone_e164", "reason"),
}
_ACTIONS = {
    Task.BOOK: ActionType.BOOK,
    Task.MOVE: ActionType.RESCHEDULE,
    Task.CANCEL: ActionType.CANCEL,
    Task.CALLBACK: ActionType.CALLBACK,
}
_LONGEST_MESSAGE = 300
_WITHOUT_PHONE = "without_phone"
_PART_OF_A_NUMBER, _NO_NUMBER = 1, 2
MOST_PHONE_TROUBLE = 4
"""Two answers without a number, or four parts of one: then a colleague is offered, or the call goes on without."""


def proceed(ex: Exchange) -> None:
    """Ask for the next thing that the task needs; when nothing is missing, read everything back."""
    steps = {Task.BOOK: _book, Task.MOVE: _move, Task.CANCEL: _cancel, Task.CALLBACK: _callback}
    step = steps.get(ex.memory.task)
    if step is None:
        ask_task(ex)
    elif step(ex):
        read_back(ex)


def complete(ex: Exchange) -> bool:
    """Whether nothing is missing any more, so that the read-back comes next and says it all."""
    memory = ex.memory
    name, phone = bool(ex.value("caller_name")) or Item.NAME in memory.skipped, _phone_settled(ex)
    if memory.task is Task.BOOK:
        return name and phone and (bool(ex.value("reason")) or Item.REASON in memory.skipped) and slots.fits(ex)
    if memory.task is Task.MOVE:
        return name and slots.fits(ex)
    if memory.task is Task.CANCEL:
        return name and (memory.old.date is not None or Item.OLD in memory.skipped)
    return name and phone and bool(memory.message)


def _book(ex: Exchange) -> bool:
    if not ex.value("reason") and Item.REASON not in ex.memory.skipped:
        _ask_reason(ex)
        return False
    return _settled(ex) and _has_name(ex) and _has_phone(ex)


def _move(ex: Exchange) -> bool:
    if not _has_name(ex) or (_tells_phone(ex) and not _has_phone(ex)):
        return False
    if ex.memory.shift_days and ex.memory.old.date is None:
        ask_old(ex)
        return False
    return _settled(ex)


def _cancel(ex: Exchange) -> bool:
    if not _has_name(ex) or (_tells_phone(ex) and not _has_phone(ex)):
        return False
    if ex.memory.old.date is None and Item.OLD not in ex.memory.skipped:
        if ex.memory.asked is Item.OLD and ex.heard.means(Intent.UNSURE):
            ex.memory.skipped.append(Item.OLD)
            return True
        ask_old(ex)
        return False
    return True


def _callback(ex: Exchange) -> bool:
    if not (_has_name(ex) and _has_phone(ex)):
        return False
    if not ex.memory.message:
        ex.say("ask_message")
        ex.ask(Item.MESSAGE, Expectation.FREE)
        return False
    return True


def _settled(ex: Exchange) -> bool:
    """Whether the appointment's time is known and fits; a relaxed caller gets an offer."""
    relaxed = ex.heard.means(Intent.SOONEST, Intent.ANY) or (
        ex.value("urgency") == "today" and "urgency" in ex.news and ex.memory.task is Task.BOOK
    )
    if "time_unheard" in ex.news and not slots.fits(ex):
        slots.offer_soonest(ex)  # a yes is easier to hear than a day
        return False
    if ex.memory.wish == Slot() and relaxed:
        slots.offer_soonest(ex)
        return False
    return slots.settle(ex)


# Questions ------------------------------------------------------------------------------------------------------------


def ask_task(ex: Exchange) -> None:
    """Ask what we can do."""
    ex.say("ask_task")
    ex.ask(Item.TASK, Expectation.FREE, ex.wording.terms(ex.practice.services))


def ask_more(ex: Exchange) -> None:
    """Ask for anything else."""
    ex.say("ask_more_again" if ex.memory.asked is Item.MORE else "ask_more")
    ex.ask(Item.MORE, Expectation.FREE)


def ask_old(ex: Exchange) -> None:
    """Ask when the existing appointment is."""
    again = ex.asks_again(Item.OLD)
    ex.say("sorry_old" if again else "ask_old_move" if ex.memory.task is Task.MOVE else "ask_old_cancel")
    ex.ask(Item.OLD, Expectation.DATE)


def _ask_reason(ex: Exchange) -> None:
    services = list(ex.practice.services)
    said = [ex.wording.service(service) for service in services]
    if ex.asks_again(Item.REASON):
        ex.say("sorry_reason", services=", ".join(said[:3]))
    else:
        ex.say("ask_reason")
    ex.ask(Item.REASON, Expectation.FREE, ex.wording.terms(ex.practice.services))


def _has_name(ex: Exchange) -> bool:
    if ex.value("caller_name"):
        return True
    if Item.NAME in ex.memory.skipped:
        return _has_phone(ex)  # one of the two it must be
    ex.say("sorry_name" if ex.asks_again(Item.NAME) else "ask_name")
    ex.ask(Item.NAME, Expectation.NAME)
    return False


def _has_phone(ex: Exchange) -> bool:
    if _phone_settled(ex):
        return True
    digits = ex.memory.digits
    if ex.memory.asked is Item.PHONE and "digits" in ex.news and len(digits) < 10:
        ex.memory.phone_trouble += _PART_OF_A_NUMBER
    elif ex.asks_again(Item.PHONE) or (ex.memory.asked is Item.PHONE and "digits" in ex.news):
        ex.memory.phone_trouble += _NO_NUMBER
    if ex.memory.phone_trouble >= MOST_PHONE_TROUBLE:
        ex.say("phone_trouble")
        if ex.memory.offers_refused > 1:  # neither a name nor a number, and nobody else is wanted
            ex.say("goodbye_helpless")
            ex.hang_up = True
            ex.memory.asked = Item.NOTHING
            return False
        ex.say("ask_human")
        ex.ask(Item.HUMAN, Expectation.YES_NO)
        return False
    if digits and "digits" in ex.news:
        ex.say("digits_part" if len(digits) < 10 else "digits_bad", digits=" ".join(digits))
        if len(digits) >= 10:
            ex.memory.digits = ""
    else:
        ex.say("sorry_phone" if ex.asks_again(Item.PHONE) else "ask_phone")
    ex.ask(Item.PHONE, Expectation.DIGITS)
    return False


def _tells_phone(ex: Exchange) -> bool:
    """Whether the caller is telling their number, which moving or cancelling can do without."""
    return ex.memory.asked is Item.PHONE and ("digits" in ex.news or ex.asks_again(Item.PHONE))


def ask_phone_again(ex: Exchange) -> None:
    """The number that was asked for along with the read-back was not understood."""
    ex.memory.phone_trouble += _NO_NUMBER
    ex.say("sorry_phone")
    ex.ask(Item.PHONE, Expectation.DIGITS)


def _phone_settled(ex: Exchange) -> bool:
    """Whether the number is known, or given up."""
    return bool(ex.value("phone_e164")) or _WITHOUT_PHONE in ex.memory.skipped


def go_on_without_name(ex: Exchange) -> None:
    """No colleague is wanted, and the name could not be understood: do without it."""
    if Item.NAME not in ex.memory.skipped and not ex.value("caller_name") and ex.memory.task is not Task.NONE:
        ex.memory.skipped.append(Item.NAME)
        ex.say("name_later")


def go_on_without_phone(ex: Exchange) -> None:
    """No colleague is wanted, and the number could not be got: do without it."""
    if ex.memory.phone_trouble < _NO_NUMBER or _phone_settled(ex) or ex.memory.task is Task.NONE:
        return
    if Item.NAME in ex.memory.skipped:
        return
    ex.memory.skipped.append(_WITHOUT_PHONE)
    ex.memory.digits = ""
    ex.say("phone_later")


# Action ---------------------------------------------------------------------------------------------------------------


def act(ex: Exchange) -> None:
    """The caller has agreed: confirm the facts, ask for the action, and start afresh."""
    memory = ex.memory
    task = memory.task
    used = _USED[task]
    ex.confirm([*used, *(name for name in _DETAILS if name in ex.facts)])
    extra: dict[str, Json] = {"message": memory.message} if task is Task.CALLBACK and memory.message else {}
    ex.act(_ACTIONS[task], [*used, *_DETAILS, "language"], extra)
    if task in (Task.BOOK, Task.MOVE):
        memory.booked = memory.wish.iso(ex.calendar.zone)
        bare = ex.wording.slot(memory.wish, bare=True)
        ex.say(f"done_{task.value}", slot=ex.wording.slot(memory.wish), bare=bare)
    else:
        memory.booked = "" if task is Task.CANCEL else memory.booked
        unreachable = task is Task.CALLBACK and not ex.value("phone_e164")
        ex.say("done_message" if unreachable else f"done_{task.value}")
    _start_afresh(memory)


def _start_afresh(memory: Memory) -> None:
    memory.task, memory.asked = Task.NONE, Item.NOTHING
    memory.wish, memory.old = Slot(), Slot()
    memory.offers, memory.doubts, memory.skipped, memory.reasked = [], [], [], []
    memory.message = memory.digits = memory.topic = ""
    memory.shift_days = memory.phone_trouble = 0


def abandon(ex: Exchange) -> None:
    """The caller has changed their mind: nothing happens."""
    drop(ex)
    ex.say("aborted")


def drop(ex: Exchange) -> None:
    """Leave the task without doing anything."""
    _start_afresh(ex.memory)
    ex.forget("preferred_slots")


def booked(ex: Exchange) -> str:
    """The appointment booked in this call, in words."""
    at = datetime.fromisoformat(ex.memory.booked).astimezone(ex.calendar.zone)
    return ex.wording.slot(Slot(date=at.date(), time=at.time()))


def reopen(ex: Exchange) -> None:
    """Go back to the appointment booked in this call, to move it."""
    at = datetime.fromisoformat(ex.memory.booked)
    booked = Slot(date=at.date(), time=at.time())
    ex.memory.task, ex.memory.old, ex.memory.wish = Task.MOVE, booked, booked
    _previous(ex)


def reopen_to_cancel(ex: Exchange) -> None:
    """Cancel the appointment booked in this call."""
    at = datetime.fromisoformat(ex.memory.booked)
    ex.memory.task, ex.memory.old = Task.CANCEL, Slot(date=at.date(), time=at.time())
    _previous(ex)


def _previous(ex: Exchange) -> None:
    ex.learn("previous_slot", Reading(ex.memory.booked, 0, len(ex.heard.text)))
    ex.news.discard("previous_slot")


def keep_message(ex: Exchange, text: str) -> None:
    """What the colleague who calls back should know; also the reason, where no service is one."""
    ex.memory.message = " ".join(text.split()).rstrip(" .!?,;")[:_LONGEST_MESSAGE]
    service = ex.heard.service
    if service:
        ex.learn("reason", Reading(service.value, service.start, service.end, service.confidence))
    elif not ex.value("reason"):
        ex.learn("reason", Reading(ex.memory.message, 0, len(ex.heard.text)))
