"""Reading along: what has been heard so far of a long recording, for a caller whose answer is streamed.

A reader is known to the task in which a recording is heard, and to the tasks begun by it: those in between, which only
hand a recording on, need not know of readers.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, Generic, TypeAlias, TypeVar

from antiphon.stt.presence import stop

T = TypeVar("T")

Reader: TypeAlias = Callable[[str], None]
"""Takes the next part of a transcript; all parts put together are what has been heard so far."""

_reader: ContextVar[Reader | None] = ContextVar("stt_reader", default=None)


@contextmanager
def read_by(reader: Reader) -> Iterator[None]:
    """Tell `reader` what is heard by the tasks that are begun in this block."""
    token = _reader.set(reader)
    try:
        yield
    finally:
        _reader.reset(token)


def tell(text: str) -> None:
    """Tell the reader, if there is one, the next part of a transcript."""
    reader = _reader.get()
    if reader is not None and text:
        reader(text)


class Followed(Generic[T]):
    """Work on a recording, and what is heard of it meanwhile.

    Attributes:
        task: the work.
        news: done when there is a part of the transcript, or the work is done.
    """

    def __init__(self, work: Coroutine[Any, Any, T], *, along: bool) -> None:
        """Begin `work`; `along` for being told of parts at all."""
        self._parts: asyncio.Queue[str | None] = asyncio.Queue()
        with read_by(self._parts.put_nowait) if along else nullcontext():
            self.task = asyncio.create_task(work)
        self.task.add_done_callback(lambda _: self._parts.put_nowait(None))
        self.news = asyncio.ensure_future(self._parts.get())

    async def next_part(self, patience_s: float) -> str | None:
        """The next part of the transcript; empty where none came in time, None when the work is done."""
        await asyncio.wait((self.news,), timeout=patience_s)
        if not self.news.done():
            return ""
        part = self.news.result()
        if part is not None:
            self.news = asyncio.ensure_future(self._parts.get())
        return part

    async def give_up(self) -> None:
        """Stop, if it is not done, and wait until everything is let go of."""
        await stop(self.news, self.task)
