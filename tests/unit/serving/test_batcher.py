"""Batches form from what waits, nobody is overtaken for long, and one item's failure is its own."""

import asyncio
import threading
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import EngineFailed
from antiphon.serving.batcher import Batcher, Line, Waiting


class Doubler:
    """Work that doubles numbers, says what it got, and can be held up; negative numbers fail, 13 fails its batch."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.begun = threading.Semaphore(0)

    def __call__(self, items: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(items))
        self.begun.release()
        assert self.goes_on.wait(30)
        if 13 in items:
            raise OSError("unlucky")
        return [ValueError(f"{item} is negative") if item < 0 else 2 * item for item in items]

    async def wait_begun(self) -> None:
        assert await asyncio.to_thread(self.begun.acquire, timeout=30)


@pytest.fixture
def work() -> Doubler:
    return Doubler()


@pytest.fixture
def batcher(work: Doubler) -> Batcher[str, int, int]:
    return Batcher(work, workers=1, largest=lambda _: 3)


def tasks(batcher: Batcher[str, int, int], *items: int, key: str = "") -> list[asyncio.Task[int]]:
    return [asyncio.create_task(batcher.submit(item, key)) for item in items]


async def held_up(work: Doubler, batcher: Batcher[str, int, int]) -> asyncio.Task[int]:
    """Occupies the only worker until `work.goes_on` is set."""
    work.goes_on.clear()
    (first,) = tasks(batcher, 0, key="first")
    await work.wait_begun()
    return first


async def test_an_item_that_finds_a_free_worker_is_begun_at_once_and_alone(
    work: Doubler, batcher: Batcher[str, int, int]
) -> None:
    assert await batcher.submit(4, "") == 8
    assert work.batches == [[4]]


async def test_what_comes_while_all_are_busy_makes_the_next_batches(
    work: Doubler, batcher: Batcher[str, int, int]
) -> None:
    first = await held_up(work, batcher)
    waiting = tasks(batcher, 1, 2, 3, 4)
    await asyncio.sleep(0)
    assert batcher.depth == 4
    work.goes_on.set()
    assert list(await asyncio.gather(first, *waiting)) == [0, 2, 4, 6, 8]
    assert work.batches == [[0], [1, 2, 3], [4]]
    assert (batcher.counts.batches, batcher.counts.items) == (3, 5)
    assert dict(batcher.counts.sizes) == {1: 2, 3: 1}
    assert batcher.counts.waited_s > 0.0


async def test_only_items_of_one_key_are_together(work: Doubler, batcher: Batcher[str, int, int]) -> None:
    first = await held_up(work, batcher)
    waiting = [*tasks(batcher, 1, key="a"), *tasks(batcher, 2, key="b"), *tasks(batcher, 3, key="a")]
    await asyncio.sleep(0)
    work.goes_on.set()
    assert list(await asyncio.gather(first, *waiting)) == [0, 2, 4, 6]
    assert work.batches == [[0], [1, 3], [2]]


async def test_workers_work_side_by_side(work: Doubler) -> None:
    both = Batcher[str, int, int](work, workers=2, largest=lambda _: 8)
    work.goes_on.clear()
    waiting = tasks(both, 1, 2)
    await work.wait_begun()
    await work.wait_begun()
    work.goes_on.set()
    assert list(await asyncio.gather(*waiting)) == [2, 4]
    assert sorted(work.batches) == [[1], [2]]


async def test_a_cancelled_item_leaves_before_it_begins_and_frees_its_place(
    work: Doubler, batcher: Batcher[str, int, int]
) -> None:
    first = await held_up(work, batcher)
    gone, stays = tasks(batcher, 1, 2)
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait([gone])
    assert (gone.cancelled(), batcher.depth, batcher.counts.left) == (True, 1, 1)
    work.goes_on.set()
    assert list(await asyncio.gather(first, stays)) == [0, 4]
    assert work.batches == [[0], [2]]


async def test_cancelling_what_has_begun_returns_at_once_and_harms_no_other(
    work: Doubler, batcher: Batcher[str, int, int]
) -> None:
    first = await held_up(work, batcher)
    first.cancel()
    await asyncio.wait([first])
    (after,) = tasks(batcher, 5)
    await asyncio.sleep(0)
    assert batcher.counts.left == 0
    work.goes_on.set()
    assert await after == 10


async def test_an_item_that_fails_fails_alone(work: Doubler, batcher: Batcher[str, int, int]) -> None:
    first = await held_up(work, batcher)
    good, bad = tasks(batcher, 1, -1)
    await asyncio.sleep(0)
    work.goes_on.set()
    assert list(await asyncio.gather(first, good)) == [0, 2]
    with pytest.raises(ValueError, match="-1 is negative"):
        await bad
    assert batcher.counts.split == 0


async def test_a_batch_that_fails_is_done_again_one_by_one(work: Doubler, batcher: Batcher[str, int, int]) -> None:
    first = await held_up(work, batcher)
    good, unlucky, other = tasks(batcher, 1, 13, 2)
    await asyncio.sleep(0)
    work.goes_on.set()
    assert list(await asyncio.gather(first, good, other)) == [0, 2, 4]
    with pytest.raises(OSError, match="unlucky"):
        await unlucky
    assert work.batches == [[0], [1, 13, 2], [1], [13], [2]]
    assert batcher.counts.split == 1


async def test_too_few_results_are_an_error_not_a_wait() -> None:
    forgetful = Batcher[str, int, int](lambda _: [], largest=lambda _: 1)
    with pytest.raises(RuntimeError, match="0 results for 1 items"):
        await forgetful.submit(1, "")


async def test_closed_means_nothing_more(work: Doubler, batcher: Batcher[str, int, int]) -> None:
    first = await held_up(work, batcher)
    (waiting,) = tasks(batcher, 1)
    await asyncio.sleep(0)
    batcher.close()
    with pytest.raises(EngineFailed, match="closed"):
        await waiting
    with pytest.raises(EngineFailed, match="closed"):
        await batcher.submit(2, "")
    work.goes_on.set()
    assert await first == 0
    assert work.batches == [[0]]


def test_one_batcher_serves_event_loops_one_after_the_other(batcher: Batcher[str, int, int]) -> None:
    assert [asyncio.run(batcher.submit(item, "")) for item in (1, 2)] == [2, 4]


def test_without_workers_there_is_no_batcher() -> None:
    with pytest.raises(ValueError, match="at least one worker"):
        Batcher[str, int, int](lambda _: [], workers=0, largest=lambda _: 1)


@given(st.lists(st.sampled_from("abc?"), max_size=60), st.dictionaries(st.sampled_from("abc"), st.integers(0, 5)))
def test_whoever_waits_longest_is_next(moves: list[str], caps: dict[str, int]) -> None:
    """A letter is an arrival with that key, ? takes a batch; against a plain list as the model."""
    line: Line[str, int, int] = Line(lambda key: caps.get(key, 2))
    model: list[Waiting[str, int, int]] = []
    for number, move in enumerate([*moves, *"?" * len(moves)]):
        if move != "?":
            model.append(Waiting(move, number, number, 0.0))
            line.add(model[-1])
            continue
        same = [waiting for waiting in model if waiting.key == model[0].key] if model else []
        expected = same[: max(1, caps.get(same[0].key, 2))] if same else []
        assert line.take() == expected
        model = [waiting for waiting in model if waiting not in expected]
        assert len(line) == len(model)
    assert model == []


@given(st.lists(st.sampled_from("ab"), min_size=1, max_size=20), st.data())
def test_whoever_leaves_is_never_taken(keys: list[str], data: st.DataObject) -> None:
    line: Line[str, int, int] = Line(lambda _: 2)
    everybody = [Waiting[str, int, int](key, n, n, 0.0) for n, key in enumerate(keys)]
    for waiting in everybody:
        line.add(waiting)
    leaver = data.draw(st.sampled_from(everybody))
    assert line.remove(leaver)
    assert not line.remove(leaver)
    taken = []
    while batch := line.take():
        taken += batch
    assert sorted(waiting.number for waiting in taken) == [w.number for w in everybody if w is not leaver]
