"""The account of one request: what happened to it on its way, told in headers, in metrics and in the answer."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why an answer of the primary tier counts as doubtful, or why it need not be looked at."""

    NONE = "none"
    LOGPROB = "logprob"
    LANGPROB = "langprob"
    MIN_WORDS = "min_words"
    PRIMARY_ERROR = "primary_error"
    NO_SPEECH = "no_speech"


class Routing(StrEnum):
    """What became of the fallback tier; exactly one for each request that reaches routing (P-4)."""

    USED = "used"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(slots=True)
class Account:
    """What happened to one request: filled while it is worked on.

    Attributes:
        endpoint: path of the route that was called, as metrics label it.
        queue_wait_s: how long it waited for a slot of the primary tier.
        primary_s: how long the primary tier worked; None where it was not asked.
        fallback_s: how long the fallback tier took, its queue and the network included; None where it was not asked.
        decode_s: how long the recording took to decode.
        total_s: everything; set when the service is done, success or not.
        audio_s: length of the recording; None where it could not be decoded.
        language_checked: whether the language gate applied: only to a language that was detected.
        below: whether the primary tier's answer was missing or doubtful.
        reason: why.
        routing: what became of the fallback tier; None where it never came to that.
        fallback_error: code of the fallback's failure.
        model: name of the model whose answer it is, never a path.
        counted: the metrics have it.
        void: the answer is for nothing, because a live speaker has gone on after all: it is no request.
    """

    endpoint: str = "/v1/transcribe"
    queue_wait_s: float = 0.0
    primary_s: float | None = None
    fallback_s: float | None = None
    decode_s: float = 0.0
    total_s: float = 0.0
    audio_s: float | None = None
    language_checked: bool = True
    below: bool = False
    reason: Reason = Reason.NONE
    routing: Routing | None = None
    fallback_error: str = ""
    model: str = ""
    counted: bool = False
    void: bool = False

    @property
    def fallback_used(self) -> bool:
        """Whether the answer is the fallback tier's."""
        return self.routing is Routing.USED

    def headers(self) -> dict[str, str]:
        """The account as response headers: whole milliseconds, printable ASCII (P-7)."""
        told = {
            "X-Queue-Wait-ms": _ms(self.queue_wait_s),
            "X-Primary-Infer-ms": _ms(self.primary_s),
            "X-Fallback-Infer-ms": _ms(self.fallback_s),
            "X-Total-ms": _ms(self.total_s),
            "X-Fallback-Used": _flag(self.fallback_used),
            "X-Final-Model": _printable(self.model),
            "X-Conf-Below": _flag(self.below),
            "X-Conf-Reason": str(self.reason),
            "X-Lang-Check-Applicable": _flag(self.language_checked),
            "X-Fallback-Error": _printable(self.fallback_error),
        }
        return {name: value for name, value in told.items() if value}

    def timings_ms(self) -> dict[str, int]:
        """The account's times for the body of the answer; what was not asked is not there."""
        times = {
            "queue_wait": self.queue_wait_s,
            "decode": self.decode_s,
            "primary_infer": self.primary_s,
            "fallback_infer": self.fallback_s,
            "total": self.total_s,
        }
        return {name: round(seconds * 1000) for name, seconds in times.items() if seconds is not None}


def _ms(seconds: float | None) -> str:
    return "" if seconds is None else str(round(seconds * 1000))


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _printable(text: str) -> str:
    return re.sub(r"[^\x20-\x7e]+", " ", text).strip()[:200]
