"""The binary frames of a live stream, made sound: mono float32 at 16 kHz, without a gap between frames."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from antiphon.audio.g711 import decode_alaw, decode_mulaw
from antiphon.audio.opus import OpusDecoder
from antiphon.audio.opus_packet import packet_samples
from antiphon.audio.pcm import RATE_HZ, Samples, finite, from_s16, loudest_instead_of_mean
from antiphon.audio.resample import Resampler
from antiphon.errors import BadAudio, BadInput, EngineUnavailable, TooLong
from antiphon.events.live import MAX_FRAME_BYTES, OPUS_RATE_HZ, Encoding

MOST_DAMAGED = 0.01
"""Share of samples that may be no numbers."""
GRACE_S = 0.1
"""The share is taken of at least so much sound: one bad sample in a first short frame is no damaged stream."""
_FORGET = 0.98
"""How much of a channel's past loudness counts after a frame: about a second's worth at 20 ms."""

Damaged: TypeAlias = tuple[Samples, int]


def _f32(data: bytes) -> Damaged:
    samples, bad = finite(np.frombuffer(data, "<f4"))
    return np.maximum(np.minimum(samples, np.float32(1)), np.float32(-1)), bad


_DECODERS: Mapping[Encoding, tuple[int, Callable[[bytes], Damaged]]] = {
    Encoding.S16LE: (2, lambda data: (from_s16(data), 0)),
    Encoding.F32LE: (4, _f32),
    Encoding.MULAW: (1, lambda data: (decode_mulaw(data), 0)),
    Encoding.ALAW: (1, lambda data: (decode_alaw(data), 0)),
}
"""Bytes of a sample, and what makes samples of bytes, with the number of those that were none."""


class WireAudio:
    """One stream's frames.

    Attributes:
        position: samples of each channel taken so far, at the declared rate.
        damaged: those among them that were no numbers, or in packets that could not be decoded; they are silence.
    """

    def __init__(self, encoding: Encoding, rate_hz: int, channels: int) -> None:
        """Begin a stream.

        Raises:
            BadInput: `start_invalid`: the encoding does not go with the rate.
            EngineUnavailable: `encoding_unavailable`: this installation cannot decode it.
        """
        self.rate_hz = rate_hz
        self.position = self.damaged = 0
        self._encoding, self._channels = encoding, channels
        self._opus = _opus(rate_hz) if encoding is Encoding.OPUS else None
        self._mix = Downmix(channels)
        self._resampler = Resampler(rate_hz, RATE_HZ)
        self._again = 0

    def rewind(self, position: int) -> None:
        """The frames that come next begin at `position`: what was taken from there on is coming again."""
        self._again = self.position - position

    def take(self, data: bytes) -> Samples:
        """The sound of a frame, float32 [n] at 16 kHz; empty where all of it was taken before.

        Raises:
            TooLong: `frame_too_large`.
            BadInput: `audio_length_invalid`: there is a piece of a sample in it.
            BadAudio: `audio_damaged`: more than 1 % of the stream is no sound.
        """
        if len(data) > MAX_FRAME_BYTES:
            raise TooLong(f"Frames have at most {MAX_FRAME_BYTES} bytes.", code="frame_too_large")
        sound = self._packet(data) if self._opus is not None else self._samples(data)
        if sound.size == 0:
            return sound
        self.position += len(sound)
        if self.damaged > MOST_DAMAGED * max(self.position, GRACE_S * self.rate_hz):
            raise BadAudio("More than 1 % of this stream is no sound.", code="audio_damaged")
        return self._resampler.feed(sound)

    def flush(self) -> Samples:
        """What the rate conversion still holds, at the end of the stream."""
        return self._resampler.flush()

    def _samples(self, data: bytes) -> Samples:
        width, decode = _DECODERS[self._encoding]
        if len(data) % (width * self._channels):
            raise BadInput(
                f"Frames of {self._encoding} with {self._channels} channels have a multiple of"
                f" {width * self._channels} bytes.",
                code="audio_length_invalid",
            )
        if self._again:
            known = min(self._again, len(data) // (width * self._channels))
            self._again -= known
            data = data[known * width * self._channels :]
        samples, bad = decode(data)
        self.damaged += bad
        return self._mix.mono(samples)

    def _packet(self, data: bytes) -> Samples:
        """The sound of a packet. A damaged one is as much silence as it claims to be sound."""
        assert self._opus is not None  # noqa: S101
        if not data:
            return np.zeros(0, np.float32)
        try:
            claimed = packet_samples(data)
        except BadAudio:
            claimed = OPUS_RATE_HZ // 50
        if self._again:
            self._again = max(0, self._again - claimed)
            return np.zeros(0, np.float32)
        try:
            return self._opus.decode(data)
        except BadAudio:
            self.damaged += claimed
            return np.zeros(claimed, np.float32)


def _opus(rate_hz: int) -> OpusDecoder:
    if rate_hz != OPUS_RATE_HZ:
        raise BadInput(f"Opus counts samples at {OPUS_RATE_HZ} Hz.", code="start_invalid", param="sample_rate")
    try:
        return OpusDecoder()
    except EngineUnavailable as missing:
        raise EngineUnavailable(missing.message, code="encoding_unavailable", param="encoding") from missing


class Downmix:
    """Interleaved channels to one: their mean, or the loudest where the mean would lose the speech (`pcm.mono`).

    Which it is goes by the last second or so, so that it does not change with every frame.
    """

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._powers = np.zeros(channels)
        self._mean_power = 0.0

    def mono(self, interleaved: Samples) -> Samples:
        """One channel, float32 [n], of float32 [n * channels]."""
        if self._channels == 1 or not interleaved.size:
            return interleaved
        frames = interleaved.reshape(-1, self._channels)
        mean: Samples = frames.mean(axis=1, dtype=np.float32)
        self._powers = _FORGET * self._powers + np.einsum("nc,nc->c", frames, frames, dtype=np.float64)
        self._mean_power = _FORGET * self._mean_power + float(np.dot(mean, mean))
        chosen = loudest_instead_of_mean(self._powers, self._mean_power)
        return mean if chosen is None else np.ascontiguousarray(frames[:, chosen])
