"""Streams as OpenAI's own client reads them when something goes wrong in the middle."""

import asyncio

import httpx2
import numpy as np
import openai
import pytest
from fastapi import FastAPI
from openai import AsyncOpenAI
from prometheus_client import CollectorRegistry

from antiphon.errors import EngineFailed
from antiphon.events.speech import Samples
from antiphon.gateway.accounts import RequestAccounts
from antiphon.gateway.boundary import RequestBoundary
from antiphon.gateway.door import FrontDoor
from antiphon.gateway.settings import ServerSettings
from antiphon.serving.gate import Gate
from antiphon.stt import openai_routes
from antiphon.stt.cascade import Cascade
from antiphon.stt.metrics import SttMetrics
from antiphon.stt.readiness import Readiness
from antiphon.stt.service import Model, SpeechToText, SttParts
from antiphon.stt.speech_detector import SpeechDetector
from antiphon.stt.tier import Tier
from antiphon.testing.server import serving
from antiphon.testing.speech import LevelEars, LevelVoiceActivity, Phrasebook
from antiphon.testing.transcribers import ScriptedTranscriber

pytestmark = pytest.mark.e2e


async def loud(recording: bytes | memoryview) -> Samples:
    return np.full(16_000, 0.3, np.float32)


def app_of(ears: ScriptedTranscriber, gate: Gate) -> RequestAccounts:
    """The routes behind the boundary; their streams say all the time that they live."""
    service = SpeechToText(
        SttParts(
            decode=loud,
            detector=SpeechDetector([LevelVoiceActivity()]),
            cascade=Cascade(Tier(ears, gate)),
            metrics=SttMetrics(CollectorRegistry()),
            readiness=Readiness(),
            models=(Model("scripted"),),
            activity=LevelVoiceActivity,
            streaming=LevelEars(Phrasebook()),
        )
    )
    app = FastAPI()
    app.include_router(openai_routes.router(service, keep_alive_s=0.02))
    boundary = RequestBoundary(app, max_body_bytes=1_000_000, door=FrontDoor(ServerSettings()), open_paths=())
    return RequestAccounts(boundary, metrics=service.metrics)


def client_of(url: str) -> AsyncOpenAI:
    transport = httpx2.AsyncClient(trust_env=False, timeout=60)
    return AsyncOpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0, http_client=transport)


async def test_an_error_in_the_middle_of_a_stream_is_raised_with_its_code() -> None:
    let_go = asyncio.Event()
    ears = ScriptedTranscriber(let_go, EngineFailed("The engine broke."))
    async with serving(app_of(ears, Gate(1))) as url, client_of(url) as client:
        stream = await client.audio.transcriptions.create(file=("a.wav", b"RIFF"), model="scripted", stream=True)
        let_go.set()
        with pytest.raises(openai.APIError) as broken:
            await anext(aiter(stream))
    assert (broken.value.code, broken.value.type) == ("engine_failed", "engine_error")
    assert broken.value.message == "The engine broke."


@pytest.mark.proves("P-12")
@pytest.mark.parametrize("stream", [False, True])
async def test_whoever_hangs_up_frees_the_slot(stream: bool) -> None:
    ears, gate = ScriptedTranscriber(asyncio.Event()), Gate(1)
    async with serving(app_of(ears, gate)) as url, client_of(url) as client:

        async def call() -> None:
            answer = await client.audio.transcriptions.create(file=("a.wav", b"RIFF"), model="scripted", stream=stream)
            if isinstance(answer, openai.AsyncStream):
                await anext(aiter(answer))

        calling = asyncio.create_task(call())
        await ears.until_running(1)
        assert gate.in_flight == 1
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
        await ears.until_finished(1)
        await asyncio.sleep(0)
        assert gate.in_flight == 0
