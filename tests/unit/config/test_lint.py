"""Settings that can be used and are still likely mistakes."""

import pytest

from antiphon.config import lint_pair, load

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


@pytest.mark.parametrize(
    ("primary", "fallback", "replicas", "says"),
    [
        ({}, {}, 5, ["60 of the fallback is less than the 75 that 5 replicas"]),
        ({"API_KEYS": "a,b"}, {}, 3, ["15 for each of 2 keys"]),
        ({"RATE_LIMIT_RPS": "61"}, {}, 1, ["less than the 61 that 1 replica of"]),
        ({"RATE_LIMIT_RPS": "0"}, {}, 1, ["nothing bounds"]),
        ({"MAX_CONCURRENCY": "11"}, {}, 3, ["less than 132: 4 for each of the 11 slots of 3 replicas"]),
        ({"FALLBACK_API_KEY": "other"}, {}, 1, ["it answers 401"]),
        ({"MAX_UPLOAD_MB": "32"}, {}, 1, ["`server.max_upload_mb` = 16 of the fallback is below the primary's 32"]),
        ({"MAX_AUDIO_SECONDS": "900"}, {}, 1, ["`audio.max_audio_seconds` = 600"]),
        ({"MAX_CONCURRENCY": "64"}, {"RATE_LIMIT_RPS": "0"}, 100, []),
        ({}, {}, 4, []),
    ],
)
@pytest.mark.proves("B53", "B90")
def test_a_fallback_that_cannot_bear_its_primaries_is_a_warning(
    primary: dict[str, str], fallback: dict[str, str], replicas: int, says: list[str]
) -> None:
    asking = load(env={"API_KEYS": "p", "FALLBACK_API_KEY": "f", "RATE_LIMIT_BURST": "1000"} | primary, role="primary")
    asked = load(env={"API_KEYS": "f"} | fallback, role="fallback")
    warnings = list(lint_pair(asking, asked, replicas))
    assert len(warnings) == len(says)
    assert all(part in warning for part, warning in zip(says, warnings, strict=True))


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
