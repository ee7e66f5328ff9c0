"""One delivery of an action over HTTP, and what its outcome means."""

import asyncio
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

import httpx2

from antiphon.conversations.actions import LAST_DELAY_S, RETRYABLE_STATUS, delivery_headers
from antiphon.conversations.records import Action
from antiphon.conversations.settings import ConversationSettings


class Result(Enum):
    """What came of a delivery."""

    DELIVERED = "delivered"
    RETRY = "retry"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a delivery, why, and how long the receiver asked us to wait."""

    result: Result
    error: str = ""
    retry_after_s: float = 0.0


class Courier:
    """Posts actions to the endpoint."""

    def __init__(self, settings: ConversationSettings, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._settings = settings
        # No proxy from the environment and no redirects: actions go to the allowed host and nowhere else.
        self._client = httpx2.AsyncClient(
            timeout=settings.action_timeout_s, trust_env=False, follow_redirects=False, transport=transport
        )

    async def post(self, action: Action, now: datetime) -> Outcome:
        """Post it once, within the deadline; never raises for what the other side does."""
        headers = delivery_headers(action, self._settings.action_secret, now)
        try:
            async with (
                asyncio.timeout(self._settings.action_timeout_s),
                # Streamed, so that an endless answer is not read: the status says all.
                self._client.stream(
                    "POST", self._settings.action_endpoint, content=action.body.encode(), headers=headers
                ) as response,
            ):
                return outcome(response.status_code, response.headers.get("Retry-After", ""), now)
        except TimeoutError:
            return Outcome(Result.RETRY, "deadline passed")
        except httpx2.TransportError as error:
            return Outcome(Result.RETRY, type(error).__name__)

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()


def outcome(status: int, retry_after: str, now: datetime) -> Outcome:
    """What an HTTP status means for an action (P-21)."""
    if 200 <= status < 300:
        return Outcome(Result.DELIVERED)
    if status in RETRYABLE_STATUS or status >= 500:
        return Outcome(Result.RETRY, f"HTTP {status}", retry_after_s(retry_after, now))
    return Outcome(Result.REFUSED, f"HTTP {status}")


def retry_after_s(value: str, now: datetime) -> float:
    """Seconds asked for by a Retry-After header, as a number or a date; 0 when it says nothing, 6 h at most."""
    try:
        seconds = float(value)
    except ValueError:
        try:
            when = parsedate_to_datetime(value)
        except ValueError:
            return 0.0
        seconds = (when.replace(tzinfo=when.tzinfo or UTC) - now).total_seconds()
    return min(max(seconds, 0.0), LAST_DELAY_S) if math.isfinite(seconds) else 0.0
