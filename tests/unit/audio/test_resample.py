import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.audio.resample import Resampler, resample, resampled_length

RATES_HZ = st.sampled_from([8_000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000, 96_000])
NOISE = np.random.default_rng(2).normal(0, 0.2, 50_000).astype(np.float32)


@given(st.integers(0, 20_000), RATES_HZ, RATES_HZ)
def test_length_is_exact(samples: int, from_hz: int, to_hz: int) -> None:
    assert len(resample(NOISE[:samples], from_hz, to_hz)) == round(samples * to_hz / from_hz)


@given(st.lists(st.integers(0, 3_000), min_size=1, max_size=12), RATES_HZ, RATES_HZ, st.booleans())
def test_stream_is_the_same_whatever_its_chunks(lengths: list[int], from_hz: int, to_hz: int, stereo: bool) -> None:
    whole = NOISE[: sum(lengths)]
    if stereo:
        whole = np.stack([whole, -0.5 * whole])
    resampler = Resampler(from_hz, to_hz, 2 if stereo else 1)
    chunks = np.split(whole, np.cumsum(lengths)[:-1], axis=-1)
    joined = np.concatenate([*(resampler.feed(chunk) for chunk in chunks), resampler.flush()], axis=-1)
    expected = resample(whole, from_hz, to_hz)
    assert joined.shape == expected.shape
    assert joined.shape[-1] == resampled_length(sum(lengths), from_hz, to_hz)
    assert np.allclose(joined, expected, atol=1e-6)


def test_same_rate_is_identity() -> None:
    assert resample(NOISE, 16_000, 16_000) is NOISE


@pytest.mark.parametrize(("from_hz", "to_hz"), [(48_000, 16_000), (8_000, 16_000), (44_100, 16_000), (16_000, 24_000)])
def test_tone_keeps_its_pitch_level_and_place(from_hz: int, to_hz: int) -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(from_hz) / from_hz).astype(np.float32)
    expected = np.sin(2 * np.pi * 440 * np.arange(to_hz) / to_hz)
    middle = slice(to_hz // 10, -to_hz // 10)
    assert np.abs(resample(tone, from_hz, to_hz)[middle] - expected[middle]).max() < 1e-4


def test_what_the_lower_rate_cannot_hold_is_removed() -> None:
    tone = np.sin(2 * np.pi * 12_000 * np.arange(48_000) / 48_000).astype(np.float32)
    assert np.abs(resample(tone, 48_000, 16_000)[1000:-1000]).max() < 1e-4


def test_flushed_resampler_begins_anew() -> None:
    resampler = Resampler(48_000, 16_000)
    first = np.concatenate([resampler.feed(NOISE), resampler.flush()])
    second = np.concatenate([resampler.feed(NOISE), resampler.flush()])
    assert np.array_equal(first, second)
