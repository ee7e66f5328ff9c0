"""What the receptionist keeps between turns, as plain JSON in `ReplyDone.state`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime, time
from enum import StrEnum

from antiphon.events.dialogue import Json
from antiphon.language.parts import Bound, Part
from antiphon.language.slots import Slot


class Task(StrEnum):
    """What the caller and the receptionist are working on."""

    NONE = ""
    BOOK = "book"
    MOVE = "move"
    CANCEL = "cancel"
    CALLBACK = "callback"


class Item(StrEnum):
    """What the last reply asked for."""

    NOTHING = ""
    TASK = "task"
    REASON = "reason"
    SLOT = "slot"
    DAY = "day"
    TIME = "time"
    OFFER = "offer"
    NAME = "name"
    PHONE = "phone"
    OLD = "old"
    MESSAGE = "message"
    CHECK = "check"
    CHANGE = "change"
    DOUBT = "doubt"
    MOVE_OR_CANCEL = "move_or_cancel"
    WANT_BOOKING = "want_booking"
    WANT_CALLBACK = "want_callback"
    HUMAN = "human"
    MORE = "more"


@dataclass(slots=True)
class Memory:
    """The state of a conversation beside its facts.

    Attributes:
        task: what is being done.
        asked: what the last reply asked for.
        wish: the new appointment, as far as it is known.
        old: the existing appointment to move or cancel, as far as it is known.
        shift_days: "a week later": how far the old appointment is to be moved.
        offers: times just offered, ISO 8601.
        topic: the service last talked about, that is not yet a reason.
        digits: digits of a telephone number that is not complete yet.
        message: what the person who calls back should know.
        doubts: facts heard badly, to be confirmed.
        reasked: questions that were asked once more, since the caller told something else.
        skipped: questions that the caller cannot or does not want to answer.
        failures: turns in a row that made no sense.
        offers_refused: how often the caller did not want a person instead.
        standstill: how often the last question was asked in a row.
        phone_trouble: how hard it is to get the telephone number; see `agenda.MOST_PHONE_TROUBLE`.
        idle: nudges in a row.
        said: the last reply.
        booked: the appointment booked in this call, ISO 8601.
        advised: emergency advice has been given.
    """

    task: Task = Task.NONE
    asked: Item = Item.NOTHING
    wish: Slot = field(default_factory=Slot)
    old: Slot = field(default_factory=Slot)
    shift_days: int = 0
    offers: list[str] = field(default_factory=list)
    topic: str = ""
    digits: str = ""
    message: str = ""
    doubts: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    reasked: list[str] = field(default_factory=list)
    failures: int = 0
    offers_refused: int = 0
    standstill: int = 0
    phone_trouble: int = 0
    idle: int = 0
    said: str = ""
    booked: str = ""
    advised: bool = False

    def to_json(self) -> dict[str, Json]:
        """Plain JSON without what has its default value."""
        plain = {name: value for name, value in asdict(self).items() if name not in ("wish", "old") and value}
        slots = {"wish": slot_to_json(self.wish), "old": slot_to_json(self.old)}
        return {**plain, **{name: slot for name, slot in slots.items() if slot}}

    @classmethod
    def from_json(cls, state: Mapping[str, Json]) -> "Memory":
        """The memory in `state`; whatever does not fit is left at its default, since a call must go on."""
        memory = cls()
        for known in fields(cls):
            value = state.get(known.name)
            if known.name in ("wish", "old") and isinstance(value, dict):
                setattr(memory, known.name, slot_from_json(value))
            elif known.name == "task" and value in set(Task):
                memory.task = Task(str(value))
            elif known.name == "asked" and value in set(Item):
                memory.asked = Item(str(value))
            elif isinstance(getattr(memory, known.name), list) and isinstance(value, list):
                setattr(memory, known.name, [str(entry) for entry in value])
            elif known.name not in ("task", "asked") and type(value) is type(getattr(memory, known.name)):
                setattr(memory, known.name, value)
        memory.offers = [offer for offer in memory.offers if _is_time(offer)]
        memory.booked = memory.booked if _is_time(memory.booked) else ""
        return memory


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def slot_to_json(slot: Slot) -> dict[str, Json]:
    """The known parts of `slot` as strings."""
    parts: dict[str, Json] = {}
    for name in ("date", "time", "until_date", "until_time"):
        value = getattr(slot, name)
        if value is not None:
            parts[name] = value.isoformat()
    if slot.part:
        parts["part"] = slot.part.value
    if slot.bound is not Bound.AT:
        parts["bound"] = slot.bound.value
    return parts


def slot_from_json(parts: Mapping[str, Json]) -> Slot:
    """The slot that `slot_to_json` wrote; an empty one where it cannot be read."""
    try:
        return Slot(
            date=date.fromisoformat(str(parts["date"])) if "date" in parts else None,
            time=time.fromisoformat(str(parts["time"])) if "time" in parts else None,
            part=Part(str(parts["part"])) if "part" in parts else None,
            bound=Bound(str(parts.get("bound", Bound.AT.value))),
            until_date=date.fromisoformat(str(parts["until_date"])) if "until_date" in parts else None,
            until_time=time.fromisoformat(str(parts["until_time"])) if "until_time" in parts else None,
        )
    except ValueError:
        return Slot()
