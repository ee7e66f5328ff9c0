"""What operators of live speech-to-text count on: figures, lines, limits, replicas, and the variables that set them.

A primary that is unsure, the fallback that it asks, and a slow service with one slot, as processes of their own.
"""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from typer.testing import CliRunner

from antiphon.audio.encode import encode_wav
from antiphon.cli.main import application
from antiphon.events.speech import Samples
from antiphon.serving import gpu
from stt_services import KEY, PATH, USUAL, Figures, Process, transcribe
from whisper_fixtures import SURE, UNSURE, Script, build, made_up

pytestmark = [pytest.mark.e2e, pytest.mark.models, pytest.mark.timeout(300)]
# Shorter than voice activity can tell, so that it is heard whatever it sounds like.
SOUND = encode_wav(np.random.default_rng(0).normal(0, 0.1, 11_200).astype(np.float32), 16_000)
SILENCE = encode_wav(np.zeros(12 * 16_000, np.float32), 16_000)
WORDS = 200
FORWARDING, STRANGER = "127.0.0.2", "127.0.0.3"
"""Addresses that calls come from: a proxy's that is trusted, and another."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("operations")
    build(root / "whisper-small-ct2", UNSURE)
    build(root / "whisper-medium-ct2", SURE)
    build(root / "slow", Script(text=made_up(WORDS), seconds=28.0), shape="tiny")
    return root


def service(folder: Path, name: str, role: str, **settings: str) -> Process:
    home = folder / f"{name}-home"
    home.mkdir()
    return Process(
        ("stt", "--role", role, "--port", "0"), folder / f"{name}.env", USUAL | {"RATE_LIMIT_RPS": "0"} | settings, home
    )


@pytest.fixture(scope="module")
def fallback(folder: Path) -> Iterator[Process]:
    model = str(folder / "whisper-medium-ct2")
    limits = {"MAX_AUDIO_SECONDS": "90", "MAX_CONCURRENCY": "1", "MAX_QUEUE": "32"}
    process = service(folder, "fallback", "fallback", CT2_MEDIUM_PATH=model, API_KEYS="fb_key_123", **limits)
    yield process
    process.kill()


def primary_of(folder: Path, fallback: Process, name: str) -> Process:
    model = str(folder / "whisper-small-ct2")
    asked = {"FALLBACK_URL": fallback.url, "FALLBACK_API_KEY": "fb_key_123"}
    return service(folder, name, "primary", CT2_SMALL_PATH=model, MAX_UPLOAD_MB="1", **asked)


@pytest.fixture(scope="module")
def primary(folder: Path, fallback: Process) -> Iterator[Process]:
    process = primary_of(folder, fallback, "primary")
    yield process
    process.kill()


@pytest.fixture(scope="module")
def slow(folder: Path) -> Iterator[Process]:
    """One slot, one place to wait, and every setting that has a variable of its own."""
    process = service(
        folder,
        "slow",
        "primary",
        CT2_SMALL_PATH=str(folder / "slow"),
        CPU_THREADS="1",
        MAX_CONCURRENCY="1",
        BEAM_SIZE="3",
        MAX_AUDIO_SECONDS="5",
        DRAIN_TIMEOUT_S="0.5",
        TRUSTED_PROXIES=FORWARDING,
        MAX_QUEUE="1",
        LOG_TRANSCRIPTS="1",
    )
    yield process
    process.kill()


def counted(before: Figures, after: Figures, name: str, **labels: str) -> float:
    """How much a figure grew, over all its series that have these labels."""
    wanted = labels.items()
    grown = (
        value - before.get(key, 0.0)
        for key, value in after.items()
        if key[0] == name and wanted <= dict(key[1]).items()
    )
    return sum(grown)


@pytest.mark.proves("B3")
async def test_the_event_loop_goes_on_while_a_recording_is_recognised(slow: Process) -> None:
    async with slow.client() as client, slow.client("") as other:
        working = asyncio.create_task(transcribe(client, SOUND))
        await slow.until_figure("stt_in_flight", 1.0)
        answered = 0
        while not working.done():
            assert (await other.get("/v1/health")).status_code == 200
            answered += 1
        answer = await working
        assert answer.status_code == 200, answer.text
        assert len(answer.json()["text"].split()) == WORDS
    assert answered >= 20, "a loop that waits for the one recording answers nothing meanwhile"
    assert (await slow.figures())["event_loop_blocked_total", frozenset()] == 0


@pytest.mark.proves("B8", "B66", "B98", "B127")
async def test_figures_tell_of_gpus_only_where_there_are_some_and_of_memory_always(
    primary: Process, fallback: Process
) -> None:
    for process in (primary, fallback):
        figures = await process.figures()
        names = {name for name, _ in figures}
        assert figures["process_resident_memory_bytes", frozenset()] > 0
        told = {name for name in names if name.startswith("stt_gpu_")}
        there = {"stt_gpu_utilization_pct", "stt_gpu_mem_used_mb", "stt_gpu_mem_total_mb"}
        assert told == (there if gpu.find() else set())
        assert {"stt_queue_depth", "stt_in_flight", "event_loop_lag_seconds", "calls_refused_total"} <= names
        assert not [name for name in names if name.endswith("_created")]


@pytest.mark.proves("B55")
async def test_long_recordings_are_cut_and_put_together_up_to_the_limit_and_refused_beyond(
    fallback: Process, beckett: Samples
) -> None:
    speech = np.resize(beckett, 91 * 16_000)
    async with fallback.client("fb_key_123") as client:
        refused = await transcribe(client, encode_wav(speech, 16_000))
        assert (refused.status_code, refused.json()["error"]["code"]) == (413, "audio_too_long")
        assert "longer than 90 s; send it in parts" in refused.json()["error"]["message"]
        told = (await transcribe(client, encode_wav(speech[: 75 * 16_000], 16_000), word_timestamps="true")).json()
    assert told["duration"] == 75.0
    segments = told["segments"]
    assert len(segments) >= 3, "a part of at most 30 s each"
    assert told["text"].split() == SURE.text.split() * len(segments)
    starts_s = [segment["start"] for segment in segments]
    assert starts_s == sorted(starts_s)
    assert starts_s[-1] > 45.0, "times are those of the whole recording"
    assert all(a["end"] <= b["start"] for a, b in itertools.pairwise(segments))
    assert len(told["words"]) == len(told["text"].split())


@pytest.mark.proves("B57", "B32", "B50")
async def test_the_fallback_takes_the_key_of_the_primary_and_no_other(primary: Process, fallback: Process) -> None:
    for key in ("", KEY, "fb_key_12", "fb_key_1234", "FB_KEY_123"):
        async with fallback.client(key, STRANGER) as client:
            answer = await transcribe(client, SOUND)
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    async with primary.client() as client:
        assert (await transcribe(client, SOUND)).json()["text"] == SURE.text


@pytest.mark.proves("B56", "P-13")
async def test_only_a_trusted_proxy_says_whose_call_it_is(slow: Process) -> None:
    async def guesses(through: str) -> list[int]:
        async with slow.client("guess", through) as client:
            header = "X-Forwarded-For"
            return [(await client.get("/v1/models", headers={header: f"203.0.113.{n}"})).status_code for n in range(12)]

    assert await guesses(FORWARDING) == [401] * 12, "twelve callers, of whom each guessed once"
    assert 429 in await guesses(STRANGER), "one caller, whatever it writes"
    addresses = [line["client"] for line in slow.lines("request") if line["route"] in ("/v1/models", "none")]
    assert {f"203.0.113.{n}" for n in range(12)} <= set(addresses)
    assert addresses.count(STRANGER) == 12


@pytest.mark.proves("B67")
async def test_each_request_is_one_line_for_machines(primary: Process) -> None:
    async with primary.client() as client:
        header = {"X-Req-Id": "line-1"}
        answer = await client.post(PATH, files={"audio": SOUND}, headers=header)
        refused = await client.post(PATH, files={"audio": b"no sound"}, headers={"X-Req-Id": "line-2"})
    lines = {line["request_id"]: line for line in primary.lines("request")}
    assert len([line for line in primary.lines("request") if line["request_id"] == "line-1"]) == 1
    for request_id, told in (("line-1", answer), ("line-2", refused)):
        line = lines[request_id]
        assert (line["method"], line["route"], line["status"]) == ("POST", PATH, str(told.status_code))
        assert (line["client"], line["sent_bytes"]) == ("127.0.0.1", len(told.content))
        assert line["received_bytes"] == int(told.request.headers["Content-Length"])
        assert line["ms"] > 0
    assert refused.status_code == 415
    assert lines["line-2"]["error_type"] == refused.headers["X-Error-Type"]
    assert lines["line-2"]["error"] == refused.headers["X-Error-Message"]
    assert KEY not in primary.log.read_text()


@pytest.mark.proves("B81", "B82", "B83", "P-10")
async def test_objectives_can_be_reckoned_from_the_figures_exactly(primary: Process) -> None:
    before = await primary.figures()
    async with primary.client() as client:
        used = [await transcribe(client, SOUND) for _ in range(5)]
        silent = [await transcribe(client, SILENCE) for _ in range(4)]
        refused = [await transcribe(client, SOUND, language="xx"), await transcribe(client, b"no sound")]
        await primary.reloaded(FALLBACK_API_KEY="wrong")
        failed = [await transcribe(client, SOUND) for _ in range(2)]
        await primary.reloaded(FALLBACK_API_KEY="fb_key_123")
    after = await primary.figures()

    def grown(name: str, **labels: str) -> float:
        return counted(before, after, name, **labels)

    # Availability: what was the caller's fault is no failure of ours.
    by_status = {code: grown("stt_requests_total", endpoint=PATH, status=code) for code in ("200", "400", "415", "502")}
    assert by_status == {"200": 9, "400": 1, "415": 1, "502": 2}
    assert {answer.status_code for answer in refused} == {400, 415}
    requests = grown("stt_requests_total")
    assert requests == 13
    # Failures of the fallback, as a share of all requests.
    assert grown("stt_fallback_total", result="failed") / requests == 2 / 13
    assert grown("stt_requests_exceptions_total", type="FallbackFailed") == 2
    # Times, for clips of each length, with an edge of the buckets where the objective lies.
    for clip, answers in (("le10", [*used, *failed]), ("le30", silent)):
        assert grown("stt_request_total_seconds_count", dur_bucket=clip) == len(answers)
        within = grown("stt_request_total_seconds_bucket", dur_bucket=clip, le="1.0")
        took_ms = [int(answer.headers["X-Total-ms"]) for answer in answers]
        assert sum(ms < 1000 for ms in took_ms) <= within <= sum(ms <= 1000 for ms in took_ms)


@pytest.mark.proves("B84", "B85", "B106")
def test_the_knee_of_a_live_service_is_found_and_recommended(fallback: Process, tmp_path: Path) -> None:
    (tmp_path / "clip.wav").write_bytes(SOUND)
    steps = ["--concurrency", "1,16", "--seconds", "1.5", "--rate", "1000", "--out", str(tmp_path)]
    command = ["stt", "load", fallback.url, "--audio", str(tmp_path / "clip.wav"), "--key", "fb_key_123", *steps]
    result = CliRunner().invoke(application(["stt"]), command)
    assert result.exit_code == 0, result.output
    assert "For 1000 requests a second" in result.stdout
    report: dict[str, Any] = json.loads((tmp_path / "load.json").read_text())
    # Which of the two it is depends on what else the machine does meanwhile.
    knee = next(step for step in report["steps"] if step["concurrency"] == report["knee"]["concurrency"])
    assert f"recommended MAX_CONCURRENCY={knee['concurrency']}" in result.stdout
    assert all(step["goodput_per_s"] > 0 for step in report["steps"])
    assert report["plan"]["at_once"] == pytest.approx(1000 * knee["mean_s"])
    assert report["plan"]["replicas"] >= report["plan"]["at_once"]


@pytest.mark.proves("B95")
async def test_a_body_that_is_too_large_is_told_the_limit_however_it_is_sent(primary: Process) -> None:
    async def in_chunks() -> AsyncIterator[bytes]:
        # Little more than is taken: a body that announces no end is not read to its end.
        for _ in range((1 << 5) + 1):
            yield bytes(1 << 15)

    async with primary.client() as client:
        for body in (bytes(3 << 20), in_chunks()):
            refused = await client.post(PATH, content=body, headers={"Content-Type": "audio/wav"})
            assert (refused.status_code, refused.json()["error"]["code"]) == (413, "upload_too_large")
            assert "1 MiB (1048576 bytes): send it in parts" in refused.json()["error"]["message"]


@pytest.mark.proves("B29", "B91", "B96", "P-3")
async def test_a_forced_language_asks_no_fallback_for_a_doubtful_language(primary: Process) -> None:
    await primary.reloaded(CONF_LOGPROB_THRESHOLD="0")
    async with primary.client() as client:
        detected = await transcribe(client, SOUND)
        forced = await transcribe(client, SOUND, language="en")
        assert detected.headers["X-Conf-Reason"] == "langprob"
        assert (detected.json()["text"], forced.json()["text"]) == (SURE.text, UNSURE.text)
        assert forced.headers["X-Lang-Check-Applicable"] == "false"
        # Too few words, or words in doubt, count whatever the language.
        await primary.reloaded(MIN_WORDS_FOR_CONF="6")
        assert (await transcribe(client, SOUND, language="en")).headers["X-Conf-Reason"] == "min_words"
        await primary.reloaded(MIN_WORDS_FOR_CONF="3", CONF_LOGPROB_THRESHOLD="0.55")
        assert (await transcribe(client, SOUND, language="en")).headers["X-Conf-Reason"] == "logprob"


@pytest.mark.proves("B90", "B99")
async def test_replicas_answer_alike_keep_nothing_and_may_go(folder: Path, primary: Process, fallback: Process) -> None:
    other = primary_of(folder, fallback, "replica")
    try:
        async with AsyncExitStack() as exits:
            clients = [await exits.enter_async_context(process.client()) for process in (primary, other)]
            answers = await asyncio.gather(*(transcribe(client, SOUND) for client in clients * 8))
            assert {answer.status_code for answer in answers} == {200}, (
                "the fallback takes all that both are in doubt of"
            )
            assert {answer.headers["X-Fallback-Used"] for answer in answers} == {"true"}
            told = [_lasting(answer) for answer in answers]
            assert all(one == told[0] for one in told)
        other.kill()
        async with primary.client() as client:
            assert _lasting(await transcribe(client, SOUND)) == told[0]
        other.start()
        async with other.client() as client:
            assert _lasting(await transcribe(client, SOUND)) == told[0]
        assert other.home is not None
        assert list(other.home.rglob("*")) == []
    finally:
        other.kill()


def _lasting(answer: httpx2.Response) -> dict[str, Any]:
    """What does not differ from call to call."""
    told: dict[str, Any] = answer.json()
    return {name: value for name, value in told.items() if name not in ("request_id", "timings_ms")}


@pytest.mark.proves("P-13", "P-12")
async def test_variables_set_the_queue_the_length_and_whether_words_are_logged(
    slow: Process, primary: Process, fallback: Process
) -> None:
    async with slow.client() as client:
        first = asyncio.create_task(transcribe(client, SOUND))
        await slow.until_figure("stt_in_flight", 1.0)
        second = asyncio.create_task(transcribe(client, SOUND))
        await slow.until_figure("stt_queue_depth", 1.0)
        third = await transcribe(client, SOUND)
        assert (third.status_code, third.json()["error"]["code"]) == (503, "queue_full")
        assert [answer.status_code for answer in await asyncio.gather(first, second)] == [200, 200]
        long = await transcribe(client, encode_wav(np.zeros(5 * 16_000 + 1, np.float32), 16_000))
        assert (long.status_code, long.json()["error"]["code"]) == (413, "audio_too_long")
        assert "longer than 5 s" in long.json()["error"]["message"]
    said = made_up(WORDS).split()[:3]
    assert " ".join(said) in slow.log.read_text()
    async with primary.client() as client:
        assert (await transcribe(client, SOUND)).json()["text"] == SURE.text
    for process in (primary, fallback):
        assert SURE.text not in process.log.read_text()


@pytest.mark.proves("P-13", "F19")
async def test_a_variable_sets_how_long_work_may_take_after_the_signal(slow: Process) -> None:
    host, port = slow.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {KEY}\r\nContent-Type: audio/wav\r\n"
    writer.write(f"{head}Content-Length: 9999\r\n\r\n".encode() + SOUND[:100])
    await writer.drain()
    async with slow.client() as client:
        assert (await client.get("/v1/health")).status_code == 200
    assert await asyncio.to_thread(slow.end) == 0, "it does not wait for the rest of what never comes"
    assert [line["at_most_s"] for line in slow.lines("draining")] == [0.5]
    assert slow.lines("drain_timeout")
    writer.close()
