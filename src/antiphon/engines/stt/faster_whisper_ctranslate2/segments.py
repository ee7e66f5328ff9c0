"""Whisper's answer for a window cut into segments at its timestamps.

Source: OpenAI's whisper/transcribe.py; faster-whisper's `_split_segments_by_timestamps` gives the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

SECONDS_PER_STEP = 0.02
FRAMES_PER_STEP = 2


@dataclass(slots=True)
class Stretch:
    """A segment in the making: seconds in the recording, and its tokens with the timestamps around them."""

    start_s: float
    end_s: float
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """The segments of a window.

    Attributes:
        stretches: in order.
        heard: frames of the window that they settle; the rest, if there is one, is to be heard again.
        complete: whether the window is done with: nothing was said after the last timestamp.
    """

    stretches: list[Stretch]
    heard: int
    complete: bool


def cut(tokens: Sequence[int], first_time: int, begins_s: float, frames: int) -> Cut:
    """Segments of a window of `frames` frames that begins at `begins_s`, from the tokens of its answer."""
    pairs = [n for n in range(1, len(tokens)) if tokens[n] >= first_time and tokens[n - 1] >= first_time]
    # One timestamp at the end says that nobody speaks after it.
    closed = len(tokens) >= 2 and tokens[-2] < first_time <= tokens[-1]
    if not pairs:
        return Cut([_whole(tokens, first_time, begins_s, frames)], frames, complete=closed)
    ends = [*pairs, len(tokens)] if closed else pairs
    stretches = []
    for begin, end in zip([0, *ends], ends, strict=False):
        piece = tokens[begin:end]
        start_s, end_s = (begins_s + (token - first_time) * SECONDS_PER_STEP for token in (piece[0], piece[-1]))
        stretches.append(Stretch(start_s, end_s, tuple(piece)))
    last = (tokens[ends[-1] - 1] - first_time) * FRAMES_PER_STEP
    return Cut(stretches, frames if closed else last, complete=closed)


def _whole(tokens: Sequence[int], first_time: int, begins_s: float, frames: int) -> Stretch:
    """The window as one segment: up to its last timestamp if it has one, to its end otherwise."""
    seconds = frames / 100
    times = [token for token in tokens if token >= first_time]
    if times and times[-1] != first_time:
        seconds = (times[-1] - first_time) * SECONDS_PER_STEP
    return Stretch(begins_s, begins_s + seconds, tuple(tokens))
