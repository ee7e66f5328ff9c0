"""Killing the worker processes under running conversations, in mid-work, loses no turn that was acknowledged."""

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
import soundfile

from antiphon.audio.encode import encode_flac, encode_opus
from antiphon.audio.resample import resample

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PATIENCE_S = 100.0

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


def stat(pid: int) -> list[str]:
    """State, parent and the rest of a process; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def at_work(pid: int) -> bool:
    """Whether a worker process is past its start (it has left every directory by then) and computing."""
    try:
        ready = str(Path(f"/proc/{pid}/cwd").readlink()).endswith("(deleted)")
    except OSError:
        return False
    return ready and stat(pid)[:1] == ["R"]


@dataclass
class Victim:
    """A running command whose worker processes are killed."""

    process: asyncio.subprocess.Process
    log: Path
    killed: list[int] = field(default_factory=list)

    @property
    def workers(self) -> list[int]:
        own = str(self.process.pid)
        return [int(path.name) for path in Path("/proc").glob("[0-9]*") if stat(int(path.name))[1:2] == [own]]

    @property
    def said(self) -> str:
        return self.log.read_text("utf-8")

    @property
    def lost(self) -> int:
        """How many workers the command itself says it lost at work, and not idle or at their start."""
        found = (json.loads(line) for line in self.said.splitlines() if line.startswith("{"))
        return sum(line.get("event") == "worker.lost" and line["reason"] == "crashed" for line in found)

    async def kill_one_at_work(self) -> None:
        """Wait until a worker computes, and kill it then."""
        while True:
            for _, pid in zip(range(200), self.workers * 200, strict=False):
                if at_work(pid):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                    self.killed.append(pid)
                    return
                await asyncio.sleep(0)
            await asyncio.sleep(0.001)


@asynccontextmanager
async def running(folder: Path, *arguments: str) -> AsyncIterator[Victim]:
    """A command in `folder` that logs as JSON; it has to end with 0, by itself or when it is told to."""
    env = os.environ | {"ANTIPHON_CONVERSATIONS__DATA_DIR": str(folder / "data"), "ANTIPHON_LOG__FORMAT": "json"}
    errors, log = tempfile.mkstemp(dir=folder, suffix=".log")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "antiphon", *arguments), stdout=asyncio.subprocess.PIPE, stderr=errors, env=env
    )
    os.close(errors)
    victim = Victim(process, Path(log))
    try:
        yield victim
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert process.returncode == 0, victim.said[-3000:]


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(folder / "data" / "antiphon.db")) as connection:
        return connection.execute(query).fetchall()


def kept_turns(folder: Path) -> list[tuple[str, str]]:
    assert rows(folder, "PRAGMA integrity_check") == [("ok",)]
    kept = rows(folder, 'SELECT "index", speaker, text FROM turns ORDER BY conversation_id, "index"')
    assert [index for index, _, _ in kept] == list(range(len(kept)))
    return [(speaker, text) for _, speaker, text in kept]


# ── recordings posted to a server: the decoders die ─────────────────────────────────────────────────────────────────


def recordings() -> list[bytes]:
    """Questions in containers that are decoded in worker processes, large enough to be met at work."""
    found = []
    for name, encode in (("7.flac", encode_opus), ("1.flac", encode_flac)):
        samples, rate_hz = soundfile.read(EXAMPLES / "booking" / name, dtype="float32")
        found.append(encode(np.stack([resample(samples, rate_hz, 48_000)] * 2), 48_000))
    return found


@dataclass
class Poster:
    """Posts one turn after the other, each under a key until it is acknowledged."""

    client: httpx2.AsyncClient
    turns_path: str
    acknowledged: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)

    async def post(self, recording: bytes) -> bool:
        """Post the next turn once; whether it was acknowledged."""
        answer = await self.client.post(
            self.turns_path,
            files={"audio": ("turn", recording)},
            headers={"Idempotency-Key": f"turn-{len(self.acknowledged)}"},
        )
        if answer.status_code == 200:
            self.acknowledged.append(answer.json())
            return True
        self.refused.append({"status": answer.status_code} | answer.json()["error"])
        return False


async def post_under_fire(folder: Path, kills: int) -> None:
    spoken = recordings()
    async with running(folder, "serve", "--port", "0", "--json") as server:
        assert server.process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            url = json.loads(await server.process.stdout.readline())["url"]
        async with httpx2.AsyncClient(base_url=url, timeout=PATIENCE_S, trust_env=False) as client:
            begun = await client.post("/api/conversations", json={"language": "en"})
            poster = Poster(client, begun.headers["Location"] + "/turns")
            assert await poster.post(spoken[0])  # the first decoder is there, and idle
            while server.lost < kills or not poster.refused:
                # Every third turn loses its second decoder as well: that is more than a turn gets over.
                aims = 2 if len(poster.acknowledged) % 3 == 2 else 1
                await post_and_kill(server, poster, spoken[len(poster.acknowledged) % 2], aims)
                assert len(poster.acknowledged) < 20 * kills, "no decoder was met at work"
            workers = server.workers
            assert await poster.post(spoken[0])
            assert workers
            assert not set(workers) & set(server.killed)
        assert len(server.killed) >= kills
    check_kept(folder, poster)


async def post_and_kill(server: Victim, poster: Poster, recording: bytes, aims: int) -> None:
    posting = asyncio.create_task(poster.post(recording))
    for _ in range(aims):
        killing = asyncio.create_task(server.kill_one_at_work())
        await asyncio.wait({posting, killing}, return_when=asyncio.FIRST_COMPLETED)
        if not killing.done():  # answered before anybody was met at work
            killing.cancel()
            await asyncio.wait({killing})
            break
    if not await posting:
        assert await poster.post(recording)  # left alone, the same turn is taken


def check_kept(folder: Path, poster: Poster) -> None:
    # One loss is got over unseen; two over the same recording are the recording's fault, and said as such.
    assert {(error["status"], error["code"]) for error in poster.refused} == {(400, "audio_damaged")}
    assert all(error["type"] and error["message"] and error["request_id"] for error in poster.refused)
    promised = [
        (turn[side]["speaker"], turn[side]["text"]) for turn in poster.acknowledged for side in ("turn", "reply")
    ]
    assert len(promised) == 2 * len(poster.acknowledged)
    assert kept_turns(folder)[1:] == promised  # after the greeting: nothing lost, nothing twice, nothing else


async def test_killing_decoders_at_work_five_times_loses_no_acknowledged_turn(tmp_path: Path) -> None:
    await post_under_fire(tmp_path, kills=5)


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_killing_decoders_at_work_twenty_times_loses_no_acknowledged_turn(tmp_path: Path) -> None:
    await post_under_fire(tmp_path, kills=20)


# ── a call: the voice dies ──────────────────────────────────────────────────────────────────────────────────────────


async def call_under_fire(folder: Path, kills: int) -> int:
    """Hold the example call and kill its voice at work, at most `kills` times; how often it was lost."""
    out = folder / "out"
    script = str(EXAMPLES / "booking.toml")
    arguments = ("call", "--script", script, "--fast", "--now", "2026-11-23T09:00", "--out", str(out))
    async with running(folder, *arguments) as held:
        assert held.process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            assert b"agent" in await held.process.stdout.readline()  # the recordings are read, the greeting is spoken
        ended = asyncio.create_task(held.process.communicate())
        while not ended.done() and held.lost < kills:
            killing = asyncio.create_task(held.kill_one_at_work())
            await asyncio.wait({ended, killing}, return_when=asyncio.FIRST_COMPLETED)
            killing.cancel()
            await asyncio.wait({ended}, timeout=0.3)  # the sentence is said by the next process before that dies too
        await ended
    record = json.loads((out / "call.json").read_text("utf-8"))
    assert kept_turns(folder) == [(turn["speaker"], turn["text"]) for turn in record["turns"]]
    assert record["facts"]["caller_name"]["value"] == "Susan Miller"
    assert record["facts"]["preferred_slots"]["value"] == ["2026-11-25T10:30+01:00"]
    assert [action["type"] for action in record["actions"]] == ["book_appointment"]
    assert rows(folder, "SELECT type FROM actions") == [("book_appointment",)]
    return held.lost


async def calls_under_fire(folder: Path, kills: int) -> None:
    lost = 0
    for number in range(20):
        part = folder / str(number)
        part.mkdir()
        lost += await call_under_fire(part, kills - lost)
        if lost >= kills:
            return
    pytest.fail(f"the voice was met at work {lost} times only")


async def test_killing_the_voice_at_work_five_times_leaves_the_call_as_it_was(tmp_path: Path) -> None:
    await calls_under_fire(tmp_path, kills=5)


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_killing_the_voice_at_work_twenty_times_leaves_the_calls_as_they_were(tmp_path: Path) -> None:
    await calls_under_fire(tmp_path, kills=20)
