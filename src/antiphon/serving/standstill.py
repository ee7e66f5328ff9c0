"""Finds a worker process that takes no processor time although it has work: stopped, or waiting for ever."""

import asyncio
from types import TracebackType

from antiphon.serving.process import WorkerProcess


class Standstill:
    """Watches a worker for the duration of a `with` block, and kills it if it stands still.

    Attributes:
        begun: whether the worker has taken any processor time in the block, as far as is known.
        found: whether it stood still.
    """

    def __init__(self, worker: WorkerProcess, stall_s: float | None) -> None:
        """Look every `stall_s`, so that a standstill is found after one to two times as long; never if that is None."""
        self._worker, self._stall_s = worker, stall_s
        self._cpu_s: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.begun, self.found = True, False

    def __enter__(self) -> None:
        """Begin to watch."""
        if self._stall_s is not None and (cpu_s := self._worker.cpu_s) is not None:
            self._cpu_s = cpu_s
            self._timer = asyncio.get_running_loop().call_later(self._stall_s, self._look, self._stall_s, False)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop watching."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self, stall_s: float, begun: bool) -> None:
        cpu_s = self._worker.cpu_s
        if cpu_s == self._cpu_s:
            self.begun, self.found = begun, True
            self._worker.kill()  # whoever waits for its answer sees it gone
            return
        self._cpu_s = cpu_s
        self._timer = asyncio.get_running_loop().call_later(stall_s, self._look, stall_s, True)
