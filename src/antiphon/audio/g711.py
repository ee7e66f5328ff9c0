"""Telephone companding: mu-law and A-law.

Source: ITU-T Recommendation G.711 (11/88), tables 1 and 2; rounding of encoders as in the ITU-T Software Tool Library
(G.191), which truncates one's complement magnitudes.
"""

import numpy as np
import numpy.typing as npt

from antiphon.audio.pcm import Samples, from_s16, to_s16

Codes = npt.NDArray[np.uint8]

_MULAW_BIAS = 33
_SEGMENT_TOPS = (1 << np.arange(4, 11)) - 1
"""Largest 11-bit magnitude of each of the first seven A-law segments."""


def _mulaw_values() -> npt.NDArray[np.int16]:
    code = ~np.arange(256, dtype=np.uint8)
    segment, step = (code >> 4 & 7).astype(np.int32), (code & 15).astype(np.int32)
    magnitude = (((2 * step + 33) << segment) - _MULAW_BIAS) * 4
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _alaw_values() -> npt.NDArray[np.int16]:
    code = np.arange(256, dtype=np.uint8) ^ np.uint8(0x55)
    segment, step = (code >> 4 & 7).astype(np.int32), (code & 15).astype(np.int32)
    magnitude = np.where(segment > 0, (2 * step + 33) << np.maximum(segment - 1, 0), 2 * step + 1) * 8
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _mulaw_codes() -> Codes:
    linear = np.arange(-32768, 32768)
    magnitude = np.minimum((np.where(linear < 0, ~linear, linear) >> 2) + _MULAW_BIAS, 0x1FFF)
    segment = np.floor(np.log2(magnitude)).astype(np.int64) - 5
    code = (segment << 4) | (magnitude >> (segment + 1) & 15)
    codes: Codes = (~(code | np.where(linear < 0, 0x80, 0)) & 0xFF).astype(np.uint8)
    return codes


def _alaw_codes() -> Codes:
    linear = np.arange(-32768, 32768)
    magnitude = np.where(linear < 0, ~linear, linear) >> 4
    segment = np.searchsorted(_SEGMENT_TOPS, magnitude)
    code = (segment << 4) | (magnitude >> np.maximum(segment - 1, 0) & 15)
    codes: Codes = ((code | np.where(linear < 0, 0, 0x80)) ^ 0x55).astype(np.uint8)
    return codes


_MULAW_VALUES, _ALAW_VALUES = _mulaw_values(), _alaw_values()
_MULAW_CODES, _ALAW_CODES = _mulaw_codes(), _alaw_codes()


def decode_mulaw(data: bytes | bytearray | memoryview) -> Samples:
    """Float samples, float32 [n], of mu-law bytes."""
    return from_s16(_MULAW_VALUES[np.frombuffer(data, dtype=np.uint8)])


def decode_alaw(data: bytes | bytearray | memoryview) -> Samples:
    """Float samples, float32 [n], of A-law bytes."""
    return from_s16(_ALAW_VALUES[np.frombuffer(data, dtype=np.uint8)])


def encode_mulaw(samples: Samples) -> bytes:
    """Mu-law bytes of float samples, float32 [n], clipped to [-1, 1)."""
    return _MULAW_CODES[to_s16(samples).astype(np.int32) + 32768].tobytes()


def encode_alaw(samples: Samples) -> bytes:
    """A-law bytes of float samples, float32 [n], clipped to [-1, 1)."""
    return _ALAW_CODES[to_s16(samples).astype(np.int32) + 32768].tobytes()
