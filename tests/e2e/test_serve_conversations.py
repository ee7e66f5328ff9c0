"""The smoke test of a deployment (D25): the commands themselves, the embedded engines, a recording, a real receiver."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

SECRET = "smoke"
PATIENCE_S = 100.0
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


@asynccontextmanager
async def command(
    *arguments: str, env: dict[str, str] | None = None, logs: list[str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """An `antiphon` command that runs until the end of the block; it must leave with 0 when it is told to end.

    What it wrote to its log is added to `logs`.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "antiphon", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | (env or {}),
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        _, errors = await process.communicate()
        if logs is not None:
            logs.append(errors.decode())
        assert process.returncode == 0, errors.decode()[-2000:]


async def line(stream: asyncio.StreamReader | None) -> str:
    assert stream is not None
    async with asyncio.timeout(PATIENCE_S):
        return (await stream.readline()).decode()


async def spoken(text: str, folder: Path) -> bytes:
    """A recording of `text`, by our own voice."""
    path = folder / "turn.wav"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "antiphon", "say", text, "--out", str(path)), stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return await asyncio.to_thread(path.read_bytes)


async def post(client: httpx2.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    answer = await client.post(path, **body)
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.proves("D25", "D26", "D27", "D20", "D21", "S21")
async def test_a_conversation_with_a_recording_books_an_appointment_at_the_receiver(tmp_path: Path) -> None:
    recording = await spoken("I would like to book a check-up.", tmp_path)
    out, logs = tmp_path / "actions.jsonl", list[str]()
    async with command("receiver", "--port", "0", "--secret", SECRET, "--out", str(out), "--fail", "1") as receiver:
        endpoint = (await line(receiver.stderr)).split()[-1]
        env = {
            "NEXTJS_ACTION_ENDPOINT": endpoint,
            "ANTIPHON_CONVERSATIONS__ACTION_SECRET": SECRET,
        }
        data = str(tmp_path / "data")
        async with command("serve", "--port", "0", "--data", data, "--json", env=env, logs=logs) as server:
            said = await line(server.stdout)
            assert said, "the server did not start"
            url = json.loads(said)["url"]
            async with httpx2.AsyncClient(base_url=url, timeout=PATIENCE_S, trust_env=False) as client:
                await hold_conversation(client, recording)
                received = json.loads(await line(receiver.stdout))
                health = (await client.get("/api/conversations/health")).json()
                figures = (await client.get("/metrics")).text
    assert received["received"] == "new"
    assert received["type"] == "book_appointment"
    assert received["facts"]["caller_name"] == "Anna Miller"
    assert received["facts"]["phone_e164"] == "+41791234567"
    assert [json.loads(text)["id"] for text in out.read_text("utf-8").splitlines()] == [received["id"]]
    assert "action_delivered" in logs[0]
    for said in ("Anna", "Miller", "79123", "079 123", "check-up", SECRET):
        assert said not in logs[0]  # S21: what a caller says is in no log
    for figure in ("event_loop_lag_seconds", 'calls_in_flight{gate="recordings"}', "http_request_seconds_count"):
        assert figure in figures
    assert health["ok"] is True
    assert health["delivering"] is True


async def hold_conversation(client: httpx2.AsyncClient, recording: bytes) -> None:
    own = (await client.post("/api/conversations")).headers["Location"]
    heard = await post(client, f"{own}/turns", files={"audio": ("turn.wav", recording, "audio/wav")})
    assert heard["turn"]["text"]
    assert heard["latency_ms"]["stt"] > 0
    for text in ("A check-up please, on Thursday at ten in the morning", "My name is Anna Miller", "079 123 45 67"):
        await post(client, f"{own}/turns", json={"text": text})
    answer = await post(client, f"{own}/turns", json={"text": "yes, that is right"})
    assert [action["type"] for action in answer["actions"]] == ["book_appointment"]
    facts = (await client.get(f"{own}/facts")).json()["facts"]
    assert facts["caller_name"]["value"] == "Anna Miller"
    assert facts["phone_e164"]["status"] == "confirmed"


@pytest.mark.proves("X-16")
async def test_without_keys_the_server_refuses_to_listen_beyond_this_machine(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "antiphon", "serve", "--host", "0.0.0.0", "--port", "0", "--data", str(tmp_path)),  # noqa: S104
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert process.returncode == 78
    assert "api_keys" in errors.decode()
    assert "Traceback" not in errors.decode()
