"""Settings that change while a process serves: read again on SIGHUP, and when one of their files changes."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import structlog

from antiphon.config import Stack
from antiphon.errors import AntiphonError

LOOK_EVERY_S = 1.0

Files: TypeAlias = dict[Path, bytes | None]
"""Files with what stands in them; None for one that cannot be read."""

log = structlog.get_logger(__name__)


@asynccontextmanager
async def reloading(
    files: Files, read: Callable[[], Stack], change: Callable[[Stack], None], look_every_s: float = LOOK_EVERY_S
) -> AsyncIterator[None]:
    """While the block runs, take over what changes.

    Args:
        files: as they were when the settings were read that are in force.
        read: reads them again.
        change: takes over what may change while running; raises BadConfiguration for what may not.
        look_every_s: how often the files are looked at.
    """
    reload = _Reload(files, read, change)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, reload.now)
    watching = asyncio.create_task(reload.watch(look_every_s), name="settings-watch")
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching


class _Reload:
    def __init__(self, files: Files, read: Callable[[], Stack], change: Callable[[Stack], None]) -> None:
        self._files, self._taken = list(files), tuple(files.values())
        self._read, self._change = read, change

    def now(self) -> None:
        """Read everything and take it over; what cannot be used changes nothing."""
        before = self._content()
        try:
            stack = self._read()
            if self._content() != before:
                # Somebody is writing: what was read may be half of it. The watch comes back to it.
                return
            self._change(stack)
        except AntiphonError as error:
            log.warning("settings_refused", why=error.message)
        else:
            log.info("settings_reloaded", files=[str(file) for file in self._files])
        self._taken = before

    async def watch(self, every_s: float) -> None:
        """Look at the files; a change counts once they stay the same from one look to the next."""
        seen = self._taken
        while True:
            await asyncio.sleep(every_s)
            content = await asyncio.to_thread(self._content)
            if content == seen and content != self._taken:
                self.now()
            seen = content

    def _content(self) -> tuple[bytes | None, ...]:
        return tuple(map(_bytes, self._files))


def contents(files: Iterable[Path]) -> Files:
    """What stands in files now."""
    return {file: _bytes(file) for file in files}


def _bytes(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None
