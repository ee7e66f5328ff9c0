"""What another Antiphon answers, as the port's types; its words are not repeated to callers of this one."""

import re
from collections.abc import Mapping

from antiphon.errors import AntiphonError, AtCapacity, BadAudio, BadInput, EngineFailed, NotAllowed, TimedOut, TooLong
from antiphon.events.speech import Hearing, Transcript
from antiphon.sdk.calls import LOST, UNREACHABLE
from antiphon.sdk.refusals import retry_after_s
from antiphon.sdk.wire import BAD_ANSWER, Answer, read, read_detail

CODE = re.compile(r"[a-z0-9_]{1,64}")
BY_STATUS: Mapping[int, type[AntiphonError]] = {
    400: BadInput,
    401: NotAllowed,
    403: NotAllowed,
    413: TooLong,
    415: BadAudio,
    504: TimedOut,
}
"""Statuses that mean something more exact than that the service failed: to a cascade, 503 is no reason to wait."""
RETRY_AFTER_S = 5.0
"""Where a service that has no room does not say: too long to wait for."""
FAILURES: Mapping[str, tuple[str, str]] = {
    UNREACHABLE: ("remote_unreachable", "It cannot be reached."),
    LOST: ("remote_reset", "The connection broke."),
    BAD_ANSWER: ("remote_bad_answer", "It answered what cannot be read."),
}
"""What failures of a call are called where it was made for somebody else, who knows of no address."""


def read_transcript(body: bytes, hearing: Hearing, duration_s: float) -> Transcript:
    """The transcript in an answer.

    Raises:
        EngineFailed: `remote_bad_answer`: it is none.
    """
    try:
        answer = read(body, Answer)
    except EngineFailed as broken:
        raise failure(broken) from broken
    return Transcript(
        text=answer.text,
        confidence=answer.confidence,
        language=answer.source_language or answer.language or hearing.language or "",
        duration_s=duration_s,
        engine=answer.model or "remote",
        words=answer.heard_words(),
        no_speech=not answer.text.strip(),
        segments=answer.heard_segments(),
        language_probability=None if hearing.language else answer.language_probability,
        degraded=answer.degraded,
    )


def refusal(status: int, headers: Mapping[str, str], body: bytes) -> AntiphonError:
    """The error that an answer other than 200 stands for, under the service's own code where it gives one."""
    said = read_detail(body).code
    code = said if CODE.fullmatch(said) else f"http_{status}"
    message = f"It answered {status} ({code})."
    if status == 429:
        return AtCapacity(message, code=code, retry_after_s=retry_after_s(headers, RETRY_AFTER_S))
    return BY_STATUS.get(status, EngineFailed)(message, code=code)


def failure(error: AntiphonError) -> EngineFailed:
    """What a call that was not answered, or not readably, failed of."""
    code, message = FAILURES[error.code]
    return EngineFailed(message, code=code)
