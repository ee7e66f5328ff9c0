"""Plain WAV, read and written without any codec library: integer, float and G.711 samples.

Source: Microsoft Multimedia Programming Interface and Data Specifications 1.0; mmreg.h for the format tags.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from antiphon.audio import g711
from antiphon.audio.pcm import Samples, from_s16, to_s16
from antiphon.errors import BadAudio

PCM, FLOAT, ALAW, MULAW, EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
_SUBFORMAT_TAIL = bytes.fromhex("000000001000800000aa00389b71")
"""What follows the format tag in the GUID of an extensible format."""

MOST_CHANNELS = 32
RATES_HZ = (1_000, 768_000)
"""Rates outside are a damaged header, not sound."""
MOST_CHUNKS = 1000


@dataclass(frozen=True, slots=True)
class WavFormat:
    """A `fmt ` chunk, with the place of the samples.

    Attributes:
        tag: PCM, FLOAT, ALAW or MULAW.
        channels: number of channels.
        rate_hz: sample rate.
        bits: bits of one sample of one channel, as stored.
        start: index of the first byte of sound.
        frames: whole frames (one sample of each channel) that are really there, whatever the header claims.
    """

    tag: int
    channels: int
    rate_hz: int
    bits: int
    start: int
    frames: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.frames / self.rate_hz


def parse(data: bytes | bytearray | memoryview) -> WavFormat | None:
    """The format of a RIFF WAV file; None if it is of a kind that needs a decoder (RF64, RIFX, block codecs).

    A file that ends early, or whose header was written before its length was known, has the frames that are there.

    Raises:
        BadAudio: `audio_damaged`: no format, no sound chunk, or absurd values; `audio_empty`: no sound in it.
    """
    view = memoryview(data)
    if bytes(view[:4]) != b"RIFF":
        return None
    described: tuple[int, int, int, int] | None = None
    for name, start, size in _chunks(view):
        if name == b"fmt ":
            described = _describe(bytes(view[start : start + size]))
        elif name == b"data":
            return _sound(view, described, start, size)
    if described is None:
        raise BadAudio("This WAV file has no readable header; send it again.", code="audio_damaged")
    raise BadAudio("This WAV file holds no sound.", code="audio_empty")


def samples(data: bytes | bytearray | memoryview, wav: WavFormat) -> Samples:
    """The sound of a parsed WAV file, float32 [channels, n]; not necessarily contiguous."""
    size = wav.frames * wav.channels * wav.bits // 8
    flat = _READERS[wav.tag, wav.bits](memoryview(data)[wav.start : wav.start + size])
    return flat.reshape(wav.frames, wav.channels).T


def encode_wav(samples: Samples, rate_hz: int) -> bytes:
    """A 16-bit WAV file of float32 [n] or [channels, n]; values beyond [-1, 1] are clipped."""
    return _wav(to_s16(samples).T.astype("<i2").tobytes(), PCM, 16, rate_hz, _channels(samples))


def encode_wav_f32(samples: Samples, rate_hz: int) -> bytes:
    """A 32-bit float WAV file of float32 [n] or [channels, n], bit for bit."""
    return _wav(samples.T.astype("<f4").tobytes(), FLOAT, 32, rate_hz, _channels(samples))


def _chunks(view: memoryview) -> Iterator[tuple[bytes, int, int]]:
    at = 12
    for _ in range(MOST_CHUNKS):
        if at + 8 > len(view):
            return
        name, size = struct.unpack_from("<4sI", view, at)
        yield name, at + 8, size
        at += 8 + size + size % 2


def _describe(fmt: bytes) -> tuple[int, int, int, int]:
    if len(fmt) < 16:
        raise BadAudio("This WAV file has no readable header; send it again.", code="audio_damaged")
    tag, channels, rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", fmt)
    if tag == EXTENSIBLE and len(fmt) >= 40 and fmt[26:40] == _SUBFORMAT_TAIL:
        tag = int.from_bytes(fmt[24:26], "little")
    if not 1 <= channels <= MOST_CHANNELS or not RATES_HZ[0] <= rate_hz <= RATES_HZ[1]:
        raise BadAudio(f"This WAV file claims {channels} channels at {rate_hz} Hz.", code="audio_damaged")
    return tag, channels, rate_hz, bits


def _sound(view: memoryview, described: tuple[int, int, int, int] | None, start: int, size: int) -> WavFormat | None:
    if described is None:
        raise BadAudio("This WAV file has no readable header; send it again.", code="audio_damaged")
    tag, channels, rate_hz, bits = described
    if (tag, bits) not in _READERS:
        return None
    frames = min(size, len(view) - start) // (channels * bits // 8)
    # A recorder that writes to a pipe leaves the length 0, for it never learns it.
    if size == 0 and len(view) > start:
        frames = (len(view) - start) // (channels * bits // 8)
    if frames == 0:
        raise BadAudio("This WAV file holds no sound.", code="audio_empty")
    return WavFormat(tag, channels, rate_hz, bits, start, frames)


def _channels(samples: Samples) -> int:
    return 1 if samples.ndim == 1 else int(samples.shape[0])


def _wav(sound: bytes, tag: int, bits: int, rate_hz: int, channels: int) -> bytes:
    block = channels * bits // 8
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, tag, channels, rate_hz, rate_hz * block, block, bits)
    data = struct.pack("<4sI", b"data", len(sound)) + sound + b"\0" * (len(sound) % 2)
    return struct.pack("<4sI4s", b"RIFF", 4 + len(fmt) + len(data), b"WAVE") + fmt + data


def _read_u8(view: memoryview) -> Samples:
    return (np.frombuffer(view, dtype=np.uint8).astype(np.float32) - np.float32(128)) / np.float32(128)


def _read_s24(view: memoryview) -> Samples:
    packed = np.frombuffer(view, dtype=np.uint8).reshape(-1, 3)
    wide = np.zeros((len(packed), 4), dtype=np.uint8)
    wide[:, 1:] = packed
    return wide.view("<i4")[:, 0].astype(np.float32) / np.float32(2**31)


def _read_s32(view: memoryview) -> Samples:
    return np.frombuffer(view, dtype="<i4").astype(np.float32) / np.float32(2**31)


def _read_f32(view: memoryview) -> Samples:
    return np.frombuffer(view, dtype="<f4").astype(np.float32)


def _read_f64(view: memoryview) -> Samples:
    with np.errstate(over="ignore"):
        return np.frombuffer(view, dtype="<f8").astype(np.float32)


_READERS: dict[tuple[int, int], Callable[[memoryview], Samples]] = {
    (PCM, 8): _read_u8,
    (PCM, 16): from_s16,
    (PCM, 24): _read_s24,
    (PCM, 32): _read_s32,
    (FLOAT, 32): _read_f32,
    (FLOAT, 64): _read_f64,
    (ALAW, 8): g711.decode_alaw,
    (MULAW, 8): g711.decode_mulaw,
}
