import asyncio
import contextvars
import threading
from collections.abc import Iterator

import pytest

from antiphon.serving.threads import Threads

request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id")


@pytest.fixture
def threads() -> Iterator[Threads]:
    threads = Threads(1)
    yield threads
    threads.close()


async def test_work_runs_in_another_thread_and_its_result_comes_back(threads: Threads) -> None:
    assert await threads.run(threading.get_ident) != threading.get_ident()
    assert await threads.run(divmod, 7, 2) == (3, 1)


async def test_errors_come_back(threads: Threads) -> None:
    with pytest.raises(ZeroDivisionError):
        await threads.run(divmod, 1, 0)


async def test_context_travels_along(threads: Threads) -> None:
    request_id.set("abc")
    assert await threads.run(request_id.get) == "abc"


async def test_cancelling_frees_the_caller_at_once_and_skips_what_has_not_begun(threads: Threads) -> None:
    begun, release, ran = threading.Event(), threading.Event(), list[str]()

    def block() -> None:
        begun.set()
        release.wait(30)

    running = asyncio.create_task(threads.run(block))
    waiting = asyncio.create_task(threads.run(ran.append, "skipped"))
    while not begun.is_set():  # noqa: ASYNC110 - a threading event cannot be awaited
        await asyncio.sleep(0.001)
    running.cancel()
    waiting.cancel()
    outcomes = await asyncio.gather(running, waiting, return_exceptions=True)
    assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
    assert not release.is_set()
    release.set()
    await threads.run(ran.append, "next")
    assert ran == ["next"]


async def test_stoppable_work_is_told_that_nobody_waits(threads: Threads) -> None:
    begun, ended = threading.Event(), threading.Event()

    def decode(stopped: threading.Event, limit_s: float) -> None:
        begun.set()
        if stopped.wait(limit_s):
            ended.set()

    task = asyncio.create_task(threads.run_stoppable(decode, 30.0))
    while not begun.is_set():  # noqa: ASYNC110 - a threading event cannot be awaited
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await threads.run(ended.wait, 30)
    assert ended.is_set()
