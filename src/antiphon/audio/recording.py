"""A decoded recording."""

from dataclasses import dataclass

from antiphon.audio.pcm import Samples, mono


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
