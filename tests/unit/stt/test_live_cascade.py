"""Finals go through both tiers, partials through the first alone."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from antiphon.audio.pcm import RATE_HZ
from antiphon.errors import EngineFailed
from antiphon.events import live as wire
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.serving.gate import Gate
from antiphon.stt.cascade import Cascade
from antiphon.stt.live import Live
from antiphon.stt.metrics import SttMetrics
from antiphon.stt.readiness import Readiness
from antiphon.stt.routing import Policy
from antiphon.stt.service import Model, SpeechToText, SttParts
from antiphon.stt.speech_detector import SpeechDetector
from antiphon.stt.streaming import GrowingWindow, Options
from antiphon.stt.tier import Tier
from antiphon.testing import LevelVoiceActivity, Phrasebook
from antiphon.testing.hearing import PhrasebookService
from antiphon.testing.listening import ListenClient, frames, stream

BOOK = Phrasebook()


class Tiered(PhrasebookService):
    """A tier with a name and a confidence of its own."""

    def __init__(self, name: str, confidence: float) -> None:
        super().__init__(BOOK)
        self.card = replace(self.card, name=name)
        self._confidence = confidence
        self.drafts = 0

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        heard = await super().transcribe(samples, hearing)
        return replace(heard, confidence=self._confidence, engine=self.card.name)

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        self.drafts += 1
        return await super().draft(samples, hearing)


async def _no_recordings(data: bytes | memoryview) -> Samples:
    raise AssertionError("live streams are no recordings")


def service(primary: Tiered, fallback: Tiered | None) -> SpeechToText:
    activity = LevelVoiceActivity()
    parts = SttParts(
        decode=_no_recordings,
        detector=SpeechDetector([LevelVoiceActivity()]),
        cascade=Cascade(Tier(primary, Gate(2)), fallback, Policy(0.55, 0.7, 1), fallback_model="thorough"),
        metrics=SttMetrics(CollectorRegistry()),
        readiness=Readiness(),
        models=(Model("quick", languages=("en",)),),
        activity=lambda: activity,
        streaming=GrowingWindow(primary, Options(draft_every_s=0.1, draft_rest=1.0)),
    )
    return SpeechToText(parts)


async def heard(primary: Tiered, fallback: Tiered | None) -> ListenClient:
    client = ListenClient(Live(service(primary, fallback)), wire.Start(language="en"))
    for frame in frames(stream(BOOK, "book me for thursday please")):
        await client.say(frame)
        await asyncio.sleep(0.001)
    await client.say(wire.Stop())
    await client.served
    return client


@pytest.mark.parametrize(("confidence", "model"), [(0.9, "quick"), (0.2, "thorough")])
async def test_an_unsure_final_is_the_second_tiers(confidence: float, model: str) -> None:
    primary, fallback = Tiered("quick", confidence), Tiered("thorough", 0.8)
    client = await heard(primary, fallback)
    (final,) = client.of(wire.Final)
    unsure = model == "thorough"
    assert (final.model, final.fallback_used, final.conf_below) == (model, unsure, unsure)
    assert final.conf_reason == ("logprob" if unsure else "none")
    assert final.text == "book me for thursday please"
    assert client.of(wire.Partial)
    assert primary.drafts > 0
    assert fallback.drafts == 0


async def test_a_decode_that_a_speaker_makes_void_is_no_request() -> None:
    primary = Tiered("quick", 0.9)
    primary.delay_s = 3600.0
    hearing = service(primary, None)
    client = ListenClient(Live(hearing), wire.Start(language="en", interim=False))
    pause = np.zeros(int(0.4 * RATE_HZ), np.float32)
    for frame in frames(np.concatenate([BOOK.say("book me"), pause])):
        await client.say(frame)
    while not primary.running:  # noqa: ASYNC110 - the engine tells nobody
        await asyncio.sleep(0.01)
    primary.delay_s = 0.0
    for frame in frames(stream(BOOK, "for thursday", silence_s=0.8)[int(0.8 * RATE_HZ) :]):
        await client.say(frame)
    await client.say(wire.Stop())
    await client.served
    assert [final.text for final in client.of(wire.Final)] == ["book me for thursday"]
    told = hearing.metrics.snapshot()
    assert (told["requests"], told["errors"]) == (1, 0)


async def test_a_fallback_that_fails_leaves_the_doubtful_text_and_says_so() -> None:
    fallback = Tiered("thorough", 0.8)
    fallback.failures = [EngineFailed("broken")] * 4
    client = await heard(Tiered("quick", 0.2), fallback)
    (final,) = client.of(wire.Final)
    assert (final.text, final.model, final.fallback_used) == ("book me for thursday please", "quick", False)
    assert (final.conf_below, final.degraded) == (True, ("fallback_failed",))
    assert client.of(wire.Error) == []


async def test_an_utterance_that_neither_tier_could_hear_is_lost_and_says_so() -> None:
    primary, fallback = Tiered("quick", 0.2), Tiered("thorough", 0.8)
    primary.failures = [EngineFailed("broken")] * 4
    fallback.failures = [EngineFailed("broken")] * 4
    client = await heard(primary, fallback)
    assert client.of(wire.Final) == []
    (error,) = client.of(wire.Error)
    assert (error.code, error.fatal) == ("fallback_failed", False)
    assert error.end_s > error.start_s
