"""The work of an alignment process: one pocketsphinx decoder."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from antiphon.engines.align.pocketsphinx_process.spelling import phones, spoken

Work: TypeAlias = Callable[[Any, Any], tuple[Any, bytes]]

MOST_NEW_WORDS = 2_000
"""After so many words that the dictionary lacked, a fresh decoder keeps memory bounded."""
FRAMES_PER_S = 100
_PEAK = 0.5


def work() -> Work:
    """The function a worker process runs: (text, float32 samples at 16 kHz) to a start and end for each word."""
    return Alignment()


class Alignment:
    """Aligns texts to recordings, one after the other."""

    def __init__(self) -> None:
        self._renew()

    def __call__(self, value: Any, blob: Any) -> tuple[Any, bytes]:
        """`value` is the text, `blob` the samples; times in seconds, None for a word that was not found."""
        if self._new_words > MOST_NEW_WORDS:
            self._renew()
        words = [spoken(w) for w in str(value).split()]
        flat = [part for parts in words for part in parts]
        samples = np.frombuffer(blob, np.float32)
        found = self._segments(flat, samples) if flat and len(samples) else []
        if len(found) != len(flat):
            return [None] * len(words), b""
        times: list[list[float] | None] = []
        at = 0
        for parts in words:
            times.append([found[at][0], found[at + len(parts) - 1][1]] if parts else None)
            at += len(parts)
        return times, b""

    def _segments(self, words: list[str], samples: Any) -> list[tuple[float, float]]:
        """Start and end of each word in seconds; empty when they do not fit the recording."""
        for word in words:
            if self._decoder.lookup_word(word) is None:
                self._decoder.add_word(word, phones(word), True)
                self._new_words += 1
        peak = max(float(np.abs(samples).max(initial=0.0)), 1e-4)
        pcm = (samples * (_PEAK / peak * 32767)).astype("<i2").tobytes()
        try:
            self._decoder.set_align_text(" ".join(words))
            self._decoder.start_utt()
            self._decoder.process_raw(pcm, full_utt=True)
            self._decoder.end_utt()
            segments = list(self._decoder.seg() or ())
        except RuntimeError:  # what pocketsphinx raises when no path through the words survives
            self._renew()
            return []
        return [
            (s.start_frame / FRAMES_PER_S, (s.end_frame + 1) / FRAMES_PER_S) for s in segments if s.word[0] not in "<[("
        ]

    def _renew(self) -> None:
        import pocketsphinx

        # A new decoder sets the level of its own configuration, so that is where it must be said: words that do not
        # fit a recording are an answer here, and no error that standard error should hold.
        self._decoder = pocketsphinx.Decoder(samprate=16_000, lm=None, loglevel="FATAL")
        self._new_words = 0
