"""What the API and `call.json` show of a conversation: plain JSON values."""

import json
from collections.abc import Iterable, Mapping

from antiphon.conversations.actions import iso
from antiphon.conversations.records import Action, Conversation, Turn
from antiphon.conversations.store import Change
from antiphon.events.dialogue import Fact, Json, ReplyDone, Speaker


def conversation_view(conversation: Conversation) -> dict[str, Json]:
    """A conversation's head."""
    return {
        "id": conversation.id,
        "channel": conversation.channel,
        "language": conversation.language,
        "status": "ended" if conversation.ended_at else "open",
        "created_at": iso(conversation.created_at),
        "ended_at": iso(conversation.ended_at) if conversation.ended_at else None,
        "end_reason": conversation.end_reason or None,
    }


def turn_view(turn: Turn) -> dict[str, Json]:
    """A turn."""
    return {
        "index": turn.index,
        "speaker": turn.speaker.value,
        "text": turn.text,
        "start_s": turn.start_s,
        "end_s": turn.end_s,
        "confidence": turn.confidence,
        "interrupted": turn.interrupted,
        "latency_ms": {name: round(value, 3) for name, value in turn.latency_ms.items()},
        "created_at": iso(turn.created_at),
    }


def fact_view(fact: Fact) -> dict[str, Json]:
    """A fact (P-22), to be shown under its name."""
    return {
        "value": fact.value,
        "confidence": fact.confidence,
        "status": fact.status.value,
        "turn": fact.turn,
        "span": fact.span,
    }


def facts_view(facts: Iterable[Fact]) -> dict[str, Json]:
    """Facts by name."""
    return {fact.name: fact_view(fact) for fact in facts}


def action_view(action: Action) -> dict[str, Json]:
    """An action's body (P-21) with where it stands."""
    body: dict[str, Json] = json.loads(action.body)
    return body | {
        "state": action.state.value,
        "attempts": action.attempts,
        "turn": action.turn,
        "error": action.error or None,
    }


def answer_view(change: Change, done: ReplyDone | None, latency_ms: Mapping[str, float]) -> dict[str, Json]:
    """The answer to a turn: what was heard, what is said, what was learnt and set in motion."""
    said = {turn.speaker: turn_view(turn) for turn in change.turns}
    end = done or ReplyDone()
    return {
        "conversation_id": change.head.id,
        "turn": said.get(Speaker.CALLER),
        "reply": said.get(Speaker.AGENT),
        "facts": facts_view(change.facts),
        "actions": [action_view(action) for action in change.actions],
        "language": change.head.language,
        "expect": change.head.expect.value,
        "understood": end.understood,
        "hang_up": end.hang_up,
        "transfer": end.transfer,
        "latency_ms": {name: round(value, 3) for name, value in latency_ms.items()},
    }
