"""Raw Opus packets: what an encoder made is heard, and what nobody made is refused."""

from contextlib import suppress

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.audio.opus import OpusDecoder
from antiphon.audio.opus_packet import MOST_BYTES, RATE_HZ, packet_samples
from antiphon.audio.pcm import Samples
from antiphon.errors import BadAudio
from antiphon.events.live import Encoding
from antiphon.stt.wire_audio import WireAudio


def encoded(samples: Samples, channels: int = 1, frame_ms: int = 20) -> list[bytes]:
    """The packets of mono sound at 48 kHz."""
    layout = ("mono", "stereo")[channels - 1]
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = RATE_HZ, layout, "flt", 48_000
    encoder.options = {"frame_duration": str(frame_ms)}
    encoder.open()
    size = RATE_HZ * frame_ms // 1000
    packets = []
    for at in range(0, len(samples) - size + 1, size):
        piece = np.repeat(samples[at : at + size], channels)[None]
        frame = av.AudioFrame.from_ndarray(piece, format="flt", layout=layout)
        frame.sample_rate, frame.pts = RATE_HZ, at
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return packets


TONE: Samples = np.asarray(0.4 * np.sin(2 * np.pi * 440 * np.arange(RATE_HZ) / RATE_HZ), np.float32)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("frame_ms", [10, 20, 60])
def test_what_was_encoded_is_heard(channels: int, frame_ms: int) -> None:
    decoder = OpusDecoder()
    packets = encoded(TONE, channels, frame_ms)
    assert {packet_samples(packet) for packet in packets} == {RATE_HZ * frame_ms // 1000}
    heard = np.concatenate([decoder.decode(packet) for packet in packets])
    middle = heard[RATE_HZ // 4 : RATE_HZ // 2]
    spectrum = np.abs(np.fft.rfft(middle))
    assert spectrum.argmax() * RATE_HZ / len(middle) == pytest.approx(440, abs=5)
    assert float(np.sqrt((middle**2).mean())) == pytest.approx(0.4 / np.sqrt(2), rel=0.1)


@given(st.binary(max_size=300))
def test_any_bytes_are_sound_of_their_claimed_length_or_refused(packet: bytes) -> None:
    with suppress(BadAudio):
        sound = OpusDecoder().decode(packet)
        assert len(sound) == packet_samples(packet) <= 0.120 * RATE_HZ
        assert np.isfinite(sound).all()


@pytest.mark.parametrize("packet", [b"", bytes(MOST_BYTES + 1), b"\x03", b"\x03\x00", b"\x1b\x05", b"\xff\x31"])
def test_packets_that_claim_too_much_or_nothing_are_refused(packet: bytes) -> None:
    with pytest.raises(BadAudio):
        packet_samples(packet)


def test_a_damaged_packet_is_silence_as_long_as_it_claims_and_many_end_the_stream() -> None:
    audio = WireAudio(Encoding.OPUS, RATE_HZ, 1)
    packets = encoded(np.tile(TONE, 4))
    for packet in packets:
        audio.take(packet)
    assert audio.position == len(packets) * 960
    audio.take(b"\xfb\x41\xff")  # more padding than there is packet
    assert (audio.damaged, audio.position % 960) == (960, 0)
    assert audio.take(b"").size == 0
    audio.take(b"\xfb\x41\xff")
    with pytest.raises(BadAudio):
        audio.take(b"\xfb\x41\xff")
