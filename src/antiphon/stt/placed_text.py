"""Where in a recording each piece of its transcript was said.

A recogniser's words come without the marks around them, and their times may cross each other or be missing; subtitles
and segments need the text as it is written, in pieces whose times only grow. So the characters of the text are laid
along time: known words are its fixed points, and what lies between them is shared by length.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from antiphon.events.speech import Transcript
from antiphon.language.sentences import split_sentences

FARTHEST_CHARACTERS = 48
"""A word is looked for no farther ahead than this: one that is not written in the text must not cost its followers."""
_INSIDE = 0.25
"""Times belong to the inside of a word, so that one may end and the next begin at the same character."""
_SPACED = re.compile(r"\s*\S+")
_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Piece:
    """A word as it is written, with the white space before it and the marks around it.

    Attributes:
        text: all pieces put together are the transcript's text.
        start_s: when it begins; no earlier than the piece before ends.
        end_s: when it ends.
        ends_sentence: whether a sentence ends with it.
    """

    text: str
    start_s: float
    end_s: float
    ends_sentence: bool = False


def pieces(transcript: Transcript) -> tuple[Piece, ...]:
    """The text of a transcript in its smallest pieces; put together they are the text.

    Times come from its words, else from its segments, else all of its duration is shared by length.
    """
    text = transcript.text.rstrip()
    anchors = list(_anchors(text, transcript))
    spans = _spans(text, [start for start, _, _, _ in anchors] if transcript.words else [])
    if not spans:
        return ()
    begin, end = _times(spans, text, anchors, transcript.duration_s)
    stops = _sentence_ends(text, transcript.language)
    return tuple(
        Piece(text[first:last], start_s, end_s, last in stops)
        for (first, last), start_s, end_s in zip(spans, begin, end, strict=True)
    )


def _anchors(text: str, transcript: Transcript) -> Iterator[tuple[int, int, float, float]]:
    """Character spans whose times are known: start, end, start_s, end_s, in the order of the text."""
    known = [(word.word, word.start_s, word.end_s) for word in transcript.words]
    if not known:
        known = [(segment.text, segment.start_s, segment.end_s) for segment in transcript.segments]
    at = 0
    for said, start_s, end_s in known:
        wanted = said.strip()
        found = text.find(wanted, at, at + len(wanted) + FARTHEST_CHARACTERS) if wanted else -1
        if found >= 0:
            at = found + len(wanted)
            yield found, at, start_s, end_s


def _spans(text: str, starts: list[int]) -> list[tuple[int, int]]:
    """The text cut before white space, and before words that are written without any (Chinese, Thai)."""
    spans: list[tuple[int, int]] = []
    for found in _SPACED.finditer(text):
        inside = starts[bisect_left(starts, found.start()) : bisect_left(starts, found.end())]
        cuts = [cut for cut in inside if _WORD.search(text, found.start(), cut)]
        edges = [found.start(), *cuts, found.end()]
        for first, last in pairwise(edges):
            if spans and not _WORD.search(text, first, last):
                spans[-1] = spans[-1][0], last  # a mark of its own, such as a dash
            else:
                spans.append((first, last))
    return spans


def _times(
    spans: list[tuple[int, int]], text: str, anchors: list[tuple[int, int, float, float]], duration_s: float
) -> tuple[list[float], list[float]]:
    """Start and end of each span in seconds."""
    at, seconds = [0.0], [0.0]
    for start, end, start_s, end_s in anchors:
        at += [start + _INSIDE, end - _INSIDE]
        seconds += [start_s, end_s]
    if not anchors:
        at.append(float(len(text)))
        seconds.append(duration_s)
    rising = np.maximum.accumulate(np.clip(np.nan_to_num(seconds), 0.0, None))
    inner = [_inner(text, *span) for span in spans]
    asked = np.array([(first + _INSIDE, last - _INSIDE) for first, last in inner])
    placed = np.maximum.accumulate(np.interp(asked.ravel(), at, rising)).reshape(-1, 2)
    return placed[:, 0].tolist(), placed[:, 1].tolist()


def _inner(text: str, first: int, last: int) -> tuple[int, int]:
    """A span without the white space and marks around it: a word ends when it ends, not when its full stop does."""
    inside = [index for index in range(first, last) if text[index].isalnum()]
    return (inside[0], inside[-1] + 1) if inside else (first, last)


def _sentence_ends(text: str, language: str) -> set[int]:
    """Where sentences end: indices after their last character."""
    ends, at = set[int](), 0
    for sentence in split_sentences(text, language):
        ends.add(at + len(sentence.rstrip()))
        at += len(sentence)
    return ends
