"""Opus packets without a container, as they come out of WebRTC stacks and microphones in browsers.

Packets are decoded by libopus in this process, unlike files, which are decoded in a confined child (`serving.decoder`).
A packet is handed to one function that reads it and nothing else, with no demuxer, no file name and no second codec,
and its length and duration are checked here first. A child a stream would cost more memory than everything else of it;
a shared one would lose all streams' state to one packet.
"""

import av
import av.codec
import av.error
import numpy as np

from antiphon.audio.opus_packet import RATE_HZ, damaged, packet_samples
from antiphon.audio.pcm import Samples, from_s16
from antiphon.errors import EngineUnavailable


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
            raise damaged() from error
        sound = np.concatenate([np.zeros(0, np.float32), *(from_s16(frame.to_ndarray()[0]) for frame in frames)])
        if len(sound) != wanted:
            raise damaged()
        return sound
