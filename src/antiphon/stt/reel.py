"""A stretch of a stream that is still needed, addressed by stream position."""

import numpy as np

from antiphon.events.speech import Samples


class Reel:
    """Audio that grows at its end and is let go at its beginning.

    Attributes:
        start: stream position of the first sample that is kept.
        end: position after the last.
    """

    def __init__(self) -> None:
        self.start = self.end = 0
        self._buffer: Samples = np.empty(1 << 14, np.float32)
        self._first = 0

    def append(self, samples: Samples) -> None:
        """Add at the end."""
        kept = self.end - self.start
        needed = kept + len(samples)
        if self._first + needed > len(self._buffer):
            room = self._buffer if 2 * needed <= len(self._buffer) else np.empty(2 * needed, np.float32)
            # Copied over a copy where both lie in one buffer.
            room[:kept] = self._buffer[self._first : self._first + kept].copy()
            self._buffer, self._first = room, 0
        at = self._first + kept
        self._buffer[at : at + len(samples)] = samples
        self.end += len(samples)

    def cut(self, start: int, end: int) -> Samples:
        """A copy of what lies between two positions, float32 [end - start].

        Raises:
            ValueError: it is not there, or no more.
        """
        if not self.start <= start <= end <= self.end:
            raise ValueError(f"{start} to {end} is not within {self.start} to {self.end}")
        at = self._first - self.start
        return self._buffer[at + start : at + end].copy()

    def forget(self, before: int) -> None:
        """Let go what lies before a position."""
        dropped = min(before, self.end) - self.start
        if dropped > 0:
            self._first += dropped
            self.start += dropped
            if self.end == self.start and len(self._buffer) > 1 << 18:
                self._buffer, self._first = np.empty(1 << 14, np.float32), 0


def quietest(samples: Samples, frame_samples: int) -> int:
    """Where to cut: the middle of the quietest stretch of `frame_samples` in `samples`, float32 [n]."""
    if len(samples) <= frame_samples:
        return len(samples) // 2
    # Energy over a sliding window, by the difference of running sums.
    sums = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    energies = sums[frame_samples:] - sums[:-frame_samples]
    return int(energies.argmin()) + frame_samples // 2
