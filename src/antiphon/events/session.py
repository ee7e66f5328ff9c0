"""What happens in a realtime session, in stream time: seconds of caller audio received since it began."""

from dataclasses import dataclass, field
from typing import Self, TypeAlias

from antiphon.errors import AntiphonError
from antiphon.events.speech import Partial, Transcript


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The caller began to speak."""

    at_s: float


@dataclass(frozen=True, slots=True)
class SpeechPaused:
    """The caller fell silent; the turn may go on."""

    at_s: float


@dataclass(frozen=True, slots=True)
class PartialHeard:
    """The transcript of the turn so far changed."""

    at_s: float
    partial: Partial


@dataclass(frozen=True, slots=True)
class CallerTurn:
    """The caller finished a turn that lay between these times.

    Attributes:
        latency_ms: `endpointing`, the silence waited for in stream time, and `stt`, the wait for the text after it.
    """

    start_s: float
    end_s: float
    transcript: Transcript
    latency_ms: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TurnDropped:
    """The caller went on before the answer was audible: the turn is reopened and nothing of it was kept."""

    at_s: float


@dataclass(frozen=True, slots=True)
class ReplyStarted:
    """The agent's voice became audible, and the caller's turn that it answers is kept."""

    at_s: float


@dataclass(frozen=True, slots=True)
class ReplyHeld:
    """The agent fell silent because the caller may be interrupting."""

    at_s: float


@dataclass(frozen=True, slots=True)
class ReplyResumed:
    """It was no interruption: the agent goes on at the word it stopped at."""

    at_s: float
    why: str


@dataclass(frozen=True, slots=True)
class AgentTurn:
    """The agent finished or was interrupted; `text` is what was audible of its reply.

    Attributes:
        latency_ms: parts from the caller's last speech to the first audio: `endpointing`, `stt`, `llm`, `guard`,
            `commit`, `tts` and their sum `total`; empty where the agent spoke unasked.
    """

    start_s: float
    end_s: float
    text: str
    interrupted: bool
    latency_ms: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something failed, and the caller was told so."""

    at_s: float
    code: str
    message: str

    @classmethod
    def of(cls, error: AntiphonError, at_s: float) -> Self:
        """What `error` was, at `at_s`."""
        return cls(at_s, error.code, error.message)


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """The session is over: `hung_up` by the agent, `caller_gone`, `transferred`, or `going_away`."""

    at_s: float
    reason: str


SessionEvent: TypeAlias = (
    SpeechStarted
    | SpeechPaused
    | PartialHeard
    | CallerTurn
    | TurnDropped
    | ReplyStarted
    | ReplyHeld
    | ReplyResumed
    | AgentTurn
    | Trouble
    | SessionEnded
)
