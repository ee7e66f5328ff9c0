"""A place for one worker process in a pool: fills it, and fills it again when the process is lost."""

import asyncio
from collections import Counter
from typing import Any

import prometheus_client
import structlog

from antiphon.errors import AntiphonError, EngineFailed
from antiphon.serving.process import Answer, WorkerOrders, WorkerProcess
from antiphon.serving.standstill import Standstill
from antiphon.serving.wire import BrokenWire, Buffer

LONGEST_BACK_OFF_S = 30.0
CRASH_LOOP = 3
"""Losses in a row from which on a person should have a look."""

WORKERS_LOST = prometheus_client.Counter(
    "antiphon_workers_lost", "Worker processes that were lost, by what they ran and why.", ["factory", "reason"]
)

log = structlog.get_logger()


class WorkerLost(Exception):
    """The process died while it worked, or stood still.

    Attributes:
        begun: whether it had begun with the work, which may then be to blame.
    """

    def __init__(self, *, begun: bool) -> None:
        super().__init__()
        self.begun = begun


def back_off_s(losses: int) -> float:
    """How long to wait before a restart after so many losses in a row: at once, then 1, 2, 4 … 30 s."""
    return 0.0 if losses <= 1 else min(LONGEST_BACK_OFF_S, 2.0 ** min(losses - 2, 10))


class Seat:
    """One place of a pool. One call at a time; the pool sees to that."""

    def __init__(
        self, orders: WorkerOrders, start_timeout_s: float, lost: "Counter[str]", stall_s: float | None = None
    ) -> None:
        self._orders = orders
        self._start_timeout_s, self._stall_s = start_timeout_s, stall_s
        self._lost = lost
        self._losses_in_a_row = 0
        self._not_before_s = 0.0
        self._worker: WorkerProcess | None = None
        self._starting: asyncio.Task[WorkerProcess] | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Process id of its worker, None while there is none."""
        return self._worker.pid if self._worker is not None and self._worker.alive else None

    async def call(self, value: Any, blob: Buffer, timeout_s: float) -> Answer:
        """Have the worker do one piece of work.

        Raises:
            WorkerLost: it died at it, or stood still and was killed.
            TimeoutError: it took longer than `timeout_s`, and was killed.
            EngineFailed: there is no worker and none could be started.
            AntiphonError: what the work raised.
        """
        worker = await self.ready()
        standstill = Standstill(worker, self._stall_s)
        try:
            async with asyncio.timeout(timeout_s):
                with standstill:
                    answer = await worker.call(value, blob)
        except BrokenWire as error:
            self._lose("hung" if standstill.found else "crashed")
            raise WorkerLost(begun=standstill.begun) from error
        except TimeoutError:
            self._lose("hung")
            raise
        except asyncio.CancelledError:
            self._lose("cancelled")
            raise
        except AntiphonError:
            self._losses_in_a_row = 0
            raise
        self._losses_in_a_row = 0
        return answer

    async def ready(self) -> WorkerProcess:
        """The worker, once it is there.

        Raises:
            EngineFailed: none could be started in time.
            AntiphonError: what the factory raised.
        """
        if self._worker is not None and not self._worker.alive:
            self._lose("died_idle")
        if self._worker is not None:
            return self._worker
        try:
            async with asyncio.timeout(self._start_timeout_s):
                while not self._closed:
                    starting = self._begin()
                    # Not awaited itself: a call that is cancelled leaves the start alone, and the other way round.
                    await asyncio.wait([starting])
                    if not starting.cancelled() and not isinstance(starting.exception(), BrokenWire):
                        return starting.result()
        except TimeoutError as error:
            raise EngineFailed(
                f"No process for {self._orders.factory} was ready within {self._start_timeout_s:g} s; "
                f"{self._losses_in_a_row} were lost in a row.",
                code="worker_start",
            ) from error
        raise EngineFailed("The worker pool is closed.", code="worker_lost")

    async def close(self) -> None:
        """Kill the worker and wait until it is gone."""
        self._closed = True
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait([self._starting])
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()
            await worker.gone()
        if self._ending:
            await asyncio.wait(self._ending)

    def _begin(self) -> "asyncio.Task[WorkerProcess]":
        if self._starting is None:
            self._starting = asyncio.create_task(self._start())
            self._starting.add_done_callback(self._begun)
        return self._starting

    async def _start(self) -> WorkerProcess:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._not_before_s - loop.time())
        try:
            async with asyncio.timeout(self._start_timeout_s):
                self._worker = await WorkerProcess.start(self._orders)
        except asyncio.CancelledError:
            raise
        except BaseException:
            self._count_loss("failed_start")
            raise
        return self._worker

    def _begun(self, task: "asyncio.Task[WorkerProcess]") -> None:
        self._starting = None
        if not task.cancelled():
            task.exception()  # whoever waits for a worker gets it; nobody may be waiting

    def _lose(self, reason: str) -> None:
        """Give up the worker and begin its replacement."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        worker.kill()
        ending = asyncio.create_task(self._end(worker, reason))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        self._count_loss(reason)
        self._begin()

    def _count_loss(self, reason: str) -> None:
        self._lost[reason] += 1
        WORKERS_LOST.labels(self._orders.factory, reason).inc()
        if reason == "cancelled":
            return
        self._losses_in_a_row += 1
        delay_s = back_off_s(self._losses_in_a_row)
        self._not_before_s = asyncio.get_running_loop().time() + delay_s
        log.warning(
            "worker.lost",
            factory=self._orders.factory,
            reason=reason,
            in_a_row=self._losses_in_a_row,
            restart_in_s=delay_s,
        )
        if self._losses_in_a_row == CRASH_LOOP:
            log.error("worker.crash_loop", factory=self._orders.factory)

    async def _end(self, worker: WorkerProcess, reason: str) -> None:
        code = await worker.gone()
        log.info("worker.ended", factory=self._orders.factory, reason=reason, exit_code=code)
