import asyncio
import random

import pytest

from antiphon.errors import AtCapacity
from antiphon.serving.gate import Gate


async def hold(gate: Gate, release: asyncio.Event, entered: list[int], number: int) -> None:
    async with gate.slot():
        entered.append(number)
        await release.wait()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_callers_enter_in_order() -> None:
    gate, release, entered = Gate(1), asyncio.Event(), list[int]()
    tasks = [asyncio.create_task(hold(gate, release, entered, number)) for number in range(6)]
    await settle()
    assert (entered, gate.in_flight, gate.depth) == ([0], 1, 5)
    release.set()
    await asyncio.gather(*tasks)
    assert entered == list(range(6))
    assert (gate.in_flight, gate.depth, gate.counts.entered) == (0, 0, 6)


async def test_full_queue_refuses_at_once() -> None:
    gate, release = Gate(2, max_queue=1), asyncio.Event()
    tasks = [asyncio.create_task(hold(gate, release, [], number)) for number in range(3)]
    await settle()
    with pytest.raises(AtCapacity) as refused:
        async with gate.slot():
            pass
    assert refused.value.code == "queue_full"
    assert refused.value.retry_after_s >= 1
    assert gate.counts.refused_full == 1
    release.set()
    await asyncio.gather(*tasks)


async def test_queue_is_eight_times_the_slots_unless_told() -> None:
    assert Gate(3).max_queue == 24
    assert Gate(3, max_queue=0).max_queue == 0


async def test_late_caller_is_refused_and_leaves_the_queue() -> None:
    gate, release = Gate(1, queue_timeout_s=0.01), asyncio.Event()
    holder = asyncio.create_task(hold(gate, release, [], 0))
    await settle()
    with pytest.raises(AtCapacity) as refused:
        async with gate.slot():
            pass
    assert refused.value.code == "queue_timeout"
    assert (gate.depth, gate.in_flight, gate.counts.refused_late) == (0, 1, 1)
    assert gate.counts.waited_s > 0
    release.set()
    await holder
    assert gate.in_flight == 0


async def test_cancelled_waiter_leaves_at_once_and_the_next_moves_up() -> None:
    gate, release, entered = Gate(1), asyncio.Event(), list[int]()
    first, second, third = (asyncio.create_task(hold(gate, release, entered, number)) for number in range(3))
    await settle()
    second.cancel()
    await settle()
    assert gate.depth == 1
    release.set()
    await asyncio.gather(first, third)
    assert entered == [0, 2]
    assert second.cancelled()
    assert gate.counts.gave_up == 1


async def test_slot_handed_to_a_caller_that_is_cancelled_in_the_same_tick_is_passed_on() -> None:
    gate, release, entered = Gate(1), asyncio.Event(), list[int]()
    first, second, third = (asyncio.create_task(hold(gate, release, entered, number)) for number in range(3))
    await settle()
    first.cancel()
    await asyncio.sleep(0)  # the slot is second's now, but second has not run yet
    second.cancel()
    await settle()
    assert entered == [0, 2]
    release.set()
    await third
    assert gate.in_flight == 0


async def test_slot_is_given_back_when_the_work_fails() -> None:
    gate = Gate(1)
    with pytest.raises(ZeroDivisionError):
        async with gate.slot():
            _ = 1 / 0
    assert gate.in_flight == 0


async def test_retry_hint_grows_with_the_queue() -> None:
    gate, release = Gate(1, max_queue=50), asyncio.Event()
    empty = gate.retry_after_s
    tasks = [asyncio.create_task(hold(gate, release, [], number)) for number in range(40)]
    await settle()
    assert empty < gate.retry_after_s <= 60
    release.set()
    await asyncio.gather(*tasks)


@pytest.mark.parametrize("seed", range(5))
async def test_invariants_hold_under_random_callers(seed: int) -> None:
    rng = random.Random(seed)
    gate = Gate(3, max_queue=10, queue_timeout_s=0.004)
    inside = peak = 0

    async def caller() -> None:
        nonlocal inside, peak
        async with gate.slot():
            inside += 1
            peak = max(peak, inside)
            assert inside <= 3
            assert gate.depth <= 10
            try:
                await asyncio.sleep(rng.choice([0, 0, 0.001, 0.003]))
                if rng.random() < 0.1:
                    raise ValueError("the work failed")
            finally:
                inside -= 1

    tasks: list[asyncio.Task[None]] = []
    for _ in range(400):
        tasks.append(asyncio.create_task(caller()))
        if rng.random() < 0.3:
            rng.choice(tasks).cancel()
        if rng.random() < 0.3:
            await asyncio.sleep(rng.choice([0, 0.001]))
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert (gate.in_flight, gate.depth, inside, peak) == (0, 0, 0, 3)
    unexpected = [
        o for o in outcomes if o is not None and not isinstance(o, AtCapacity | ValueError | asyncio.CancelledError)
    ]
    assert not unexpected


def test_gate_without_slots_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one slot"):
        Gate(0)
