"""What another Antiphon answers, read back into our own types; nothing of it is trusted to be well-formed."""

import math
import re
from collections.abc import Mapping

import msgspec

from antiphon.errors import AntiphonError, AtCapacity, BadAudio, BadInput, EngineFailed, NotAllowed, TimedOut, TooLong
from antiphon.events.speech import Hearing, Segment, Transcript, Word

CODE = re.compile(r"[a-z0-9_]{1,64}")
BY_STATUS: Mapping[int, type[AntiphonError]] = {
    400: BadInput,
    401: NotAllowed,
    403: NotAllowed,
    413: TooLong,
    415: BadAudio,
    504: TimedOut,
}
"""Statuses that mean something more exact than that the service failed."""
RETRY_AFTER_S = 5.0
"""Where a service that has no room does not say."""


class _Word(msgspec.Struct):
    word: str
    start: float
    end: float
    confidence: float | None = None


class _Segment(msgspec.Struct):
    text: str
    start: float
    end: float
    tokens: tuple[int, ...] = ()
    avg_logprob: float = 0.0
    no_speech_prob: float = 0.0
    compression_ratio: float = 1.0
    temperature: float = 0.0


class _Answer(msgspec.Struct):
    text: str
    language: str = ""
    source_language: str = ""
    language_probability: float | None = None
    duration: float | None = None
    segments: tuple[_Segment, ...] = ()
    words: tuple[_Word, ...] | None = None
    model: str = "remote"
    confidence: float = 0.0
    degraded: tuple[str, ...] = ()


class _Error(msgspec.Struct):
    code: str = ""


class _Refusal(msgspec.Struct):
    error: _Error


_ANSWERS = msgspec.json.Decoder(_Answer)
_REFUSALS = msgspec.json.Decoder(_Refusal)


def read_transcript(body: bytes, hearing: Hearing, duration_s: float) -> Transcript:
    """The transcript in an answer.

    Raises:
        EngineFailed: `remote_bad_answer`: it is none.
    """
    try:
        answer = _ANSWERS.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as broken:
        raise EngineFailed("It answered what cannot be read.", code="remote_bad_answer") from broken
    return Transcript(
        text=answer.text,
        confidence=answer.confidence,
        language=answer.source_language or answer.language or hearing.language or "en",
        duration_s=duration_s,
        engine=answer.model,
        words=tuple(Word(w.word, w.start, w.end, w.confidence) for w in answer.words or ()),
        no_speech=not answer.text.strip(),
        segments=tuple(_segment(s) for s in answer.segments),
        language_probability=None if hearing.language else answer.language_probability,
        degraded=answer.degraded,
    )


def refusal(status: int, headers: Mapping[str, str], body: bytes) -> AntiphonError:
    """The error that an answer other than 200 stands for, under the service's own code where it gives one."""
    code = _code(body) or f"http_{status}"
    message = f"It answered {status} ({code})."
    if status == 429:
        return AtCapacity(message, code=code, retry_after_s=_retry_after_s(headers.get("retry-after")))
    return BY_STATUS.get(status, EngineFailed)(message, code=code)


def _segment(found: _Segment) -> Segment:
    return Segment(
        found.text,
        found.start,
        found.end,
        found.tokens,
        found.avg_logprob,
        found.no_speech_prob,
        found.compression_ratio,
        found.temperature,
    )


def _code(body: bytes) -> str:
    try:
        code = _REFUSALS.decode(body).error.code
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return code if CODE.fullmatch(code) else ""


def _retry_after_s(text: str | None) -> float:
    """Seconds of a Retry-After header; a date counts as not said, because it needs both clocks to agree."""
    try:
        seconds = float(text or "")
    except ValueError:
        return RETRY_AFTER_S
    return seconds if math.isfinite(seconds) and seconds >= 0 else RETRY_AFTER_S
