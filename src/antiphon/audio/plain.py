"""Recordings that need no decoder: plain WAV, and samples without any header."""

import numpy as np

from antiphon.audio import wav
from antiphon.audio.pcm import finite
from antiphon.audio.recording import Recording, too_long
from antiphon.audio.resample import resample
from antiphon.audio.sniff import WAV, sniff
from antiphon.errors import BadAudio


def decode_plain(
    data: bytes | bytearray | memoryview, *, rate_hz: int | None, mono: bool, max_audio_s: float
) -> Recording | None:
    """`decode` for plain WAV, which needs no decoder; None for everything else."""
    view = memoryview(data)
    if sniff(view) is not WAV or (header := wav.parse(view)) is None:
        return None
    if header.duration_s > max_audio_s:
        raise too_long(max_audio_s)
    # Integers are finite and within [-1, 1), and stay so: most recordings are spared two passes over all their samples.
    channels = wav.samples(view, header)
    wanted_hz = rate_hz or header.rate_hz
    in_range = header.tag != wav.FLOAT and wanted_hz == header.rate_hz
    if not in_range:
        channels, _ = finite(channels)
    recording = Recording(channels, header.rate_hz, "wav", header.rate_hz, header.channels)
    kept = resample(recording.mono[None] if mono else channels, header.rate_hz, wanted_hz)
    kept = kept if in_range else np.clip(kept, -1, 1)
    return Recording(np.ascontiguousarray(kept), wanted_hz, "wav", header.rate_hz, header.channels)


def decode_pcm(data: bytes | bytearray | memoryview, *, encoding: str, rate_hz: int, channels: int = 1) -> Recording:
    """The recording in headerless samples, interleaved and little-endian, at its own rate.

    Args:
        data: the samples; an incomplete last frame is dropped.
        encoding: `s16`, `f32`, `mulaw` or `alaw`.
        rate_hz: their rate.
        channels: how many are interleaved.

    Raises:
        BadAudio: `audio_unsupported`: another encoding; `audio_empty`: no whole frame.
    """
    kinds = {"s16": (wav.PCM, 16), "f32": (wav.FLOAT, 32), "mulaw": (wav.MULAW, 8), "alaw": (wav.ALAW, 8)}
    if encoding not in kinds:
        raise BadAudio(f"Unknown encoding {encoding!r}; it is one of {', '.join(kinds)}.", param="encoding")
    tag, bits = kinds[encoding]
    frames = len(data) // (channels * bits // 8)
    if frames == 0:
        raise BadAudio("There are no samples.", code="audio_empty")
    sound, _ = finite(wav.samples(data, wav.WavFormat(tag, channels, rate_hz, bits, 0, frames)))
    return Recording(np.ascontiguousarray(np.clip(sound, -1, 1)), rate_hz, "pcm", rate_hz, channels)
