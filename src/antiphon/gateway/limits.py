"""How often a caller may call: token buckets, whose memory is bounded."""

import math
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from antiphon.clock import Clock, SystemClock
from antiphon.errors import AtCapacity
from antiphon.gateway.callers import TrustedProxies

MOST_BUCKETS = 10_000
"""Callers that are remembered; beyond them the one that has been away longest is forgotten, which fills its bucket."""


@dataclass(frozen=True, slots=True)
class Left:
    """What a caller has left after a call.

    Attributes:
        taken: whether the call was within the limit.
        tokens: whole calls that are left.
        next_s: when the next call is within the limit; 0 where it is already.
        full_s: when the bucket is full again.
    """

    taken: bool
    tokens: int
    next_s: float
    full_s: float


class TokenBuckets:
    """A bucket for each caller: holds up to `burst` calls, and refills with `rps` a second."""

    def __init__(self, rps: float, burst: float, clock: Clock | None = None) -> None:
        """`rps` 0 means no limit."""
        self.rps, self.burst = rps, burst
        self._clock = clock or SystemClock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def set(self, rps: float, burst: float) -> None:
        """From now on these are the limits; what callers have left stays, up to the new burst."""
        self.rps, self.burst = rps, burst

    def take(self, caller: str) -> Left:
        """Take a token of `caller`'s bucket, if there is one."""
        now_s = self._clock.monotonic_s()
        tokens, at_s = self._buckets.get(caller, (self.burst, now_s))
        tokens = min(self.burst, tokens + (now_s - at_s) * self.rps)
        taken = tokens >= 1.0
        tokens -= taken
        self._buckets[caller] = (tokens, now_s)
        self._buckets.move_to_end(caller)
        self._forget(now_s)
        return Left(taken, int(tokens), max(0.0, 1.0 - tokens) / self.rps, (self.burst - tokens) / self.rps)

    def _forget(self, now_s: float) -> None:
        """Drop the buckets at the old end that are full again, and those beyond the bound; two at most a call."""
        for _ in range(2):
            caller, (tokens, at_s) = next(iter(self._buckets.items()))
            full = tokens + (now_s - at_s) * self.rps >= self.burst
            if not full and len(self._buckets) <= MOST_BUCKETS:
                return
            if len(self._buckets) == 1:
                return
            del self._buckets[caller]


class RateLimit:
    """Pure ASGI middleware: so many calls of a key, or of an address where no key is needed (P-8)."""

    def __init__(
        self, app: ASGIApp, *, buckets: TokenBuckets, proxies: TrustedProxies, open_paths: Collection[str]
    ) -> None:
        self._app, self._buckets, self._proxies = app, buckets, proxies
        self._open_paths = frozenset(open_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request pass, or refuse it.

        Raises:
            AtCapacity: `rate_limited`.
        """
        if self._buckets.rps and scope["type"] != "lifespan" and scope["path"] not in self._open_paths:
            state = scope.setdefault("state", {})
            left = self._buckets.take(state.get("key_id") or self._proxies.client(scope))
            state["limit_headers"] = self._headers(left)
            if not left.taken:
                raise AtCapacity("this key or address calls too often", code="rate_limited", retry_after_s=left.next_s)
        await self._app(scope, receive, send)

    def _headers(self, left: Left) -> dict[str, str]:
        """What a client needs to pace itself.

        Source: draft-ietf-httpapi-ratelimit-headers-10, "RateLimit header fields for HTTP".
        """
        window_s = math.ceil(self._buckets.burst / self._buckets.rps)
        return {
            "RateLimit-Policy": f'"burst";q={self._buckets.burst:.0f};w={window_s}',
            "RateLimit": f'"burst";r={left.tokens};t={math.ceil(left.full_s)}',
        }
