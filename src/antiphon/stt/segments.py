"""Segments of a transcript: those it was decoded in, or else its sentences."""

import math
import zlib
from collections.abc import Sequence

from antiphon.events.speech import Segment, Transcript
from antiphon.stt.placed_text import Piece, pieces

PAUSE_S = 0.8
"""A silence this long divides segments even within a sentence."""
LEAST_PROBABILITY = 1e-6


def segments(transcript: Transcript) -> tuple[Segment, ...]:
    """The stretches a transcript consists of.

    An engine's own are given as they are. Others are made: of words, at sentence ends and pauses; where there are no
    word times either, all of the recording is one.
    """
    if transcript.segments or not transcript.text.strip():
        return transcript.segments
    if not transcript.words:
        return (_made(transcript.text, 0.0, transcript.duration_s, [transcript.confidence]),)
    return _of_words(transcript)


def sentences(transcript: Transcript) -> tuple[Segment, ...]:
    """The same, but made anew of words that stand better now than when segments were made of them."""
    made = transcript.words and not any(segment.tokens for segment in transcript.segments)
    return _of_words(transcript) if made else segments(transcript)


def compression_ratio(text: str) -> float:
    """Length of a text over its length compressed, as Whisper judges endless repetition by it."""
    data = text.encode()
    return len(data) / len(zlib.compress(data))


def _of_words(transcript: Transcript) -> tuple[Segment, ...]:
    return tuple(_of_pieces(run, transcript) for run in _runs(pieces(transcript)) if run)


def _runs(of: Sequence[Piece]) -> list[list[Piece]]:
    runs: list[list[Piece]] = [[]]
    for piece in of:
        last = runs[-1][-1] if runs[-1] else None
        if last is not None and (last.ends_sentence or piece.start_s - last.end_s >= PAUSE_S):
            runs.append([])
        runs[-1].append(piece)
    return runs


def _of_pieces(run: list[Piece], transcript: Transcript) -> Segment:
    start_s, end_s = run[0].start_s, run[-1].end_s
    inside = [w.confidence for w in transcript.words if start_s <= w.start_s < end_s and w.confidence is not None]
    return _made("".join(piece.text for piece in run), start_s, end_s, inside or [transcript.confidence])


def _made(text: str, start_s: float, end_s: float, probabilities: Sequence[float]) -> Segment:
    logs = [math.log(max(LEAST_PROBABILITY, p)) for p in probabilities]
    mean = sum(logs) / len(logs)
    return Segment(text, start_s, end_s, avg_logprob=mean, compression_ratio=compression_ratio(text))
