"""Settings that can be used and are still likely mistakes."""

import pytest

from antiphon.config import load

QUIET = {"FALLBACK_API_KEY": "k", "API_KEYS": "k"}


@pytest.mark.parametrize(
    ("role", "env", "says"),
    [
        ("fallback", {"RATE_LIMIT_BURST": "7"}, "less than 4 for each of the 2 slots"),
        ("fallback", {"MAX_CONCURRENCY": "31"}, "replica of the primary"),
        ("primary", {"RATE_LIMIT_BURST": "3"}, "less than 2 for each of the 2 slots"),
        ("primary", {"ANTIPHON_STT__DEADLINE_S": "65"}, "not below 65"),
        ("primary", {"ANTIPHON_STT__FALLBACK_TIMEOUT_S": "62"}, "can never pass"),
        ("primary", {"QUEUE_TIMEOUT_S": "70"}, "can never pass"),
        ("primary", {"AUTH_DISABLED": "1"}, "does nothing"),
        ("primary", {"FALLBACK_URL": "http://<HOST>:8082"}, "placeholder"),
        ("primary", {"FALLBACK_URL": "http://b:8082", "FALLBACK_API_KEY": ""}, "answers 401"),
        ("primary", {"FALLBACK_URL": "http://127.0.0.1:8081"}, "this service itself"),
        ("primary", {"FALLBACK_URL": "http://b:1", "ANTIPHON_STT__FALLBACK_ENGINE": "moonshine"}, "does nothing"),
        ("fallback", {"FALLBACK_URL": "http://b:1"}, "does nothing for a fallback"),
        ("primary", {"DEVICE": "cuda", "CPU_THREADS": "8"}, "a lot beside a GPU"),
    ],
)
@pytest.mark.proves("X-13")
def test_a_likely_mistake_is_a_warning(role: str, env: dict[str, str], says: str) -> None:
    (warning,) = load(env=QUIET | env, role=role).warnings
    assert says in warning


@pytest.mark.parametrize("role", ["", "primary", "fallback"])
def test_nothing_is_warned_of_as_it_is_packaged(role: str) -> None:
    assert load(env={}, role=role).warnings == []


@pytest.mark.parametrize(
    "url", ["stt-fallback:8082", "ftp://x", "http://", "http://a b", "http://u:p@h", "http://h/?q", "javascript:0"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    from antiphon.errors import BadConfiguration

    with pytest.raises(BadConfiguration, match=r"stt\.fallback_url"):
        load(env={"FALLBACK_URL": url})
