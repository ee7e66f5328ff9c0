"""The conversations API as a client sees it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2
import pytest

from antiphon.errors import AntiphonError, AtCapacity, EngineFailed, StorageFailed
from antiphon.storage.ids import RECORD_ID
from antiphon.testing.engines import ScriptedModel

Open = Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]]
BASE = "/api/conversations"
SOUND = {"audio": ("turn.wav", b"RIFF sound", "audio/wav")}


async def begin(client: httpx2.AsyncClient) -> str:
    started = await client.post(BASE, json={"language": "en"})
    assert started.status_code == 201
    return str(started.json()["conversation"]["id"])


def check_error(answer: httpx2.Response, status: int, code: str, param: str | None = None) -> dict[str, Any]:
    """Every error has the body of P-6."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"error"}
    error: dict[str, Any] = body["error"]
    assert set(error) - {"retry_after_s"} == {"type", "code", "message", "param", "request_id"}
    assert (error["code"], error["param"]) == (code, param)
    assert error["request_id"] == answer.headers["X-Req-Id"]
    assert answer.headers["X-Error-Type"] == error["type"]
    assert "Traceback" not in answer.text
    return error


@pytest.mark.proves("D25")
async def test_a_conversation_over_the_api(open_api: Open) -> None:
    async with open_api() as client:
        started = await client.post(BASE)
        conversation = started.json()["conversation"]
        assert RECORD_ID.fullmatch(conversation["id"])
        assert started.json()["greeting"] == "Hello."
        own = started.headers["Location"]
        assert own == f"{BASE}/{conversation['id']}"
        typed = (await client.post(f"{own}/turns", json={"text": "Beat"})).json()
        assert (typed["turn"]["text"], typed["reply"]["text"]) == ("Beat", "Thank you.")
        recorded = (await client.post(f"{own}/turns", files=SOUND)).json()
        assert (recorded["turn"]["text"], recorded["turn"]["confidence"]) == ("Anna", 0.9)
        assert (await client.get(f"{own}/facts")).json()["facts"]["caller_name"]["value"] == "Anna"
        assert (await client.get(f"{own}/actions")).json() == {"actions": []}
        first = (await client.get(f"{own}/turns", params={"limit": 3})).json()
        rest = (await client.get(f"{own}/turns", params={"limit": 3, "after": first["next"]})).json()
        assert [turn["index"] for turn in first["turns"] + rest["turns"]] == [0, 1, 2, 3, 4]
        assert rest["next"] is None
        assert (await client.get(own)).json()["status"] == "open"
        assert (await client.post(f"{own}/end", json={"reason": "done"})).json()["end_reason"] == "done"
        check_error(await client.post(f"{own}/turns", json={"text": "more"}), 409, "conversation_ended")
        listed = (await client.get(BASE)).json()
        assert [item["id"] for item in listed["conversations"]] == [conversation["id"]]


async def test_a_repeated_post_gets_the_same_answer(open_api: Open) -> None:
    async with open_api() as client:
        own = f"{BASE}/{await begin(client)}"
        first, again = [
            await client.post(f"{own}/turns", json={"text": "Anna"}, headers={"Idempotency-Key": "k"}) for _ in "ab"
        ]
        assert first.json() == again.json()
        assert len((await client.get(f"{own}/turns")).json()["turns"]) == 3


@pytest.mark.proves("D21")
async def test_health_is_thin_open_and_tells_of_the_backlog(open_api: Open) -> None:
    async with open_api(api_keys=("key",)) as client:
        health = await client.get(f"{BASE}/health")
        assert health.status_code == 200
        assert health.json() == {
            "ok": True,
            "ready": True,
            "reason": None,
            "delivering": False,
            "actions": {"pending": 0, "dead": 0},
        }
        assert (await client.get(f"{BASE}/ready")).status_code == 200


@pytest.mark.proves("S9")
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[" * 10_000, "json_invalid"),
        (b'{"text":' * 10_000, "json_invalid"),
        (b'{"text":"' + b"a" * 10_000_000 + b'"}', "json_too_large"),
        (b'{"text":"a","text":"b"}', "json_invalid"),
        (b'{"text":NaN}', "json_invalid"),
        (b'{"text":Infinity}', "json_invalid"),
        (b'{"text":"\\ud800"}', "field_invalid"),
        (b'{"text":"a\\u0000b"}', "field_invalid"),
        (b'{"text":"\xff"}', "json_invalid"),
        (b'{"text":' + b"9" * 5000 + b"}", "json_invalid"),
        (b'{"text":7}', "field_invalid"),
        (b'["text"]', "json_invalid"),
        (b"null", "json_invalid"),
        (b"text=Anna", "json_invalid"),
        (b'{"text":"Anna","admin":true}', "field_unknown"),
        (b'{"text":"   "}', "text_empty"),
        (b"{}", "text_empty"),
        (b'{"text":"' + b"a" * 4001 + b'"}', "text_too_long"),
    ],
)
async def test_json_that_is_not_plainly_right_is_refused(open_api: Open, body: bytes, code: str) -> None:
    async with open_api() as client:
        own = f"{BASE}/{await begin(client)}"
        answer = await client.post(f"{own}/turns", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == code
        assert len((await client.get(f"{own}/turns")).json()["turns"]) == 1


def multipart(body: bytes, boundary: str = "b") -> dict[str, Any]:
    return {"content": body, "headers": {"Content-Type": f"multipart/form-data; boundary={boundary}"}}


PART = b'--b\r\nContent-Disposition: form-data; name="%s"; filename="x.wav"\r\n\r\n%s\r\n'


@pytest.mark.proves("S8")
@pytest.mark.parametrize(
    "post",
    [
        multipart((PART % (b"audio", b"RIFF")) * 10_000 + b"--b--\r\n"),
        multipart((PART % (b"audio", b"RIFF")) * 2 + b"--b--\r\n"),
        multipart(b"--b\r\nX-Long: " + b"a" * 5_000_000 + b"\r\n\r\nx\r\n--b--\r\n"),
        multipart(PART % (b"other", b"RIFF") + b"--b--\r\n"),
        multipart(b'--b\r\nContent-Disposition: form-data; name="audio"\r\n\r\nno file\r\n--b--\r\n'),
        multipart(b"--b--\r\n"),
        multipart(b""),
        multipart(b"no parts at all"),
        multipart(PART % (b"audio", b"RIFF")),
        {"content": PART % (b"audio", b"RIFF"), "headers": {"Content-Type": "multipart/form-data"}},
        {"content": b"x", "headers": {"Content-Type": "multipart/form-data; boundary=" + "x" * 5000}},
    ],
    ids=range(11),
)
async def test_a_form_that_is_not_plainly_right_is_refused(open_api: Open, post: dict[str, Any]) -> None:
    async with open_api() as client:
        answer = await client.post(f"{BASE}/{await begin(client)}/turns", **post)
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"]["type"] == "invalid_request_error"


async def test_what_is_no_recording_and_no_turn_is_unsupported(open_api: Open) -> None:
    async with open_api() as client:
        own = f"{BASE}/{await begin(client)}"
        answer = await client.post(f"{own}/turns", files={"audio": ("x.wav", b"ffconcat version 1.0")})
        check_error(answer, 415, "audio_unsupported", "audio")
        answer = await client.post(f"{own}/turns", content=b"<a/>", headers={"Content-Type": "text/xml"})
        check_error(answer, 415, "content_type_unsupported", "Content-Type")


@pytest.mark.proves("S2")
async def test_a_body_is_counted_while_it_is_read(open_api: Open) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 65_536
            yield b"x" * 65_536

    async with open_api(max_upload_mb=1) as client:
        own = f"{BASE}/{await begin(client)}"
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        answer = await client.post(f"{own}/turns", content=_form(endless()), headers=headers)
        check_error(answer, 413, "upload_too_large")
        assert answer.headers["Connection"] == "close"
        assert sent <= 1024 * 1024 + 3 * 65_536  # the cap, the chunk that broke it, and 64 KiB more


async def _form(data: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield b'--b\r\nContent-Disposition: form-data; name="audio"; filename="x.wav"\r\n\r\n'
    async for piece in data:
        yield piece


@pytest.mark.proves("S12")
async def test_a_body_that_stops_arriving_is_given_up(open_api: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("antiphon.gateway.boundary.BODY_IDLE_S", 0.05)

    async def stalling() -> AsyncIterator[bytes]:
        yield b'{"text":'
        await asyncio.Event().wait()

    async with open_api() as client:
        own = f"{BASE}/{await begin(client)}"
        answer = await client.post(f"{own}/turns", content=stalling(), headers={"Content-Type": "application/json"})
        check_error(answer, 408, "body_timeout")


async def test_a_body_announced_as_too_large_is_not_read(open_api: Open) -> None:
    async with open_api(max_upload_mb=1) as client:
        own = f"{BASE}/{await begin(client)}"
        answer = await client.post(f"{own}/turns", content=b"x" * (1024 * 1024 + 1))
        check_error(answer, 413, "upload_too_large")


@pytest.mark.parametrize(
    ("method", "path", "status", "code", "param"),
    [
        ("GET", "/nothing", 404, "path_not_found", None),
        ("DELETE", BASE, 405, "method_not_allowed", None),
        ("GET", f"{BASE}?limit=many", 400, "parameter_invalid", "limit"),
        ("GET", f"{BASE}?limit=0", 400, "parameter_invalid", "limit"),
        ("GET", f"{BASE}?before=../x", 400, "parameter_invalid", "before"),
        ("GET", f"{BASE}/{'0' * 26}", 404, "conversation_not_found", None),
        ("GET", f"{BASE}/CON/turns", 404, "conversation_not_found", None),
        ("GET", f"{BASE}/%2e%2e%2f%2e%2e%2fetc%2fpasswd", 404, "path_not_found", None),
        ("GET", f"{BASE}/%00/facts", 404, "conversation_not_found", None),
        ("POST", f"{BASE}/{'a' * 4096}/end", 404, "conversation_not_found", None),
    ],
)
async def test_the_framework_refuses_in_our_words(
    open_api: Open, method: str, path: str, status: int, code: str, param: str | None
) -> None:
    async with open_api() as client:
        answer = await client.request(method, path)
        check_error(answer, status, code, param)
        if status == 405:
            assert answer.headers["Allow"]


@pytest.mark.proves("P-7")
@pytest.mark.parametrize("given", ["abc-123_X.y", "a" * 64])
async def test_a_request_id_is_handed_back(open_api: Open, given: str) -> None:
    async with open_api() as client:
        answer = await client.get(f"{BASE}/health", headers={"X-Req-Id": given})
        assert answer.headers["X-Req-Id"] == given


@pytest.mark.parametrize("given", ["", "a" * 65, "a b", "a;b", "ü".encode().decode("latin-1"), "<script>"])
async def test_a_request_id_that_is_none_is_replaced(open_api: Open, given: str) -> None:
    async with open_api() as client:
        answer = await client.get(f"{BASE}/health", headers={b"X-Req-Id": given.encode("latin-1")})
        assert RECORD_ID.fullmatch(answer.headers["X-Req-Id"].lower())


@pytest.mark.proves("S16")
async def test_every_route_needs_a_key_but_those_that_are_meant_to_be_open(open_api: Open) -> None:
    async with open_api(api_keys=("right-key", "other-key")) as client:
        document = (await client.get("/openapi.json")).json()
        routes = [(method, path) for path, methods in document["paths"].items() for method in methods]
        assert len(routes) >= 10
    opened = {f"{BASE}/health", f"{BASE}/ready"}
    for method, path in routes:
        async with open_api(api_keys=("right-key", "other-key")) as client:  # so that no route is refused as guessing
            for header in (None, "Bearer wrong", "Bearer ", "Basic right-key", "right-key", "Bearer right-key2"):
                headers = {} if header is None else {"Authorization": header}
                answer = await client.request(method, path, headers=headers)
                if path in opened:
                    assert answer.status_code == 200
                else:
                    check_error(answer, 401, "unauthorized")
                    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    async with open_api(api_keys=("right-key", "other-key")) as client:
        for key in ("right-key", "other-key"):
            listed = await client.get(BASE, headers={"Authorization": f"Bearer {key}"})
            assert listed.status_code == 200


@pytest.mark.parametrize(
    ("error", "status", "wait"),
    [
        (EngineFailed("the model broke"), 502, None),
        (AtCapacity("full", retry_after_s=2.5), 503, "3"),
        (StorageFailed("the disk is full", code="storage_full"), 507, None),
    ],
)
async def test_errors_of_the_engines_have_their_status(
    open_api: Open, error: AntiphonError, status: int, wait: str | None
) -> None:
    async with open_api(ScriptedModel(lambda _request: [error])) as client:
        answer = await client.post(BASE)
        check_error(answer, status, error.code)
        assert answer.headers.get("Retry-After") == wait


async def test_a_defect_is_answered_without_a_word_of_it(open_api: Open) -> None:
    def broken(_request: object) -> list[Any]:
        raise RuntimeError("secret detail")

    async with open_api(ScriptedModel(broken)) as client:
        answer = await client.post(BASE)
        check_error(answer, 500, "internal")
        assert "secret" not in answer.text + str(answer.headers)


async def test_the_page_and_its_document_describe_the_api(open_api: Open) -> None:
    async with open_api() as client:
        document = (await client.get("/openapi.json")).json()
        turns = document["paths"][f"{BASE}/{{conversation_id}}/turns"]["post"]
        assert set(turns["requestBody"]["content"]) == {"application/json", "multipart/form-data"}
        assert "422" not in str(document["paths"])
        assert turns["responses"]["default"]["content"]["application/json"]["schema"]["$ref"].endswith("/ErrorBody")
        page = await client.get("/docs")
        assert page.status_code == 200
        for path in document["paths"]:
            assert path in page.text
        assert "://" not in page.text  # it asks no other host for anything
        assert "<script" not in page.text


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Host": "127.0.0.1:8080"}, ""),
        ({"Host": "[::1]:8080"}, ""),
        ({"Origin": "http://localhost:8080"}, ""),
        ({"Host": "evil.example:8080"}, "host_not_allowed"),
        ({"Host": "127.0.0.1.evil.example"}, "host_not_allowed"),
        ({"Host": "[::1"}, "header_invalid"),
        ({"Origin": "https://evil.example"}, "origin_not_allowed"),
        ({"Origin": "null"}, "origin_not_allowed"),
        ({"Origin": "http://localhost:9999"}, "origin_not_allowed"),
        ({"Origin": "http://[::1"}, "header_invalid"),
    ],
)
async def test_without_keys_no_web_page_may_call(open_api: Open, headers: dict[str, str], code: str) -> None:
    async with open_api() as client:
        answer = await client.post(BASE, headers=headers)
        assert (answer.status_code == 201) == (not code)
        assert not code or answer.json()["error"]["code"] == code
    async with open_api(api_keys=("key",)) as client:
        answer = await client.post(BASE, headers=headers | {"Authorization": "Bearer key"})
        assert answer.status_code == 201


async def test_the_document_has_a_schema_for_each_fact(open_api: Open) -> None:
    async with open_api() as client:
        document = (await client.get("/openapi.json")).json()
    facts = document["components"]["schemas"]["FactsBody"]["properties"]["facts"]["properties"]
    assert facts["pain_level"]["properties"]["value"] == {"type": "integer", "minimum": 0, "maximum": 10}
    assert facts["urgency"]["properties"]["value"] == {"enum": ["emergency", "routine", "today", "week"]}
    assert {"caller_name", "date_of_birth", "phone_e164", "preferred_slots", "consent_recording"} <= set(facts)
    assert "$ref" not in str(facts), "each stands alone"
