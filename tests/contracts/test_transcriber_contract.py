"""What every speech-to-text engine must do; a new engine file is found and tested by itself."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import numpy as np
import pytest

from antiphon.audio.pcm import RATE_HZ
from antiphon.engines.discover import engines
from antiphon.events.speech import Expectation, Hearing, Samples, Transcript
from antiphon.ports.card import Port
from antiphon.ports.stt import Transcriber

ENGINES = [engine for engine in engines() if engine.card.port is Port.STT]


@pytest.fixture(params=ENGINES, ids=lambda engine: engine.card.name)
async def transcriber(
    request: pytest.FixtureRequest, open_engine: Callable[[Any], AbstractAsyncContextManager[Any]]
) -> AsyncIterator[Transcriber]:
    async with open_engine(request.param) as opened:
        yield opened


def noise(seconds: float, level: float = 0.05) -> Samples:
    return np.random.default_rng(0).normal(0, level, int(seconds * RATE_HZ)).astype(np.float32)


def check(transcript: Transcript, samples: Samples, transcriber: Transcriber) -> None:
    assert 0.0 <= transcript.confidence <= 1.0
    assert transcript.duration_s == pytest.approx(len(samples) / RATE_HZ)
    assert transcript.engine == transcriber.card.name
    assert len(transcript.language) == 2
    assert transcript.no_speech is (transcript.text == "")
    assert transcript.text == transcript.text.strip()


@pytest.mark.parametrize("seconds", [0.0, 1 / RATE_HZ, 0.005, 0.06, 0.3, 2.0])
async def test_any_length_is_answered(transcriber: Transcriber, seconds: float) -> None:
    samples = noise(seconds)
    check(await transcriber.transcribe(samples, Hearing()), samples, transcriber)
    assert isinstance(await transcriber.draft(samples, Hearing()), str)


@pytest.mark.parametrize("level", [0.0, 1e-6])
async def test_silence_is_no_speech(transcriber: Transcriber, level: float) -> None:
    transcript = await transcriber.transcribe(noise(3.0, level), Hearing(words=True))
    assert (transcript.text, transcript.no_speech, transcript.words) == ("", True, ())


@pytest.mark.parametrize("expect", list(Expectation))
async def test_any_expectation_is_answered(transcriber: Transcriber, expect: Expectation) -> None:
    samples = noise(0.6, 0.2)
    hearing = Hearing(language="en", expect=expect, phrases=("Anna Keller", "ÄÖÜ 東京", ""), words=True)
    check(await transcriber.transcribe(samples, hearing), samples, transcriber)


async def test_damaged_numbers_are_survived(transcriber: Transcriber) -> None:
    samples = noise(0.5)
    samples[::7] = np.nan
    samples[1::7] = np.inf
    check(await transcriber.transcribe(samples, Hearing()), samples, transcriber)


async def test_the_event_loop_goes_on_meanwhile(transcriber: Transcriber) -> None:
    work = asyncio.create_task(transcriber.transcribe(noise(4.0, 0.2), Hearing()))
    ticks = 0
    while not work.done():
        await asyncio.sleep(0)
        ticks += 1
    assert ticks > 10
    await work


async def test_cancelled_calls_give_their_slots_back(transcriber: Transcriber) -> None:
    for _ in range(4):
        calls = [asyncio.create_task(transcriber.transcribe(noise(8.0, 0.2), Hearing())) for _ in range(4)]
        await asyncio.sleep(0.01)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        assert all(call.cancelled() for call in calls)
    samples = noise(0.3)
    check(await transcriber.transcribe(samples, Hearing()), samples, transcriber)


def test_there_are_engines_to_test() -> None:
    assert {"moonshine", "faster-whisper"} <= {engine.card.name for engine in ENGINES}
