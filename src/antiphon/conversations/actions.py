"""P-21: the body of an action, its signature, and when to try again."""

import hashlib
import hmac
import json
import random
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from antiphon.clock import Clock
from antiphon.conversations.records import Action
from antiphon.conversations.settings import ConversationSettings
from antiphon.errors import BadConfiguration
from antiphon.events.dialogue import ActionRequest
from antiphon.storage.ids import record_id

BODY_VERSION = 1
FIRST_DELAY_S = 1.0
LAST_DELAY_S = 6 * 3600.0
JITTER = 0.1
RETRYABLE_STATUS = frozenset({408, 425, 429})


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC to the millisecond, as every body carries times."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def make_action(request: ActionRequest, *, conversation_id: str, turn: int, locale: str, clock: Clock) -> Action:
    """The action with its id and the very bytes that will be signed and posted."""
    now = clock.now()
    action_id = record_id(now)
    body = {
        "id": action_id,
        "type": request.type.value,
        "version": BODY_VERSION,
        "conversation_id": conversation_id,
        "created_at": iso(now),
        "locale": locale,
        "facts": dict(request.facts),
        "confidence": request.confidence,
        "requires_confirmation": request.requires_confirmation,
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Action(action_id, conversation_id, turn, request.type.value, text, now)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 of `timestamp.body` as lower-case hex.

    Source: the scheme of Standard Webhooks, https://www.standardwebhooks.com
    """
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def verify(secret: str, timestamp: str, body: bytes, given: str) -> bool:
    """Whether `given` is the signature; takes the same time wherever the two differ."""
    return hmac.compare_digest(signature(secret, timestamp, body).encode(), given.encode("utf-8", "replace"))


def delivery_headers(action: Action, secret: str, now: datetime) -> dict[str, str]:
    """The headers of one delivery."""
    timestamp = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json",
        "Idempotency-Key": action.id,
        "X-Timestamp": timestamp,
        "X-Signature": signature(secret, timestamp, action.body.encode()),
    }


def retry_delay_s(attempts: int, limit: int, spread: random.Random) -> float:
    """How long to wait after `attempts` failures: 1 s at first, growing evenly to 6 h before the last of `limit`."""
    steps = max(limit - 2, 1)
    growth: float = (LAST_DELAY_S / FIRST_DELAY_S) ** (min(attempts - 1, steps) / steps)
    return FIRST_DELAY_S * growth * (1 + JITTER * (2 * spread.random() - 1))


def check_endpoint(settings: ConversationSettings) -> None:
    """Refuse an endpoint that actions may not go to; none at all is fine.

    Raises:
        BadConfiguration: no HTTPS (beyond loopback), a host that is not allowed, credentials in the URL, no secret.
    """
    if not settings.action_endpoint:
        return
    parts = urlsplit(settings.action_endpoint)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password:
        raise _bad("action_endpoint", "must be an http(s) URL without credentials")
    if not _loopback(host):
        if parts.scheme != "https":
            raise _bad("action_endpoint", "must be HTTPS: only loopback hosts may go without")
        if host not in {allowed.lower() for allowed in settings.action_allowed_hosts}:
            raise _bad("action_allowed_hosts", f"does not name {host}")
    if not settings.action_secret:
        raise _bad("action_secret", "must be set: actions are never sent unsigned")


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bad(key: str, reason: str) -> BadConfiguration:
    return BadConfiguration(f"{key} {reason}", param=key)
