"""A retry budget: retries are a share of the calls, so that a peer in trouble is not asked all the more."""

from collections import deque

from antiphon.clock import Clock, SystemClock


class RetryBudget:
    """Grants retries up to a share of the calls of the last minute, and a few where there were hardly any calls.

    Source: Finagle's `RetryBudget`, Envoy's `retry_budget`.
    """

    def __init__(
        self, share: float = 0.2, at_least: int = 6, window_s: float = 60.0, clock: Clock | None = None
    ) -> None:
        """A budget that is not used yet.

        Args:
            share: most retries for each call.
            at_least: retries granted in a window however few calls it saw.
            window_s: how long calls and retries are remembered.
            clock: where time comes from.
        """
        self._share, self._at_least, self._window_s = share, at_least, window_s
        self._clock = clock or SystemClock()
        self._calls_s: deque[float] = deque()
        self._retries_s: deque[float] = deque()

    def called(self) -> None:
        """A call is made."""
        self._calls_s.append(self._forget())

    def take(self) -> bool:
        """Whether one retry may be made now; it is then counted as made."""
        now_s = self._forget()
        if len(self._retries_s) + 1 > max(self._at_least, self._share * len(self._calls_s)):
            return False
        self._retries_s.append(now_s)
        return True

    def _forget(self) -> float:
        now_s = self._clock.monotonic_s()
        for times_s in (self._calls_s, self._retries_s):
            while times_s and now_s - times_s[0] > self._window_s:
                times_s.popleft()
        return now_s
