import pytest

from antiphon import errors
from antiphon.errors import AntiphonError, AtCapacity, BadAudio, EngineFailed
from antiphon.serving.seat import back_off_s
from antiphon.serving.wire import HEADER, BrokenWire, error_fields, error_from, head, lengths, unpack

TYPED = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AntiphonError)]


@pytest.mark.parametrize("kind", TYPED)
def test_every_typed_error_crosses_the_wire(kind: type[AntiphonError]) -> None:
    sent = kind("What happened.", code="a_code")
    fields = unpack(head(error_fields(sent, "worker_error"), b"")[HEADER.size :])
    back = error_from(fields)
    assert type(back) is kind
    assert (back.message, back.code, back.param, back.retryable) == ("What happened.", "a_code", None, sent.retryable)


def test_what_belongs_to_an_error_crosses_too() -> None:
    full = error_from(error_fields(AtCapacity("Full.", retry_after_s=7), ""))
    assert isinstance(full, AtCapacity)
    assert full.retry_after_s == 7
    assert error_from(error_fields(BadAudio("Bad.", param="file"), "")).param == "file"


def test_untyped_errors_do_not_carry_their_words() -> None:
    fields = error_fields(ValueError("the caller said: my number is 079"), "worker_error")
    assert "079" not in str(fields)
    assert isinstance(error_from(fields), EngineFailed)


def test_unknown_error_is_an_engine_failure() -> None:
    assert type(error_from({"error": "sys", "code": "x", "message": "m"})) is EngineFailed


@pytest.mark.parametrize("header", [HEADER.pack(1 << 31, 0), HEADER.pack(0, 1 << 60)])
def test_absurd_lengths_break_the_wire(header: bytes) -> None:
    with pytest.raises(BrokenWire):
        lengths(header)


def test_nonsense_breaks_the_wire() -> None:
    with pytest.raises(BrokenWire):
        unpack(b"\xc1")


def test_first_loss_restarts_at_once_then_back_off_doubles_to_its_limit() -> None:
    assert [back_off_s(losses) for losses in range(10)] == [0, 0, 1, 2, 4, 8, 16, 30, 30, 30]
    assert back_off_s(10_000) == 30
