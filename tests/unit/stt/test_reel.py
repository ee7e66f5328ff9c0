"""The stretch of a stream that is still needed, and where it is quietest."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.stt.reel import Reel, quietest


@given(st.lists(st.tuples(st.integers(0, 30_000), st.floats(0, 1)), max_size=12))
def test_what_is_kept_is_what_came(steps: list[tuple[int, float]]) -> None:
    reel, whole = Reel(), np.zeros(0, np.float32)
    for size, share in steps:
        piece = np.arange(len(whole), len(whole) + size, dtype=np.float32)
        whole = np.concatenate([whole, piece])
        reel.append(piece)
        reel.forget(int(share * len(whole)))
        assert reel.end == len(whole)
        assert np.array_equal(reel.cut(reel.start, reel.end), whole[reel.start :])
        middle = (reel.start + reel.end) // 2
        assert np.array_equal(reel.cut(middle, reel.end), whole[middle:])


def test_forgetting_goes_forward_and_not_beyond_the_end() -> None:
    reel = Reel()
    reel.append(np.ones(1_000, np.float32))
    reel.forget(600)
    reel.forget(200)
    assert (reel.start, reel.end) == (600, 1_000)
    reel.forget(5_000)
    assert (reel.start, reel.end) == (1_000, 1_000)


@pytest.mark.parametrize(("start", "end"), [(0, 900), (700, 600), (600, 1_001)])
def test_what_is_not_there_cannot_be_cut(start: int, end: int) -> None:
    reel = Reel()
    reel.append(np.ones(1_000, np.float32))
    reel.forget(600)
    with pytest.raises(ValueError, match="not within"):
        reel.cut(start, end)


def test_a_copy_does_not_change_with_what_comes() -> None:
    reel = Reel()
    reel.append(np.ones(10_000, np.float32))
    kept = reel.cut(9_000, 10_000)
    reel.forget(10_000)
    reel.append(np.zeros(16_000, np.float32))
    assert kept.min() == 1.0


@given(st.integers(0, 7_000))
def test_the_quietest_place_is_found(at: int) -> None:
    sound = np.random.default_rng(0).normal(0, 0.2, 10_000).astype(np.float32)
    sound[at : at + 2_560] *= 0.01
    assert at + 1_000 < quietest(sound, 2_560) < at + 1_560
    assert quietest(sound[:100], 2_560) == 50
