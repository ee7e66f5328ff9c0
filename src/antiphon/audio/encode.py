"""Encoding: WAV and FLAC without loss (FLAC at 16 bits), Ogg/Opus and MP3 for the road."""

import io
from fractions import Fraction
from typing import Any

import av
import av.container
import numpy as np

from antiphon.audio.pcm import Samples, to_s16
from antiphon.audio.resample import resample
from antiphon.audio.wav import encode_wav as encode_wav
from antiphon.audio.wav import encode_wav_f32 as encode_wav_f32

OPUS_RATES_HZ = (8_000, 12_000, 16_000, 24_000, 48_000)
MP3_RATES_HZ = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_BLOCK_SAMPLES = 4096


def encode_flac(samples: Samples, rate_hz: int) -> bytes:
    """A 16-bit FLAC file of float32 [n] or [channels, n] (mono or stereo); values beyond [-1, 1] are clipped."""
    return _encode(samples, rate_hz, container="flac", codec="flac", sample_format="s16")


def encode_opus(samples: Samples, rate_hz: int, kbps: int = 32) -> bytes:
    """An Ogg/Opus file of float32 [n] or [channels, n] (mono or stereo), at `kbps` a channel.

    A rate that Opus does not know is raised to the next one it does.
    """
    rate = _next_rate(rate_hz, OPUS_RATES_HZ)
    return _encode(
        resample(samples, rate_hz, rate), rate, container="ogg", codec="libopus", sample_format="flt", kbps=kbps
    )


def encode_mp3(samples: Samples, rate_hz: int, kbps: int = 64) -> bytes:
    """An MP3 file of float32 [n] or [channels, n] (mono or stereo), at `kbps` a channel.

    A rate that MP3 does not know is raised to the next one it does.
    """
    rate = _next_rate(rate_hz, MP3_RATES_HZ)
    planar = resample(samples, rate_hz, rate)
    return _encode(planar, rate, container="mp3", codec="libmp3lame", sample_format="fltp", kbps=kbps)


def _next_rate(rate_hz: int, known: tuple[int, ...]) -> int:
    return next((known_hz for known_hz in known if known_hz >= rate_hz), known[-1])


def _encode(
    samples: Samples, rate_hz: int, *, container: str, codec: str, sample_format: str, kbps: int | None = None
) -> bytes:
    rows = samples[None] if samples.ndim == 1 else samples
    if len(rows) > 2:
        raise ValueError("mono or stereo only")
    out = io.BytesIO()
    with av.open(out, mode="w", format=container) as file:
        stream = file.add_stream(codec, rate=rate_hz)
        assert isinstance(stream, av.AudioStream)  # noqa: S101 - the codecs named above all make sound
        stream.layout = "mono" if len(rows) == 1 else "stereo"
        stream.format = sample_format
        if kbps is not None:
            stream.bit_rate = kbps * 1000 * len(rows)
        for frame in _frames(rows, rate_hz, sample_format, str(stream.layout.name)):
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return out.getvalue()


def _frames(rows: Samples, rate_hz: int, sample_format: str, layout: str) -> "list[av.AudioFrame]":
    values: Any = to_s16(rows) if sample_format == "s16" else rows
    frames = []
    for start in range(0, values.shape[1], _BLOCK_SAMPLES):
        block = values[:, start : start + _BLOCK_SAMPLES]
        packed = block if sample_format.endswith("p") else block.T.reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(packed), format=sample_format, layout=layout)
        frame.sample_rate = rate_hz
        frame.pts = start
        frame.time_base = Fraction(1, rate_hz)
        frames.append(frame)
    return frames
