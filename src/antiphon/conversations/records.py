"""What the store keeps of a conversation, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from antiphon.events.dialogue import Fact, Json, Speaker
from antiphon.events.speech import Expectation


class ActionState(StrEnum):
    """Where an action stands on its way to the endpoint."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation's head.

    Attributes:
        id: 26 characters, sortable by time of creation.
        channel: how it is held, such as `api` or `call`.
        language: ISO 639-1 code it goes on in.
        end_reason: why it ended; empty while it is open.
        expect: the kind of answer the last reply asked for.
        phrases: words likely in that answer.
        state: the language model's memory.
    """

    id: str
    channel: str
    language: str
    created_at: datetime
    ended_at: datetime | None = None
    end_reason: str = ""
    expect: Expectation = Expectation.FREE
    phrases: tuple[str, ...] = ()
    state: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one of the two said.

    Attributes:
        index: place in the conversation, from 0; facts name the turn they were learnt in by it.
        text: an agent's is what the caller heard of it.
        start_s: stream time it began at; 0 where there is no stream.
        end_s: stream time it ended at.
        confidence: the recogniser's, for a caller's turn; 1 otherwise.
        latency_ms: where the time of an agent's turn went.
    """

    index: int
    speaker: Speaker
    text: str
    created_at: datetime
    start_s: float = 0.0
    end_s: float = 0.0
    confidence: float = 1.0
    interrupted: bool = False
    latency_ms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Action:
    """An action in the outbox.

    Attributes:
        id: also its idempotency key at the receiver.
        turn: index of the caller's turn that led to it.
        body: exactly the JSON that is signed and posted (P-21).
        state: pending, delivered or dead.
        attempts: deliveries begun so far.
        next_attempt_at: when it is due, while it is pending; None for at once.
        error: why the last delivery failed; never words of the caller.
    """

    id: str
    conversation_id: str
    turn: int
    type: str
    body: str
    created_at: datetime
    state: ActionState = ActionState.PENDING
    attempts: int = 0
    next_attempt_at: datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that is needed to go on with a conversation, in this process or in another."""

    conversation: Conversation
    turns: tuple[Turn, ...]
    facts: Mapping[str, Fact]
