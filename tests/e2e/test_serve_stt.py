"""`antiphon serve stt` live over HTTP: two processes, one process with two tiers, and the ends that both come to.

The recognisers are Whispers that say what they are told to (tools/whisper_fixtures.py): what is heard is known, so what
becomes of it is too.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest

from antiphon.audio.encode import encode_wav
from antiphon.audio.pcm import to_s16_bytes
from stt_services import KEY, PATH, PATIENCE_S, USUAL, Process
from stt_services import transcribe as post
from whisper_fixtures import SURE, UNSURE, build

pytestmark = [pytest.mark.e2e, pytest.mark.models, pytest.mark.timeout(300)]
# Shorter than voice activity can tell, so that it is heard whatever it sounds like.
NOISE = np.random.default_rng(0).normal(0, 0.1, 11_200).astype(np.float32)
SOUND = encode_wav(NOISE, 16_000)
SILENCE = encode_wav(np.zeros(32_000, np.float32), 16_000)


Start = Callable[..., Process]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds a Whisper that is unsure and one that is sure."""
    root = tmp_path_factory.mktemp("models")
    build(root / "whisper-small-ct2", UNSURE)
    build(root / "whisper-medium-ct2", SURE)
    return root


@pytest.fixture(scope="module")
def start(folder: Path) -> Iterator[Start]:
    """Starts processes, which are killed in the end if they still run."""
    started: list[Process] = []

    def begin(name: str, *arguments: str, **settings: str) -> Process:
        process = Process((*arguments, "--port", "0"), folder / f"{name}.env", USUAL | settings)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()


@pytest.fixture(scope="module")
def fallback(start: Start, folder: Path) -> Process:
    model = str(folder / "whisper-medium-ct2")
    return start("fallback", "stt", "--role", "fallback", CT2_MEDIUM_PATH=model, API_KEYS="fb_key_123")


@pytest.fixture(scope="module")
def primary(start: Start, folder: Path, fallback: Process) -> Process:
    return start(
        "primary",
        *("stt", "--role", "primary"),
        CT2_SMALL_PATH=str(folder / "whisper-small-ct2"),
        FALLBACK_URL=fallback.url,
        FALLBACK_API_KEY="fb_key_123",
        SERVER_COMMIT="prod-2025-08-18",
        MAX_CONCURRENCY="1",
        MAX_QUEUE="1",
        RATE_LIMIT_RPS="1000",
        RATE_LIMIT_BURST="1000",
        MAX_UPLOAD_MB="1",
        MAX_AUDIO_SECONDS="20",
    )


async def transcribe(client: httpx2.AsyncClient, sound: bytes = SOUND, **fields: Any) -> httpx2.Response:
    return await post(client, sound, **fields)


@pytest.mark.proves("B1", "B2", "B9", "B10", "B41", "B4", "B15", "B17", "B60", "B61", "B62", "B63", "B64", "B65", "B89")
async def test_two_processes_use_skip_and_fail_the_fallback(primary: Process, fallback: Process) -> None:
    async with primary.client() as client:
        used = await transcribe(client)
        assert used.status_code == 200, used.text
        assert used.json()["text"] == SURE.text
        assert used.json()["fallback_used"] is True
        assert (used.headers["X-Fallback-Used"], used.headers["X-Final-Model"]) == ("true", "whisper-medium-ct2")
        assert (used.headers["X-Conf-Below"], used.headers["X-Conf-Reason"]) == ("true", "logprob")
        assert used.headers["X-Lang-Check-Applicable"] == "true"
        for name in ("X-Queue-Wait-ms", "X-Primary-Infer-ms", "X-Fallback-Infer-ms", "X-Total-ms"):
            assert used.headers[name].isdecimal()

        await primary.reloaded(CONF_LOGPROB_THRESHOLD="0")
        doubted = await transcribe(client)
        assert doubted.headers["X-Conf-Reason"] == "langprob"
        forced = await transcribe(client, language="en")
        assert forced.json()["text"] == UNSURE.text
        assert (forced.headers["X-Fallback-Used"], forced.headers["X-Final-Model"]) == ("false", "whisper-small-ct2")
        assert forced.headers["X-Lang-Check-Applicable"] == "false"
        assert "X-Fallback-Infer-ms" not in forced.headers

        await primary.reloaded(CONF_LOGPROB_THRESHOLD="0.55", FALLBACK_URL="http://127.0.0.1:9")
        gone = await transcribe(client)
        assert (gone.status_code, gone.headers["X-Fallback-Error"]) == (502, "remote_unreachable")
        await primary.reloaded(FALLBACK_URL=fallback.url, FALLBACK_API_KEY="wrong")
        failed = await transcribe(client)
        assert failed.status_code == 502, failed.text
        assert failed.json()["error"]["code"] == "fallback_failed"
        assert failed.headers["X-Fallback-Error"]
        assert (failed.headers["X-Fallback-Used"], failed.headers["X-Conf-Reason"]) == ("false", "logprob")
        assert failed.headers["X-Error-Type"]
        assert failed.headers["X-Error-Message"]
        await primary.reloaded(FALLBACK_API_KEY="fb_key_123")
        assert (await transcribe(client)).headers["X-Fallback-Used"] == "true"

        silent = await transcribe(client, SILENCE)
        assert (silent.status_code, silent.json()["text"]) == (200, "")
        assert silent.headers["X-Conf-Reason"] == "no_speech"

        figures = (await client.get("/metrics", headers={"Authorization": ""})).text
        for result, count in (("used", 3), ("skipped", 2), ("failed", 2)):
            assert f'stt_fallback_total{{result="{result}"}} {count}.0' in figures
        assert f'stt_requests_total{{endpoint="{PATH}",status="502"}} 2.0' in figures
        for name in ("request_total", "primary_infer", "fallback_infer", "queue_wait"):
            assert f"stt_{name}_seconds_count" in figures
        assert "stt_queue_depth 0.0" in figures
        assert "stt_in_flight 0.0" in figures
        told = (await client.get("/v1/metrics")).json()
        assert told["commit"] == "prod-2025-08-18"
        assert told["fallback"]["used"] == 3


@pytest.mark.proves("B11", "B88", "B120", "B127")
async def test_the_fallback_is_a_service_of_its_own(primary: Process, fallback: Process) -> None:
    async with fallback.client("fb_key_123") as client:
        answer = await transcribe(client, language="en")
        assert answer.json()["text"] == SURE.text
        assert (await client.get("/v1/metrics")).status_code == 404
    for process in (primary, fallback):
        async with process.client("") as client:
            health = (await client.get("/v1/health")).json()
            assert health["ok"] is True
            assert (await client.get("/v1/ready")).json() == {"ok": True, "state": "ready"}
            assert (await client.get("/v1/started")).status_code == 200
            assert "http_request_seconds" in (await client.get("/metrics")).text


@pytest.fixture
def hanging() -> Iterator[socket.socket]:
    """Connections to it stand, and nobody reads them."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


@pytest.mark.proves("F9", "B18", "B102")
async def test_a_fallback_that_hangs_costs_the_primary_no_slot(
    start: Start, folder: Path, hanging: socket.socket
) -> None:
    model, address = str(folder / "whisper-small-ct2"), f"http://127.0.0.1:{hanging.getsockname()[1]}"
    limits = {"ANTIPHON_STT__DEADLINE_S": "3", "ANTIPHON_STT__FALLBACK_TIMEOUT_S": "60", "MAX_CONCURRENCY": "1"}
    process = start("hanging", "stt", "--role", "primary", CT2_SMALL_PATH=model, FALLBACK_URL=address, **limits)
    async with process.client() as client:
        waiting = [asyncio.create_task(transcribe(client)) for _ in range(3)]
        async with asyncio.timeout(PATIENCE_S):
            asked = [(await asyncio.get_running_loop().sock_accept(hanging))[0] for _ in waiting]
        assert "stt_in_flight 0.0" in (await client.get("/metrics")).text
        assert not any(task.done() for task in waiting), "all of them wait for the fallback, and none for the one slot"
        for answer in await asyncio.gather(*waiting):
            assert (answer.status_code, answer.json()["error"]["code"]) == (504, "engine_timeout")
            assert answer.headers["X-Fallback-Error"] == "engine_timeout"
            assert answer.headers["X-Total-ms"].isdecimal()
        for connection in asked:
            connection.close()
        lines = process.lines("request")
        assert {(line["route"], line["status"]) for line in lines} == {(PATH, "504")}
        assert {line["fallback_error"] for line in lines} == {"engine_timeout"}
        assert KEY not in process.log.read_text()
    assert process.end() == 0


@pytest.mark.proves("B50", "B54", "X-15", "X-16")
async def test_what_is_refused(primary: Process) -> None:
    async with primary.client() as client:
        too_long = encode_wav(np.zeros(21 * 16_000, np.float32), 16_000)
        refused = {
            (413, "upload_too_large"): transcribe(client, bytes((1 << 20) + 1)),
            (413, "audio_too_long"): transcribe(client, too_long),
            (415, "audio_unsupported"): transcribe(client, b"ffconcat version 1.0\nfile x.wav"),
            (400, "language_invalid"): transcribe(client, language="xx"),
            (401, "unauthorized"): client.post(PATH, headers={"Authorization": "Bearer other"}),
        }
        for (status, code), call in refused.items():
            answer = await call
            assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
            assert answer.headers["X-Req-Id"] == answer.json()["error"]["request_id"]


@pytest.mark.proves("P-12")
async def test_a_full_queue_says_so_at_once(primary: Process) -> None:
    async with primary.client() as client:
        answers = await asyncio.gather(*(transcribe(client) for _ in range(30)))
        full = [answer for answer in answers if answer.status_code == 503]
        assert {answer.json()["error"]["code"] for answer in full} == {"queue_full"}
        assert all(int(answer.headers["Retry-After"]) >= 1 for answer in full)
        assert {answer.status_code for answer in answers} == {200, 503}


@pytest.mark.proves("B51", "F32")
async def test_keys_are_exchanged_under_load_without_a_false_refusal(primary: Process) -> None:
    current, stopped, statuses = [KEY], asyncio.Event(), list[int]()

    async def call() -> None:
        async with primary.client("") as client:
            while not stopped.is_set():
                header = {"Authorization": f"Bearer {current[0]}"}
                statuses.append((await client.get("/v1/models", headers=header)).status_code)

    callers = [asyncio.create_task(call()) for _ in range(3)]
    for number in range(20):
        old, new = current[0], f"key-{number}"
        await primary.reloaded(API_KEYS=f"{old},{new}")
        current[0] = new
        await asyncio.sleep(0.02)
        if number % 5 == 0:
            # What is under way was sent with the old key: let it arrive before that goes.
            await asyncio.sleep(0.1)
    await primary.reloaded(API_KEYS=f"{current[0]},{KEY}")
    stopped.set()
    await asyncio.gather(*callers)
    assert set(statuses) == {200}
    async with primary.client("key-3") as client:
        assert (await client.get("/v1/models")).status_code == 401


async def test_one_process_has_two_tiers_beside_the_conversations(start: Start, folder: Path, tmp_path: Path) -> None:
    process = start(
        "both",
        *("--data", str(tmp_path)),
        CT2_SMALL_PATH=str(folder / "whisper-small-ct2"),
        CT2_MEDIUM_PATH=str(folder / "whisper-medium-ct2"),
        RATE_LIMIT_RPS="0.01",
        RATE_LIMIT_BURST="4",
    )
    async with process.client() as client:
        used = await transcribe(client)
        assert used.json()["text"] == SURE.text, used.text
        assert (used.headers["X-Fallback-Used"], used.headers["X-Final-Model"]) == ("true", "whisper-medium-ct2")
        raw = await client.post(
            PATH,
            content=to_s16_bytes(NOISE),
            headers={"Content-Type": "audio/pcm;rate=16000"},
            params={"language": "en"},
        )
        assert raw.json()["text"] == SURE.text
        begun = await client.post("/api/conversations")
        assert begun.status_code == 201
        assert (await client.get("/v1/models")).json()["data"]
        limited = await client.get("/v1/models")
        assert (limited.status_code, limited.json()["error"]["code"]) == (429, "rate_limited")
        assert int(limited.headers["Retry-After"]) >= 1
    assert process.end() == 0


@contextlib.asynccontextmanager
async def half_sent(process: Process) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter, bytes]]:
    """A request whose second half is still to come."""
    host, port = process.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {KEY}\r\nContent-Type: audio/wav\r\n"
    writer.write(f"{head}Content-Length: {len(SOUND)}\r\n\r\n".encode() + SOUND[:1000])
    await writer.drain()
    try:
        yield reader, writer, SOUND[1000:]
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def draining(client: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if (await client.get("/v1/ready")).json()["state"] == "draining":
                return
            await asyncio.sleep(0.01)


@pytest.mark.proves("F19", "P-9")
async def test_work_that_has_begun_is_finished_before_the_end(start: Start) -> None:
    process = start("drained", "stt", "--role", "primary")
    async with process.client() as client, half_sent(process) as (reader, writer, second_half):
        await transcribe(client)
        process.process.send_signal(signal.SIGTERM)
        await draining(client)
        assert (await client.get("/v1/ready")).status_code == 503
        assert (await client.get("/v1/health")).status_code == 200
        refused = await transcribe(client)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "draining")
        assert refused.headers["Retry-After"]
        writer.write(second_half)
        answer = await asyncio.wait_for(reader.read(), PATIENCE_S)
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"timings_ms" in answer
    process.process.communicate(timeout=PATIENCE_S)
    assert process.process.returncode == 0


@pytest.mark.proves("F19")
async def test_a_second_signal_ends_it_at_once(start: Start) -> None:
    process = start("forced", "stt", "--role", "fallback")
    async with process.client() as client, half_sent(process):
        await transcribe(client)
        process.process.send_signal(signal.SIGTERM)
        await draining(client)
        process.process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(process.process.communicate, timeout=PATIENCE_S)
    assert process.process.returncode == 0


def run(*arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "antiphon", *arguments]
    return subprocess.run(command, env=os.environ | env, capture_output=True, text=True, timeout=PATIENCE_S)


@pytest.mark.proves("X-16", "B122")
def test_without_keys_a_tier_does_not_start() -> None:
    ended = run("serve", "stt", "--port", "0")
    assert ended.returncode == 78
    assert "API_KEYS" in ended.stderr
    assert "AUTH_DISABLED" in ended.stderr
    ended = run("serve", "stt", "--port", "0", "--host", "0.0.0.0", AUTH_DISABLED="1")  # noqa: S104
    assert ended.returncode == 78
    assert "Traceback" not in ended.stderr


def test_a_port_in_use_is_found_before_anything_is_loaded(primary: Process) -> None:
    port = primary.url.rpartition(":")[2]
    ended = run("serve", "stt", "--host", "127.0.0.1", "--port", port, API_KEYS="k")
    assert ended.returncode == 78
    assert "server.port" in ended.stderr
    assert "engine_loaded" not in ended.stderr


@pytest.mark.proves("F29")
def test_a_model_that_is_not_there_ends_it_by_name(tmp_path: Path) -> None:
    ended = run("serve", "stt", "--port", "0", API_KEYS="k", CT2_SMALL_PATH=str(tmp_path / "none"))
    assert ended.returncode == 78
    assert "none" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.proves("P-14")
def test_the_configuration_is_printed_without_secrets(primary: Process) -> None:
    ended = run("serve", "stt", "--role", "primary", "--print-config", "--json", CONFIG_PATH=str(primary.file))
    assert ended.returncode == 0
    told = json.loads(ended.stdout)
    assert told["server.api_keys"]["value"] == told["stt.fallback_api_key"]["value"] == "(set)"
    assert told["stt.concurrency"]["source"] == f"{primary.file}: MAX_CONCURRENCY"
    assert told["engines.faster-whisper.model"]["source"] == f"{primary.file}: CT2_SMALL_PATH"
    assert KEY not in ended.stdout + ended.stderr


def test_the_command_helps_by_examples() -> None:
    told = run("serve", "--help").stdout
    assert "stt" in told
    assert "--data" in told
    assert "CONFIG_PATH=stt_primary.env antiphon serve stt" in " ".join(run("serve", "stt", "--help").stdout.split())
