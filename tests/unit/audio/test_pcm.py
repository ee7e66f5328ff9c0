import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from antiphon.audio.pcm import SILENCE_DBFS, dbfs, finite, from_s16, mono, to_s16, to_s16_bytes

RNG = np.random.default_rng(1)
SPEECH = RNG.normal(0, 0.1, 4000).astype(np.float32)


def test_every_s16_value_survives_a_round_trip() -> None:
    every = np.arange(-32768, 32768).astype(np.int16)
    assert np.array_equal(to_s16(from_s16(every)), every)
    assert to_s16_bytes(from_s16(every.tobytes())) == every.tobytes()


@given(hnp.arrays(np.float32, st.integers(0, 50), elements=st.floats(width=32)))
def test_any_float_becomes_a_defined_s16(samples: np.ndarray) -> None:
    out = to_s16(samples)
    inside = np.abs(samples) <= 0.99
    assert np.all(np.abs(out[inside] / 32768 - samples[inside]) <= 0.5 / 32768)
    assert np.all(out[samples >= 1] == 32767)
    assert np.all(out[samples <= -1] == -32768)
    assert np.all(out[np.isnan(samples)] == 0)


def test_odd_last_byte_is_dropped() -> None:
    assert from_s16(b"\x00\x40\x01").tolist() == [0.5]


def test_stereo_is_interleaved() -> None:
    assert to_s16(from_s16(to_s16_bytes(np.array([[0.5, 0.25], [-0.5, 0]], dtype=np.float32)))).tolist() == [
        16384,
        -16384,
        8192,
        0,
    ]


def test_nan_and_infinity_become_zero_and_are_counted() -> None:
    clean, bad = finite(np.array([0.5, np.nan, np.inf, -np.inf], dtype=np.float32))
    assert clean.tolist() == [0.5, 0, 0, 0]
    assert bad == 3


def test_finite_samples_are_not_copied() -> None:
    clean, bad = finite(SPEECH)
    assert clean is SPEECH
    assert bad == 0


def test_mono_of_alike_channels_is_their_mean() -> None:
    other = SPEECH + RNG.normal(0, 0.05, 4000).astype(np.float32)
    assert np.allclose(mono(np.stack([SPEECH, other])), (SPEECH + other) / 2, atol=1e-6)


@pytest.mark.parametrize("other", [-0.9 * SPEECH, 0.01 * SPEECH, np.zeros_like(SPEECH)])
def test_mono_is_the_loudest_channel_where_the_mean_would_lose_it(other: np.ndarray) -> None:
    assert np.array_equal(mono(np.stack([other, SPEECH])), SPEECH)


def test_mono_of_one_channel_of_silence_and_of_nothing() -> None:
    assert np.array_equal(mono(SPEECH), SPEECH)
    assert np.array_equal(mono(SPEECH[None]), SPEECH)
    assert not mono(np.zeros((2, 100), dtype=np.float32)).any()
    assert mono(np.zeros((2, 0), dtype=np.float32)).shape == (0,)


def test_levels() -> None:
    assert dbfs(np.ones(10, dtype=np.float32)) == pytest.approx(0)
    assert dbfs(np.full(10, 0.1, dtype=np.float32)) == pytest.approx(-20, abs=1e-4)
    assert dbfs(np.zeros(10, dtype=np.float32)) == SILENCE_DBFS
    assert dbfs(np.zeros(0, dtype=np.float32)) == SILENCE_DBFS
