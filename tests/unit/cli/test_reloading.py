"""Settings read again while a process serves."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from antiphon.cli.reloading import contents, reloading
from antiphon.config import Stack, load
from antiphon.gateway.door import FrontDoor


class Running:
    """A process's front door, and the file that it is set by."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "config.env"
        self.write("a")
        self.stack = self.read()
        self.door = FrontDoor(self.stack.server)
        self.changes = 0
        self._changed = asyncio.Event()

    def write(self, *keys: str, rest: str = "") -> None:
        self.file.write_text(f"API_KEYS={','.join(keys)}\n{rest}", "utf-8")

    def read(self) -> Stack:
        return load(env={"CONFIG_PATH": str(self.file)}, role="primary")

    def change(self, stack: Stack) -> None:
        self.door.change(stack.server)
        self.changes += 1
        self._changed.set()

    def lets_in(self, key: str) -> bool:
        return self.door.keys.holder(f"Bearer {key}") is not None

    async def changed(self, before: int) -> None:
        async with asyncio.timeout(30.0):
            while self.changes == before:
                self._changed.clear()
                await self._changed.wait()


@pytest.fixture
def running(tmp_path: Path) -> Running:
    return Running(tmp_path)


@pytest.mark.proves("B51", "F32")
async def test_a_thousand_rotations_by_signal_refuse_no_valid_key(running: Running) -> None:
    async with reloading(contents(running.stack.files), running.read, running.change, look_every_s=60.0):
        for number in range(500):
            old, new = ("a", "b") if number % 2 == 0 else ("b", "a")
            for keys in ((old, new), (new,)):
                before = running.changes
                running.write(*keys)
                os.kill(os.getpid(), signal.SIGHUP)
                assert running.lets_in(old) or running.changes > before
                assert running.lets_in(new) or keys == (old, new)
                await running.changed(before)
                assert running.lets_in(new)
            assert not running.lets_in(old)
    assert running.changes == 1000


@pytest.mark.proves("B51")
async def test_a_file_that_changes_is_read_again(running: Running) -> None:
    async with reloading(contents(running.stack.files), running.read, running.change, look_every_s=0.01):
        running.write("b", rest="RATE_LIMIT_RPS=3\n")
        await running.changed(0)
    assert running.lets_in("b")
    assert not running.lets_in("a")
    assert running.door.limits.rps == 3


async def test_what_changed_while_the_process_started_is_taken_over(running: Running) -> None:
    files = contents(running.stack.files)
    running.write("b")
    async with reloading(files, running.read, running.change, look_every_s=0.01):
        await running.changed(0)
    assert running.lets_in("b")


@pytest.mark.parametrize("text", ["", "API_KEYS=\n", "API_KEYS=b\nRATE_LIMIT_RPS=fast\n", "half a lin", None])
async def test_a_file_that_cannot_be_used_changes_nothing(running: Running, text: str | None) -> None:
    async with reloading(contents(running.stack.files), running.read, running.change, look_every_s=0.01):
        if text is None:
            running.file.unlink()
        else:
            running.file.write_text(text)
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.sleep(0.05)
        assert running.changes == 0
        assert running.lets_in("a")
        running.write("c")
        await running.changed(0)
        assert running.lets_in("c")
