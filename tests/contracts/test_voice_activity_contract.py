"""What every voice activity engine must do; a new engine file is found and tested by itself."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from antiphon.engines.discover import engines
from antiphon.events.speech import Samples
from antiphon.ports.card import Port
from antiphon.ports.vad import WINDOW_SAMPLES, VoiceActivity
from antiphon.testing import LevelVoiceActivity

FOUND: list[Any] = [LevelVoiceActivity, *(engine for engine in engines() if engine.card.port is Port.VAD)]


@pytest.fixture(params=FOUND, ids=lambda found: found.card.name)
def vad(request: pytest.FixtureRequest, load_engine: Callable[[Any], Any]) -> Any:
    return load_engine(request.param)


def noise(seed: int, *shape: int) -> Samples:
    return (np.random.default_rng(seed).normal(size=(*shape, WINDOW_SAMPLES)) * 0.2).astype(np.float32)


def opened(vad: VoiceActivity, streams: int) -> Any:
    return np.array([vad.open() for _ in range(streams)])


def test_slots_are_distinct(vad: VoiceActivity) -> None:
    assert len(set(opened(vad, 100))) == 100


@pytest.mark.parametrize("streams", [0, 1, 7, 70])
def test_one_probability_for_each_window(vad: VoiceActivity, streams: int) -> None:
    windows = noise(0, streams)
    before = windows.copy()
    speech = vad.probabilities(opened(vad, streams), windows)
    assert speech.shape == (streams,)
    assert speech.dtype == np.float32
    assert ((speech >= 0) & (speech <= 1)).all()
    np.testing.assert_array_equal(windows, before)


def test_silence_is_no_speech(vad: VoiceActivity) -> None:
    slots = opened(vad, 3)
    for _ in range(20):
        speech = vad.probabilities(slots, np.zeros((3, WINDOW_SAMPLES), np.float32))
    assert (speech < 0.3).all()


def test_a_stream_hears_the_same_whoever_is_beside_it(vad: VoiceActivity) -> None:
    alone, *rest = opened(vad, 4)
    windows = noise(1, 12, 1)
    apart = [vad.probabilities(np.array([alone]), window)[0] for window in windows]
    for step, window in enumerate(windows):
        others = noise(100 + step, 2)
        order = np.array([rest[0], rest[2], rest[1]]) if step % 2 else np.array([rest[1], rest[2], rest[0]])
        together = vad.probabilities(order, np.concatenate([others[:1], window, others[1:]]))
        assert together[1] == pytest.approx(apart[step], abs=1e-5)


def test_a_slot_given_back_is_fresh_for_the_next(vad: VoiceActivity) -> None:
    first = vad.open()
    start = vad.probabilities(np.array([first]), noise(2, 1))
    for seed in range(3, 20):
        vad.probabilities(np.array([first]), noise(seed, 1))
    vad.close(first)
    again = vad.open()
    assert vad.probabilities(np.array([again]), noise(2, 1)) == pytest.approx(start, abs=1e-6)


def test_other_streams_keep_their_state_when_one_is_closed(vad: VoiceActivity) -> None:
    kept, closed, twin = opened(vad, 3)
    both = np.array([kept, twin])
    vad.probabilities(both, np.repeat(noise(5, 1), 2, axis=0))
    vad.close(closed)
    opened(vad, 50)
    left, right = vad.probabilities(both, np.repeat(noise(6, 1), 2, axis=0))
    assert left == pytest.approx(right, abs=1e-6)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e38, 3.0])
def test_broken_samples_spoil_no_stream_for_good(vad: VoiceActivity, value: float) -> None:
    broken, healthy = opened(vad, 2)
    windows = noise(7, 2)
    windows[0, ::3] = value
    speech = vad.probabilities(np.array([broken, healthy]), windows)
    assert ((speech >= 0) & (speech <= 1)).all()
    for seed in range(60):
        speech = vad.probabilities(np.array([broken, healthy]), noise(1000 + seed, 2) * np.float32(0.01))
    assert ((speech >= 0) & (speech <= 1)).all()
    assert speech[0] == pytest.approx(speech[1], abs=0.2)
