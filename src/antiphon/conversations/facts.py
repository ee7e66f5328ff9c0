"""P-22: which facts exist, what their values look like, and which of them an action may rest on."""

import datetime
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from antiphon.errors import BadInput, NotAllowed
from antiphon.events.dialogue import ActionRequest, ActionType, Fact, FactStatus, Json

END = r"$(?![\s\S])"  # `$` alone would let a trailing newline pass
DATE = r"\d{4}-\d{2}-\d{2}"
TIME = r"\d{2}:\d{2}(:\d{2})?"
MOMENT = rf"({DATE}(T{TIME}(Z|[+-]\d{{2}}:\d{{2}})?)?|{TIME})"

Phrase = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*" + END)]
Slot = Annotated[
    str,
    Meta(
        pattern=rf"^{MOMENT}(/{MOMENT})?{END}",
        description="ISO 8601: a date, a local time, both, or two of them as the ends of a range",
    ),
]

VALUES: Mapping[str, Any] = {
    "caller_name": Phrase,
    "date_of_birth": datetime.date,
    "phone_e164": Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{6,14}" + END)],
    "existing_patient": bool,
    "insurance": Phrase,
    "reason": Phrase,
    "symptoms": Annotated[list[Phrase], Meta(min_length=1, max_length=50)],
    "pain_level": Annotated[int, Meta(ge=0, le=10)],
    "urgency": Literal["emergency", "today", "week", "routine"],
    "preferred_slots": Annotated[list[Slot], Meta(min_length=1, max_length=50)],
    "previous_slot": Slot,
    "practitioner": Phrase,
    "language": Annotated[str, Meta(pattern=r"^[a-z]{2}(-[A-Z]{2})?" + END)],
    "consent_recording": bool,
}
"""The type of each fact's value; what is not named here is no fact."""

NOTES: Mapping[str, Any] = {"message": Phrase}
"""What an action may carry along for the person who reads it, without resting on it."""

IDENTIFYING = ("caller_name", "phone_e164")
NEEDS_CALLER = frozenset({ActionType.BOOK, ActionType.RESCHEDULE, ActionType.CANCEL, ActionType.CALLBACK})
"""Actions done for somebody: they must rest on at least one fact that says for whom."""


def fact_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of one fact as the API shows it.

    Raises:
        BadInput: there is no such fact.
    """
    if name not in VALUES:
        raise BadInput("there is no such fact", code="fact_unknown", param="name")
    return {
        "type": "object",
        "required": ["value", "confidence", "status", "turn", "span"],
        "properties": {
            "value": msgspec.json.schema(VALUES[name]),
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
            "status": {"enum": [status.value for status in FactStatus]},
            "turn": {"type": "integer", "minimum": 0},
            "span": {"type": "string"},
        },
    }


def checked(fact: Fact) -> Fact:
    """`fact` as it may be kept, its value in JSON terms.

    A value of None takes the fact back and needs no form.

    Raises:
        BadInput: unknown, or its value, confidence, status or turn is malformed.
    """
    if fact.name not in VALUES:
        raise BadInput("there is no such fact", code="fact_unknown", param="name")
    numbers_fit = math.isfinite(fact.confidence) and 0 <= fact.confidence <= 1 and fact.turn >= 0
    if not numbers_fit or fact.status not in set(FactStatus):
        raise BadInput("a fact has a confidence in [0, 1], a status and a turn", code="fact_malformed", param=fact.name)
    if fact.value is None:
        return fact
    return replace(fact, value=_value(fact.name, fact.value), status=FactStatus(fact.status))


def _value(name: str, value: Json) -> Json:
    try:
        built: Json = msgspec.to_builtins(msgspec.convert(value, VALUES[name]))
        if name in ("preferred_slots", "previous_slot"):
            _check_slots(built if isinstance(built, list) else [built])
    except (msgspec.ValidationError, ValueError) as error:
        # The reason quotes no value: it may reach a log.
        raise BadInput("the value does not fit the fact's schema", code="fact_malformed", param=name) from error
    return built


def _check_slots(slots: list[Json]) -> None:
    """A pattern cannot know that there is no 30th of February."""
    for slot in slots:
        for moment in str(slot).split("/"):
            parse = datetime.datetime.fromisoformat if "-" in moment[:5] else datetime.time.fromisoformat
            parse(moment)


def check_action(action: ActionRequest, facts: Mapping[str, Fact]) -> None:
    """Let an action pass only if it rests on what the caller stated or confirmed.

    Raises:
        NotAllowed: it cites a fact that is unknown, inferred or of another value, or does not say for whom it is.
    """
    for name, value in action.facts.items():
        if name in NOTES:
            _check_note(name, value)
            continue
        fact = facts.get(name)
        if fact is None:
            raise NotAllowed("an action cited a fact that nobody stated", code="action_fact_absent", param=name)
        if fact.status not in (FactStatus.STATED, FactStatus.CONFIRMED):
            raise NotAllowed("an action cited a fact that was only inferred", code="action_fact_inferred", param=name)
        if fact.value != value:
            raise NotAllowed("an action cited a fact with another value", code="action_fact_differs", param=name)
    if action.type in NEEDS_CALLER and not any(name in action.facts for name in IDENTIFYING):
        raise NotAllowed("an action did not say for whom it is", code="action_without_caller", param="facts")


def _check_note(name: str, value: Json) -> None:
    try:
        msgspec.convert(value, NOTES[name])
    except msgspec.ValidationError as error:
        raise NotAllowed("an action carried a malformed note", code="action_note_malformed", param=name) from error
