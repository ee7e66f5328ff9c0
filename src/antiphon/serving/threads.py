"""Blocking work beside the event loop, in a bounded number of threads."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Threads:
    """Runs blocking calls of an engine in at most `size` threads.

    Cancelling the awaiting side returns at once. Work that has not begun is then never begun; a thread that is in the
    middle of its work cannot be stopped from outside: work that can stop itself goes through `run_stoppable`.
    """

    def __init__(self, size: int, name: str = "engine") -> None:
        self._executor = ThreadPoolExecutor(max_workers=size, thread_name_prefix=name)

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`work(*args, **kwargs)` in a thread; what it raises is raised here."""
        # Context variables travel along, so that log lines of the thread carry the request's id.
        call = partial(contextvars.copy_context().run, work, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)

    async def run_stoppable(
        self, work: Callable[Concatenate[threading.Event, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Like `run`; `work` gets an event as its first argument that is set when nobody awaits it any more."""
        stopped = threading.Event()
        try:
            return await self.run(work, stopped, *args, **kwargs)
        finally:
            stopped.set()

    def close(self) -> None:
        """Begin nothing more; threads end when their present work does."""
        self._executor.shutdown(wait=False, cancel_futures=True)
