"""The data folder: that it can be used, and whether another process uses it too."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from antiphon.errors import BadConfiguration

LOCK_NAME = "antiphon.lock"


@contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Use `folder`, made where it is missing; gives whether no other process does: blocking.

    The lock goes with the process that holds it, whatever ends that.

    Raises:
        BadConfiguration: the folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        key = "conversations.data_dir"
        raise BadConfiguration(f"`{key}` = {str(folder)!r} cannot be written: {error.strerror}", param=key) from error
    try:
        alone = _try_exclusive(lock)
        # Shared with other processes from here on: the next one to start finds out that it is not alone.
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield alone
    finally:
        os.close(lock)


def _try_exclusive(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
