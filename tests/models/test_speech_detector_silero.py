"""The speech detector with Silero: on real recordings a sweep answers as listening in order does."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from antiphon.audio.decode import decode
from antiphon.engines.vad.silero_numpy import Options, Silero, load
from antiphon.errors import AntiphonError, EngineUnavailable
from antiphon.events.speech import Samples
from antiphon.ports.vad import WINDOW_SAMPLES
from antiphon.stt.speech_detector import QUIET_PEAK, SPEECH, SpeechDetector

pytestmark = [pytest.mark.models, pytest.mark.shared]
EMPTY = ("noise", "hard-silence", "hard-music")
EVERY = 8
"""Of recordings with speech, each so many-th: the empty ones are what a sweep may err on."""


@pytest.fixture(scope="module")
def silero() -> Iterator[Silero]:
    try:
        engine = load(Options())
    except EngineUnavailable as missing:
        pytest.skip(f"{missing.message}: the speech detector was not tested")
    yield engine
    engine.close()


def recordings(speech: list[dict[str, Any]]) -> Iterator[Samples]:
    wanted = [item for item in speech if item["condition"] in EMPTY] + speech[::EVERY]
    for item in wanted:
        try:
            yield decode(item["path"].read_bytes()).mono
        except AntiphonError:
            continue  # the damaged ones


def in_order(activity: Silero, samples: Samples) -> Samples:
    rows = np.zeros((-(-len(samples) // WINDOW_SAMPLES), WINDOW_SAMPLES), np.float32)
    rows.reshape(-1)[: len(samples)] = samples * max(1.0, QUIET_PEAK / max(1e-9, float(np.abs(samples).max())))
    slot = activity.open()
    found = [activity.probabilities(np.array([slot]), row[None])[0] for row in rows]
    activity.close(slot)
    return np.array(found, np.float32)


async def test_a_sweep_agrees_with_listening_in_order(silero: Silero, speech: list[dict[str, Any]]) -> None:
    detector = SpeechDetector([silero])
    windows = flipped = judged = 0
    for samples in recordings(speech):
        if len(samples) < 16_000:
            continue
        expected = in_order(silero, samples)
        assert await detector.anyone_speaks(samples) is bool((expected >= SPEECH).any())
        swept = await detector.probabilities(samples)
        flipped += int(((swept >= SPEECH) != (expected >= SPEECH)).sum())
        windows += len(expected)
        judged += 1
    detector.close()
    assert judged > 20
    assert flipped <= 0.03 * windows
