"""P-6 over HTTP: every refusal has the one body, its id in body and header, and tells nothing that is ours to know."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from antiphon.audio.encode import encode_wav
from antiphon.conversations.service import ConversationEngines, ConversationService
from antiphon.conversations.settings import ConversationSettings
from antiphon.events.dialogue import ReplyDone, TextDelta
from antiphon.events.speech import Samples
from antiphon.gateway.asgi import OPEN_PATHS, Services, build
from antiphon.gateway.door import FrontDoor
from antiphon.gateway.settings import ServerSettings
from antiphon.gateway.starting import Arriving
from antiphon.stt.metrics import SttMetrics
from antiphon.testing.engines import ScriptedModel, WordGuard
from antiphon.testing.server import serving
from antiphon.testing.transcribers import ScriptedTranscriber
from stt_services import KEY, PATH, USUAL, Process, transcribe
from whisper_fixtures import SURE, UNSURE
from whisper_fixtures import build as build_whisper

pytestmark = [pytest.mark.e2e, pytest.mark.models, pytest.mark.timeout(300)]
SOUND = encode_wav(np.random.default_rng(0).normal(0, 0.1, 11_200).astype(np.float32), 16_000)
SPARE = "spare_key_def"
PARTS = {"type", "code", "message", "param", "request_id"}
FILE = re.compile(r"(?<![\w/])/(home|root|tmp|usr|work|app|models)/|\.py\b|Traceback")
GUESSING = "127.0.0.4"
"""An address of its own: who guesses too often is sent away for a while."""


def check(answer: httpx2.Response, status: int, code: str, type_: str) -> None:
    """The whole of P-6 for one answer."""
    assert answer.headers["Content-Type"] == "application/json", answer.text
    error: dict[str, Any] = answer.json()["error"]
    assert answer.json().keys() == {"error"}
    assert (answer.status_code, error["code"], error["type"]) == (status, code, type_), answer.text
    retried = {"retry_after_s"} if "Retry-After" in answer.headers else set()
    assert error.keys() == PARTS | retried
    assert error["message"]
    assert error["param"] is None or isinstance(error["param"], str)
    assert answer.headers["X-Req-Id"] == error["request_id"] != ""
    assert answer.headers["X-Error-Type"] == type_
    assert answer.headers["X-Error-Message"].isascii()
    if retried:
        assert int(answer.headers["Retry-After"]) >= error["retry_after_s"] > 0
    assert not FILE.search(answer.text)
    assert KEY not in answer.text


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """One process with two tiers, and conversations beside them."""
    folder = tmp_path_factory.mktemp("errors")
    build_whisper(folder / "small", UNSURE)
    build_whisper(folder / "medium", SURE)
    own = {"CT2_SMALL_PATH": str(folder / "small"), "CT2_MEDIUM_PATH": str(folder / "medium")}
    limits = {"RATE_LIMIT_RPS": "0.01", "RATE_LIMIT_BURST": "200", "MAX_UPLOAD_MB": "1", "MAX_AUDIO_SECONDS": "5"}
    keys = {"API_KEYS": f"{KEY},{SPARE}"}
    process = Process(("--data", str(folder / "data"), "--port", "0"), folder / "both.env", USUAL | own | limits | keys)
    yield process
    process.kill()


@pytest.mark.proves("P-6")
async def test_each_route_refuses_strangers_and_other_methods_in_the_same_words(service: Process) -> None:
    async with service.client() as client, service.client("", GUESSING) as stranger:
        routes = (await client.get("/openapi.json")).json()["paths"]
        assert {PATH, "/v1/audio/transcriptions", "/v1/models", "/api/conversations"} <= routes.keys()
        for path, methods in routes.items():
            address = re.sub(r"\{\w+\}", "0" * 26, path)
            known = {method.upper() for method in methods}
            if path not in OPEN_PATHS and path != "/v1/metrics":
                for method in known:
                    refused = await stranger.request(method, address)
                    check(refused, 401, "unauthorized", "authentication_error")
                    assert refused.headers["WWW-Authenticate"].startswith("Bearer")
            for method in {"PUT", "PATCH"} - known:
                other = await client.request(method, address)
                check(other, 405, "method_not_allowed", "invalid_request_error")
                assert known & set(other.headers["Allow"].split(", "))
            check(await client.get(f"{address}/nothing"), 404, *_nothing(address))


def _nothing(address: str) -> tuple[str, str]:
    """What is said of what is not below an address: it may be read as the name of something."""
    if address.startswith("/v1/models"):
        return "model_not_found", "invalid_request_error"  # as OpenAI's API has it
    found = "conversation_not_found" if address == "/api/conversations" else "path_not_found"
    return found, "not_found_error"


@pytest.mark.proves("P-6", "B54")
async def test_each_kind_of_refusal_has_its_status_and_the_same_body(service: Process) -> None:
    long = encode_wav(np.zeros(6 * 16_000, np.float32), 16_000)
    wav = {"Content-Type": "audio/wav"}
    async with service.client() as client:

        async def raw(body: Any, headers: dict[str, str] = wav, query: str = "") -> httpx2.Response:
            return await client.post(PATH + query, content=body, headers=headers)

        bad = "invalid_request_error"
        check(await raw(bytes((1 << 20) + 1)), 413, "upload_too_large", bad)
        check(await transcribe(client, long), 413, "audio_too_long", bad)
        check(await transcribe(client, b"GIF89a, which is no sound"), 415, "audio_unsupported", bad)
        check(await raw(b"{}", {"Content-Type": "application/json"}), 415, "content_type_unsupported", bad)
        check(await transcribe(client, SOUND[:44]), 400, "audio_empty", bad)
        check(await transcribe(client, SOUND, language="xx"), 400, "language_invalid", bad)
        check(await transcribe(client, SOUND, temperature="hot"), 400, "field_invalid", bad)
        none = await client.post(PATH, files={"language": (None, "en")})
        check(none, 400, "field_missing", bad)
        check(await raw(b"x", {"Content-Type": "multipart/form-data"}), 400, "form_invalid", bad)
        files = {"file": ("a.wav", SOUND, "audio/wav")}
        named = await client.post("/v1/audio/transcriptions", files=files, data={"model": "none-such"})
        check(named, 404, "model_not_found", bad)
        check(await client.get("/api/conversations?limit=0"), 400, "parameter_invalid", bad)
        json_body = {"Content-Type": "application/json"}
        begun = (await client.post("/api/conversations")).json()["conversation"]["id"]
        turn = await client.post(f"/api/conversations/{begun}/turns", content=b"{", headers=json_body)
        check(turn, 400, "json_invalid", bad)
    # A key of its own, and its bucket is emptied.
    async with service.client(SPARE) as client:
        for _ in range(200):
            limited = await client.get("/v1/models")
            if limited.status_code != 200:
                break
        check(await client.get("/v1/models"), 429, "rate_limited", "rate_limit_error")
    async with service.client("guess", GUESSING) as client:
        for _ in range(11):
            guessed = await client.get("/v1/models")
        check(guessed, 429, "too_many_failures", "rate_limit_error")


@asynccontextmanager
async def conversations(folder: Path, door: FrontDoor, settings: ServerSettings) -> AsyncIterator[httpx2.AsyncClient]:
    """A live service over scripted engines, and somebody who may call it."""

    async def decode(data: bytes | memoryview) -> Samples:
        raise OSError(f"{folder}/secret: broken")

    model = ScriptedModel(lambda request: [TextDelta("Hello."), ReplyDone()])
    engines = ConversationEngines(model, WordGuard(), ScriptedTranscriber("Anna"), decode)
    async with AsyncExitStack() as exits:
        opened = ConversationService(engines, ConversationSettings(data_dir=str(folder)))
        conversing = await exits.enter_async_context(opened.running())
        url = await exits.enter_async_context(serving(build(Services(conversing), settings, door=door)))
        yield await exits.enter_async_context(
            httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {KEY}"}, trust_env=False, timeout=60.0)
        )


@pytest.mark.proves("P-6", "P-9")
async def test_a_process_that_starts_or_ends_refuses_in_the_same_words(tmp_path: Path) -> None:
    settings = ServerSettings(api_keys=(KEY,), max_upload_mb=1)
    door = FrontDoor(settings)
    arriving = Arriving(door, settings, SttMetrics(CollectorRegistry()))
    async with (
        serving(arriving) as url,
        httpx2.AsyncClient(base_url=url, trust_env=False) as client,
        conversations(tmp_path, door, settings) as other,
    ):
        early = await client.post(PATH, content=SOUND, headers={"Content-Type": "audio/wav"})
        check(early, 503, "starting", "overloaded_error")
        check(await client.get("/api/conversations"), 503, "starting", "overloaded_error")
        assert (await client.get("/v1/health")).json()["state"] == "starting"
        door.draining = True
        check(await other.get("/api/conversations"), 503, "draining", "overloaded_error")
        check(await other.post("/api/conversations", content=bytes(1 << 19)), 503, "draining", "overloaded_error")


@pytest.mark.proves("P-6")
async def test_a_stalled_body_and_a_defect_are_told_in_the_same_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("antiphon.gateway.boundary.BODY_IDLE_S", 0.2)
    settings = ServerSettings(api_keys=(KEY,))

    async def stalling() -> AsyncIterator[bytes]:
        yield b'{"text":'
        await asyncio.sleep(1)

    async with conversations(tmp_path, FrontDoor(settings), settings) as client:
        begun = (await client.post("/api/conversations")).json()["conversation"]["id"]
        turns = f"/api/conversations/{begun}/turns"
        broken = await client.post(turns, files={"audio": ("a.wav", SOUND, "audio/wav")})
        check(broken, 500, "internal", "server_error")
        late = await client.post(turns, content=stalling(), headers={"Content-Type": "application/json"})
        check(late, 408, "body_timeout", "timeout_error")
