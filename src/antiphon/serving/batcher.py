"""Dynamic batching: what is asked for at the same time, by whomever, is worked on together."""

import asyncio
import itertools
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from antiphon.errors import EngineFailed

Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(slots=True)
class BatchCounts:
    """What has happened at a batcher since it was made.

    Attributes:
        batches: how many were worked on.
        items: how many were in them.
        sizes: how many batches there were of each size.
        waited_s: seconds that all items together waited for a free worker.
        left: items that were cancelled before their work began.
        split: batches that failed as a whole and were done again one by one.
    """

    batches: int = 0
    items: int = 0
    sizes: Counter[int] = field(default_factory=Counter)
    waited_s: float = 0.0
    left: int = 0
    split: int = 0


@dataclass(slots=True, eq=False)
class Waiting(Generic[Key, Item, Result]):
    """An item in line, with the promise of its result and its place in the order of arrival."""

    key: Key
    item: Item
    number: int
    since_s: float
    promise: "Future[Result]" = field(default_factory=Future)


class Line(Generic[Key, Item, Result]):
    """Those who wait, by key. Whoever waits longest is next, with those behind him that have the same key."""

    def __init__(self, largest: Callable[[Key], int]) -> None:
        """`largest` tells how many of a key may be taken together."""
        self._largest = largest
        self._queues: dict[Key, deque[Waiting[Key, Item, Result]]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def add(self, waiting: Waiting[Key, Item, Result]) -> None:
        """Append one who has just come."""
        self._queues.setdefault(waiting.key, deque()).append(waiting)

    def remove(self, waiting: Waiting[Key, Item, Result]) -> bool:
        """Let one go who will not wait; False where he is gone already."""
        queue = self._queues.get(waiting.key, deque())
        if waiting not in queue:
            return False
        queue.remove(waiting)
        if not queue:
            del self._queues[waiting.key]
        return True

    def take(self) -> list[Waiting[Key, Item, Result]]:
        """The next ones, in the order they came; empty where nobody waits."""
        if not self._queues:
            return []
        # Only heads are compared, so a rare key is never overtaken for long by a frequent one.
        queue = min(self._queues.values(), key=lambda queue: queue[0].number)
        key = queue[0].key
        taken = [queue.popleft() for _ in range(min(len(queue), max(1, self._largest(key))))]
        if not queue:
            del self._queues[key]
        return taken


class Batcher(Generic[Key, Item, Result]):
    """Works on items in batches of one key, in `workers` threads.

    Nothing waits on purpose: an item that finds a free worker is begun at once, alone if it is alone; what comes while
    all are busy makes up the next batches. So batches are as large as the load, and cost no latency without one.

    Can be asked from any event loop.

    Attributes:
        counts: totals since it was made; written by the workers.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Sequence[Result | Exception]],
        *,
        workers: int = 1,
        largest: Callable[[Key], int],
        name: str = "batch",
    ) -> None:
        """Threads begin when there is work.

        Args:
            work: blocking; gives for each item its result, or the error that this item alone has. Where it raises, all
                items of the batch are tried once more, each by itself, and only those fail that fail again.
            workers: how many batches are worked on at once.
            largest: how many items of a key a batch may hold.
            name: of the threads.
        """
        if workers < 1:
            raise ValueError("a batcher has at least one worker")
        self.counts = BatchCounts()
        self._work, self._workers = work, workers
        self._line: Line[Key, Item, Result] = Line(largest)
        self._numbers = itertools.count()
        self._executor = ThreadPoolExecutor(max_workers=workers, thread_name_prefix=name)
        self._lock = threading.Lock()
        self._busy = 0
        self._closed = False

    @property
    def depth(self) -> int:
        """How many items wait for a worker."""
        with self._lock:
            return len(self._line)

    async def submit(self, item: Item, key: Key) -> Result:
        """The item's result. Cancelling the call takes the item out of the line, if its work has not begun.

        Raises:
            EngineFailed: `closed`: the batcher was.
            Exception: what the work had to say of this item.
        """
        waiting: Waiting[Key, Item, Result] = Waiting(key, item, next(self._numbers), time.monotonic())
        self._enter(waiting)
        try:
            return await asyncio.wrap_future(waiting.promise)
        except asyncio.CancelledError:
            self._leave(waiting)
            raise

    def close(self) -> None:
        """Begin nothing more; items that wait fail, threads end with their present work."""
        with self._lock:
            self._closed = True
            refused = []
            while batch := self._line.take():
                refused += batch
        for waiting in refused:
            if waiting.promise.set_running_or_notify_cancel():
                waiting.promise.set_exception(_closed())
        self._executor.shutdown(wait=False)

    def _enter(self, waiting: Waiting[Key, Item, Result]) -> None:
        with self._lock:
            if self._closed:
                raise _closed()
            if self._busy == self._workers:
                self._line.add(waiting)
            else:
                # Handed over, not left in line: a worker that is just waking up would take it for its own batch.
                self._busy += 1
                self._executor.submit(self._serve, [waiting])

    def _leave(self, waiting: Waiting[Key, Item, Result]) -> None:
        waiting.promise.cancel()
        with self._lock:
            self.counts.left += self._line.remove(waiting)

    def _serve(self, taken: list[Waiting[Key, Item, Result]]) -> None:
        """One worker, from its first item until nobody waits."""
        while taken:
            # Whoever was cancelled a moment ago may have been taken all the same.
            if batch := [waiting for waiting in taken if waiting.promise.set_running_or_notify_cancel()]:
                self._count(batch)
                self._answer(batch)
            taken = self._next()

    def _next(self) -> list[Waiting[Key, Item, Result]]:
        with self._lock:
            taken = self._line.take()
            self._busy -= not taken
            return taken

    def _count(self, batch: list[Waiting[Key, Item, Result]]) -> None:
        now_s = time.monotonic()
        with self._lock:
            self.counts.batches += 1
            self.counts.items += len(batch)
            self.counts.sizes[len(batch)] += 1
            self.counts.waited_s += sum(now_s - waiting.since_s for waiting in batch)

    def _answer(self, batch: list[Waiting[Key, Item, Result]]) -> None:
        """Work on a batch and keep all its promises, whatever happens."""
        try:
            results = self._work([waiting.item for waiting in batch])
            if len(results) != len(batch):
                raise RuntimeError(f"{len(results)} results for {len(batch)} items")  # noqa: TRY301
        except Exception as broken:  # noqa: BLE001 - supervises the work: its error belongs to whoever waits for it
            if len(batch) == 1:
                batch[0].promise.set_exception(broken)
                return
            with self._lock:
                self.counts.split += 1
            for waiting in batch:
                self._answer([waiting])
            return
        for waiting, result in zip(batch, results, strict=True):
            if isinstance(result, Exception):
                waiting.promise.set_exception(result)
            else:
                waiting.promise.set_result(result)


def _closed() -> EngineFailed:
    return EngineFailed("The engine is closed.", code="closed")
