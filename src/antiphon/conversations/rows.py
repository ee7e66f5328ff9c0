"""Records to rows and back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from antiphon.conversations.records import Action, ActionState, Conversation, Turn
from antiphon.events.dialogue import Fact, FactStatus, Json, Speaker
from antiphon.events.speech import Expectation


def progress_row(conversation: Conversation) -> dict[str, Any]:
    """The columns of a conversation's head that every turn may change."""
    return {
        "language": conversation.language,
        "expect": conversation.expect.value,
        "phrases": list(conversation.phrases),
        "state": dict(conversation.state),
    }


def head_row(conversation: Conversation) -> dict[str, Any]:
    """All columns of a conversation's head."""
    return progress_row(conversation) | {
        "id": conversation.id,
        "channel": conversation.channel,
        "created_at": conversation.created_at,
        "ended_at": conversation.ended_at,
        "end_reason": conversation.end_reason,
    }


def conversation(row: sa.RowMapping) -> Conversation:
    """A conversation's head."""
    values = dict(row) | {"expect": Expectation(row["expect"]), "phrases": tuple(row["phrases"])}
    return Conversation(**values)


def turn_row(conversation_id: str, turn: Turn) -> dict[str, Any]:
    """The row of a turn."""
    return {
        "conversation_id": conversation_id,
        "index": turn.index,
        "speaker": turn.speaker.value,
        "text": turn.text,
        "created_at": turn.created_at,
        "start_s": turn.start_s,
        "end_s": turn.end_s,
        "confidence": turn.confidence,
        "interrupted": turn.interrupted,
        "latency_ms": dict(turn.latency_ms),
    }


def turn(row: sa.RowMapping) -> Turn:
    """A turn."""
    values = {name: value for name, value in row.items() if name != "conversation_id"}
    return Turn(**values | {"speaker": Speaker(row["speaker"])})


def fact_row(conversation_id: str, fact: Fact) -> dict[str, Any]:
    """The row of a fact."""
    return {
        "conversation_id": conversation_id,
        "name": fact.name,
        "value": fact.value,
        "confidence": fact.confidence,
        "status": fact.status.value,
        "turn": fact.turn,
        "span": fact.span,
    }


def fact(row: sa.RowMapping) -> Fact:
    """A fact."""
    values = {name: value for name, value in row.items() if name != "conversation_id"}
    return Fact(**values | {"status": FactStatus(row["status"])})


def action_row(action: Action) -> dict[str, Any]:
    """The row of an action."""
    return {
        "id": action.id,
        "conversation_id": action.conversation_id,
        "turn": action.turn,
        "type": action.type,
        "body": action.body,
        "created_at": action.created_at,
        "state": action.state.value,
        "attempts": action.attempts,
        "next_attempt_at": action.next_attempt_at,
        "error": action.error,
    }


def action(row: sa.RowMapping) -> Action:
    """An action."""
    return Action(**dict(row) | {"state": ActionState(row["state"])})


def audit_row(conversation_id: str, at: datetime, kind: str, detail: Mapping[str, Json]) -> dict[str, Any]:
    """The row of an audit entry."""
    return {"at": at, "conversation_id": conversation_id, "kind": kind, "detail": dict(detail)}
