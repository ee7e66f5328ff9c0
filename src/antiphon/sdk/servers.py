"""What a pool knows of each server, and which one it asks next. Pure: time is passed in."""

import math
import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from antiphon.sdk.client import Client

_SETTLING_CALLS = 0.3
"""Share of the newest call in the rolling latency."""
_FORGETTING_S = 10.0
"""A server that was not asked for so long has lost two thirds of its bad name, and gets a new chance."""

_HURRY, _USUAL_S = 4.0, 0.25
"""A deadline that passed speaks against a server where it is so many times its rolling latency, or a usual one."""


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """How a pool judges its servers.

    Attributes:
        check_every_s: how often each server is asked whether it is ready; 0 never.
        check_s: how long its answer may take.
        failures: so many calls that fail in a row, and the server is left alone.
        ejected_s: for how long, the first time; each time after that twice as long.
        longest_ejected_s: at most.
    """

    check_every_s: float = 5.0
    check_s: float = 2.0
    failures: int = 3
    ejected_s: float = 5.0
    longest_ejected_s: float = 120.0


@dataclass(frozen=True, slots=True)
class ServerSnapshot:
    """A server as a pool sees it.

    Attributes:
        url: its address.
        in_flight: calls that it works on for this pool.
        calls: calls that it was sent.
        failures: those that it failed.
        ready: whether it said so when it was last asked.
        ejected_for_s: how long it will still be left alone; 0 if it is not.
        latency_s: rolling time of a call; None before the first.
    """

    url: str
    in_flight: int
    calls: int
    failures: int
    ready: bool
    ejected_for_s: float
    latency_s: float | None


@dataclass(slots=True, eq=False)
class Server:
    """One server of a pool.

    Attributes:
        client: that asks it.
        settings: how it is judged.
        ready: whether it said so when it was last asked; believed to be until then.
        in_flight: calls that it works on.
    """

    client: Client
    settings: PoolSettings
    ready: bool = True
    in_flight: int = 0
    _calls: int = 0
    _failures: int = 0
    _in_a_row: int = 0
    _ejections: int = 0
    _ejected_until_s: float = -math.inf
    _latency_s: float | None = None
    _answered_at_s: float = field(default=-math.inf)

    def usable(self, now_s: float) -> bool:
        """Whether it may be sent calls. One whose time is over is on trial: one call at a time until one succeeds."""
        if not self.ready or now_s < self._ejected_until_s:
            return False
        return not self._ejections or self._in_a_row < self.settings.failures or not self.in_flight

    def cost(self, now_s: float) -> float:
        """What breaks ties between servers with equally many calls: rolling latency, forgotten while unasked."""
        if self._latency_s is None:
            return 0.0
        return self._latency_s * math.exp(-max(0.0, now_s - self._answered_at_s) / _FORGETTING_S)

    def had_time(self, seconds: float) -> bool:
        """Whether it should have answered within `seconds`."""
        return seconds >= _HURRY * (self._latency_s or _USUAL_S)

    def began(self) -> None:
        """A call was sent to it."""
        self.in_flight += 1
        self._calls += 1

    def ended(self) -> None:
        """A call is over, however it ended."""
        self.in_flight -= 1

    def succeeded(self, now_s: float, seconds: float) -> None:
        """It answered within `seconds`."""
        self._in_a_row = 0
        self._ejections = max(0, self._ejections - 1)
        self._ejected_until_s = -math.inf
        last_s = seconds if self._latency_s is None else self._latency_s
        self._latency_s = last_s + _SETTLING_CALLS * (seconds - last_s)
        self._answered_at_s = now_s

    def failed(self, now_s: float) -> None:
        """It failed a call; calls that were sent before it was ejected do not eject it further."""
        self._failures += 1
        self._in_a_row += 1
        if self._in_a_row >= self.settings.failures and now_s >= self._ejected_until_s:
            doubled_s = self.settings.ejected_s * 2 ** min(self._ejections, 30)
            self._ejected_until_s = now_s + min(self.settings.longest_ejected_s, doubled_s)
            self._ejections += 1

    def checked(self, ready: bool) -> None:
        """It was asked whether it is ready. Coming back is a new beginning; staying ready proves nothing of calls."""
        if ready and not self.ready:
            self._in_a_row = self._ejections = 0
            self._ejected_until_s = -math.inf
        self.ready = ready

    def snapshot(self, now_s: float) -> ServerSnapshot:
        """What is known of it now."""
        return ServerSnapshot(
            url=self.client.base_url,
            in_flight=self.in_flight,
            calls=self._calls,
            failures=self._failures,
            ready=self.ready,
            ejected_for_s=max(0.0, self._ejected_until_s - now_s),
            latency_s=self._latency_s,
        )


def choose(servers: Sequence[Server], tried: Collection[Server], now_s: float) -> Server:
    """The server to ask next: one that was not tried yet for this call, with the fewest calls in flight.

    Of several, two are drawn and the quicker is taken, so that many clients do not all run to the same one. Where no
    server is usable, all are: asking a server in doubt is better than failing for certain.
    Source: Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001; Envoy's panic mode.
    """
    fresh = [server for server in servers if server not in tried] or list(servers)
    candidates = [server for server in fresh if server.usable(now_s)] or fresh
    fewest = min(server.in_flight for server in candidates)
    idle = [server for server in candidates if server.in_flight == fewest]
    drawn = random.sample(idle, min(2, len(idle)))
    return min(drawn, key=lambda server: server.cost(now_s))
