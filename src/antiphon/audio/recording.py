"""A decoded recording, and the error for one that is too long."""

from dataclasses import dataclass

from antiphon.audio.pcm import Samples, mono
from antiphon.errors import TooLong


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What a file held.

    Attributes:
        samples: float32 [channels, n] in [-1, 1] at `rate_hz`; one row where it was decoded to mono.
        rate_hz: rate of `samples`.
        container: what the bytes were (`wav`, `flac`, `mp3`, `ogg`, `webm`, `mp4`, `aac`, `aiff`, `pcm`).
        source_rate_hz: rate in the file.
        source_channels: channels in the file.
        damaged_packets: pieces of the file that could not be decoded and are missing.
    """

    samples: Samples
    rate_hz: int
    container: str
    source_rate_hz: int
    source_channels: int
    damaged_packets: int = 0

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return float(self.samples.shape[-1] / self.rate_hz)

    @property
    def mono(self) -> Samples:
        """One channel, float32 [n] (see `pcm.mono` for which)."""
        return mono(self.samples)


def too_long(max_audio_s: float) -> TooLong:
    """The error for a recording beyond the limit."""
    return TooLong(f"The recording is longer than {max_audio_s:g} s; send it in parts.", code="audio_too_long")
