"""An answer that is a refusal, as the error it stands for."""

import math
from collections.abc import Mapping

from antiphon.errors import (
    AntiphonError,
    AtCapacity,
    BadAudio,
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
from antiphon.sdk.wire import Detail, read_detail

BY_STATUS: Mapping[int, type[AntiphonError]] = {
    400: BadInput,
    401: NotAllowed,
    403: NotAllowed,
    404: NotFound,
    405: NotFound,
    408: TimedOut,
    409: Conflict,
    413: TooLong,
    415: BadAudio,
    429: AtCapacity,
    503: AtCapacity,
    504: TimedOut,
    507: StorageFailed,
}
BY_TYPE: Mapping[tuple[int, str], type[AntiphonError]] = {
    (503, "engine_error"): EngineUnavailable,
    (503, "storage_error"): StorageFailed,
}
BY_CODE: Mapping[str, type[AntiphonError]] = {
    "audio_empty": BadAudio,
    "audio_damaged": BadAudio,
    "audio_unsupported": BadAudio,
    "fallback_failed": FallbackFailed,
}
RETRY_AFTER_S = 1.0
"""Where a server that has no room does not say."""
LONGEST_MESSAGE = 500
TOLD = ("x-", "retry-after", "ratelimit")


def refusal(status: int, headers: Mapping[str, str], body: bytes) -> AntiphonError:
    """The error that an answer other than 200 stands for, with the server's own code and words where it has any.

    Args:
        status: of the answer.
        headers: of the answer, names in lower case.
        body: of the answer; need not be ours (a proxy in between answers as it likes).
    """
    detail = read_detail(body)
    code = detail.code or f"http_{status}"
    message = detail.message[:LONGEST_MESSAGE] or f"The server answered {status}."
    error = _error(_class(status, detail), message, code, headers)
    error.param = detail.param
    error.request_id = detail.request_id or headers.get("x-req-id", "")
    error.told = {name: value for name, value in headers.items() if name.startswith(TOLD)}
    return error


def _class(status: int, detail: Detail) -> type[AntiphonError]:
    if detail.code in BY_CODE:
        return BY_CODE[detail.code]
    if (status, detail.type) in BY_TYPE:
        return BY_TYPE[status, detail.type]
    return BY_STATUS.get(status, BadInput if 400 <= status < 500 else EngineFailed)


def _error(kind: type[AntiphonError], message: str, code: str, headers: Mapping[str, str]) -> AntiphonError:
    if issubclass(kind, AtCapacity):
        return kind(message, code=code, retry_after_s=retry_after_s(headers))
    return kind(message, code=code)


def retry_after_s(headers: Mapping[str, str], unsaid_s: float = RETRY_AFTER_S) -> float:
    """Seconds of a Retry-After header; a date counts as not said, because it needs both clocks to agree."""
    try:
        seconds = float(headers.get("retry-after", ""))
    except ValueError:
        return unsaid_s
    return seconds if math.isfinite(seconds) and seconds >= 0 else unsaid_s
