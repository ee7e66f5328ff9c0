"""Opus packets without a container, as they come out of WebRTC stacks and microphones in browsers.

Packets are decoded by libopus in this process, unlike files, which are decoded in a confined child (`serving.decoder`).
A packet is handed to one function that reads it and nothing else, with no demuxer, no file name and no second codec,
and its length and duration are checked here first. A child a stream would cost more memory than everything else of it;
a shared one would lose all streams' state to one packet.

Source: RFC 6716, sections 3.1 and 3.2.
"""

import av
import av.codec
import av.error
import numpy as np

from antiphon.audio.pcm import Samples, from_s16
from antiphon.errors import BadAudio, EngineUnavailable

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
        raise _damaged()
    frames = (1, 2, 2, packet[1] & 63 if len(packet) > 1 else 0)[packet[0] & 3]
    samples = frames * _FRAME_SAMPLES[packet[0] >> 3]
    if not 0 < samples <= LONGEST_S * RATE_HZ:
        raise _damaged()
    return samples


class OpusDecoder:
    """Decodes the packets of one stream in their order."""

    def __init__(self) -> None:
        """A decoder that mixes stereo packets to mono.

        Raises:
            EngineUnavailable: this installation has no libopus.
        """
        try:
            self._decoder = av.CodecContext.create("libopus", "r")
        except (av.error.FFmpegError, ValueError) as error:
            raise EngineUnavailable("opus: this build of PyAV has no libopus") from error
        self._decoder.sample_rate = RATE_HZ
        self._decoder.layout = "mono"

    def decode(self, packet: bytes) -> Samples:
        """The sound of one packet: mono float32 [n] at 48 kHz, n being its `packet_samples`.

        Raises:
            BadAudio: `audio_damaged`.
        """
        wanted = packet_samples(packet)
        try:
            frames = self._decoder.decode(av.Packet(packet))
        except av.error.FFmpegError as error:
            raise _damaged() from error
        sound = np.concatenate([np.zeros(0, np.float32), *(from_s16(frame.to_ndarray()[0]) for frame in frames)])
        if len(sound) != wanted:
            raise _damaged()
        return sound


def _damaged() -> BadAudio:
    return BadAudio("This is not an Opus packet of at most 120 ms.", code="audio_damaged")
