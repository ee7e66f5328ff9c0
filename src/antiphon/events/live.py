"""The messages of `WS /v1/listen`: JSON objects in text frames, told apart by `type`. Audio travels in binary frames.

Positions named `sample` count the samples of one channel at the declared rate from the stream's first; times named
`..._s` are the same in seconds. Neither begins anew when a connection does.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from antiphon.errors import AntiphonError, BadInput
from antiphon.events.speech import Expectation

VERSION = 1
MAX_FRAME_BYTES = 64 * 1024
OPUS_RATE_HZ = 48_000
"""Opus streams count samples at this rate, whatever they were coded from."""


class Encoding(StrEnum):
    """How the samples in binary frames are written."""

    S16LE = "s16le"
    F32LE = "f32le"
    MULAW = "mulaw"
    ALAW = "alaw"
    OPUS = "opus"


DEFAULT_RATES_HZ: Mapping[Encoding, int] = {
    Encoding.S16LE: 16_000,
    Encoding.F32LE: 16_000,
    Encoding.MULAW: 8_000,
    Encoding.ALAW: 8_000,
    Encoding.OPUS: OPUS_RATE_HZ,
}

CLOSE_CODES: Mapping[str, int] = {
    "going_away": 1001,
    "message_invalid": 1003,
    "audio_length_invalid": 1003,
    "audio_damaged": 1007,
    "frame_too_large": 1009,
    "slow_consumer": 1013,
    "at_capacity": 1013,
    "start_invalid": 4400,
    "language_invalid": 4400,
    "language_unsupported": 4400,
    "encoding_unavailable": 4400,
    "key_revoked": 4401,
    "session_unknown": 4404,
    "start_timeout": 4408,
    "idle_timeout": 4408,
    "superseded": 4409,
    "resume_impossible": 4409,
}
"""With which code a connection closes after a fatal error; every other error closes with 1011."""


def close_code(code: str) -> int:
    """The WebSocket close code of an error's `code`."""
    return CLOSE_CODES.get(code, 1011)


# ── what clients send ───────────────────────────────────────────────────────────────────────────────────────────────


class Resume(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Go on with a session whose connection was lost; `sample` is where the audio sent next begins."""

    session: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    sample: Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class Start(msgspec.Struct, frozen=True, tag="start", forbid_unknown_fields=True, omit_defaults=True):
    """The first message, unless the query of the URL says it all."""

    version: Literal[1] = 1
    encoding: Encoding = Encoding.S16LE
    sample_rate: Annotated[int, msgspec.Meta(ge=8_000, le=96_000)] | None = None
    channels: Annotated[int, msgspec.Meta(ge=1, le=2)] = 1
    language: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    expect: Expectation = Expectation.FREE
    prompt: Annotated[str, msgspec.Meta(max_length=1_000)] = ""
    hotwords: Annotated[
        tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=100)], ...], msgspec.Meta(max_length=100)
    ] = ()
    interim: bool = True
    words: bool = False
    endpointing_ms: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 500
    resume: Resume | None = None

    @property
    def rate_hz(self) -> int:
        """The declared rate, or the encoding's usual one."""
        return self.sample_rate or DEFAULT_RATES_HZ[self.encoding]


class Finalize(msgspec.Struct, frozen=True, tag="finalize", forbid_unknown_fields=True):
    """Do not wait for silence: all that was said so far becomes final now, then comes `ack` with `flushed`."""


class KeepAlive(msgspec.Struct, frozen=True, tag="keep_alive", forbid_unknown_fields=True):
    """There is no audio now, but there will be."""


class Stop(msgspec.Struct, frozen=True, tag="stop", forbid_unknown_fields=True):
    """That was all: answer what is pending and close."""


ClientMessage: TypeAlias = Start | Finalize | KeepAlive | Stop


# ── what the server sends ───────────────────────────────────────────────────────────────────────────────────────────


class Started(msgspec.Struct, frozen=True, tag="started"):
    """The session is open.

    Attributes:
        session: its name, for `resume`; whoever knows it can take the session over.
        engine: what hears it.
        sample_rate: the declared rate, at which positions count.
        sample: where the audio sent next begins; after a resume what was asked for.
        delay_s: how long after its sound an event can be told at the soonest.
        resume_s: for how long a lost connection can be resumed.
        max_utterance_s: longest utterance; so much audio may go by before any of it is done with.
    """

    session: str
    engine: str
    sample_rate: int
    sample: int
    delay_s: float
    resume_s: float
    max_utterance_s: float
    encoding: Encoding = Encoding.S16LE
    channels: int = 1
    version: int = VERSION


class SpeechStarted(msgspec.Struct, frozen=True, tag="speech_started"):
    """Somebody began to speak."""

    at_s: float


class SpeechEnded(msgspec.Struct, frozen=True, tag="speech_ended"):
    """The speaker has been silent for `endpointing_ms`; at least one `final` follows."""

    at_s: float


class Partial(msgspec.Struct, frozen=True, tag="partial"):
    """What is understood of the utterance so far. Each `stable` begins with the one before, until the final."""

    text: str
    stable: str
    start_s: float
    end_s: float


class FinalWord(msgspec.Struct, frozen=True):
    """A word with its place in the stream."""

    word: str
    start_s: float
    end_s: float
    confidence: float | None = None


class Cause(StrEnum):
    """Why an utterance became final."""

    ENDPOINT = "endpoint"
    LENGTH = "length"
    FINALIZE = "finalize"
    STOP = "stop"


class Final(msgspec.Struct, frozen=True, tag="final"):
    """What was said in an utterance; it does not change any more.

    Attributes:
        end_sample: the audio before this sample is done with: a `final` is an `ack` as well.
        latency_ms: from when the last speech of the utterance arrived until this was ready.
        model: whose answer it is.
        fallback_used: whether that is the second tier.
        conf_below: whether the first tier's answer was doubtful.
        conf_reason: why.
        degraded: in which ways this is less than the engine's best.
    """

    text: str
    start_s: float
    end_s: float
    end_sample: int
    confidence: float
    language: str
    cause: Cause
    latency_ms: int
    model: str
    fallback_used: bool = False
    conf_below: bool = False
    conf_reason: str = "none"
    no_speech: bool = False
    words: tuple[FinalWord, ...] = ()
    degraded: tuple[str, ...] = ()


class Ack(msgspec.Struct, frozen=True, tag="ack"):
    """Audio before `sample` will not be needed again; `flushed` answers `finalize`."""

    sample: int
    flushed: bool = False


class Error(msgspec.Struct, frozen=True, tag="error"):
    """Something failed. A `fatal` one ends the connection; another cost the audio from `start_s` to `end_s`."""

    code: str
    message: str
    param: str | None = None
    retryable: bool = False
    fatal: bool = True
    start_s: float = 0.0
    end_s: float = 0.0
    end_sample: int = 0


class Closing(msgspec.Struct, frozen=True, tag="closing"):
    """The connection is about to close; before `going_away` the utterance being spoken may end, within `within_s`."""

    reason: str
    code: int
    sample: int
    within_s: float = 0.0


ServerMessage: TypeAlias = Started | SpeechStarted | SpeechEnded | Partial | Final | Ack | Error | Closing

_CLIENT: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)
_SERVER: msgspec.json.Decoder[ServerMessage] = msgspec.json.Decoder(ServerMessage)
_ENCODER = msgspec.json.Encoder()
_PLACE = "$."


def encode(message: ClientMessage | ServerMessage) -> str:
    """A message as the text of a frame."""
    return _ENCODER.encode(message).decode()


def decode_client(text: str | bytes) -> ClientMessage:
    """What a client sent.

    Raises:
        BadInput: `start_invalid`, with the parameter that is to blame, or `message_invalid`.
    """
    try:
        return _CLIENT.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise _refusal(error) from error


def start_of(parameters: Mapping[str, Any]) -> Start:
    """`Start` of the query of a URL: values are texts, `resume` is two parameters.

    Raises:
        BadInput: `start_invalid`.
    """
    fields = dict(parameters)
    parts = {name: fields.pop(f"resume_{name}") for name in ("session", "sample") if f"resume_{name}" in fields}
    if parts:
        fields["resume"] = parts
    try:
        return msgspec.convert({**fields, "type": "start"}, Start, strict=False)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise _refusal(error, "start_invalid") from error


def decode_server(text: str | bytes) -> ServerMessage:
    """What a server sent.

    Raises:
        AntiphonError: `message_invalid`: it is no message known here.
    """
    try:
        return _SERVER.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise AntiphonError("The server sent a message that is not known here.", code="message_invalid") from error


def _refusal(error: Exception, code: str = "") -> BadInput:
    """The framework's words name a field and a rule, never the caller's value; those of damaged JSON name nothing."""
    said = str(error)
    if not isinstance(error, msgspec.ValidationError):
        return BadInput("Text frames hold one JSON object each.", code=code or "message_invalid")
    rule, _, place = said.partition(f" - at `{_PLACE}")
    if place.rstrip("`") == "type" or not (place or "unknown field" in rule or "missing required" in rule):
        return BadInput("`type` is one of start, finalize, keep_alive, stop.", code=code or "message_invalid")
    param = place.rstrip("`") or _quoted(rule)
    return BadInput(f"`{param}` cannot be used: {_plain(rule)}.", code=code or "start_invalid", param=param)


def _quoted(rule: str) -> str:
    return rule.partition("`")[2].partition("`")[0][:64]


def _plain(rule: str) -> str:
    """Without what the caller wrote."""
    return "a value that is not known" if rule.startswith("Invalid ") else rule[:160].lower()
