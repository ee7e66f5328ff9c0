"""OpenAI's audio API over a real service with a scripted engine, behind the real front door."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2
import numpy as np
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from antiphon.errors import AntiphonError, BadAudio, TooLong
from antiphon.events.speech import Hearing, Samples, Transcript, Word
from antiphon.gateway.asgi import Services, build
from antiphon.ports.card import Card, Port
from antiphon.serving.gate import Gate
from antiphon.stt.cascade import Cascade
from antiphon.stt.metrics import SttMetrics
from antiphon.stt.readiness import Readiness
from antiphon.stt.service import Decode, Model, SpeechToText, SttParts
from antiphon.stt.speech_detector import SpeechDetector
from antiphon.stt.tier import Tier
from antiphon.testing.speech import LevelEars, LevelVoiceActivity, Phrasebook

PATH, TRANSLATE = "/v1/audio/transcriptions", "/v1/audio/translations"
RECORDING = b"RIFF, as it were"
TEXT = "Good morning. Is Thursday possible?"
WORDS = tuple(
    Word(word, at, at + 0.4, 0.5)
    for word, at in (("Good", 0.2), ("morning", 0.6), ("Is", 2.0), ("Thursday", 2.4), ("possible", 2.8))
)
HEARD = Transcript(TEXT, 0.8, "en", 4.2, "fixed")


@dataclass
class Ears:
    """Hears the same in everything; waits for `let_go`, fails with `fails`."""

    card: Card = field(default_factory=lambda: Card("fixed", Port.STT, "hears one thing", languages=("en", "de")))
    heard: Transcript = HEARD
    fails: AntiphonError | None = None
    let_go: asyncio.Event | None = None
    hearings: list[Hearing] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        """What it always hears; words where they are wanted."""
        self.hearings.append(hearing)
        self.begun.set()
        if self.let_go is not None:
            await self.let_go.wait()
        if self.fails is not None:
            raise self.fails
        return replace(self.heard, words=WORDS if hearing.words else ())

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        """The text."""
        return TEXT


async def decode(recording: bytes | memoryview) -> Samples:
    """Four seconds of sound of `RECORDING`, and of nothing else."""
    if not recording:
        raise BadAudio("The file is empty; send a recording.", code="audio_empty")
    if len(recording) > 100:
        raise TooLong("The recording is longer than 600 s; send it in parts.", code="audio_too_long")
    if bytes(recording) != RECORDING:
        raise BadAudio("This is no recording we know.")
    return np.full(16_000 * 4, 0.3, np.float32)


def service_of(
    ears: Ears,
    gate: Gate | None = None,
    registry: CollectorRegistry | None = None,
    cascade: Cascade | None = None,
    decode_with: Decode = decode,
) -> SpeechToText:
    """The service over these ears."""
    return SpeechToText(
        SttParts(
            decode=decode_with,
            detector=SpeechDetector([LevelVoiceActivity()]),
            cascade=cascade or Cascade(Tier(ears, gate or Gate(1), model="fixed-1")),
            metrics=SttMetrics(registry or CollectorRegistry()),
            readiness=Readiness(),
            models=(Model("fixed-1", 1_700_000_000, languages=("en", "de")),),
            activity=LevelVoiceActivity,
            streaming=LevelEars(Phrasebook()),
        )
    )


def app_of(service: SpeechToText) -> FastAPI:
    """The application with its front door."""
    return build(Services(stt=service))


@asynccontextmanager
async def client_of(ears: Ears, service: SpeechToText | None = None) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the application."""
    transport = httpx2.ASGITransport(app_of(service or service_of(ears)), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8080") as client:
        yield client


async def ask(
    ears: Ears | None = None, path: str = PATH, recording: bytes = RECORDING, **fields: Any
) -> httpx2.Response:
    """One request with the model, unless `model` is None, and `fields`; `_` at a name's end stands for `[]`."""
    fields.setdefault("model", "fixed-1")
    data = {
        name.removesuffix("_") + ("[]" if name.endswith("_") else ""): value
        for name, value in fields.items()
        if value is not None
    }
    async with client_of(ears or Ears()) as client:
        return await client.post(path, data=data, files={"file": ("a.wav", recording)})


def error_of(answer: httpx2.Response) -> tuple[int, str, str | None]:
    """Status, code and param of an error in the shape that all have."""
    error = answer.json()["error"]
    usual = {"type", "code", "message", "param", "request_id"} <= set(error)
    if not usual or error["request_id"] != answer.headers["X-Req-Id"]:
        raise AssertionError(f"not the error that all have: {error}")
    return answer.status_code, error["code"], error["param"]
