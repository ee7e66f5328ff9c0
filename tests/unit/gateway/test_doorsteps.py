"""What is answered before there is an application, and before a WebSocket is one."""

import json
from typing import Any

import httpx2
import pytest
from prometheus_client import CollectorRegistry

from antiphon.app.speech_to_text import http_status
from antiphon.gateway.asgi import Services, build
from antiphon.gateway.door import FrontDoor
from antiphon.gateway.settings import ServerSettings
from antiphon.gateway.starting import Arriving
from antiphon.stt.metrics import SttMetrics

KEYS = ServerSettings(api_keys=("key",), commit="abc")


@pytest.mark.proves("P-9", "B82")
async def test_a_process_that_starts_is_alive_and_not_ready() -> None:
    registry = CollectorRegistry()
    arriving = Arriving(FrontDoor(KEYS), KEYS, SttMetrics(registry, status_of=http_status))
    transport = httpx2.ASGITransport(arriving)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        health = await client.get("/v1/health")
        assert (health.status_code, health.json()) == (200, {"ok": True, "state": "starting", "commit": "abc"})
        for path in ("/v1/ready", "/v1/started", "/api/conversations/ready"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()) == (503, {"ok": False, "state": "starting"})
            assert answer.headers["Retry-After"]
        early = await client.post("/v1/transcribe", content=b"x")
        assert (early.status_code, early.json()["error"]["code"]) == (503, "starting")
        assert early.headers["X-Req-Id"] == early.json()["error"]["request_id"]
        assert (early.headers["X-Total-ms"], early.headers["X-Fallback-Used"]) == ("0", "false")
        counted = {"endpoint": "/v1/transcribe", "status": "503"}
        assert registry.get_sample_value("stt_requests_total", counted) == 1
        arriving.app = build(Services(), KEYS)
        assert (await client.get("/v1/transcribe")).status_code == 401


async def shaken(door: FrontDoor, *headers: tuple[bytes, bytes]) -> list[dict[str, Any]]:
    """What a handshake is answered with."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    scope = {
        "type": "websocket",
        "path": "/v1/listen",
        "raw_path": b"/v1/listen",
        "root_path": "",
        "query_string": b"api_key=key&ticket=key",
        "headers": [(b"host", b"localhost"), *headers],
        "client": ("127.0.0.1", 5),
        "subprotocols": [],
        "state": {},
        "extensions": {"websocket.http.response": {}},
    }
    await build(Services(), KEYS, door=door)(scope, receive, send)
    return sent


@pytest.mark.proves("S15")
@pytest.mark.parametrize("header", [(), ((b"authorization", b"Bearer wrong"),), ((b"authorization", b"key"),)])
async def test_a_handshake_without_a_key_is_refused_before_it_is_one(header: tuple[tuple[bytes, bytes], ...]) -> None:
    start, body = await shaken(FrontDoor(KEYS), *header)
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 401)
    told = dict(start["headers"])
    error = json.loads(body["body"])["error"]
    assert error["code"] == "unauthorized"
    assert told[b"x-req-id"].decode() == error["request_id"]
    assert told[b"www-authenticate"].startswith(b"Bearer")


async def test_a_handshake_is_refused_while_the_process_drains_and_without_keys_to_other_origins() -> None:
    door = FrontDoor(KEYS)
    door.draining = True
    start, body = await shaken(door, (b"authorization", b"Bearer key"))
    assert (start["status"], json.loads(body["body"])["error"]["code"]) == (503, "draining")
    start, body = await shaken(FrontDoor(ServerSettings()), (b"origin", b"https://evil.example"))
    assert (start["status"], json.loads(body["body"])["error"]["code"]) == (403, "origin_not_allowed")
