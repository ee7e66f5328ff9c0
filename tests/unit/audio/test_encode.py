import io
from collections.abc import Callable

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from antiphon.audio.decode import decode
from antiphon.audio.encode import encode_flac, encode_mp3, encode_opus, encode_wav, encode_wav_f32
from antiphon.audio.pcm import Samples, from_s16, to_s16
from antiphon.errors import BadAudio

S16 = hnp.arrays(np.int16, st.tuples(st.integers(1, 2), st.integers(1, 10_000)))
Encode = Callable[[Samples, int], bytes]


def tone(samples: int, rate_hz: int) -> Samples:
    return (0.3 * np.sin(2 * np.pi * 300 * np.arange(samples) / rate_hz)).astype(np.float32)


@settings(max_examples=40)
@given(S16, st.sampled_from([8_000, 16_000, 22_050, 44_100, 48_000]))
@pytest.mark.parametrize("encode", [encode_wav, encode_flac])
def test_16_bits_survive(encode: Encode, values: np.ndarray, rate_hz: int) -> None:
    back = decode(encode(from_s16(values), rate_hz), rate_hz=None, mono=False)
    assert back.source_rate_hz == rate_hz
    assert np.array_equal(to_s16(back.samples), values)


@given(hnp.arrays(np.float32, st.integers(1, 100), elements=st.floats(-1, 1, width=32)))
def test_floats_survive_bit_for_bit(samples: Samples) -> None:
    assert np.array_equal(decode(encode_wav_f32(samples, 16_000)).samples[0], samples)


@pytest.mark.parametrize("encode", [encode_wav, encode_wav_f32, encode_flac])
def test_other_readers_agree(encode: Encode) -> None:
    stereo = np.stack([tone(5000, 22_050), np.zeros(5000, dtype=np.float32)])
    values, rate_hz = soundfile.read(io.BytesIO(encode(stereo, 22_050)), dtype="float32")
    assert rate_hz == 22_050
    assert np.abs(values.T - stereo).max() <= 0.5 / 32768


@settings(max_examples=25)
@given(st.integers(1, 30_000), st.sampled_from([8_000, 16_000, 22_050, 24_000, 48_000]), st.booleans())
def test_opus_keeps_the_length(samples: int, rate_hz: int, stereo: bool) -> None:
    sound = tone(samples, rate_hz)
    back = decode(encode_opus(np.stack([sound, sound]) if stereo else sound, rate_hz), rate_hz=rate_hz, mono=False)
    assert back.samples.shape == (2 if stereo else 1, samples)


@pytest.mark.parametrize("encode", [encode_opus, encode_mp3])
@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 48_000])
def test_lossy_encoders_keep_the_sound(encode: Encode, rate_hz: int) -> None:
    sound = tone(rate_hz, rate_hz)
    back = decode(encode(sound, rate_hz), rate_hz=rate_hz).samples[0]
    assert len(back) == len(sound)
    settled = slice(rate_hz // 4, -rate_hz // 4)
    assert np.abs(back[settled] - sound[settled]).max() < 0.05


@pytest.mark.parametrize("encode", [encode_wav, encode_wav_f32, encode_flac])
def test_no_samples_make_a_valid_file_without_sound(encode: Encode) -> None:
    with pytest.raises(BadAudio) as refused:
        decode(encode(np.zeros(0, dtype=np.float32), 16_000))
    assert refused.value.code == "audio_empty"


def test_more_than_two_channels_are_refused() -> None:
    with pytest.raises(ValueError, match="stereo"):
        encode_flac(np.zeros((3, 10), dtype=np.float32), 16_000)
