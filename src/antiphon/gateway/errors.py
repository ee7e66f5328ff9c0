"""The one table from our errors to HTTP, and the body every error has (P-6)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from antiphon.errors import (
    AntiphonError,
    AtCapacity,
    BadAudio,
    BadConfiguration,
    BadInput,
    Conflict,
    EngineFailed,
    EngineUnavailable,
    FallbackFailed,
    NotAllowed,
    NotFound,
    StorageFailed,
    TimedOut,
    TooLong,
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an error is over HTTP: its status, and the type a client may switch on."""

    status: int
    type: str


SERVER_ERROR = Meaning(500, "server_error")

BY_CLASS: Mapping[type[AntiphonError], Meaning] = {
    BadInput: Meaning(400, "invalid_request_error"),
    BadAudio: Meaning(415, "invalid_request_error"),
    TooLong: Meaning(413, "invalid_request_error"),
    NotFound: Meaning(404, "not_found_error"),
    Conflict: Meaning(409, "conflict_error"),
    NotAllowed: Meaning(403, "permission_error"),
    AtCapacity: Meaning(503, "overloaded_error"),
    TimedOut: Meaning(504, "timeout_error"),
    EngineFailed: Meaning(502, "engine_error"),
    FallbackFailed: Meaning(502, "engine_error"),
    EngineUnavailable: Meaning(503, "engine_error"),
    StorageFailed: Meaning(503, "storage_error"),
    BadConfiguration: SERVER_ERROR,
    AntiphonError: SERVER_ERROR,
}

BY_CODE: Mapping[str, Meaning] = {
    "audio_empty": Meaning(400, "invalid_request_error"),
    "audio_damaged": Meaning(400, "invalid_request_error"),
    "content_type_unsupported": Meaning(415, "invalid_request_error"),
    "model_not_found": Meaning(404, "invalid_request_error"),
    "unauthorized": Meaning(401, "authentication_error"),
    "rate_limited": Meaning(429, "rate_limit_error"),
    "too_many_failures": Meaning(429, "rate_limit_error"),
    "body_timeout": Meaning(408, "timeout_error"),
    "worker_lost": Meaning(503, "engine_error"),
    "worker_start": Meaning(503, "engine_error"),
    "gpu_oom": Meaning(503, "engine_error"),
    "storage_full": Meaning(507, "storage_error"),
}
"""Codes that mean something more exact than their class."""

RETRY_AFTER_S = 1.0


def meaning(error: AntiphonError) -> Meaning:
    """The row of the table for an error."""
    if error.code in BY_CODE:
        return BY_CODE[error.code]
    return next((BY_CLASS[cls] for cls in type(error).__mro__ if cls in BY_CLASS), SERVER_ERROR)


def retry_after_s(error: AntiphonError) -> float | None:
    """How long a client should wait before it repeats the call; None when repeating will not help."""
    if isinstance(error, AtCapacity):
        return error.retry_after_s
    return RETRY_AFTER_S if error.retryable and meaning(error).status == 503 else None


def error_body(
    type_: str, code: str, message: str, request_id: str, *, param: str | None = None, wait_s: float | None = None
) -> dict[str, Any]:
    """The body of an error."""
    detail = {"type": type_, "code": code, "message": message, "param": param, "request_id": request_id}
    return {"error": detail | ({"retry_after_s": wait_s} if wait_s is not None else {})}


def error_headers(type_: str, message: str) -> dict[str, str]:
    """Headers that make an error readable in an access log (P-7): printable ASCII only."""
    plain = re.sub(r"[^\x20-\x7e]+", " ", message).strip()[:200]
    return {"X-Error-Type": type_, "X-Error-Message": plain}
