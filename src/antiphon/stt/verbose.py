"""A transcript with all that is known of it, as JSON: OpenAI's `verbose_json` and more (P-5)."""

import math
from collections.abc import Iterable
from typing import Any

from antiphon.events.speech import Segment, Transcript, Word
from antiphon.stt.account import Account
from antiphon.stt.routing import CHARACTER_LANGUAGES
from antiphon.stt.segments import segments, sentences

FRAMES_PER_S = 100
"""Whisper counts in frames of 10 ms; `seek` is such a count."""


def verbose(
    transcript: Transcript, account: Account, request_id: str, *, words: bool = False, placed: bool = False
) -> dict[str, Any]:
    """The answer of `/v1/transcribe`, ready for JSON.

    Args:
        transcript: what was heard.
        account: what happened to the request.
        request_id: as in `X-Req-Id`.
        words: whether word times were asked for: the list is then there even when it is empty.
        placed: whether segments that were made of words are to have the times of the words as they stand now.
    """
    answer = {
        "request_id": request_id,
        "text": transcript.text,
        "language": transcript.language or None,
        "language_probability": _rounded(transcript.language_probability),
        "duration": _number(transcript.duration_s),
        "segments": _segments(sentences(transcript) if placed else segments(transcript), transcript.language),
        "model": account.model or transcript.engine,
        "confidence": _number(transcript.confidence, 4),
        "fallback_used": account.fallback_used,
        "timings_ms": account.timings_ms(),
        "degraded": list(transcript.degraded),
    }
    if words or transcript.words:
        answer["words"] = [word_view(word) for word in transcript.words]
    return answer


def _segments(found: Iterable[Segment], language: str) -> list[dict[str, Any]]:
    """The segments as OpenAI writes them: put together without anything between, their texts can be read."""
    views = [segment_view(index, segment) for index, segment in enumerate(found)]
    if language not in CHARACTER_LANGUAGES:
        for view in views[1:]:
            view["text"] = " " + view["text"].lstrip()
    return views


def segment_view(index: int, segment: Segment) -> dict[str, Any]:
    """A segment with OpenAI's keys."""
    return {
        "id": index,
        "seek": round(segment.start_s * FRAMES_PER_S),
        "start": _number(segment.start_s),
        "end": _number(segment.end_s),
        "text": segment.text,
        "tokens": list(segment.tokens),
        "temperature": _number(segment.temperature),
        "avg_logprob": _number(segment.avg_logprob, 4),
        "compression_ratio": _number(segment.compression_ratio, 4),
        "no_speech_prob": _number(segment.no_speech_prob, 4),
    }


def word_view(word: Word) -> dict[str, Any]:
    """A word with OpenAI's keys, and the engine's confidence in it."""
    return {
        "word": word.word,
        "start": _number(word.start_s),
        "end": _number(word.end_s),
        "confidence": _rounded(word.confidence),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else _number(value, 4)


def _number(value: float, digits: int = 3) -> float:
    """JSON knows no NaN, and an engine's slip must not cost the answer."""
    return round(value, digits) if math.isfinite(value) else 0.0
