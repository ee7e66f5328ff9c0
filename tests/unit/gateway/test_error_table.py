"""One table from our errors to HTTP, with a row for each of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon import errors
from antiphon.errors import AntiphonError, AtCapacity, BadConfiguration, EngineFailed, StorageFailed, TooLong
from antiphon.gateway.errors import BY_CLASS, error_headers, meaning, retry_after_s
from antiphon.gateway.keys import check_binding

TREE = [item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, AntiphonError)]


@pytest.mark.parametrize("kind", TREE)
def test_every_error_has_a_row(kind: type[AntiphonError]) -> None:
    assert kind in BY_CLASS
    assert 400 <= meaning(kind("message")).status < 600


def test_a_code_may_mean_more_than_its_class() -> None:
    assert meaning(TooLong("long")).status == 413
    assert meaning(StorageFailed("no")).status == 503
    assert meaning(StorageFailed("no", code="storage_full")).status == 507


def test_an_error_of_a_kind_yet_unknown_is_that_of_its_parent() -> None:
    class Garbled(EngineFailed):
        code = "garbled"

    assert meaning(Garbled("gone")).status == 502


@pytest.mark.parametrize("code", ["worker_lost", "worker_start", "gpu_oom"])
def test_an_engine_that_is_back_in_a_moment_is_worth_another_call(code: str) -> None:
    lost = EngineFailed("gone", code=code)
    assert meaning(lost).status == 503
    assert retry_after_s(lost) is not None


def test_only_what_is_worth_repeating_says_when() -> None:
    assert retry_after_s(AtCapacity("full", retry_after_s=7)) == 7
    assert retry_after_s(StorageFailed("busy", code="storage_busy")) is not None
    assert retry_after_s(TooLong("long")) is None


@given(st.text())
def test_an_error_header_is_one_line_of_printable_ascii(message: str) -> None:
    value = error_headers("server_error", message)["X-Error-Message"]
    assert len(value) <= 200
    assert all(" " <= char <= "~" for char in value)


@pytest.mark.proves("X-16")
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "example.org"])  # noqa: S104
def test_without_keys_nothing_listens_beyond_this_machine(host: str) -> None:
    with pytest.raises(BadConfiguration) as refused:
        check_binding(host, ())
    assert refused.value.param == "api_keys"
    check_binding(host, ("key",))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.8.8"])
def test_on_this_machine_keys_are_optional(host: str) -> None:
    check_binding(host, ())
