"""What a conversation is made of: turns, facts (P-22) and actions (P-21)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from antiphon.events.speech import Expectation

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


class Speaker(StrEnum):
    """Who took a turn."""

    CALLER = "caller"
    AGENT = "agent"


class FactStatus(StrEnum):
    """How sure a fact is: only stated and confirmed facts may drive actions."""

    STATED = "stated"
    INFERRED = "inferred"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing learnt in a conversation, with where it came from.

    Attributes:
        name: a name of P-22, such as `caller_name`.
        value: times ISO 8601, phones E.164, lists for `symptoms` and `preferred_slots`.
        confidence: in [0, 1]; the recogniser's confidence in the turn times the grammar's in the reading.
        status: stated, inferred or confirmed.
        turn: index of the caller's turn it was learnt in.
        span: the words of that turn it was read from.
    """

    name: str
    value: Json
    confidence: float
    status: FactStatus
    turn: int
    span: str = ""


class ActionType(StrEnum):
    """What a conversation may set in motion."""

    BOOK = "book_appointment"
    RESCHEDULE = "reschedule_appointment"
    CANCEL = "cancel_appointment"
    CALLBACK = "request_callback"
    TRANSFER = "transfer_to_human"
    EMERGENCY = "emergency_advice"


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """An action the dialogue asks for; the conversation gives it an id and delivers it.

    Attributes:
        type: what is to be done.
        facts: the facts it rests on, by name.
        confidence: the least of its facts' confidences.
        requires_confirmation: a person must confirm before it takes effect.
    """

    type: ActionType
    facts: Mapping[str, Json]
    confidence: float = 1.0
    requires_confirmation: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One turn as the language model sees it; an agent's text is what was heard of it."""

    speaker: Speaker
    text: str
    interrupted: bool = False


# What a language model's reply is made of, in the order it comes. ------------------------------------------------


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the spoken reply."""

    text: str


@dataclass(frozen=True, slots=True)
class FactLearnt:
    """A fact read from the caller's words; `value` None takes an earlier one back."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class ActionAsked:
    """An action to dispatch."""

    action: ActionRequest


@dataclass(frozen=True, slots=True)
class ReplyDone:
    """The end of a reply.

    Attributes:
        expect: the kind of answer now expected.
        phrases: words likely in that answer.
        language: the language the conversation goes on in.
        state: the engine's own memory, handed back with the next request.
        hang_up: the conversation is over once this reply has been spoken.
        transfer: a human takes over once this reply has been spoken.
        understood: whether the caller's words made sense.
    """

    expect: Expectation = Expectation.FREE
    phrases: tuple[str, ...] = ()
    language: str = "en"
    state: Mapping[str, Json] = field(default_factory=dict)
    hang_up: bool = False
    transfer: bool = False
    understood: bool = True


ReplyPart: TypeAlias = TextDelta | FactLearnt | ActionAsked | ReplyDone


@dataclass(frozen=True, slots=True)
class ReplyRequest:
    """All a language model may know when it answers.

    Attributes:
        text: the caller's words in this turn; empty to open the conversation.
        confidence: the recogniser's confidence in them.
        turn: index of this caller turn in the conversation.
        history: earlier turns, oldest first.
        facts: what is known, by name.
        state: what the engine handed over with its last reply.
        now: wall time, aware, in the practice's time zone.
        language: the language spoken so far.
        idle: the caller has said nothing for a while (text is empty then).
        alternatives: what else the recogniser may have heard in place of `text`, likeliest first.
    """

    text: str
    now: datetime
    confidence: float = 1.0
    turn: int = 0
    history: tuple[Message, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    state: Mapping[str, Json] = field(default_factory=dict)
    language: str = "en"
    idle: bool = False
    alternatives: tuple[str, ...] = ()
