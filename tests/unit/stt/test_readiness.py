"""Ready means proven: states of the service on a clock that stands still (P-9)."""

import asyncio

import numpy as np
import pytest

from antiphon.errors import BadInput, EngineFailed
from antiphon.events.speech import Hearing
from antiphon.stt.readiness import Readiness, SelfTest, State, Watched
from antiphon.testing.clock import ManualClock
from antiphon.testing.transcribers import Answer, ScriptedTranscriber

SECOND = np.full(16_000, 0.1, np.float32)


class Bench:
    """An engine, what is known of it, and its self-test."""

    def __init__(self, *script: Answer) -> None:
        self.clock = ManualClock()
        self.engine = ScriptedTranscriber(*script)
        self.readiness = Readiness(self.clock)
        self.watched = Watched(self.engine, self.readiness)
        self.test = SelfTest(self.watched, self.readiness, self.clock)

    async def ask(self) -> None:
        await self.watched.transcribe(SECOND, Hearing())


@pytest.mark.proves("P-9")
async def test_it_starts_with_the_first_answer_and_stays_started() -> None:
    bench = Bench("words", EngineFailed("x"))
    assert (bench.readiness.state, bench.readiness.started) == (State.STARTING, False)
    await bench.test.once()
    assert (bench.readiness.state, bench.readiness.started, bench.readiness.ready) == (State.READY, True, True)
    await bench.test.once()
    assert (bench.readiness.state, bench.readiness.started, bench.readiness.ready) == (State.DEGRADED, True, False)


async def test_a_failed_first_test_leaves_it_starting() -> None:
    bench = Bench(RuntimeError("no memory"), "words")
    await bench.test.once()
    assert bench.readiness.state is State.STARTING
    await bench.test.once()
    assert bench.readiness.ready


@pytest.mark.proves("P-9")
async def test_a_success_is_good_for_a_minute() -> None:
    bench = Bench("words")
    await bench.ask()
    bench.clock.advance(59.9)
    assert bench.readiness.ready
    bench.clock.advance(0.1)
    assert bench.readiness.state is State.DEGRADED
    await bench.ask()
    assert bench.readiness.ready


async def test_draining_is_for_good_and_failing_too() -> None:
    bench = Bench("words")
    await bench.ask()
    bench.readiness.drain()
    await bench.ask()
    assert bench.readiness.state is State.DRAINING
    bench.readiness.give_up()
    assert str(bench.readiness.state) == "failed"
    assert bench.readiness.started


async def _nothing_happens(bench: Bench) -> bool:
    calls = len(bench.engine.calls)
    for _ in range(20):
        await asyncio.sleep(0)
    return len(bench.engine.calls) == calls


@pytest.mark.proves("F3")
async def test_a_failed_call_is_followed_by_a_test_at_once() -> None:
    bench = Bench("words", EngineFailed("dead"))
    async with bench.test.running():
        await bench.engine.until_finished(1)
        bench.clock.advance(1)
        with pytest.raises(EngineFailed):
            await bench.ask()
        assert bench.readiness.ready  # one failure may be the recording's
        await bench.engine.until_finished(3)
        assert bench.test.due_in_s == 5.0  # and not again at once: the test's own failure raises no new suspicion
        assert await _nothing_happens(bench)
    assert bench.readiness.state is State.DEGRADED
    assert len(bench.engine.calls) == 3


async def test_a_refused_recording_is_no_suspicion() -> None:
    bench = Bench("words", BadInput("too odd"))
    await bench.ask()
    with pytest.raises(BadInput):
        await bench.ask()
    suspicion = asyncio.ensure_future(bench.readiness.suspected())
    await asyncio.sleep(0)
    assert not suspicion.done()
    suspicion.cancel()


@pytest.mark.proves("F2")
async def test_a_hanging_call_degrades_within_ten_seconds_and_a_success_ends_it() -> None:
    hang = asyncio.Event()
    bench = Bench("words", hang, "words")
    await bench.ask()
    bench.clock.advance(30)
    call = asyncio.create_task(bench.ask())
    await bench.engine.until_running(1)
    bench.clock.advance(8)
    assert bench.readiness.ready
    bench.clock.advance(1)
    assert bench.readiness.state is State.DEGRADED
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert bench.readiness.state is State.DEGRADED  # nobody waits any more, and it is as dead as before
    await bench.test.once()
    assert bench.readiness.ready


async def test_long_work_is_not_hanging_while_other_work_succeeds() -> None:
    hang = asyncio.Event()
    bench = Bench(hang, "words")
    call = asyncio.create_task(bench.ask())
    await bench.engine.until_running(1)
    for _ in range(4):
        bench.clock.advance(7)
        await bench.ask()
    assert bench.readiness.ready
    hang.set()
    await call


async def test_a_slow_engine_is_given_its_time() -> None:
    slow = asyncio.Event()
    bench = Bench(slow, "words", hang := asyncio.Event(), "words")
    first = asyncio.create_task(bench.ask())
    await bench.engine.until_running(1)
    bench.clock.advance(7)  # seven seconds for a second of audio
    slow.set()
    await first
    second = asyncio.create_task(bench.ask())
    await bench.engine.until_running(1)
    bench.clock.advance(27)
    assert bench.readiness.ready
    bench.clock.advance(2)
    assert not bench.readiness.ready
    hang.set()
    await second
    assert bench.readiness.ready


async def test_nothing_is_tested_while_real_work_succeeds_and_costly_tests_are_rare() -> None:
    bench = Bench("words")
    await bench.test.once()
    assert bench.test.due_in_s == 5.0
    bench.clock.advance(3)
    await bench.ask()
    assert bench.test.due_in_s == 5.0
    bench.clock.advance(5)
    assert bench.test.due_in_s == 0.0

    costly = asyncio.Event()
    bench = Bench(costly, "words")
    test = asyncio.create_task(bench.test.once())
    await bench.engine.until_running(1)
    bench.clock.advance(0.4)  # at most 2 % of a core: 0.4 s every 20 s
    costly.set()
    await test
    assert bench.test.due_in_s == pytest.approx(20.0)


async def test_nothing_is_tested_while_a_call_runs() -> None:
    bench = Bench("words", hang := asyncio.Event(), "words")
    await bench.test.once()
    call = asyncio.create_task(bench.ask())
    await bench.engine.until_running(1)
    bench.clock.advance(100)
    assert bench.test.due_in_s > 0
    hang.set()
    await call


class Impatient(Readiness):
    """Waits a moment only, so that the test need not wait."""

    @property
    def longest_wait_s(self) -> float:
        return 0.01


@pytest.mark.proves("F2")
async def test_an_engine_that_hangs_at_its_test_is_degraded() -> None:
    clock = ManualClock()
    readiness = Impatient(clock)
    engine = ScriptedTranscriber("words", hang := asyncio.Event(), "words")
    test = SelfTest(Watched(engine, readiness), readiness, clock)
    await test.once()
    assert readiness.ready
    await test.once()
    assert (readiness.state, engine.running) == (State.DEGRADED, 0)
    assert not hang.is_set()
    await test.once()
    assert readiness.ready
