"""A bounded door in front of something scarce: so many at once, so many waiting, so long."""

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from antiphon.errors import AtCapacity

LONGEST_RETRY_S = 60.0
_SMOOTHING = 0.2


@dataclass(slots=True)
class GateCounts:
    """What has happened at a gate since it was made."""

    entered: int = 0
    refused_full: int = 0
    refused_late: int = 0
    gave_up: int = 0
    waited_s: float = 0.0


class Gate:
    """Lets `slots` callers in at once; others wait in order, up to `max_queue` of them and `queue_timeout_s` each.

    A caller that is cancelled while it waits leaves the queue at once. One event loop only.

    Attributes:
        counts: totals since the gate was made.
    """

    def __init__(self, slots: int, max_queue: int | None = None, queue_timeout_s: float = 10.0) -> None:
        """`max_queue` None means eight times `slots` (P-12)."""
        if slots < 1:
            raise ValueError("a gate has at least one slot")
        self.slots = slots
        self.max_queue = 8 * slots if max_queue is None else max_queue
        self.queue_timeout_s = queue_timeout_s
        self.counts = GateCounts()
        self._in_flight = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._mean_hold_s = 1.0

    @property
    def in_flight(self) -> int:
        """How many are inside."""
        return self._in_flight

    @property
    def depth(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @property
    def retry_after_s(self) -> float:
        """When a refused caller may expect a slot: the queue's length in mean times a slot is held."""
        expected = self._mean_hold_s * (self.depth + 1) / self.slots
        return float(min(LONGEST_RETRY_S, max(1, math.ceil(expected))))

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold one slot for the duration of the block.

        Raises:
            AtCapacity: `queue_full` at once, or `queue_timeout` after waiting.
        """
        loop = asyncio.get_running_loop()
        await self._enter(loop)
        began_s = loop.time()
        try:
            yield
        finally:
            self._mean_hold_s += _SMOOTHING * (loop.time() - began_s - self._mean_hold_s)
            self._leave()

    async def _enter(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._in_flight < self.slots:
            self._in_flight += 1
        elif self.depth >= self.max_queue:
            self.counts.refused_full += 1
            raise AtCapacity(
                f"All {self.slots} slots are busy and {self.depth} callers wait; try again later.",
                code="queue_full",
                retry_after_s=self.retry_after_s,
            )
        else:
            await self._wait(loop)
        self.counts.entered += 1

    async def _wait(self, loop: asyncio.AbstractEventLoop) -> None:
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append(turn)
        timer = loop.call_later(self.queue_timeout_s, self._expire, turn)
        began_s = loop.time()
        try:
            await turn
        except asyncio.CancelledError:
            self.counts.gave_up += 1
            if turn.cancelled():
                self._waiting.remove(turn)
            elif turn.exception() is None:
                # The slot was handed over in the same tick in which the caller went away: pass it on.
                self._leave()
            raise
        finally:
            timer.cancel()
            self.counts.waited_s += loop.time() - began_s

    def _expire(self, turn: asyncio.Future[None]) -> None:
        if turn.done():
            return
        self._waiting.remove(turn)
        self.counts.refused_late += 1
        turn.set_exception(
            AtCapacity(
                f"No slot became free within {self.queue_timeout_s:g} s; try again later.",
                code="queue_timeout",
                retry_after_s=self.retry_after_s,
            )
        )

    def _leave(self) -> None:
        # The slot goes straight to the next in line, so nobody can slip in between.
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._in_flight -= 1
