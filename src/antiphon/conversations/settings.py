"""What an operator can set about conversations and the delivery of their actions."""

from dataclasses import dataclass

from antiphon.settings import setting


@dataclass(frozen=True, slots=True)
class ConversationSettings:
    """Settings of the `conversations` service."""

    data_dir: str = setting("data", "folder of the database and of temporary audio")
    database_url: str = setting("", "SQLAlchemy URL; empty for SQLite in data_dir", secret=True)
    action_endpoint: str = setting("", "URL that actions are posted to; empty keeps them pending")
    action_secret: str = setting("", "key of the HMAC-SHA256 signature of each action", secret=True)
    action_allowed_hosts: tuple[str, ...] = setting((), "hosts that actions may go to; loopback needs no entry")
    action_attempts: int = setting(10, "deliveries tried before an action is dead", low=1, high=100)
    action_timeout_s: float = setting(10.0, "deadline of one delivery", low=0.1, high=120)
    guard_fail_mode: str = setting("closed", "what a failing guardrail lets through", choices=("open", "closed"))
    guard_timeout_ms: int = setting(800, "how long the guardrail may judge a sentence", low=50, high=10_000)
    max_text_chars: int = setting(4_000, "longest text turn", low=1, high=100_000)
    idle_end_s: float = setting(
        86_400.0, "silence after which an open conversation is ended as lost", low=60, high=31_536_000
    )
    max_turns: int = setting(400, "turns after which a conversation takes no more", low=2, high=100_000)
    turn_timeout_s: float = setting(60.0, "how long the reply to a posted turn may take", low=1, high=600)
    temp_audio_max_age_s: float = setting(86_400.0, "age at which temporary audio is deleted", low=60, high=86_400)
    backups_kept: int = setting(7, "daily copies of the database that are kept; 0 makes none", low=0, high=1000)
