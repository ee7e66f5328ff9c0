"""Subtitles: a transcript as cues that can be read, written as SubRip (srt) or WebVTT (vtt).

A cue has at most two lines of 42 columns, ends where a sentence or a breath ends if it can, stands for a second at
least, and never overlaps another. Where to cut is decided for the whole text at once, as paragraphs are set in lines:
the cheapest of all ways to cut it.

Source: the limits are those of the BBC's and Netflix's guides for subtitles; cutting by least total cost is Knuth and
Plass, "Breaking Paragraphs into Lines", 1981; WebVTT is W3C's, SubRip has no standard but its program's files.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from antiphon.events.speech import Transcript
from antiphon.stt.placed_text import Piece, pieces

COLUMNS = 42
SHORTEST_MS = 1000
LONGEST_S = 7.0
PAUSE_S = 0.5
"""A silence at which a cue had better end."""

# What a way to cut costs. Only the proportions matter.
_CUE = 0.5
_WITHIN_PHRASE, _AFTER_MARK = 1.0, 0.4
_ACROSS_SENTENCE, _ACROSS_PAUSE = 2.0, 1.5
_TOO_SHORT, _TOO_LONG_PER_S = 5.0, 2.0
_EMPTY_SPACE = 0.5
_MARKS = ",;:.?!…，、；：。？！"


@dataclass(frozen=True, slots=True)
class Cue:
    """A text and when it is shown, in milliseconds of the recording."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]


def cues(transcript: Transcript) -> tuple[Cue, ...]:
    """The cues of a transcript: of its words, or where there are no word times, of its segments shared by length.

    The last one may end a moment after the recording does, and in speech too quick to be read cues begin late, so that
    each stands for its second.
    """
    fitting = [part for piece in pieces(transcript) for part in _fitting(piece)]
    if not fitting:
        return ()
    made, free_ms = [], 0
    for first, after in _Cutting(fitting).best():
        start_ms = max(_ms(fitting[first].start_s), free_ms)
        free_ms = max(_ms(fitting[after - 1].end_s), start_ms + SHORTEST_MS)
        made.append(Cue(start_ms, free_ms, _lines(fitting[first:after])))
    return tuple(made)


def srt(of: Iterable[Cue]) -> str:
    """The cues as a SubRip file."""
    return "".join(
        f"{number}\n{_stamp(cue, ',')}\n{_text(cue).replace('-->', '→')}\n\n" for number, cue in enumerate(of, 1)
    )


def vtt(of: Iterable[Cue]) -> str:
    """The cues as a WebVTT file."""
    return "WEBVTT\n\n" + "".join(f"{_stamp(cue, '.')}\n{_escaped(_text(cue))}\n\n" for cue in of)


class _Cutting:
    """The search for the cheapest way to cut pieces, each no wider than a line, into cues."""

    def __init__(self, of: Sequence[Piece]) -> None:
        self._pieces = of
        self._edges = [0, *accumulate(_columns(piece.text) for piece in of)]
        self._pause = [after.start_s - before.end_s >= PAUSE_S for before, after in pairwise(of)] + [True]
        across = (_across(piece, pause) for piece, pause in zip(of, self._pause, strict=True))
        self._across = [0.0, *accumulate(across)]

    def best(self) -> list[tuple[int, int]]:
        """First and after-last piece of each cue."""
        count = len(self._pieces)
        cheapest, begins = [0.0] + [float("inf")] * count, [0] * (count + 1)
        for end in range(1, count + 1):
            for start in range(end - 1, -1, -1):
                if not self._fits(start, end):
                    break
                cost = cheapest[start] + self._cost(start, end)
                if cost < cheapest[end]:
                    cheapest[end], begins[end] = cost, start
        found, end = [], count
        while end:
            found.append((begins[end], end))
            end = begins[end]
        return found[::-1]

    def _width(self, start: int, end: int) -> int:
        leading = self._pieces[start].text.startswith(" ")
        return self._edges[end] - self._edges[start] - leading

    def _fits(self, start: int, end: int) -> bool:
        """Whether pieces fit two lines: the first takes what it can."""
        leading = self._pieces[start].text.startswith(" ")
        second = bisect_right(self._edges, self._edges[start] + leading + COLUMNS, start, end + 1) - 1
        return second >= end or self._width(second, end) <= COLUMNS

    def _cost(self, start: int, end: int) -> float:
        first, last = self._pieces[start], self._pieces[end - 1]
        cost = _CUE + self._across[end - 1] - self._across[start]
        cost += _EMPTY_SPACE * max(0.0, 1 - self._width(start, end) / (2 * COLUMNS)) ** 2
        cost += _TOO_LONG_PER_S * max(0.0, last.end_s - first.start_s - LONGEST_S)
        if not (last.ends_sentence or self._pause[end - 1]):
            cost += _AFTER_MARK if last.text.endswith(tuple(_MARKS)) else _WITHIN_PHRASE
        if end < len(self._pieces) and (self._pieces[end].start_s - first.start_s) * 1000 < SHORTEST_MS:
            cost += _TOO_SHORT
        return cost


def _across(piece: Piece, pause: bool) -> float:
    """What it costs that a cue goes on after a piece."""
    return _ACROSS_SENTENCE * piece.ends_sentence + _ACROSS_PAUSE * pause


def _fitting(piece: Piece) -> Iterator[Piece]:
    """The piece with plain spaces, cut where it is wider than a line: an address, or words without times or spaces."""
    space = " " if piece.text[:1].isspace() else ""
    text = " ".join(piece.text.split())
    if _columns(text) <= COLUMNS:
        yield replace(piece, text=space + text)
        return
    parts = list(_chunks(text))
    step_s, at = (piece.end_s - piece.start_s) / len(text), 0
    for index, part in enumerate(parts):
        start_s, end_s = piece.start_s + at * step_s, piece.start_s + (at + len(part)) * step_s
        last = index == len(parts) - 1
        yield Piece(part if index else space + part, start_s, end_s, piece.ends_sentence and last)
        at += len(part)


def _chunks(text: str) -> Iterator[str]:
    chunk, width = "", 0
    for character in text:
        wide = _columns(character)
        if width + wide > COLUMNS:
            yield chunk
            chunk, width = "", 0
        chunk, width = chunk + character, width + wide
    yield chunk


def _lines(group: Sequence[Piece]) -> tuple[str, ...]:
    """A cue's text in one line, or in two of about the same length, the first ending at a mark if it can."""
    whole = "".join(piece.text for piece in group).strip()
    if _columns(whole) <= COLUMNS:
        return (whole,)
    ways = []
    for cut in range(1, len(group)):
        upper = "".join(piece.text for piece in group[:cut]).strip()
        lower = "".join(piece.text for piece in group[cut:]).strip()
        above, below = _columns(upper), _columns(lower)
        if max(above, below) <= COLUMNS:
            uneven = abs(above - below) - 8 * upper.endswith(tuple(_MARKS))
            ways.append((uneven, upper, lower))
    return min(ways)[1:]


def _columns(text: str) -> int:
    """Columns that a text takes: East Asian letters take two, accents of their own none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in ("W", "F") else 1 for c in text
    )


def _stamp(cue: Cue, point: str) -> str:
    return f"{_clock(cue.start_ms, point)} --> {_clock(cue.end_ms, point)}"


def _clock(at_ms: int, point: str) -> str:
    seconds, ms = divmod(at_ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{ms:03}"


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _text(cue: Cue) -> str:
    return "\n".join(cue.lines)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
