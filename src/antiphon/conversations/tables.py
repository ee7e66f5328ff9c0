"""The tables of P-23; their history is in `storage.migrations`, and a test keeps the two alike."""

import sqlalchemy as sa

from antiphon.storage.types import UtcDateTime, metadata


def _of_conversation(*, primary_key: bool = False) -> sa.Column[str]:
    owner = sa.ForeignKey("conversations.id", ondelete="CASCADE")
    return sa.Column("conversation_id", sa.String(26), owner, primary_key=primary_key, nullable=False)


conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.String(26), primary_key=True),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("created_at", UtcDateTime(), nullable=False),
    sa.Column("ended_at", UtcDateTime()),
    sa.Column("end_reason", sa.String(64), nullable=False),
    sa.Column("expect", sa.String(16), nullable=False),
    sa.Column("phrases", sa.JSON(), nullable=False),
    sa.Column("state", sa.JSON(), nullable=False),
)

turns = sa.Table(
    "turns",
    metadata,
    _of_conversation(primary_key=True),
    sa.Column("index", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("speaker", sa.String(8), nullable=False),
    sa.Column("text", sa.Text(), nullable=False),
    sa.Column("created_at", UtcDateTime(), nullable=False),
    sa.Column("start_s", sa.Float(), nullable=False),
    sa.Column("end_s", sa.Float(), nullable=False),
    sa.Column("confidence", sa.Float(), nullable=False),
    sa.Column("interrupted", sa.Boolean(), nullable=False),
    sa.Column("latency_ms", sa.JSON(), nullable=False),
)

facts = sa.Table(
    "facts",
    metadata,
    _of_conversation(primary_key=True),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.JSON(), nullable=False),
    sa.Column("confidence", sa.Float(), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("turn", sa.Integer(), nullable=False),
    sa.Column("span", sa.Text(), nullable=False),
)

actions = sa.Table(
    "actions",
    metadata,
    sa.Column("id", sa.String(26), primary_key=True),
    _of_conversation(),
    sa.Column("turn", sa.Integer(), nullable=False),
    sa.Column("type", sa.String(64), nullable=False),
    sa.Column("body", sa.Text(), nullable=False),
    sa.Column("created_at", UtcDateTime(), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer(), nullable=False),
    sa.Column("next_attempt_at", UtcDateTime()),
    sa.Column("error", sa.String(200), nullable=False),
    sa.Index("ix_actions_due", "state", "next_attempt_at"),
    sa.Index("ix_actions_conversation_id", "conversation_id"),
)
"""The outbox."""

requests = sa.Table(
    "requests",
    metadata,
    _of_conversation(primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("answer", sa.JSON(), nullable=False),
    sa.Column("created_at", UtcDateTime(), nullable=False),
)
"""Turns answered under an idempotency key, with their answer."""

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("at", UtcDateTime(), nullable=False),
    sa.Column("conversation_id", sa.String(26), nullable=False),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("detail", sa.JSON(), nullable=False),
    sa.Index("ix_audit_conversation_id", "conversation_id"),
)
"""What happened to facts and actions, append-only."""
