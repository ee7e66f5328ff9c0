"""Frames of one length out of chunks of any length."""

from collections.abc import Iterator

import numpy as np

from antiphon.audio.pcm import Samples


class Framer:
    """Cuts a stream of chunks into frames of exactly `frame_samples`, and keeps the rest for the next chunk."""

    def __init__(self, frame_samples: int) -> None:
        if frame_samples < 1:
            raise ValueError("a frame has at least one sample")
        self._rest: Samples = np.empty(frame_samples, dtype=np.float32)
        self._filled = 0

    @property
    def pending_samples(self) -> int:
        """Samples that wait for their frame to fill."""
        return self._filled

    def push(self, chunk: Samples) -> Iterator[Samples]:
        """The frames, float32 [frame_samples], that `chunk` (float32 [n]) completes.

        Consume the iterator to its end before the next call. Frames that lie within `chunk` are views of it.
        """
        size = self._rest.size
        at = 0
        if self._filled:
            at = min(size - self._filled, chunk.size)
            self._rest[self._filled : self._filled + at] = chunk[:at]
            self._filled += at
            if self._filled < size:
                return
            self._filled = 0
            yield self._rest.copy()
        end = at + (chunk.size - at) // size * size
        for start in range(at, end, size):
            yield chunk[start : start + size]
        self._filled = chunk.size - end
        self._rest[: self._filled] = chunk[end:]

    def flush(self) -> Samples | None:
        """The last frame filled up with silence, None if nothing is pending."""
        if not self._filled:
            return None
        self._rest[self._filled :] = 0
        self._filled = 0
        return self._rest.copy()

    def clear(self) -> None:
        """Forget what is pending."""
        self._filled = 0
