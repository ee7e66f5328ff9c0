"""Every error Antiphon raises on purpose, as one tree.

    AntiphonError
    ├── BadInput            the caller sent something that cannot be used
    │   ├── BadAudio        not a supported recording, damaged, empty
    │   └── TooLong         more audio, text or bytes than the limit allows
    ├── BadConfiguration    a stack file or variable holds a bad value
    ├── NotFound            no such conversation, speaker, file
    ├── Conflict            the thing exists but is in another state (an ended conversation)
    ├── NotAllowed          refused: key, consent, policy, host
    ├── AtCapacity          full now, worth trying again after `retry_after_s`
    ├── TimedOut            work was given up because its deadline passed
    ├── EngineFailed        an engine or the worker process that held it broke
    │   └── FallbackFailed  the second tier was asked and could not answer either
    ├── EngineUnavailable   an engine cannot be used on this machine
    └── StorageFailed       the database or disk refused

What they mean over HTTP and WebSocket is decided in one table, in `gateway`; nothing here knows of either.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any


class AntiphonError(Exception):
    """Root of all errors raised on purpose.

    Attributes:
        code: stable, machine-readable name such as `audio_too_long`.
        retryable: whether the same call may succeed later, unchanged.
        param: the input that is to blame, if one is.
        request_id: of the call to another service that failed so; empty where there was none.
        told: what that service told beside, by lower-case name (`x-fallback-error`).
    """

    code = "internal"
    retryable = False
    request_id: str = ""
    told: Mapping[str, str] = MappingProxyType({})

    def __init__(self, message: str, *, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.code = code or type(self).code
        self.param = param

    @property
    def message(self) -> str:
        """What happened and what to do next, in one sentence for a person."""
        return str(self.args[0])


class BadInput(AntiphonError):
    """The caller sent something that cannot be used; sending it again will not help."""

    code = "bad_input"


class BadAudio(BadInput):
    """The bytes are not a recording we accept, or it is damaged or empty."""

    code = "audio_unsupported"


class TooLong(BadInput):
    """More audio, text or bytes than the configured limit allows."""

    code = "too_long"


class BadConfiguration(AntiphonError):
    """A stack file or environment variable holds a value that cannot be used."""

    code = "bad_configuration"


class NotFound(AntiphonError):
    """What was asked for does not exist."""

    code = "not_found"


class Conflict(AntiphonError):
    """The thing exists, but its state does not allow this."""

    code = "conflict"


class NotAllowed(AntiphonError):
    """Refused on purpose: a key, a consent, a policy or a host is missing."""

    code = "not_allowed"


class AtCapacity(AntiphonError):
    """No room now; the same call is worth repeating after `retry_after_s`."""

    code = "at_capacity"
    retryable = True

    def __init__(self, message: str, *, code: str | None = None, retry_after_s: float = 1.0) -> None:
        super().__init__(message, code=code)
        self.retry_after_s = retry_after_s


class TimedOut(AntiphonError):
    """Work was given up because its deadline passed."""

    code = "timed_out"
    retryable = True


class EngineFailed(AntiphonError):
    """An engine, or the worker process that held it, broke while working."""

    code = "engine_failed"
    retryable = True


class FallbackFailed(EngineFailed):
    """The first tier's answer was missing or doubtful, and the second tier that was asked could not answer.

    Attributes:
        doubtful: the first tier's answer, for those who would rather have it than none; None where it was missing.
    """

    code = "fallback_failed"
    doubtful: Any = None


class EngineUnavailable(AntiphonError):
    """An engine cannot be used on this machine; the message says what is missing."""

    code = "engine_unavailable"


class StorageFailed(AntiphonError):
    """The database or the disk refused; nothing of this call was kept."""

    code = "storage_failed"
    retryable = True
