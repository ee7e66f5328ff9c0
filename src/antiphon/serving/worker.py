"""Work in crash-isolated processes: restarted with back-off, killed when hung, gone when their parent is."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

from antiphon.errors import EngineFailed, TimedOut
from antiphon.serving.gate import Gate
from antiphon.serving.process import Answer, WorkerLimits, WorkerOrders
from antiphon.serving.seat import Seat, WorkerLost
from antiphon.serving.wire import Buffer

__all__ = ["Answer", "WorkFailed", "WorkerLimits", "WorkerPool"]

NO_LIMITS = WorkerLimits()


class WorkFailed(EngineFailed):
    """Every process that was given this work died at it, or stood still: the work may be to blame."""


class WorkerPool:
    """`size` processes that all run the same function.

    `factory` names a function as "module:function". Each process calls it once, with `arguments` (plain data); it
    returns the work: a callable `work(value, blob) -> (value, blob)`, where values are what msgpack can carry (None,
    bool, int, float, str, bytes, list, dict) and a blob is any buffer, for arrays. Only that module and what it imports
    is loaded, in a clean interpreter with an empty environment, so keep it lean.

    Typed errors (`AntiphonError`) raised by the work are raised again by `call`; any other is `EngineFailed`.

    Attributes:
        lost: how many workers were lost so far, by reason: `crashed`, `hung`, `cancelled`, `died_idle`, `failed_start`.
    """

    def __init__(
        self,
        factory: str,
        arguments: Sequence[Any] = (),
        *,
        size: int = 1,
        limits: WorkerLimits = NO_LIMITS,
        start_timeout_s: float = 30.0,
        call_timeout_s: float = 60.0,
        stall_s: float | None = None,
        max_queue: int = 1000,
        queue_timeout_s: float = 60.0,
    ) -> None:
        """Nothing is started until the first call (or `start`).

        Args:
            factory: "module:function".
            arguments: what the factory is called with.
            size: how many processes.
            limits: what each may take.
            start_timeout_s: how long a call waits for a worker to be ready, restarts and back-off included.
            call_timeout_s: how long a call may take before its worker counts as hung.
            stall_s: how long a worker may take no processor time at a call before it counts as hung; None for ever,
                for work that waits.
            max_queue: how many calls may wait for a free worker.
            queue_timeout_s: how long they may.
        """
        self._orders = WorkerOrders(factory, list(arguments), limits)
        self.lost: Counter[str] = Counter()
        self._gate = Gate(size, max_queue, queue_timeout_s)
        self._seats = [Seat(self._orders, start_timeout_s, self.lost, stall_s) for _ in range(size)]
        self._free = list(self._seats)
        self._call_timeout_s = call_timeout_s
        self._closed = False

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the workers that run."""
        return tuple(seat.pid for seat in self._seats if seat.pid is not None)

    @property
    def gate(self) -> Gate:
        """The gate in front of the workers, for its counts."""
        return self._gate

    async def start(self) -> None:
        """Start all processes now and wait until they are ready.

        Raises:
            EngineFailed: `worker_start`: one could not be started.
            AntiphonError: whatever typed error the factory raised.
        """
        await asyncio.gather(*(seat.ready() for seat in self._seats))

    async def call(self, value: Any, blob: Buffer = b"", *, retries: int = 0, timeout_s: float | None = None) -> Answer:
        """Let a free worker do one piece of work; callers wait in order for one.

        Cancelling the call kills the worker that is at it, and frees its place at once.

        Args:
            value: plain data.
            blob: bytes to hand over beside it, such as an array's.
            retries: how often to do it again on a fresh worker after a crash or a standstill; only for work that may
                be done twice.
            timeout_s: instead of the pool's `call_timeout_s`; the worker is killed when it passes.

        Raises:
            EngineFailed: `worker_lost`: the process died or stood still (`WorkFailed` where each that was given the
                work had begun with it); `worker_start`: none could be started; `worker_error`: the work raised
                something untyped.
            TimedOut: `engine_timeout`: the work took too long.
            AtCapacity: `queue_full` or `queue_timeout`: too many calls wait.
            AntiphonError: what the work raised.
        """
        if self._closed:
            raise EngineFailed("The worker pool is closed.", code="worker_lost")
        async with self._gate.slot():
            seat = self._free.pop()
            try:
                return await self._call(seat, value, blob, retries, timeout_s or self._call_timeout_s)
            finally:
                self._free.append(seat)

    async def _call(self, seat: Seat, value: Any, blob: Buffer, retries: int, timeout_s: float) -> Answer:
        failure: type[EngineFailed] = WorkFailed
        for _ in range(retries + 1):
            try:
                return await seat.call(value, blob, timeout_s)
            except WorkerLost as lost:
                if not lost.begun:
                    failure = EngineFailed
            except TimeoutError as error:
                raise TimedOut(
                    f"The work was given up after {timeout_s:g} s and its process replaced.", code="engine_timeout"
                ) from error
        raise failure("The process that did this work died; try again.", code="worker_lost")

    async def close(self) -> None:
        """Kill all processes and wait until they are gone; calls in progress and later ones fail."""
        self._closed = True
        await asyncio.gather(*(seat.close() for seat in self._seats))
