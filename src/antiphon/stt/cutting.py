"""Where to cut a long recording: at pauses in speech, and nothing is cut out that anybody said."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from antiphon.audio.pcm import RATE_HZ
from antiphon.events.speech import Samples
from antiphon.ports.vad import WINDOW_SAMPLES

SPEECH = 0.5
"""Probability from which a window is speech."""
MARGIN = 10
"""Windows kept on either side of speech: voice activity is late for soft beginnings and early at soft ends."""
LONGEST_PAUSE = 62
"""A silence of more windows than this (2 s) is left out; shorter ones stay, so that few parts have to be heard."""

SYLLABLE = 5
"""Windows over which loudness is averaged (160 ms)."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a recording in windows of 512 samples, `last` not included."""

    first: int
    last: int

    @property
    def start_s(self) -> float:
        """Where it begins."""
        return self.first * WINDOW_SAMPLES / RATE_HZ


def cut(speech: Samples, level: Samples, most: int) -> tuple[Span, ...]:
    """Parts of at most `most` windows that hold all speech, in order, none overlapping another.

    A stretch of speech that is longer is cut in the longest pause of its second half, or where it is quietest.

    Args:
        speech: speech probability of each window, float32 [n].
        level: how loud each window is, float32 [n].
        most: windows in a part.
    """
    voiced = speech >= SPEECH
    parts = (part for span in _stretches(voiced) for part in _parts(span, voiced, _smoothed(level), most))
    return tuple(part for part in parts if voiced[part.first : part.last].any())


def levels(samples: Samples) -> Samples:
    """Root mean square of each window of 512 samples, float32 [⌈n / 512⌉]."""
    rows = np.zeros((-(-len(samples) // WINDOW_SAMPLES), WINDOW_SAMPLES), np.float32)
    rows.reshape(-1)[: len(samples)] = samples
    rms: Samples = np.sqrt(np.einsum("ij,ij->i", rows, rows) / WINDOW_SAMPLES)
    return rms


def _smoothed(level: Samples) -> Samples:
    """Levels over a syllable's length: within a word a single window may be as quiet as a pause."""
    return np.convolve(level, np.full(SYLLABLE, 1 / SYLLABLE), mode="same")


def _stretches(voiced: npt.NDArray[np.bool_]) -> Iterator[Span]:
    """Speech with its margins; over pauses that are not too long it goes on."""
    at = np.flatnonzero(voiced)
    if not len(at):
        return
    breaks = np.flatnonzero(np.diff(at) > LONGEST_PAUSE)
    for first, last in zip([0, *(breaks + 1)], [*breaks, len(at) - 1], strict=True):
        yield Span(max(0, int(at[first]) - MARGIN), min(len(voiced), int(at[last]) + 1 + MARGIN))


def _parts(span: Span, voiced: npt.NDArray[np.bool_], level: Samples, most: int) -> Iterator[Span]:
    first = span.first
    while span.last - first > most:
        # Not in the first half: two parts then cost no more than one.
        where = _best_cut(voiced, level, first + max(1, most // 2), first + most + 1)
        yield Span(first, where)
        first = where
    yield Span(first, span.last)


def _best_cut(voiced: npt.NDArray[np.bool_], level: Samples, first: int, last: int) -> int:
    """The best place between two windows for a cut, in [first, last)."""
    quiet = np.flatnonzero(~voiced[first:last])
    if not len(quiet):
        return first + int(np.argmin(level[first:last]))
    runs = np.split(quiet, np.flatnonzero(np.diff(quiet) > 1) + 1)
    longest = max(runs, key=lambda run: (len(run), run[0]))
    return first + int(longest[len(longest) // 2])
