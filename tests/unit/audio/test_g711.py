from collections.abc import Callable

import numpy as np
import pytest

from antiphon.audio import g711
from antiphon.audio.pcm import Samples, from_s16, to_s16

EVERY_CODE = bytes(range(256))
EVERY_SAMPLE = from_s16(np.arange(-32768, 32768).astype(np.int16))

# ITU-T G.711 tables 2a and 1a: code words as transmitted, and quantized values on a 16-bit scale.
MULAW_VECTORS = {0x80: 32124, 0x8F: 16764, 0x9F: 8316, 0xAF: 4092, 0xBF: 1980, 0xCF: 924, 0xDF: 396, 0xEF: 132, 0xFE: 8}
ALAW_VECTORS = {0xAA: 32256, 0xA5: 16896, 0xB5: 8448, 0x85: 4224, 0x95: 2112, 0xE5: 1056, 0xF5: 528, 0xD5: 8}


@pytest.mark.parametrize(("decode", "vectors"), [(g711.decode_mulaw, MULAW_VECTORS), (g711.decode_alaw, ALAW_VECTORS)])
def test_decoded_values_are_those_of_the_recommendation(
    decode: Callable[[bytes], Samples], vectors: dict[int, int]
) -> None:
    for code, value in vectors.items():
        assert to_s16(decode(bytes([code, code ^ 0x80]))).tolist() == [value, -value]


def test_every_alaw_code_survives_a_round_trip() -> None:
    assert g711.encode_alaw(g711.decode_alaw(EVERY_CODE)) == EVERY_CODE


def test_every_mulaw_code_survives_a_round_trip_but_negative_zero() -> None:
    assert g711.encode_mulaw(g711.decode_mulaw(EVERY_CODE)) == EVERY_CODE.replace(b"\x7f", b"\xff")


def test_mulaw_is_off_by_at_most_half_a_step() -> None:
    # A segment begins at a biased magnitude m and has 16 steps of m / 16; samples are cut to 14 bits before.
    in_range = EVERY_SAMPLE[np.abs(EVERY_SAMPLE) < 0.98]
    error = np.abs(g711.decode_mulaw(g711.encode_mulaw(in_range)) - in_range) * 32768
    assert np.all(error <= (np.abs(in_range) * 32768 + 132) / 32 + 4)


def test_alaw_is_off_by_at_most_half_a_step() -> None:
    # The two lowest segments share a step of 16; above, a segment that begins at m has 16 steps of m / 16.
    in_range = EVERY_SAMPLE[np.abs(EVERY_SAMPLE) < 0.98]
    error = np.abs(g711.decode_alaw(g711.encode_alaw(in_range)) - in_range) * 32768
    assert np.all(error <= np.maximum(np.abs(in_range) * 32768, 256) / 32 + 1)


def test_full_scale_and_nonsense_are_clipped() -> None:
    loud = np.array([9.0, -9.0, np.nan], dtype=np.float32)
    assert to_s16(g711.decode_mulaw(g711.encode_mulaw(loud))).tolist() == [32124, -32124, 0]
    assert to_s16(g711.decode_alaw(g711.encode_alaw(loud))).tolist() == [32256, -32256, 8]
