"""The receiver believes what is signed, once, and remembers it."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from antiphon.cli.receiver import Ledger, build_receiver
from antiphon.conversations.actions import signature

BODY = json.dumps({"id": "a1", "type": "book_appointment", "facts": {"caller_name": "Zoë"}}).encode()


def client_of(ledger: Ledger, fail: int = 0) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(build_receiver("key", ledger, fail=fail))
    return httpx2.AsyncClient(transport=transport, base_url="http://receiver")


def headers(body: bytes = BODY, *, signed_by: str = "key", ago_s: float = 0, key: str = "a1") -> dict[str, str]:
    timestamp = str(int(time.time() - ago_s))
    return {"X-Timestamp": timestamp, "X-Signature": signature(signed_by, timestamp, body), "Idempotency-Key": key}


@pytest.mark.proves("D27")
async def test_an_action_is_taken_once_also_after_a_restart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "actions.jsonl"
    statuses = []
    for _ in range(2):
        async with client_of(Ledger(out)) as client:
            answers = [await client.post("/actions", content=BODY, headers=headers()) for _ in range(2)]
            statuses += [answer.status_code for answer in answers]
    assert statuses == [201, 200, 200, 200]
    assert [json.loads(line) for line in out.read_text("utf-8").splitlines()] == [json.loads(BODY)]
    assert [json.loads(line)["received"] for line in capsys.readouterr().out.splitlines()] == ["new", *["again"] * 3]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (dict, 401),
        (lambda: headers(signed_by="other"), 401),
        (lambda: headers(BODY + b" "), 401),
        (lambda: headers(ago_s=3600), 401),
        (lambda: headers(ago_s=-3600), 401),
        (lambda: headers() | {"X-Timestamp": "soon"}, 401),
        (lambda: headers() | {"X-Timestamp": "²"}, 401),
        (lambda: headers(key="a2"), 400),
    ],
)
async def test_what_is_not_rightly_signed_is_refused(sent: Callable[[], dict[str, str]], status: int) -> None:
    ledger = Ledger()
    async with client_of(ledger) as client:
        raw: Any = {name: value.encode() for name, value in sent().items()}
        assert (await client.post("/", content=BODY, headers=raw)).status_code == status
    assert ledger.known == set()


async def test_it_can_be_told_to_fail_at_first() -> None:
    async with client_of(Ledger(), fail=2) as client:
        statuses = [(await client.post("/", content=BODY, headers=headers())).status_code for _ in range(3)]
    assert statuses == [503, 503, 201]


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"\xff"])
async def test_what_is_signed_but_no_action_is_refused(body: bytes) -> None:
    async with client_of(Ledger()) as client:
        assert (await client.post("/", content=body, headers=headers(body))).status_code == 400
