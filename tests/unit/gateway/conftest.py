"""The whole application in memory, over scripted engines."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest

from antiphon.conversations.service import ConversationEngines, ConversationService
from antiphon.conversations.settings import ConversationSettings
from antiphon.errors import BadAudio
from antiphon.events.dialogue import Fact, FactLearnt, FactStatus, ReplyDone, ReplyPart, ReplyRequest, TextDelta
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.gateway.asgi import Services, build
from antiphon.gateway.settings import ServerSettings
from antiphon.ports.card import Card, Port
from antiphon.testing.engines import ScriptedModel, WordGuard

Open = Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]]


def learns_names(request: ReplyRequest) -> list[ReplyPart]:
    if not request.text:
        return [TextDelta("Hello."), ReplyDone()]
    fact = Fact("caller_name", request.text[:100], 1.0, FactStatus.STATED, request.turn)
    return [FactLearnt(fact), TextDelta("Thank you."), ReplyDone()]


class Ears:
    card = Card("fixed", Port.STT, "hears Anna in everything")

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        return Transcript("Anna", 0.9, "en", 1.0, "fixed")

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        return "Anna"


async def decode(data: bytes) -> Samples:
    if not data.startswith(b"RIFF"):
        raise BadAudio("this is no recording we accept", param="audio")
    return np.zeros(16_000, np.float32)


@pytest.fixture
def open_api(tmp_path: Path) -> Open:
    """Opens a client of a fresh application."""

    @asynccontextmanager
    async def opened(model: Any = None, **gateway: Any) -> AsyncIterator[httpx2.AsyncClient]:
        engines = ConversationEngines(model or ScriptedModel(learns_names), WordGuard(), Ears(), decode)
        async with ConversationService(engines, ConversationSettings(data_dir=str(tmp_path))).running() as service:
            app = build(Services(service), ServerSettings(**gateway))
            transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
            async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8080") as client:
                yield client

    return opened
