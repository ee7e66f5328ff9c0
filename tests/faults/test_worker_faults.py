"""What happens to work in a worker process when the process, the parent or the work goes wrong (F1, F2, F5, F6)."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from antiphon.errors import AtCapacity, EngineFailed, EngineUnavailable, TimedOut, TooLong
from antiphon.serving.process import WorkerProcess
from antiphon.serving.worker import Answer, WorkerLimits, WorkerPool, WorkFailed

ECHO = {"do": "echo"}


@asynccontextmanager
async def pool_of(factory: str = "fault_work:make", *arguments: Any, **options: Any) -> AsyncIterator[WorkerPool]:
    pool = WorkerPool(factory, arguments, **options)
    try:
        yield pool
    finally:
        await pool.close()


async def until(holds: Callable[[], Any]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - another process makes it true
            await asyncio.sleep(0.002)


def written(path: Path) -> bool:
    return path.exists() and path.read_text() != ""


def runs(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def stop(pid: int) -> None:
    """Stop a process, and wait until it takes no processor time any more."""
    os.kill(pid, signal.SIGSTOP)
    await until(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")


async def test_work_and_its_blob_come_back_from_a_reused_process() -> None:
    async with pool_of("fault_work:make", "hello") as pool:
        blob = os.urandom(3_000_000)
        first = await pool.call({"do": "echo", "text": "ä", "list": [1, 2.5, None, True]}, blob)
        assert first.value["greeting"] == "hello"
        assert (first.value["text"], first.value["list"]) == ("ä", [1, 2.5, None, True])
        assert first.blob == blob
        second = await pool.call(ECHO)
        assert second.value["pid"] == first.value["pid"] != os.getpid()
        assert second.blob == b""
        assert not pool.lost


async def test_pool_works_in_parallel_and_queues_the_rest() -> None:
    async with pool_of(size=2) as pool:
        answers = await asyncio.gather(*(pool.call({"do": "echo", "n": n}) for n in range(20)))
        assert [answer.value["n"] for answer in answers] == list(range(20))
        assert len(pool.pids) == 2


async def test_too_many_waiting_calls_are_refused(tmp_path: Path) -> None:
    async with pool_of(max_queue=1) as pool:
        marker = tmp_path / "begun"
        calls = [asyncio.create_task(pool.call({"do": "work", "marker": str(marker), "seconds": 60})) for _ in range(2)]
        await until(marker.exists)
        with pytest.raises(AtCapacity):
            await pool.call(ECHO)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)


async def test_typed_errors_cross_and_bugs_keep_their_words_to_themselves() -> None:
    async with pool_of() as pool:
        with pytest.raises(TooLong) as refused:
            await pool.call({"do": "too_long"})
        assert (refused.value.code, refused.value.param) == ("audio_too_long", "file")
        with pytest.raises(EngineFailed) as failed:
            await pool.call({"do": "bug"})
        assert failed.value.code == "worker_error"
        assert "caller" not in failed.value.message
        assert (await pool.call(ECHO)).value["do"] == "echo"
        assert not pool.lost


@pytest.mark.parametrize("end", [{"do": "exit", "code": 0}, {"do": "exit", "code": 3}, {"do": "segfault"}])
async def test_crash_fails_its_own_call_only_and_the_worker_comes_back(end: dict[str, Any]) -> None:
    async with pool_of() as pool:
        with pytest.raises(EngineFailed) as lost:
            await pool.call(end)
        assert lost.value.code == "worker_lost"
        assert lost.value.retryable
        assert (await pool.call(ECHO)).value["do"] == "echo"
        assert pool.lost == {"crashed": 1}


async def test_killing_a_worker_in_mid_work_twenty_times_loses_nothing(tmp_path: Path) -> None:
    rng = random.Random(5)
    async with pool_of(size=2) as pool:
        for turn in range(20):
            marker = tmp_path / str(turn)
            work = {"do": "work", "marker": str(marker), "seconds": 600, "turn": turn}
            calls = [asyncio.create_task(pool.call(work, retries=1)), asyncio.create_task(pool.call(ECHO, retries=1))]
            await until(partial(written, marker))
            await asyncio.sleep(rng.random() * 0.05)
            os.kill(int(marker.read_text()), signal.SIGKILL)
            worked, echoed = await asyncio.gather(*calls)
            assert worked.value["turn"] == turn
            assert echoed.value["do"] == "echo"
        assert pool.lost == {"crashed": 20}
        assert pool.gate.in_flight == 0


async def test_worker_that_died_idle_is_replaced_without_a_failed_call() -> None:
    async with pool_of() as pool:
        await pool.start()
        (pid,) = pool.pids
        os.kill(pid, signal.SIGKILL)
        await until(lambda: not pool.pids)
        assert (await pool.call(ECHO)).value["pid"] != pid
        assert pool.lost == {"died_idle": 1}


async def test_stopped_worker_times_out_and_is_killed() -> None:
    async with pool_of() as pool:
        await pool.start()
        (pid,) = pool.pids
        with pytest.raises(TimedOut) as late:
            await pool.call({"do": "stop"}, timeout_s=0.2)
        assert late.value.code == "engine_timeout"
        assert (await pool.call(ECHO)).value["pid"] != pid
        await until(lambda: not runs(pid))
        assert pool.lost == {"hung": 1}


@pytest.mark.proves("F2")
async def test_worker_that_was_stopped_is_replaced_and_the_call_answered() -> None:
    async with pool_of(size=2, stall_s=0.5) as pool:
        await pool.start()
        stopped = pool.pids
        for pid in stopped:
            await stop(pid)
        answers = await asyncio.gather(*(pool.call({"do": "echo", "n": n}, retries=1) for n in range(2)))
        assert [answer.value["n"] for answer in answers] == [0, 1]
        assert not {answer.value["pid"] for answer in answers} & set(stopped)
        assert pool.lost == {"hung": 2}


async def test_who_is_to_blame_depends_on_whether_the_work_had_begun() -> None:
    async with pool_of(stall_s=0.5) as pool:
        await pool.start()
        await stop(pool.pids[0])
        with pytest.raises(EngineFailed) as lost:
            await pool.call(ECHO)
        assert (lost.value.code, isinstance(lost.value, WorkFailed)) == ("worker_lost", False)
        with pytest.raises(WorkFailed):
            await pool.call({"do": "stop"}, retries=1)
        await stop((await pool.call(ECHO)).value["pid"])
        with pytest.raises(EngineFailed) as lost:
            await pool.call({"do": "exit", "code": 1}, retries=1)
        assert (lost.value.code, isinstance(lost.value, WorkFailed)) == ("worker_lost", False)
        assert pool.lost == {"hung": 4, "crashed": 1}


async def test_work_that_computes_does_not_stand_still() -> None:
    async with pool_of(stall_s=0.5) as pool:
        assert (await pool.call({"do": "compute", "seconds": 2.0})).value["do"] == "compute"
        assert not pool.lost


async def test_where_no_processor_time_is_told_calls_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WorkerProcess, "cpu_s", None)
    async with pool_of(stall_s=0.05) as pool:
        await pool.start()
        with pytest.raises(TimedOut):
            await pool.call({"do": "stop"}, timeout_s=0.3)


async def test_cancelled_call_frees_its_place_at_once(tmp_path: Path) -> None:
    async with pool_of() as pool:
        marker = tmp_path / "begun"
        call = asyncio.create_task(pool.call({"do": "work", "marker": str(marker), "seconds": 600}))
        await until(partial(written, marker))
        pid = int(marker.read_text())
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert pool.gate.in_flight == 0
        assert (await pool.call(ECHO)).value["pid"] != pid
        await until(lambda: not runs(pid))
        assert pool.lost == {"cancelled": 1}


async def test_cancelled_waiting_call_disturbs_no_worker(tmp_path: Path) -> None:
    async with pool_of() as pool:
        marker = tmp_path / "begun"
        working = asyncio.create_task(pool.call({"do": "work", "marker": str(marker), "seconds": 0.3}))
        await until(marker.exists)
        waiting = asyncio.create_task(pool.call(ECHO))
        await asyncio.sleep(0.01)
        waiting.cancel()
        assert (await working).value["do"] == "work"
        assert not pool.lost


async def test_random_cancellations_leave_the_pool_whole() -> None:
    rng = random.Random(7)
    async with pool_of(size=2) as pool:
        calls = [asyncio.create_task(pool.call({"do": "echo", "n": n}, bytes(200_000))) for n in range(60)]
        for call in rng.sample(calls, 30):
            call.cancel()
            await asyncio.sleep(rng.choice([0, 0, 0.001, 0.005]))
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        for n, outcome in enumerate(outcomes):
            # An answer is always that of its own call, never one left over from a cancelled one.
            assert isinstance(outcome, asyncio.CancelledError) or (
                isinstance(outcome, Answer) and outcome.value["n"] == n
            )
        assert (pool.gate.in_flight, pool.gate.depth) == (0, 0)
        assert set(pool.lost) <= {"cancelled"}
        assert (await pool.call(ECHO)).value["do"] == "echo"


@pytest.mark.long
async def test_crash_loop_backs_off_and_recovers(tmp_path: Path) -> None:
    marker = tmp_path / "fixed"
    async with pool_of("fault_work:make_crashing", str(marker), start_timeout_s=2.5) as pool:
        with pytest.raises(EngineFailed) as unstarted:
            await pool.call(ECHO)
        assert unstarted.value.code == "worker_start"
        # At 0, 0 and 1 s; the next one would have been at 3 s. A process that exits at start otherwise fails 50 times.
        assert 2 <= pool.lost["failed_start"] <= 3
        marker.touch()
        assert (await pool.call(ECHO)).value["do"] == "echo"


async def test_what_a_factory_raises_reaches_the_caller() -> None:
    async with pool_of("fault_work:make_unavailable") as pool:
        with pytest.raises(EngineUnavailable, match="model is missing"):
            await pool.start()
    async with pool_of("fault_work:make_broken") as pool:
        with pytest.raises(EngineFailed) as failed:
            await pool.start()
        assert failed.value.code == "worker_start"
    async with pool_of("no_such_module:make") as pool:
        with pytest.raises(EngineFailed):
            await pool.call(ECHO)


async def test_closing_ends_calls_in_progress_and_all_processes(tmp_path: Path) -> None:
    pool = WorkerPool("fault_work:make", size=2)
    await pool.start()
    pids = pool.pids
    marker = tmp_path / "begun"
    call = asyncio.create_task(pool.call({"do": "work", "marker": str(marker), "seconds": 600}))
    await until(marker.exists)
    await pool.close()
    with pytest.raises(EngineFailed):
        await call
    assert not any(runs(pid) for pid in pids)
    with pytest.raises(EngineFailed, match="closed"):
        await pool.call(ECHO)


async def test_grandchild_does_not_hide_a_death() -> None:
    async with pool_of() as pool:
        grandchild = (await pool.call({"do": "grandchild"})).value
        try:
            with pytest.raises(EngineFailed):
                await pool.call({"do": "exit", "code": 1})
            assert runs(grandchild)
        finally:
            os.kill(grandchild, signal.SIGKILL)


PARENT = """
import asyncio
from antiphon.serving.worker import WorkerPool

async def main():
    pool = WorkerPool("fault_work:make", size=2)
    await pool.start()
    print(*pool.pids, flush=True)
    await pool.call({"do": "work", "marker": "/dev/null", "seconds": 600})

asyncio.run(main())
"""


@pytest.mark.proves("F5")
def test_workers_die_with_their_parent() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        assert all(runs(pid) for pid in pids)
        parent.kill()
        parent.wait()
    for _ in range(5000):
        if not any(runs(pid) for pid in pids):
            break
        time.sleep(0.01)
    assert not any(runs(pid) for pid in pids)


async def test_memory_is_limited() -> None:
    async with pool_of(limits=WorkerLimits(memory_bytes=64 << 20)) as pool:
        assert (await pool.call({"do": "allocate", "bytes": 32 << 20})).value == 32 << 20
        with pytest.raises(EngineFailed) as failed:
            await pool.call({"do": "allocate", "bytes": 128 << 20})
        assert failed.value.code == "worker_error"


async def test_processor_time_is_limited_for_each_call() -> None:
    async with pool_of(limits=WorkerLimits(cpu_s=0.2)) as pool:
        with pytest.raises(EngineFailed) as lost:
            await pool.call({"do": "burn"})
        assert lost.value.code == "worker_lost"
        assert (await pool.call(ECHO)).value["do"] == "echo"


async def test_confined_worker_has_no_network_no_files_no_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTIPHON_SECRET", "s3cret")
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    probe = {"do": "surroundings", "file": str(tmp_path / "x"), "port": server.sockets[0].getsockname()[1]}
    async with server, pool_of() as free, pool_of(limits=WorkerLimits(confined=True, files=4)) as confined:
        unconfined = (await free.call(probe)).value
        assert (unconfined["write"], unconfined["connect"]) == ("done", "done")
        inside = (await confined.call(probe)).value
    assert inside["environment"] == unconfined["environment"] == ["LC_CTYPE", "OPENBLAS_NUM_THREADS", "PYTHONPATH"]
    assert inside["files"] == 0
    assert inside["write"] == "OSError"
    assert (tmp_path / "x").read_text() in {"", "x"}
    assert inside["connect"] == "OSError"


async def test_worker_imports_only_what_its_factory_needs() -> None:
    async with pool_of() as pool:
        probe = {"do": "surroundings", "file": "/dev/null", "port": 1}
        modules = (await pool.call(probe)).value["modules"]
    assert not {"numpy", "av", "asyncio", "structlog", "fastapi"} & set(modules)
