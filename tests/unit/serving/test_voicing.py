import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import AtCapacity
from antiphon.events.speech import Samples
from antiphon.ports.vad import WINDOW_SAMPLES
from antiphon.serving.voicing import MAX_BATCH, Listener, Scheduler
from antiphon.testing import LevelVoiceActivity, ManualClock


class CountingVoiceActivity(LevelVoiceActivity):
    """Notes the size of every batch, and that no slot is in one twice."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []

    def probabilities(self, slots: npt.NDArray[np.intp], windows: Samples) -> Samples:
        assert len(set(slots.tolist())) == len(slots)
        self.batches.append(len(slots))
        return windows[:, 0].copy()


def window(level: float) -> Samples:
    return np.full(WINDOW_SAMPLES, level, np.float32)


@given(st.lists(st.lists(st.floats(0, 1, width=32), max_size=6), min_size=1, max_size=12))
def test_every_window_is_answered_once_in_order(streams: list[list[float]]) -> None:
    scheduler = Scheduler(CountingVoiceActivity())
    answers: list[list[float]] = [[] for _ in streams]
    for levels, heard in zip(streams, answers, strict=True):
        listener = scheduler.join(heard.append)
        for level in levels:
            listener.submit(window(level))
    assert scheduler.step() == sum(map(len, streams))
    assert answers == streams
    assert scheduler.step() == 0


def test_all_streams_go_in_one_batch_up_to_the_cap() -> None:
    activity = CountingVoiceActivity()
    scheduler = Scheduler(activity)
    for _ in range(MAX_BATCH + 10):
        scheduler.join(lambda _: None).submit(window(0.5))
    scheduler.step()
    assert activity.batches == [MAX_BATCH, 10]


def test_leaving_in_the_middle_of_a_batch_is_harmless() -> None:
    activity = CountingVoiceActivity()
    scheduler = Scheduler(activity)
    listeners: list[Listener] = []
    first = scheduler.join(lambda _: listeners[0].close())
    listeners.append(first)
    second: list[float] = []
    other = scheduler.join(second.append)
    first.submit(window(0.1))
    first.submit(window(0.2))
    other.submit(window(0.3))
    scheduler.step()
    assert len(second) == 1
    assert activity.open_slots == {other.slot}


def test_a_session_too_many_is_refused_until_another_leaves() -> None:
    activity = CountingVoiceActivity()
    scheduler = Scheduler(activity, max_sessions=2)
    first, second = (scheduler.join(lambda _: None) for _ in range(2))
    with pytest.raises(AtCapacity):
        scheduler.join(lambda _: None)
    assert activity.open_slots == {first.slot, second.slot}
    first.close()
    third = scheduler.join(lambda _: None)
    assert activity.open_slots == {second.slot, third.slot}


def test_a_stream_that_comes_fast_lets_the_others_through() -> None:
    clock = ManualClock()

    class Slow(CountingVoiceActivity):
        def probabilities(self, slots: npt.NDArray[np.intp], windows: Samples) -> Samples:
            clock.advance(1.0)
            return super().probabilities(slots, windows)

    scheduler = Scheduler(Slow(), clock=clock)
    fast: list[float] = []
    slow: list[float] = []
    flood, other = scheduler.join(fast.append), scheduler.join(slow.append)
    for _ in range(100):
        flood.submit(window(0.5))
    other.submit(window(0.25))
    scheduler.step(busy_s=1.5)
    assert (len(fast), slow) == (2, [0.25])
    scheduler.step(busy_s=0.0)
    assert len(fast) == 3
    scheduler.step()
    assert len(fast) == 100
