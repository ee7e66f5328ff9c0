"""What can go wrong with a live stream, as errors of ours."""

from collections.abc import Mapping

from websockets.exceptions import InvalidStatus

from antiphon.errors import (
    AntiphonError,
    AtCapacity,
    BadAudio,
    BadInput,
    Conflict,
    EngineFailed,
    NotAllowed,
    TimedOut,
    TooLong,
)
from antiphon.events import live as wire

ERRORS: Mapping[str, type[AntiphonError]] = {
    "message_invalid": BadInput,
    "start_invalid": BadInput,
    "language_invalid": BadInput,
    "language_unsupported": BadInput,
    "encoding_unavailable": BadInput,
    "audio_length_invalid": BadInput,
    "audio_damaged": BadAudio,
    "frame_too_large": TooLong,
    "start_timeout": TimedOut,
    "idle_timeout": TimedOut,
    "superseded": Conflict,
    "key_revoked": NotAllowed,
}
"""What a fatal error of the server is raised as; any other is `EngineFailed`."""
FORGOTTEN = frozenset({"session_unknown", "resume_impossible"})
PASSING = frozenset({"at_capacity", "slow_consumer", "going_away"})


def told(answer: wire.ServerMessage) -> AntiphonError:
    """What the server said went wrong, as an error of ours."""
    if not isinstance(answer, wire.Error):
        return EngineFailed("The server answered with something else.", code="message_invalid")
    if answer.code in PASSING:
        return AtCapacity(answer.message, code=answer.code)
    return ERRORS.get(answer.code, EngineFailed)(answer.message, code=answer.code, param=answer.param)


def unreachable(error: Exception) -> AntiphonError:
    """Why there is no connection, and whether another attempt may help."""
    if not isinstance(error, InvalidStatus):
        return TimedOut("The server cannot be reached.", code="stream_lost")
    status = error.response.status_code
    if status in (401, 403):
        return NotAllowed("The server does not take this key.", code="unauthorized")
    if status in (429, 502, 503, 504):
        return AtCapacity("The server takes no more streams now.", code="at_capacity")
    return (
        EngineFailed(f"The server answered with status {status}.", code="stream_refused")
        if status >= 500
        else (BadInput(f"The server answered with status {status}; is this its address?", code="stream_refused"))
    )
