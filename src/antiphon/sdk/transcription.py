"""What a server answers, as typed values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from antiphon.events.speech import Segment, Word
from antiphon.sdk.wire import Answer, read


@dataclass(frozen=True, slots=True)
class Transcription:
    """What was heard in a recording.

    Attributes:
        text: what was said; empty when nothing was.
        language: ISO 639-1 code; empty where nothing was said and none was named.
        language_probability: of a detected language, in [0, 1]; None where it was given or there is only one.
        duration_s: length of the recording.
        confidence: in [0, 1]; how it is made depends on the engine, see its card.
        segments: the stretches it was decoded in.
        words: with their times, where they were asked for.
        model: name of the model whose answer it is.
        fallback_used: whether that is the fallback tier's.
        reason: why the first tier's answer was doubted (`logprob`, `langprob`, `min_words`, `primary_error`), or
            `no_speech`, or `none`.
        timings_ms: what took how long in the server.
        request_id: under which the server's log knows the call.
        degraded: why this is less than the engine's best; usually empty.
    """

    text: str
    language: str
    language_probability: float | None
    duration_s: float
    confidence: float
    segments: tuple[Segment, ...]
    words: tuple[Word, ...]
    model: str
    fallback_used: bool
    reason: str
    timings_ms: Mapping[str, int]
    request_id: str
    degraded: tuple[str, ...] = ()


class Health(msgspec.Struct, frozen=True):
    """How a server is.

    Attributes:
        ok: whether it is alive, or, of `ready`, whether work may be sent to it.
        state: `ready`, `starting`, `degraded`, `draining`, `failed`.
        commit: the deployed version.
        model: what it hears with.
        uptime_s: since it was started.
    """

    ok: bool
    state: str = ""
    commit: str = ""
    model: str = ""
    uptime_s: float = 0.0


class ModelInfo(msgspec.Struct, frozen=True):
    """A model that a server offers."""

    id: str
    created: int = 0
    owned_by: str = ""
    languages: tuple[str, ...] = ()


class _Models(msgspec.Struct):
    data: tuple[ModelInfo, ...] = ()


def read_transcription(body: bytes, headers: Mapping[str, str], request_id: str) -> Transcription:
    """The transcription in an answer to `POST /v1/transcribe`.

    Args:
        body: of the answer.
        headers: of the answer, names in lower case.
        request_id: of the call, for servers that do not tell it.

    Raises:
        EngineFailed: `bad_answer`: it is none.
    """
    answer = read(body, Answer)
    return Transcription(
        text=answer.text,
        language=answer.language or "",
        language_probability=answer.language_probability,
        duration_s=answer.duration,
        confidence=answer.confidence,
        segments=answer.heard_segments(),
        words=answer.heard_words(),
        model=answer.model,
        fallback_used=answer.fallback_used,
        reason=headers.get("x-conf-reason", "none"),
        timings_ms=answer.timings_ms,
        request_id=answer.request_id or headers.get("x-req-id", request_id),
        degraded=answer.degraded,
    )


def read_models(body: bytes) -> tuple[ModelInfo, ...]:
    """The models in an answer to `GET /v1/models`.

    Raises:
        EngineFailed: `bad_answer`: there are none to be read.
    """
    return read(body, _Models).data


def read_figures(body: bytes) -> dict[str, Any]:
    """The figures in an answer to `GET /v1/metrics`.

    Raises:
        EngineFailed: `bad_answer`: there are none to be read.
    """
    return read(body, dict[str, Any])
