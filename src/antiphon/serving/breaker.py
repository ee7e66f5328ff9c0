"""A circuit breaker: a peer that fails again and again is left alone for a while."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from antiphon.clock import Clock, SystemClock
from antiphon.errors import EngineUnavailable


class BreakerOpen(EngineUnavailable):
    """The peer failed too often just now and is not asked."""

    code = "breaker_open"


class Breaker:
    """Opens after `failures` failures in a row; after `rest_s` it lets one call through, whose outcome decides.

    Source: M. Nygard, "Release It!", 2007, "Circuit Breaker".
    """

    def __init__(
        self, failures: int = 5, rest_s: float = 10.0, patience_s: float = 30.0, clock: Clock | None = None
    ) -> None:
        """A closed breaker.

        Args:
            failures: so many in a row open it.
            rest_s: how long the peer is then left alone.
            patience_s: a call that is cancelled later than this counts as failed: whoever waited gave up on the peer.
            clock: where time comes from.
        """
        self._failures, self._rest_s, self._patience_s = failures, rest_s, patience_s
        self._clock = clock or SystemClock()
        self._in_a_row = 0
        self._opened_s: float | None = None
        self._era = 0
        self._probing = False

    @property
    def state(self) -> str:
        """`closed` lets everything through, `open` nothing, `half_open` one call."""
        if self._opened_s is None:
            return "closed"
        return "half_open" if self._clock.monotonic_s() - self._opened_s >= self._rest_s else "open"

    @contextmanager
    def call(self, *faults: type[Exception]) -> Iterator[None]:
        """Make one call in this block; of the errors it raises, only `faults` are the peer's.

        Raises:
            BreakerOpen: it must not be made.
        """
        if self.state == "open" or self._probing:
            raise BreakerOpen("The service failed too often just now; it is left alone for a moment.")
        self._probing = self.state == "half_open"
        era, began_s = self._era, self._clock.monotonic_s()
        try:
            yield
        except faults:
            self._end(era, ok=False)
            raise
        except asyncio.CancelledError:
            late = self._clock.monotonic_s() - began_s >= self._patience_s
            self._end(era, ok=False if late else None)
            raise
        except Exception:
            self._end(era, ok=True)
            raise
        self._end(era, ok=True)

    def _end(self, era: int, *, ok: bool | None) -> None:
        """A call has ended; None where it told nothing about the peer."""
        if era != self._era:
            return  # it was made before the breaker last opened or closed: its news is old
        probed, self._probing = self._probing, False
        if ok:
            self._in_a_row = 0
            if probed:
                self._era, self._opened_s = self._era + 1, None
        elif ok is not None:
            self._in_a_row += 1
            if probed or self._in_a_row >= self._failures:
                self._era, self._opened_s = self._era + 1, self._clock.monotonic_s()
