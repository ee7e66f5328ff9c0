"""Frames of any encoding, rate and size become the same sound as the whole at once."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.audio.g711 import encode_alaw, encode_mulaw
from antiphon.audio.pcm import Samples, to_s16_bytes
from antiphon.audio.resample import resample
from antiphon.errors import BadAudio, BadInput, TooLong
from antiphon.events.live import Encoding
from antiphon.stt.wire_audio import WireAudio

WRITE = {
    Encoding.S16LE: to_s16_bytes,
    Encoding.F32LE: lambda samples: samples.astype("<f4").tobytes(),
    Encoding.MULAW: encode_mulaw,
    Encoding.ALAW: encode_alaw,
}
TOLERANCE = {Encoding.S16LE: 1e-4, Encoding.F32LE: 1e-6, Encoding.MULAW: 0.03, Encoding.ALAW: 0.03}


def tone(rate_hz: int, seconds: float = 0.5) -> Samples:
    time_s = np.arange(int(rate_hz * seconds)) / rate_hz
    return np.asarray(0.5 * np.sin(2 * np.pi * 440 * time_s), np.float32)


@settings(max_examples=60)
@given(
    st.sampled_from(list(WRITE)),
    st.sampled_from([8_000, 11_025, 16_000, 24_000, 44_100, 48_000, 96_000]),
    st.lists(st.integers(0, 9_000), max_size=8),
)
def test_frames_join_without_a_seam(encoding: Encoding, rate_hz: int, cuts: list[int]) -> None:
    sound = tone(rate_hz)
    data = WRITE[encoding](sound)
    width = len(data) // len(sound)
    edges = sorted({0, len(sound), *(min(cut, len(sound)) for cut in cuts)})
    audio = WireAudio(encoding, rate_hz, 1)
    pieces = [
        audio.take(data[width * at : width * min(at + 9_000, end)])
        for start, end in pairwise(edges)
        for at in range(start, end, 9_000)
    ]
    heard = np.concatenate([*pieces, audio.flush()])
    wanted = resample(sound, rate_hz, 16_000)
    assert audio.position == len(sound)
    assert len(heard) == len(wanted)
    assert np.abs(heard - wanted).max() < TOLERANCE[encoding]


def test_what_was_taken_before_is_not_taken_again() -> None:
    sound = tone(16_000)
    data = to_s16_bytes(sound)
    audio = WireAudio(Encoding.S16LE, 16_000, 1)
    first = audio.take(data[:8_000])
    audio.rewind(1_000)
    again = [audio.take(data[at : at + 640]) for at in range(2_000, len(data), 640)]
    assert np.array_equal(np.concatenate([first, *again]), WireAudio(Encoding.S16LE, 16_000, 1).take(data))
    assert audio.position == len(sound)


def test_two_channels_are_mixed_and_counted_once() -> None:
    sound = tone(16_000)
    for other, wanted in ((sound, sound), (0 * sound, sound), (-sound, sound)):
        audio = WireAudio(Encoding.F32LE, 16_000, 2)
        both = np.stack([sound, other], axis=1).astype("<f4")
        heard = np.concatenate([audio.take(both[at : at + 320].tobytes()) for at in range(0, len(both), 320)])
        assert audio.position == len(sound)
        assert np.abs(heard - wanted).max() < 1e-6


@pytest.mark.parametrize(
    ("encoding", "channels", "size"),
    [(Encoding.S16LE, 1, 3), (Encoding.S16LE, 2, 6), (Encoding.F32LE, 1, 6), (Encoding.MULAW, 2, 1)],
)
def test_pieces_of_samples_are_refused(encoding: Encoding, channels: int, size: int) -> None:
    with pytest.raises(BadInput) as refusal:
        WireAudio(encoding, 16_000, channels).take(bytes(size))
    assert refusal.value.code == "audio_length_invalid"


def test_frames_beyond_the_limit_are_refused() -> None:
    with pytest.raises(TooLong):
        WireAudio(Encoding.S16LE, 16_000, 1).take(bytes(65_538))


def test_numbers_that_are_none_are_silence_and_counted() -> None:
    audio = WireAudio(Encoding.F32LE, 16_000, 1)
    frame = np.full(1_600, 0.5, np.float32)
    frame[:3] = [np.nan, np.inf, -np.inf]
    frame[3:5] = [1e38, -1e38]
    heard = audio.take(frame.tobytes())
    assert heard[:6].tolist() == [0.0, 0.0, 0.0, 1.0, -1.0, 0.5]
    assert audio.damaged == 3
    with pytest.raises(BadAudio) as refusal:
        audio.take(np.full(100, np.nan, np.float32).tobytes())
    assert refusal.value.code == "audio_damaged"
