"""A circuit breaker: a peer that fails again and again is left alone for a while."""

from antiphon.clock import Clock, SystemClock
from antiphon.errors import EngineUnavailable


class BreakerOpen(EngineUnavailable):
    """The peer failed too often just now and is not asked."""

    code = "breaker_open"


class Breaker:
    """Opens after `failures` failures in a row; after `rest_s` lets one probe through, whose outcome decides.

    Every call is announced by `enter`, and ends in exactly one of `succeeded`, `failed` and `abandoned`.

    Source: M. Nygard, "Release It!", 2007, "Circuit Breaker".
    """

    def __init__(self, failures: int = 5, rest_s: float = 10.0, clock: Clock | None = None) -> None:
        self._limit, self._rest_s = failures, rest_s
        self._clock = clock or SystemClock()
        self._in_a_row = 0
        self._opened_s: float | None = None
        self._probing = False

    @property
    def state(self) -> str:
        """`closed` lets everything through, `open` nothing, `half_open` one probe."""
        if self._opened_s is None:
            return "closed"
        return "half_open" if self._clock.monotonic_s() - self._opened_s >= self._rest_s else "open"

    def enter(self) -> None:
        """Announce a call.

        Raises:
            BreakerOpen: it must not be made.
        """
        state = self.state
        if state == "open" or (state == "half_open" and self._probing):
            raise BreakerOpen("The service failed too often just now; it is left alone for a moment.")
        self._probing = state == "half_open"

    def succeeded(self) -> None:
        """The call was answered."""
        self._in_a_row, self._opened_s, self._probing = 0, None, False

    def failed(self) -> None:
        """The call failed, and it was the peer's fault."""
        self._in_a_row += 1
        if self._probing or (self._opened_s is None and self._in_a_row >= self._limit):
            self._opened_s = self._clock.monotonic_s()
        self._probing = False

    def abandoned(self) -> None:
        """The call was given up before it told anything about the peer."""
        self._probing = False
