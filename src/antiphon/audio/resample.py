"""Sample rate conversion with exact lengths, whole and as a stream.

Source: libsoxr (https://sourceforge.net/projects/soxr), quality `HQ`: 20-bit accuracy, linear phase.
"""

from fractions import Fraction

import numpy as np
import soxr

from antiphon.audio.pcm import Samples

QUALITY = "HQ"


def resampled_length(samples: int, from_hz: int, to_hz: int) -> int:
    """How many samples `samples` at `from_hz` become at `to_hz`: round(samples * to_hz / from_hz)."""
    return round(Fraction(samples * to_hz, from_hz))


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """`samples`, float32 [n] or [channels, n] at `from_hz`, at `to_hz`, with exactly `resampled_length` samples."""
    if from_hz == to_hz:
        return samples
    channels = 1 if samples.ndim == 1 else samples.shape[0]
    resampler = Resampler(from_hz, to_hz, channels)
    head, tail = resampler.feed(samples), resampler.flush()
    return np.concatenate([head, tail], axis=-1)


class Resampler:
    """Converts a stream chunk by chunk; all its output joined is what `resample` makes of all its input joined.

    Output lags behind input by the filter's delay (a few ms) until `flush`.
    """

    def __init__(self, from_hz: int, to_hz: int, channels: int = 1) -> None:
        self.from_hz = from_hz
        self.to_hz = to_hz
        self.channels = channels
        self._stream = (
            None
            if from_hz == to_hz
            else soxr.ResampleStream(from_hz, to_hz, channels, dtype="float32", quality=QUALITY)
        )
        self._begin()

    def feed(self, chunk: Samples) -> Samples:
        """The output that is ready after `chunk`: float32 [n] gives [m], [channels, n] gives [channels, m]."""
        self._fed += chunk.shape[-1]
        self._flat = chunk.ndim == 1
        if self._stream is None:
            return chunk
        return self._keep(self._run(chunk, last=False))

    def flush(self) -> Samples:
        """The rest of the output, so that the stream's length is exact; the resampler may be used anew afterwards."""
        if self._stream is None:
            rest = self._shape(0)
            self._begin()
            return rest
        rest = self._keep(self._run(self._shape(0), last=True))
        missing = resampled_length(self._fed, self.from_hz, self.to_hz) - self._given
        # The library rounds a stream's end by its own rule, up to one sample beside ours.
        if missing > 0:
            rest = np.concatenate([rest, self._shape(missing)], axis=-1)
        self._begin()
        return rest

    def _begin(self) -> None:
        self._fed = 0
        self._given = 0
        self._flat = self.channels == 1
        if self._stream is not None:
            self._stream.clear()

    def _run(self, chunk: Samples, *, last: bool) -> Samples:
        assert self._stream is not None  # noqa: S101
        interleaved = np.ascontiguousarray(chunk.T)
        out: Samples = self._stream.resample_chunk(interleaved, last=last)
        return out.T

    def _keep(self, out: Samples) -> Samples:
        room = resampled_length(self._fed, self.from_hz, self.to_hz) - self._given
        out = out[..., : max(0, room)]
        self._given += out.shape[-1]
        return out

    def _shape(self, samples: int) -> Samples:
        return np.zeros(samples if self._flat else (self.channels, samples), dtype=np.float32)
