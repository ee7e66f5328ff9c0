"""F3: an engine that dies takes its process along, so that a supervisor starts another."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import numpy as np
import pytest

from antiphon.audio.wav import encode_wav

pytestmark = pytest.mark.e2e
RECORDING = encode_wav(np.random.default_rng(0).normal(0, 0.1, 8_000).astype(np.float32), 16_000)
"""Too short for anybody to doubt that it is speech."""
RECOGNISER = Path(__file__).with_name("mortal_recogniser.py")


@asynccontextmanager
async def served(order: Path, **settings: str) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """`antiphon serve stt` whose engine dies by what is written to `order`; its URL and its process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(RECOGNISER),
        *("serve", "stt", "--role", "primary", "--host", "127.0.0.1", "--port", "0", "--json"),
        env=os.environ | {"AUTH_DISABLED": "1", "DIES_BY": str(order)} | settings,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        yield json.loads(await process.stdout.readline())["url"], process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def until(met: Callable[[], Awaitable[bool]]) -> None:
    while not await met():  # noqa: ASYNC110 - another process, whose state can only be asked
        await asyncio.sleep(0.05)


@pytest.mark.proves("F3")
@pytest.mark.parametrize("how", ["raise", pytest.param("hang", marks=pytest.mark.long)])
async def test_a_dead_engine_is_told_and_ends_its_process(tmp_path: Path, how: str) -> None:
    order = tmp_path / "order"
    async with (
        served(order, ANTIPHON_STT__DEAD_AFTER_S="3") as (url, process),
        httpx2.AsyncClient(base_url=url) as http,
    ):

        async def ready(status: int) -> bool:
            return (await http.get("/v1/ready")).status_code == status

        await until(lambda: ready(200))
        order.write_text(how, "utf-8")
        asked = asyncio.create_task(
            http.post("/v1/transcribe", content=RECORDING, headers={"Content-Type": "audio/wav"}, timeout=60)
        )
        await until(lambda: ready(503))
        assert (await http.get("/v1/health")).json()["state"] == "degraded"
        if how == "raise":
            assert (await asked).status_code == 502  # the packaged tier would ask a fallback, and there is none
        assert await process.wait() == 1
        asked.cancel()
    assert process.stderr is not None
    lines = (await process.stderr.read()).decode()
    assert '"event": "engine_dead"' in lines
    assert "speech-to-text does not work any more" in lines or how == "hang"


async def test_an_engine_that_is_not_to_be_given_up_goes_on(tmp_path: Path) -> None:
    order = tmp_path / "order"
    async with (
        served(order, ANTIPHON_STT__DEAD_AFTER_S="0") as (url, process),
        httpx2.AsyncClient(base_url=url) as http,
    ):

        async def state(wanted: str) -> bool:
            return bool((await http.get("/v1/health")).json()["state"] == wanted)

        await until(lambda: state("ready"))
        order.write_text("raise", "utf-8")
        await http.post("/v1/transcribe", content=RECORDING, headers={"Content-Type": "audio/wav"})
        await until(lambda: state("degraded"))
        order.unlink()
        await until(lambda: state("ready"))
        assert process.returncode is None
