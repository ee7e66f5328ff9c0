"""Two live tiers, each started by nothing but the file of variables that a two-tier set-up has.

Of those files only what this machine decides is changed: where the models are, the device with its number format, and
the fallback's address.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from antiphon.audio.encode import encode_wav
from stt_services import KEY, PATH, Figures, Process, transcribe
from whisper_fixtures import UNSURE, Script, build

pytestmark = [pytest.mark.e2e, pytest.mark.models, pytest.mark.timeout(300)]
SOUND = encode_wav(np.random.default_rng(0).normal(0, 0.1, 11_200).astype(np.float32), 16_000)
TEXT = "two segments | of some words"
SAID = "two segments of some words"
ANSWER = {
    *("request_id", "text", "language", "language_probability", "duration", "segments", "model", "confidence"),
    *("fallback_used", "timings_ms"),
}
PRIMARY = {
    "CT2_SMALL_PATH": "",
    "DEVICE": "cpu",
    "DEVICE_INDEX": "0",
    "COMPUTE_TYPE": "int8",
    "CPU_THREADS": "2",
    "MAX_CONCURRENCY": "2",
    "SERVER_COMMIT": "prod-2025-08-18",
    "CONF_LOGPROB_THRESHOLD": "0.55",
    "CONF_LANGPROB_THRESHOLD": "0.70",
    "MIN_WORDS_FOR_CONF": "3",
    "FALLBACK_URL": "",
    "FALLBACK_API_KEY": "fb_key_123",
    "API_KEYS": KEY,
    "RATE_LIMIT_RPS": "15",
    "RATE_LIMIT_BURST": "30",
    "MAX_UPLOAD_MB": "16",
}
FALLBACK = {
    "CT2_MEDIUM_PATH": "",
    "DEVICE": "cpu",
    "DEVICE_INDEX": "0",
    "COMPUTE_TYPE": "int8",
    "CPU_THREADS": "2",
    "API_KEYS": "fb_key_123",
    "RATE_LIMIT_RPS": "60",
    "RATE_LIMIT_BURST": "120",
    "MAX_UPLOAD_MB": "16",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("files")
    build(root / "whisper-small-ct2", UNSURE)
    build(root / "whisper-medium-ct2", Script(text=TEXT, logprob=-0.05, language_probability=0.98))
    return root


@pytest.fixture(scope="module")
def fallback(folder: Path) -> Iterator[Process]:
    model = {"CT2_MEDIUM_PATH": str(folder / "whisper-medium-ct2")}
    process = Process(("stt", "--role", "fallback", "--port", "0"), folder / "stt_fallback.env", FALLBACK | model)
    yield process
    process.kill()


@pytest.fixture(scope="module")
def primary(folder: Path, fallback: Process) -> Iterator[Process]:
    own = {"CT2_SMALL_PATH": str(folder / "whisper-small-ct2"), "FALLBACK_URL": fallback.url}
    process = Process(("stt", "--role", "primary", "--port", "0"), folder / "stt_primary.env", PRIMARY | own)
    yield process
    process.kill()


@pytest.mark.proves(
    "B1", "B2", "B5", "B14", "B19", "B22", "B26", "B28", "B30", "B31", "B32", "B33", "P-1", "P-5", "P-7"
)
async def test_a_doubtful_answer_is_made_better_as_the_files_say(primary: Process) -> None:
    async with primary.client() as client:
        used = await transcribe(client, SOUND)
        told: dict[str, Any] = used.json()
        assert told.keys() == ANSWER | {"degraded"}
        assert (told["text"], told["model"], told["fallback_used"]) == (SAID, "whisper-medium-ct2", True)
        assert (used.headers["X-Conf-Below"], used.headers["X-Conf-Reason"]) == ("true", "logprob")
        assert len(told["segments"]) == 2
        # The text's confidence: the mean over the tokens of both segments.
        assert told["confidence"] == pytest.approx(np.exp(-0.05), abs=0.02)
        assert "".join(segment["text"] for segment in told["segments"]).strip() == SAID
        assert told["timings_ms"]["total"] == int(used.headers["X-Total-ms"])
        assert told["duration"] == 0.7
        assert told["request_id"] == used.headers["X-Req-Id"]
        timed = (await transcribe(client, SOUND, word_timestamps="true")).json()
        assert [word["word"].strip() for word in timed["words"]] == timed["text"].split() != []
        named = await client.post(PATH, files={"file": SOUND}, headers={"X-Req-Id": "call-1.a_b"})
        assert named.json()["request_id"] == named.headers["X-Req-Id"] == "call-1.a_b"
        wild = await client.post(PATH, files={"file": SOUND}, headers={"X-Req-Id": "no id, that"})
        assert len(wild.headers["X-Req-Id"]) == 26
        forced = await transcribe(client, SOUND, language="en")
        assert forced.headers["X-Lang-Check-Applicable"] == "false"
        assert forced.headers["X-Conf-Reason"] == "logprob", "its words are doubtful all the same"


@pytest.mark.proves("B87")
async def test_lower_thresholds_ask_the_fallback_less(primary: Process) -> None:
    async with primary.client() as client:

        async def reason(**fields: str) -> str:
            return (await transcribe(client, SOUND, language="en", **fields)).headers["X-Conf-Reason"]

        assert await reason() == "logprob"
        await primary.reloaded(CONF_LOGPROB_THRESHOLD="0.2", MIN_WORDS_FOR_CONF="6")
        assert await reason() == "min_words"
        await primary.reloaded(MIN_WORDS_FOR_CONF="2")
        assert await reason() == "none"
        await primary.reloaded(CONF_LOGPROB_THRESHOLD="0.55", MIN_WORDS_FOR_CONF="3")
        assert await reason() == "logprob"


@pytest.mark.proves("B6", "B7", "B27", "B58", "B59", "B60")
async def test_a_primary_tells_what_it_did_and_what_is_deployed(primary: Process) -> None:
    async with primary.client() as client, primary.client("") as anyone:
        before, was = (await anyone.get("/v1/metrics")).json(), await primary.figures()
        assert (await transcribe(client, SOUND)).status_code == 200
        assert (await transcribe(client, b"no sound at all")).status_code == 415
        after, now = (await anyone.get("/v1/metrics")).json(), await primary.figures()
        assert after["commit"] == "prod-2025-08-18"
        assert after["requests"] - before["requests"] == 2
        assert after["errors"] - before["errors"] == 1
        assert after["fallback"]["used"] - before["fallback"]["used"] == 1
        assert "keys" not in after
        keys = (await client.get("/v1/metrics")).json()["keys"]
        assert keys.keys() == {_name(KEY)}
        health = (await anyone.get("/v1/health")).json()
        assert (health["ok"], health["role"], health["commit"]) == (True, "primary", "prod-2025-08-18")
        assert health["model"] == "whisper-small-ct2"
    for name, labels, more in (
        ("stt_requests_total", {"endpoint": PATH, "status": "200"}, 1),
        ("stt_requests_total", {"endpoint": PATH, "status": "415"}, 1),
        ("stt_requests_exceptions_total", {"endpoint": PATH, "type": "BadAudio"}, 1),
        ("stt_fallback_total", {"result": "used"}, 1),
        ("stt_fallback_total", {"result": "failed"}, 0),
    ):
        assert _value(now, name, labels) - _value(was, name, labels) == more, (name, labels)


@pytest.mark.proves("B34", "B36", "B37", "B52", "B54", "P-8")
async def test_each_tier_has_the_limits_of_its_file(primary: Process, fallback: Process) -> None:
    for process, key, burst, window_s in ((primary, KEY, 30, 2), (fallback, "fb_key_123", 120, 2)):
        async with process.client(key) as client:
            answer = await client.get("/v1/models")
            assert answer.status_code == 200
            assert answer.headers["RateLimit-Policy"] == f'"burst";q={burst};w={window_s}'
            large = await client.post(PATH, content=bytes((16 << 20) + 1), headers={"Content-Type": "audio/wav"})
            assert (large.status_code, large.json()["error"]["code"]) == (413, "upload_too_large")
            assert "16 MiB" in large.json()["error"]["message"]
    # What one key used up is another's still: here the pace is one that a machine cannot outrun.
    await primary.reloaded(API_KEYS=f"{KEY},other", RATE_LIMIT_RPS="0.01", RATE_LIMIT_BURST="3")
    async with primary.client() as client, primary.client("other") as other:
        answers = [await client.get("/v1/models") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert int(answers[-1].headers["Retry-After"]) > 60
        assert answers[-1].json()["error"]["code"] == "rate_limited"
        assert answers[-1].headers["RateLimit"].startswith('"burst";r=0;')
        assert (await other.get("/v1/models")).status_code == 200
        assert (await client.get("/v1/health")).status_code == 200
    lines = {line["key"] for line in primary.lines("request") if line["status"] == "429"}
    assert lines == {_name(KEY)}


def _name(key: str) -> str:
    """What a key is called where it must not be told."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def _value(figures: Figures, name: str, labels: dict[str, str]) -> float:
    return figures.get((name, frozenset(labels.items())), 0.0)
