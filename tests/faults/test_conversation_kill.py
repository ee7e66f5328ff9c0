"""A process killed at random moments in the middle of conversations loses nothing that it acknowledged (F15)."""

import asyncio
import contextlib
import hashlib
import hmac
import json
import os
import random
import signal
import socket
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

SERVER = Path(__file__).with_name("conversation_server.py")
SECRET = "kill-me"
PATIENCE_S = 60.0


class Child:
    """A server in a process of its own, started as often as it is killed."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, *self._arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            assert (await self._process.stdout.readline()).startswith(b"ready ")

    async def signal(self, number: int) -> int:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)
        await self._process.communicate()
        return int(self._process.returncode or 0)


class Receiver:
    """Takes actions over a plain socket server, so that no code under test checks itself; verifies as documented."""

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
                body = await reader.readexactly(int(headers["content-length"]))
                first = self._take(headers, body)
                # Some answers never reach the sender: it must post again, and we must know the action by its id.
                if first and len(self.posts) % 5 == 0:
                    break
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    def _take(self, headers: dict[str, str], body: bytes) -> bool:
        signed = headers["x-timestamp"].encode() + b"." + body
        assert headers["x-signature"] == hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        action = json.loads(body)
        assert headers["idempotency-key"] == action["id"]
        first = all(post["id"] != action["id"] for post in self.posts)
        self.posts.append(action)
        return first


@asynccontextmanager
async def receiving(receiver: Receiver) -> AsyncIterator[str]:
    server = await asyncio.start_server(receiver, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/actions"
        server.close()


class Caller:
    """Holds one conversation, whatever happens to the server, and notes what was acknowledged."""

    def __init__(self, url: str, number: int) -> None:
        self._client = httpx2.AsyncClient(base_url=url, timeout=5, trust_env=False)
        self._number = number
        self._said = 0
        self.id = ""
        self.acknowledged: list[dict[str, Any]] = []

    async def talk(self, stop: asyncio.Event) -> None:
        """Say one thing after the other; each under a key, again and again until it is acknowledged."""
        while not stop.is_set():
            try:
                if not self.id:
                    self.id = self._ok(await self._client.post("/api/conversations"))["conversation"]["id"]
                await self._say()
            except (httpx2.TransportError, ConflictNow):
                await asyncio.sleep(0.02)
        await self._client.aclose()

    async def _say(self) -> None:
        words = f"Caller {self._number} turn {self._said}"
        answer = await self._client.post(
            f"/api/conversations/{self.id}/turns",
            json={"text": words},
            headers={"Idempotency-Key": f"turn-{self._said}"},
        )
        self.acknowledged.append(self._ok(answer))
        self._said += 1

    @staticmethod
    def _ok(answer: httpx2.Response) -> dict[str, Any]:
        if answer.status_code == 409:
            raise ConflictNow  # the turn before the kill is still being answered
        assert answer.status_code in (200, 201), answer.text
        found: dict[str, Any] = answer.json()
        return found


class ConflictNow(Exception):
    """The server is busy with this conversation."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def rows(path: Path, query: str, *arguments: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(query, arguments).fetchall()


async def kill_again_and_again(data_dir: Path, kills: int, seed: int) -> None:
    draw = random.Random(seed)
    receiver, stop, port = Receiver(), asyncio.Event(), free_port()
    async with receiving(receiver) as endpoint:
        child = Child(str(SERVER), str(data_dir), str(port), endpoint, SECRET)
        await child.start()
        callers = [Caller(f"http://127.0.0.1:{port}", number) for number in range(3)]
        talks = [asyncio.create_task(caller.talk(stop)) for caller in callers]
        for _ in range(kills):
            await asyncio.sleep(draw.uniform(0.02, 0.6))
            assert await child.signal(signal.SIGKILL) == -signal.SIGKILL
            assert rows(data_dir / "antiphon.db", "PRAGMA integrity_check") == [("ok",)]
            await child.start()
        stop.set()
        await asyncio.gather(*talks)
        await delivered(data_dir / "antiphon.db")
        assert await child.signal(signal.SIGTERM) == 0
    check_nothing_lost(data_dir / "antiphon.db", callers, receiver.posts)


async def delivered(path: Path) -> None:
    """Wait until the outbox is empty."""
    async with asyncio.timeout(PATIENCE_S):
        while rows(path, "SELECT 1 FROM actions WHERE state = 'pending'"):  # noqa: ASYNC110 (another process's)
            await asyncio.sleep(0.05)


def check_nothing_lost(path: Path, callers: Sequence[Caller], posts: Sequence[dict[str, Any]]) -> None:
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert all(caller.acknowledged for caller in callers)
    for caller in callers:
        kept = rows(
            path, 'SELECT "index", speaker, text FROM turns WHERE conversation_id = ? ORDER BY "index"', caller.id
        )
        # Every turn is there once, in its place, each with its answer, and the model's memory never lost count.
        assert [index for index, _, _ in kept] == list(range(len(kept)))
        said = [text for _, speaker, text in kept if speaker == "caller"]
        assert said == [f"Caller {caller._number} turn {turn}" for turn in range(len(said))]
        answers = [text for _, speaker, text in kept[1:] if speaker == "agent"]
        assert answers == [f"Thank you. That was {turn + 1}." for turn in range(len(said))]
        for turn, acknowledged in enumerate(caller.acknowledged):
            assert acknowledged["turn"]["text"] == said[turn]
            assert acknowledged["reply"]["text"] == answers[turn]
    promised = {action["id"] for caller in callers for turn in caller.acknowledged for action in turn["actions"]}
    kept_actions = dict(rows(path, "SELECT id, body FROM actions"))
    posted = Counter(post["id"] for post in posts)
    assert promised
    assert promised <= set(kept_actions)
    # Exactly once by id: all of them, no other, and every post of one of them is the same.
    assert set(posted) == set(kept_actions)
    assert all(post == json.loads(kept_actions[post["id"]]) for post in posts)
    assert rows(path, "SELECT DISTINCT state FROM actions") == [("delivered",)]
    # The receiver hung up on some: had none been posted twice, nothing of this would have been tried.
    assert len(posts) > len(posted)


@pytest.mark.e2e
@pytest.mark.proves("D7", "D27")
async def test_five_kills_lose_no_acknowledged_turn_and_no_action(tmp_path: Path) -> None:
    await kill_again_and_again(tmp_path, kills=5, seed=5)


@pytest.mark.long
@pytest.mark.e2e
@pytest.mark.timeout(3600)
@pytest.mark.proves("F15", "P-23")
async def test_two_hundred_kills_lose_no_acknowledged_turn_and_no_action(tmp_path: Path) -> None:
    await kill_again_and_again(tmp_path, kills=200, seed=50)


@pytest.mark.e2e
async def test_a_terminated_server_ends_what_it_began_and_leaves_with_zero(tmp_path: Path) -> None:
    port = free_port()
    child = Child(str(SERVER), str(tmp_path), str(port))
    await child.start()
    caller, stop = Caller(f"http://127.0.0.1:{port}", 0), asyncio.Event()
    talk = asyncio.create_task(caller.talk(stop))
    while len(caller.acknowledged) < 5:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    assert await child.signal(signal.SIGTERM) == 0
    stop.set()
    await talk
    said = rows(tmp_path / "antiphon.db", "SELECT text FROM turns WHERE speaker = 'caller'")
    assert len(said) >= len(caller.acknowledged)
    assert rows(tmp_path / "antiphon.db", "SELECT DISTINCT state FROM actions") == [("pending",)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A folder on a disk of 4 MiB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root: a full disk was not tried")
    disk = tmp_path / "disk"
    disk.mkdir()
    return disk


@pytest.mark.e2e
@pytest.mark.proves("F16")
async def test_a_full_disk_is_said_and_got_over(small_disk: Path) -> None:
    mounting = await asyncio.create_subprocess_exec(
        "mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(small_disk), stderr=asyncio.subprocess.PIPE
    )
    _, complaint = await mounting.communicate()
    if mounting.returncode != 0:
        pytest.skip(f"no small disk could be mounted ({complaint.decode().strip()}): a full disk was not tried")
    try:
        await fill_and_recover(small_disk)
    finally:
        await (await asyncio.create_subprocess_exec("umount", "-l", str(small_disk))).wait()


async def fill_and_recover(disk: Path) -> None:
    port = free_port()
    child = Child(str(SERVER), str(disk), str(port))
    await child.start()
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
        conversation = (await client.post("/api/conversations")).json()["conversation"]["id"]
        turns = f"/api/conversations/{conversation}/turns"
        assert (await client.post(turns, json={"text": "before"})).status_code == 200
        ballast = disk / "ballast"
        fill(ballast)
        refused = None
        for number in range(50):
            # There may be room for a few more in pages that the database already owns.
            refused = await client.post(turns, json={"text": f"during {number} " + "x" * 3000})
            if refused.status_code != 200:
                break
        assert refused is not None
        assert (refused.status_code, refused.json()["error"]["code"]) == (507, "storage_full")
        assert (await client.get("/api/conversations/health")).status_code == 200
        unready = await client.get("/api/conversations/ready")
        assert (unready.status_code, unready.json()["reason"]) == (503, "storage_full")
        acknowledged = (await client.get(turns, params={"limit": 500})).json()["turns"]
        ballast.unlink()
        assert (await client.post(turns, json={"text": "after"})).status_code == 200
        assert (await client.get("/api/conversations/ready")).status_code == 200
        kept = (await client.get(turns, params={"limit": 500})).json()["turns"]
        assert [turn["text"] for turn in kept[: len(acknowledged)]] == [turn["text"] for turn in acknowledged]
        assert [turn["text"] for turn in kept if turn["speaker"] == "caller"][-1] == "after"
    assert await child.signal(signal.SIGTERM) == 0
    assert rows(disk / "antiphon.db", "PRAGMA integrity_check") == [("ok",)]


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
