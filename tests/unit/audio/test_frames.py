import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.audio.frames import Framer


@given(st.integers(1, 40), st.lists(st.integers(0, 100), max_size=30))
def test_frames_joined_are_the_stream(frame_samples: int, lengths: list[int]) -> None:
    stream = np.arange(sum(lengths), dtype=np.float32)
    chunks = np.split(stream, np.cumsum(lengths)[:-1]) if lengths else []
    framer = Framer(frame_samples)
    frames = [frame.copy() for chunk in chunks for frame in framer.push(chunk)]
    assert all(len(frame) == frame_samples for frame in frames)
    assert framer.pending_samples == len(stream) % frame_samples
    last = framer.flush()
    if last is not None:
        frames.append(last)
    joined = np.concatenate(frames) if frames else np.zeros(0, dtype=np.float32)
    assert np.array_equal(joined[: len(stream)], stream)
    assert not joined[len(stream) :].any()
    assert len(joined) - len(stream) < frame_samples
    assert framer.flush() is None


def test_frames_stay_as_they_were_when_more_is_pushed() -> None:
    framer = Framer(4)
    list(framer.push(np.ones(2, dtype=np.float32)))
    (first,) = framer.push(np.ones(2, dtype=np.float32))
    list(framer.push(np.zeros(3, dtype=np.float32)))
    assert first.tolist() == [1, 1, 1, 1]


def test_cleared_framer_forgets() -> None:
    framer = Framer(4)
    list(framer.push(np.ones(3, dtype=np.float32)))
    framer.clear()
    assert [frame.tolist() for frame in framer.push(np.zeros(4, dtype=np.float32))] == [[0, 0, 0, 0]]


def test_frame_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Framer(0)
