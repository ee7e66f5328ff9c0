"""The messages of live transcription: every one survives the wire, and nothing that arrives breaks the parser."""

import json
from contextlib import suppress
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import AntiphonError, BadInput
from antiphon.events import live as wire

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from([*wire.Start.__struct_fields__, "type", "nonsense"])
STARTS = st.dictionaries(FIELDS, JSON | st.sampled_from(["opus", "s16le", "en", 16_000, True]), max_size=6)
TYPES = st.sampled_from(["start", "finalize", "keep_alive", "stop", "ack", ""])


def refused(text: str | bytes) -> BadInput | None:
    try:
        wire.decode_client(text)
    except BadInput as error:
        return error
    return None


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_text_is_a_message_or_refused(text: str | bytes) -> None:
    error = refused(text)
    assert error is None or error.code in {"message_invalid", "start_invalid"}


@given(STARTS, TYPES | JSON)
def test_any_object_is_a_message_or_refused_by_name(fields: dict[str, Any], kind: Any) -> None:
    error = refused(json.dumps({**fields, "type": kind}))
    if error is not None and error.code == "start_invalid":
        assert error.param


@given(JSON)
def test_a_refusal_does_not_repeat_what_was_sent(value: Any) -> None:
    secret = "canary-4711"
    error = refused(json.dumps({"type": "start", "encoding": secret, "prompt": value}))
    assert error is not None
    assert secret not in error.message


@given(STARTS)
def test_any_query_is_a_start_or_refused(fields: dict[str, Any]) -> None:
    with suppress(BadInput):
        assert isinstance(wire.start_of({name: str(value) for name, value in fields.items()}), wire.Start)


def test_a_query_says_what_a_start_says() -> None:
    start = wire.start_of(
        {
            "encoding": "mulaw",
            "sample_rate": "8000",
            "interim": "false",
            "hotwords": ["Zürich", "Bülach"],
            "endpointing_ms": "800",
            "resume_session": "abc",
            "resume_sample": "1600",
        }
    )
    assert start == wire.Start(
        encoding=wire.Encoding.MULAW,
        sample_rate=8_000,
        interim=False,
        hotwords=("Zürich", "Bülach"),
        endpointing_ms=800,
        resume=wire.Resume("abc", 1_600),
    )
    assert wire.decode_client(wire.encode(start)) == start


@pytest.mark.parametrize("encoding", wire.Encoding)
def test_every_encoding_has_a_usual_rate(encoding: wire.Encoding) -> None:
    assert wire.Start(encoding=encoding).rate_hz in (8_000, 16_000, 48_000)


MESSAGES: tuple[wire.ServerMessage, ...] = (
    wire.Started("abc", "moonshine", 16_000, 0, 0.048, 30.0, 25.0),
    wire.SpeechStarted(1.0),
    wire.SpeechEnded(2.0),
    wire.Partial("good morning", "good", 0.5, 1.5),
    wire.Final(
        "good morning", 0.5, 1.5, 24_000, 0.9, "en", wire.Cause.ENDPOINT, 120, "moonshine",
        words=(wire.FinalWord("good", 0.5, 0.8), wire.FinalWord("morning", 0.8, 1.5, 0.7)),
    ),
    wire.Ack(16_000),
    wire.Error("engine_failed", "it broke", fatal=False),
    wire.Closing("stopped", 1000, 24_000),
)  # fmt: skip


def test_every_server_message_survives_the_wire() -> None:
    assert {type(message) for message in MESSAGES} == set(get_args(wire.ServerMessage))
    for message in MESSAGES:
        assert wire.decode_server(wire.encode(message)) == message
        assert json.loads(wire.encode(message))["type"] == type(message).__struct_config__.tag


@pytest.mark.parametrize("message", [wire.Finalize(), wire.KeepAlive(), wire.Stop()])
def test_short_messages_are_short(message: wire.ClientMessage) -> None:
    assert wire.decode_client(wire.encode(message)) == message
    assert wire.decode_client(json.dumps({"type": type(message).__struct_config__.tag})) == message


def test_a_newer_server_may_say_more_but_not_something_else() -> None:
    assert wire.decode_server('{"type":"ack","sample":1,"more":true}') == wire.Ack(1)
    with pytest.raises(AntiphonError) as refusal:
        wire.decode_server('{"type":"song"}')
    assert refusal.value.code == "message_invalid"


def test_close_codes_are_codes_that_may_be_sent() -> None:
    assert all(code in {1001, 1003, 1007, 1009, 1013} or 4000 <= code < 5000 for code in wire.CLOSE_CODES.values())
    assert wire.close_code("something else") == 1011
