"""Whether anyone speaks: whatever is swept, the answer is that of listening from beginning to end."""

import asyncio

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.events.speech import Samples
from antiphon.ports.card import Card, Port
from antiphon.ports.vad import WINDOW_SAMPLES
from antiphon.stt.speech_detector import GLANCE, SpeechDetector
from antiphon.testing.speech import LevelVoiceActivity

RATE_HZ = 16_000


class Warming:
    """Voice activity with a memory: a slot answers by the loudness of its last windows, a fresh one is excitable.

    So a sweep finds at least what listening in order finds, and sometimes more, as Silero's does.
    """

    card = Card("warming", Port.VAD, "remembers; for tests", batch=True)

    def __init__(self) -> None:
        self.state: dict[int, float] = {}
        self.heard = 0
        self._next = 0

    def open(self) -> int:
        self._next += 1
        self.state[self._next] = 0.2
        return self._next

    def close(self, slot: int) -> None:
        del self.state[slot]

    def probabilities(self, slots: npt.NDArray[np.intp], windows: Samples) -> Samples:
        assert len(set(slots.tolist())) == len(slots) == len(windows)
        assert windows.shape[1] == WINDOW_SAMPLES
        self.heard += len(slots)
        for slot, window in zip(slots.tolist(), windows, strict=True):
            self.state[slot] = 0.7 * self.state[slot] + 0.3 * min(0.85, float(np.abs(window).mean()) * 2)
        return np.array([self.state[slot] for slot in slots.tolist()], np.float32)


def in_order(samples: Samples) -> bool:
    """What listening from beginning to end would say."""
    activity = Warming()
    slot = np.array([activity.open()])
    padded = np.zeros(-(-len(samples) // WINDOW_SAMPLES) * WINDOW_SAMPLES, np.float32)
    padded[: len(samples)] = samples
    rows = padded.reshape(-1, WINDOW_SAMPLES)
    return any(activity.probabilities(slot, row[None])[0] >= 0.5 for row in rows)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(0.0, 0.35), st.integers(1, 60)), min_size=1, max_size=8), st.integers(0, 511))
async def test_the_answer_is_that_of_listening_in_order(runs: list[tuple[float, int]], rest: int) -> None:
    levels = np.repeat([level for level, _ in runs], [n for _, n in runs])
    samples = np.repeat(levels, WINDOW_SAMPLES).astype(np.float32)
    samples = np.concatenate([np.full(40 * WINDOW_SAMPLES, 0.1, np.float32), samples, np.zeros(rest, np.float32)])
    activity = Warming()
    detector = SpeechDetector([activity])
    assert await detector.anyone_speaks(samples) is in_order(samples)
    assert activity.state == {}
    detector.close()


@pytest.mark.parametrize("nothing", [np.zeros(64_000), np.full(64_000, np.nan), np.full(64_000, np.inf)])
async def test_what_is_no_sound_is_no_speech_and_costs_nothing(nothing: Samples) -> None:
    activity = Warming()
    detector = SpeechDetector([activity])
    assert not await detector.anyone_speaks(nothing.astype(np.float32))
    assert activity.heard == 0
    detector.close()


@pytest.mark.parametrize("silence_s", [0.0, 0.7, 30.0])
async def test_speech_is_found_where_it_is_first_loud(silence_s: float) -> None:
    activity = Warming()
    detector = SpeechDetector([activity])
    before = np.full(int(silence_s * RATE_HZ), 0.01, np.float32)
    assert await detector.anyone_speaks(np.concatenate([before, np.full(10 * RATE_HZ, 0.9, np.float32)]))
    assert activity.heard <= GLANCE
    detector.close()


async def test_probabilities_stand_where_their_windows_are() -> None:
    detector = SpeechDetector([LevelVoiceActivity()])
    samples = np.zeros(300 * WINDOW_SAMPLES - 100, np.float32)
    loud = [*range(17, 20), *range(150, 171), 298]
    for window in loud:
        samples[window * WINDOW_SAMPLES : (window + 1) * WINDOW_SAMPLES] = 0.5
    found = await detector.probabilities(samples)
    assert len(found) == 300
    assert np.flatnonzero(found >= 0.5).tolist() == loud
    assert len(await detector.probabilities(np.zeros(0, np.float32))) == 0
    detector.close()


async def test_as_many_at_once_as_there_are_voice_activities() -> None:
    activities = [LevelVoiceActivity() for _ in range(3)]
    detector = SpeechDetector(activities)
    quiet, loud = np.full(32_000, 1e-9, np.float32), np.full(32_000, 0.5, np.float32)
    quiet[:10] = 0.9  # loud for less than half of a window
    found = await asyncio.gather(*(detector.anyone_speaks(x) for x in [quiet, loud] * 20))
    assert found == [False, True] * 20
    assert all(not activity.open_slots for activity in activities)
    detector.close()
