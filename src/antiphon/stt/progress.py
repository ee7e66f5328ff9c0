"""Reading along: what has been heard so far of a long recording, for a caller whose answer is streamed.

A reader is known to the task in which a recording is heard, and to the tasks begun by it: those in between, which only
hand a recording on, need not know of readers.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Reader = Callable[[str], None]
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
