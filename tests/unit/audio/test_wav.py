import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.audio import g711, wav
from antiphon.audio.decode import decode
from antiphon.audio.encode import encode_wav
from antiphon.audio.pcm import Samples
from antiphon.audio.plain import decode_pcm
from antiphon.errors import BadAudio, TooLong

RAMP = np.linspace(-0.9, 0.9, 1001, dtype=np.float32)


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def fmt(tag: int, bits: int, rate_hz: int = 16_000, channels: int = 1) -> bytes:
    block = channels * bits // 8
    return struct.pack("<HHIIHH", tag, channels, rate_hz, rate_hz * block, block, bits)


def extensible(tag: int, bits: int) -> bytes:
    guid = struct.pack("<H", tag) + bytes.fromhex("000000001000800000aa00389b71")
    return fmt(wav.EXTENSIBLE, bits) + struct.pack("<HHI", 22, bits, 4) + guid


def code_of(data: bytes) -> str:
    with pytest.raises(BadAudio) as refused:
        wav.parse(data)
    return refused.value.code


def s24(samples: Samples) -> bytes:
    ints = np.rint(samples.astype(np.float64) * 2**23).astype("<i4")
    return ints[:, None].view(np.uint8)[:, :3].tobytes()


STORED = {
    (wav.PCM, 8): (np.rint(RAMP * 128 + 128).astype(np.uint8).tobytes(), 1 / 256),
    (wav.PCM, 16): (np.rint(RAMP * 32768).astype("<i2").tobytes(), 1 / 65536),
    (wav.PCM, 24): (s24(RAMP), 1e-6),
    (wav.PCM, 32): (np.rint(RAMP.astype("f8") * 2**31).astype("<i4").tobytes(), 1e-6),
    (wav.FLOAT, 32): (RAMP.astype("<f4").tobytes(), 0),
    (wav.FLOAT, 64): (RAMP.astype("<f8").tobytes(), 0),
    (wav.MULAW, 8): (g711.encode_mulaw(RAMP), 1 / 32),
    (wav.ALAW, 8): (g711.encode_alaw(RAMP), 1 / 32),
}


@pytest.mark.parametrize("kind", STORED)
def test_every_plain_format_is_read(kind: tuple[int, int]) -> None:
    stored, tolerance = STORED[kind]
    data = riff((b"LIST", b"odd"), (b"fmt ", fmt(*kind)), (b"fact", bytes(4)), (b"data", stored))
    header = wav.parse(data)
    assert header is not None
    assert np.abs(wav.samples(data, header)[0] - RAMP).max() <= tolerance


@pytest.mark.parametrize("kind", [(wav.PCM, 24), (wav.FLOAT, 32)])
def test_extensible_format_is_read(kind: tuple[int, int]) -> None:
    stored, tolerance = STORED[kind]
    data = riff((b"fmt ", extensible(*kind)), (b"data", stored))
    assert np.abs(decode(data).samples[0] - RAMP).max() <= tolerance


@pytest.mark.parametrize("claimed", [0, 0xFFFFFFFF, 0x7FFFFFFF, 2002 + 100])
def test_length_is_what_is_there_not_what_is_claimed(claimed: int) -> None:
    data = bytearray(encode_wav(RAMP, 16_000))
    data[40:44] = struct.pack("<I", claimed)
    assert decode(bytes(data)).samples.shape == (1, 1001)


@given(st.integers(0, 2100))
def test_truncated_file_is_what_is_readable_or_a_typed_error(length: int) -> None:
    data = encode_wav(RAMP, 16_000)[:length]
    if length >= 46:
        assert decode(data).samples.shape == (1, min(1001, (length - 44) // 2))
    else:
        with pytest.raises(BadAudio):
            decode(data)


def test_damaged_headers_are_refused() -> None:
    sound = (b"data", bytes(100))
    assert code_of(riff((b"fmt ", fmt(1, 16, rate_hz=0)), sound)) == "audio_damaged"
    assert code_of(riff((b"fmt ", fmt(1, 16, channels=0)), sound)) == "audio_damaged"
    assert code_of(riff((b"fmt ", fmt(1, 16, channels=900)), sound)) == "audio_damaged"
    assert code_of(riff((b"fmt ", b"short"), sound)) == "audio_damaged"
    assert code_of(riff(sound)) == "audio_damaged"
    assert code_of(riff()) == "audio_damaged"
    assert code_of(riff((b"fmt ", fmt(1, 16)))) == "audio_empty"
    assert code_of(riff((b"fmt ", fmt(1, 16)), (b"data", b""))) == "audio_empty"
    assert code_of(riff(*[(b"junk", b"")] * 5000, (b"fmt ", fmt(1, 16)), sound)) == "audio_damaged"


def test_block_codecs_need_a_decoder() -> None:
    assert wav.parse(riff((b"fmt ", fmt(0x11, 4)), (b"data", bytes(100)))) is None
    assert wav.parse(b"RF64" + bytes(100)) is None


def test_loud_floats_are_clipped_and_nonsense_is_silence() -> None:
    stored = np.array([3, -3, np.nan, np.inf, 1e300], dtype="<f8").tobytes()
    assert decode(riff((b"fmt ", fmt(3, 64)), (b"data", stored))).samples.tolist() == [[1, -1, 0, 0, 0]]


def test_eight_channels_at_96_khz() -> None:
    sound = np.tile(np.sin(np.arange(9600) / 50), (8, 1)).astype(np.float32)
    back = decode(encode_wav(sound, 96_000))
    assert back.samples.shape == (1, 1600)
    assert (back.source_channels, back.source_rate_hz, back.rate_hz) == (8, 96_000, 16_000)


def test_longer_than_the_limit_is_refused() -> None:
    data = encode_wav(np.zeros(16_001, dtype=np.float32), 16_000)
    assert decode(data, max_audio_s=1.1).duration_s == pytest.approx(1, abs=1e-3)
    with pytest.raises(TooLong) as refused:
        decode(data, max_audio_s=1.0)
    assert refused.value.code == "audio_too_long"


def test_headerless_samples() -> None:
    stereo = np.array([[0.5, 0.25], [-0.5, 0.0]], dtype=np.float32)
    for encoding, data in {"s16": (stereo.T * 32768).astype("<i2").tobytes(), "f32": stereo.T.tobytes()}.items():
        back = decode_pcm(data + b"\x01", encoding=encoding, rate_hz=8_000, channels=2)
        assert np.array_equal(back.samples, stereo)
    assert decode_pcm(g711.encode_mulaw(RAMP), encoding="mulaw", rate_hz=8_000).duration_s == pytest.approx(1001 / 8000)
    with pytest.raises(BadAudio, match="Unknown encoding"):
        decode_pcm(b"1234", encoding="mp3", rate_hz=8_000)
    with pytest.raises(BadAudio) as refused:
        decode_pcm(b"123", encoding="f32", rate_hz=8_000)
    assert refused.value.code == "audio_empty"
