"""S25 in small: whatever is sent to whatever path, nothing answers with a 5xx and every refusal has our body."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2
import pytest

Open = Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]]
BASE = "/api/conversations"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
TYPES = (
    "application/json",
    "multipart/form-data; boundary=b",
    "multipart/form-data",
    "application/json; charset=utf-99",
    "text/plain",
    "",
    "\xff/\xff;;=",
)
SEEDS = (
    b'{"text":"I would like an appointment"}',
    b'{"language":"en","channel":"web"}',
    b'--b\r\nContent-Disposition: form-data; name="audio"; filename="a.wav"\r\n\r\nRIFF....\r\n--b--\r\n',
    b"",
    b'{"reason":"done"}',
)
IDS = ("0" * 26, "..", "%2e%2e", "%00", "a" * 4096, "CON", "-rf", "é", "1' OR '1'='1", "{conversation_id}", "%ff")
QUERIES = ("", "?limit=1", "?limit=-1", "?limit=1e9", "?before=x", "?after=%00", "?limit=%ff", "?a=b&" * 50)


def mutated(draw: random.Random, seed: bytes) -> bytes:
    body = bytearray(seed)
    for _ in range(draw.randrange(4)):
        place = draw.randrange(len(body) + 1)
        match draw.randrange(4):
            case 0:
                body[place:place] = bytes(draw.randrange(256) for _ in range(draw.randrange(1, 9)))
            case 1:
                del body[place : place + draw.randrange(1, 20)]
            case 2:
                body[place:place] = body[: draw.randrange(len(body) + 1)]
            case _:
                body[place : place + 1] = draw.choice((b"\x00", b'"', b"{", b"[", b"\\ud800", b"NaN", b"\r\n--b"))
    return bytes(body)


def requests(draw: random.Random, paths: list[str], own: str, number: int) -> Iterator[dict[str, Any]]:
    for _ in range(number):
        path = draw.choice([*paths, "/", "/docs", "/openapi.json", "/api//conversations"])
        path = path.replace("{conversation_id}", draw.choice((*IDS, own, own, own)))
        headers = {b"content-type": draw.choice(TYPES).encode("latin-1")}
        if draw.random() < 0.3:
            headers[b"idempotency-key"] = mutated(draw, b"key-1").replace(b"\r", b"").replace(b"\n", b"")
        if draw.random() < 0.2:
            headers[b"x-req-id"] = mutated(draw, b"id").replace(b"\r", b"").replace(b"\n", b"")
        yield {
            "method": draw.choice((*METHODS, "POST", "POST", "POST")),
            "url": path + draw.choice(QUERIES),
            "headers": headers,
            "content": mutated(draw, draw.choice(SEEDS)),
        }


async def fuzz(client: httpx2.AsyncClient, seed: int, number: int) -> Counter[int]:
    draw = random.Random(seed)
    paths = list((await client.get("/openapi.json")).json()["paths"])
    own = (await client.post(BASE)).json()["conversation"]["id"]
    seen: Counter[int] = Counter()
    for request in requests(draw, paths, own, number):
        answer = await client.request(**request)
        seen[answer.status_code] += 1
        assert answer.status_code < 500, (request, answer.text)
        if answer.status_code >= 400 and request["method"] != "HEAD":
            assert set(answer.json()["error"]) >= {"type", "code", "message", "param", "request_id"}, request
    assert (await client.get(f"{BASE}/health")).json()["ready"]
    return seen


async def test_no_request_is_answered_with_a_5xx(open_api: Open) -> None:
    async with open_api() as client:
        seen = await fuzz(client, seed=1, number=600)
    # It is no fuzz if all of it is refused at the door.
    assert seen[200] + seen[201] > 20
    assert seen[400] > 30


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.proves("S25")
async def test_no_request_of_very_many_is_answered_with_a_5xx(open_api: Open) -> None:
    async with open_api() as client:
        for seed in range(12):
            await fuzz(client, seed, number=2000)
