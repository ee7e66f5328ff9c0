"""What an Opus packet says of itself, without decoding it.

Source: RFC 6716, sections 3.1 and 3.2.
"""

from antiphon.errors import BadAudio

RATE_HZ = 48_000
LONGEST_S = 0.120
MOST_BYTES = 48 * 1_277
"""48 frames of at most 1275 bytes with their two-byte lengths."""

_SILK, _HYBRID, _CELT = (480, 960, 1920, 2880), (480, 960), (120, 240, 480, 960)
_FRAME_SAMPLES = _SILK * 3 + _HYBRID * 2 + _CELT * 4
"""Samples at 48 kHz of one frame, by the configuration in the first byte's upper five bits."""


def packet_samples(packet: bytes) -> int:
    """How many samples of each channel, at 48 kHz, a packet says it holds.

    Raises:
        BadAudio: `audio_damaged`: it is none.
    """
    if not packet or len(packet) > MOST_BYTES:
        raise damaged()
    frames = (1, 2, 2, packet[1] & 63 if len(packet) > 1 else 0)[packet[0] & 3]
    samples = frames * _FRAME_SAMPLES[packet[0] >> 3]
    if not 0 < samples <= LONGEST_S * RATE_HZ:
        raise damaged()
    return samples


def damaged() -> BadAudio:
    """The error of a packet that is none."""
    return BadAudio("This is not an Opus packet of at most 120 ms.", code="audio_damaged")
