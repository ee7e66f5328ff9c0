"""The SDK's client against small real servers."""

import asyncio
import re
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from antiphon.audio import wav
from antiphon.errors import (
    AntiphonError,
    AtCapacity,
    BadAudio,
    BadConfiguration,
    BadInput,
    EngineFailed,
    FallbackFailed,
    NotAllowed,
    NotFound,
    TimedOut,
    TooLong,
)
from antiphon.sdk import CallRecord, Client, Retries, SyncClient
from little_server import Answer, Asked, LittleServer, heard, refused

QUICK = Retries(2, jitter_s=(0.0, 0.001))


@pytest.fixture
async def server() -> AsyncIterator[LittleServer]:
    async with LittleServer() as little:
        yield little


def form(asked: Asked) -> dict[str, bytes]:
    """The fields of a multipart body."""
    boundary = re.search(r"boundary=(.*)", asked.headers["content-type"])
    assert boundary is not None
    parts = asked.body.split(b"--" + boundary[1].encode())[1:-1]
    fields = {}
    for part in parts:
        head, _, value = part.strip(b"\r\n").partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]*)"', head)
        assert name is not None
        fields[name[1].decode()] = value
    return fields


@pytest.mark.proves("B12")
async def test_a_recording_goes_out_and_a_typed_transcription_comes_back(server: LittleServer) -> None:
    async with Client(server.url + "/", "secret") as client:
        heard_ = await client.transcribe(
            b"RIFF", language="en", prompt="before", hotwords=("Antiphon", "Zürich"), word_timestamps=True
        )
    assert (heard_.text, heard_.language, heard_.model, heard_.confidence) == ("hello", "en", "little", 0.8)
    assert (heard_.duration_s, heard_.segments[0].end_s, heard_.timings_ms["total"]) == (1.5, 1.5, 7)
    assert (heard_.request_id, heard_.reason, heard_.fallback_used) == ("server-id", "none", False)
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.headers["authorization"]) == ("POST", "/v1/transcribe", "Bearer secret")
    fields = form(asked)
    assert fields.pop("audio") == b"RIFF"
    assert fields == {
        "language": b"en",
        "prompt": b"before",
        "hotwords": "Antiphon, Zürich".encode(),
        "word_timestamps": b"true",
    }


async def test_what_was_not_asked_for_is_not_sent(server: LittleServer) -> None:
    async with Client(server.url) as client:
        await client.transcribe(b"RIFF")
    assert list(form(server.asked[0])) == ["audio"]
    assert "authorization" not in server.asked[0].headers


async def test_samples_are_sent_as_wav_and_paths_as_they_are(server: LittleServer, tmp_path: Path) -> None:
    tone = np.sin(np.arange(4000, dtype=np.float32) / 10).astype(np.float32)
    (tmp_path / "order.flac").write_bytes(b"fLaC")
    async with Client(server.url) as client:
        await client.transcribe(tone, rate_hz=8000)
        await client.transcribe(tmp_path / "order.flac")
        with pytest.raises(NotFound):
            await client.transcribe(tmp_path / "absent.wav")
        with pytest.raises(BadInput, match="float32"):
            await client.transcribe(tone.astype(np.float64))
        with pytest.raises(BadInput, match="hotwords"):
            await client.transcribe(tone, hotwords="Zürich")
    sent = form(server.asked[0])["audio"]
    described = wav.parse(sent)
    assert described is not None
    assert described.rate_hz == 8000
    assert np.abs(wav.samples(sent, described)[0] - tone).max() < 1e-4
    assert form(server.asked[1])["audio"] == b"fLaC"
    assert b'filename="order.flac"' in server.asked[1].body
    assert len(server.asked) == 2


async def test_a_call_that_may_pass_is_made_again_under_the_same_id(server: LittleServer) -> None:
    answers = iter([refused(503, "queue_full", "overloaded_error", Retry_After="0"), refused(502, "engine"), heard()])

    async def behave(_: Asked) -> Answer:
        return next(answers)

    server.behaviour = behave
    records: list[CallRecord] = []
    async with Client(server.url, retries=QUICK, on_call=records.append) as client:
        assert (await client.transcribe(b"RIFF")).text == "hello"
    ids = {asked.headers["x-req-id"] for asked in server.asked}
    assert len(server.asked) == 3
    assert len(ids) == 1
    (record,) = records
    assert (record.attempts, record.status, record.error_code) == (3, 200, "")
    assert {record.request_id} == ids
    assert record.server_ms == {"queue_wait": 1, "total": 7}
    assert (record.sent_bytes, record.received_bytes) == (4, len(heard().body))


async def test_a_connection_that_breaks_is_made_again(server: LittleServer) -> None:
    async def behave(_: Asked) -> Answer:
        if server.transcribed == 1:
            for writer in list(server._writers):
                writer.transport.abort()
        return heard()

    server.behaviour = behave
    async with Client(server.url, retries=QUICK) as client:
        assert (await client.transcribe(b"RIFF")).text == "hello"
    assert server.transcribed == 2


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (refused(401, "unauthorized", "authentication_error"), NotAllowed, "unauthorized"),
        (refused(400, "language_unknown", "invalid_request_error"), BadInput, "language_unknown"),
        (refused(400, "audio_damaged", "invalid_request_error"), BadAudio, "audio_damaged"),
        (refused(413, "upload_too_large", "invalid_request_error"), TooLong, "upload_too_large"),
        (refused(415, "audio_unsupported", "invalid_request_error"), BadAudio, "audio_unsupported"),
        (refused(500, "internal", "server_error"), EngineFailed, "internal"),
        (Answer(418, b"<html>teapot</html>"), BadInput, "http_418"),
        (Answer(200, b'{"no":"text"}'), EngineFailed, "bad_answer"),
        (Answer(200, b"\xff\xfe"), EngineFailed, "bad_answer"),
        (Answer(301, b"", {"Location": "http://elsewhere.invalid/"}), EngineFailed, "http_301"),
    ],
)
async def test_refusals_that_will_not_pass_are_raised_at_once(
    server: LittleServer, answer: Answer, kind: type[AntiphonError], code: str
) -> None:
    async def behave(_: Asked) -> Answer:
        return answer

    server.behaviour = behave
    records: list[CallRecord] = []
    async with Client(server.url, retries=QUICK, on_call=records.append) as client:
        with pytest.raises(kind) as caught:
            await client.transcribe(b"RIFF", request_id="mine")
        assert client.latency.snapshot().failures == 1
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert caught.value.request_id in ("server-id", "mine"), "the server's, or where it tells none, the call's"
    assert [(record.error_code, record.status) for record in records] == [(code, answer.status)]
    assert server.transcribed == 1


async def test_an_error_carries_the_id_and_the_headers_that_explain_it(server: LittleServer) -> None:
    async def behave(_: Asked) -> Answer:
        return refused(502, "fallback_failed", X_Fallback_Error="remote_timeout", X_Conf_Reason="logprob")

    server.behaviour = behave
    async with Client(server.url, retries=0) as client:
        with pytest.raises(FallbackFailed) as caught:
            await client.transcribe(b"RIFF")
    assert caught.value.request_id == "server-id"
    assert caught.value.told["x-fallback-error"] == "remote_timeout"
    assert caught.value.told["x-conf-reason"] == "logprob"
    assert "content-length" not in caught.value.told


async def test_a_server_that_has_no_room_for_longer_than_the_deadline_is_not_waited_for(server: LittleServer) -> None:
    async def behave(_: Asked) -> Answer:
        return refused(429, "rate_limited", "rate_limit_error", Retry_After="3600")

    server.behaviour = behave
    async with Client(server.url, retries=5) as client:
        with pytest.raises(AtCapacity) as caught:
            await asyncio.wait_for(client.transcribe(b"RIFF", deadline_s=60), 30)
    assert caught.value.retry_after_s == 3600
    assert server.transcribed == 1


async def test_the_deadline_ends_a_call_and_closes_its_connection(server: LittleServer) -> None:
    hanging = asyncio.Event()

    async def behave(_: Asked) -> Answer:
        await hanging.wait()
        return heard()

    server.behaviour = behave
    async with Client(server.url, retries=5) as client:
        with pytest.raises(TimedOut) as caught:
            await client.transcribe(b"RIFF", deadline_s=0.2)
        assert caught.value.code == "deadline"
        assert caught.value.request_id == server.asked[0].headers["x-req-id"]
        await server.closed_early.wait()
    assert server.transcribed == 1


async def test_cancelling_closes_the_connection_and_is_told(server: LittleServer) -> None:
    arrived = asyncio.Event()

    async def behave(_: Asked) -> Answer:
        arrived.set()
        await asyncio.Event().wait()
        return heard()

    server.behaviour = behave
    records: list[CallRecord] = []
    async with Client(server.url, on_call=records.append) as client:
        call = asyncio.create_task(client.transcribe(b"RIFF"))
        await arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await server.closed_early.wait()
        assert [record.error_code for record in records] == ["cancelled"]
        assert client.latency.snapshot().calls == 0


async def test_a_new_key_counts_from_the_next_attempt_on(server: LittleServer) -> None:
    async with Client(server.url, "old", retries=QUICK) as client:

        async def behave(asked: Asked) -> Answer:
            client.key = "new"
            return heard() if asked.headers["authorization"] == "Bearer new" else refused(503, "queue_full")

        server.behaviour = behave
        await client.transcribe(b"RIFF")
    assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer old", "Bearer new"]


async def test_nobody_there_is_an_error_of_ours() -> None:
    async with Client("http://127.0.0.1:9", retries=QUICK) as client:
        with pytest.raises(EngineFailed) as caught:
            await client.transcribe(b"RIFF")
    assert caught.value.code == "unreachable"
    assert caught.value.request_id


@pytest.mark.parametrize("url", ["", "localhost:8081", "ftp://host", "http://", "http://[", "file:///etc/passwd"])
def test_no_address_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(BadConfiguration):
        Client(url)


async def test_state_models_and_figures(server: LittleServer) -> None:
    server.pages["/v1/ready"] = Answer(503, b'{"ok":false,"state":"draining"}')
    server.pages["/v1/models"] = Answer(body=b'{"object":"list","data":[{"id":"m","created":1,"owned_by":"us"}]}')
    server.pages["/v1/metrics"] = Answer(body=b'{"requests":3,"latency_ms":{"p50":1.5}}')
    async with Client(server.url) as client:
        health, ready = await client.health(), await client.ready()
        assert (health.ok, health.commit, ready.ok, ready.state) == (True, "abc", False, "draining")
        assert [model.id for model in await client.models()] == ["m"]
        assert (await client.metrics())["latency_ms"]["p50"] == 1.5


async def test_a_hook_that_breaks_breaks_no_call(server: LittleServer) -> None:
    told: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))

    def broken(_: CallRecord) -> None:
        raise ZeroDivisionError

    async with Client(server.url, on_call=broken) as client:
        assert (await client.transcribe(b"RIFF")).text == "hello"
    assert isinstance(told[0]["exception"], ZeroDivisionError)


async def test_latency_counts_what_was_answered(server: LittleServer) -> None:
    async with Client(server.url) as client:
        for _ in range(3):
            await client.transcribe(b"RIFF")
        figures = client.latency.snapshot()
    assert (figures.calls, figures.failures, figures.window) == (3, 0, 3)
    assert figures.p50_s is not None
    assert figures.p99_s is not None
    assert 0 < figures.p50_s <= figures.p99_s


def test_scripts_call_without_await_from_any_thread() -> None:
    ready, stop = threading.Event(), threading.Event()
    servers: list[LittleServer] = []

    async def serve() -> None:
        async with LittleServer() as little:
            servers.append(little)
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    ready.wait()
    texts: list[str] = []
    with SyncClient(servers[0].url, "old") as client:
        client.key = "new"
        callers = [threading.Thread(target=lambda: texts.append(client.transcribe(b"RIFF").text)) for _ in range(4)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        assert client.health().ok
        with pytest.raises(NotFound):
            client.models()
        assert (client.key, client.latency.snapshot().calls) == ("new", 4)
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.health()
    stop.set()
    thread.join()
    assert texts == ["hello"] * 4


def test_an_application_pays_for_nothing_but_the_client() -> None:
    code = (
        "import sys, antiphon.sdk; heavy = {'fastapi', 'starlette', 'uvicorn', 'av', 'soxr', 'onnxruntime', "
        "'ctranslate2', 'sqlalchemy', 'structlog', 'pydantic'}; print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
