"""Live transcription with the embedded engine and real recordings, through a served stack and the SDK."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import av
import jiwer
import numpy as np
import pytest
import soundfile

from antiphon.app import App
from antiphon.audio.g711 import encode_mulaw
from antiphon.audio.pcm import RATE_HZ, Samples, to_s16_bytes
from antiphon.audio.resample import resample
from antiphon.config import load
from antiphon.events import live as wire
from antiphon.events.speech import Hearing
from antiphon.gateway.asgi import Services, build
from antiphon.models import Store
from antiphon.sdk.streams import ListenStream, Start
from antiphon.stt.account import Account
from antiphon.testing.server import serving

pytestmark = [pytest.mark.e2e, pytest.mark.models]
FRAME_SAMPLES = RATE_HZ // 50
PACE = 6.0
"""Times real time at which recordings are streamed."""


@dataclass(slots=True)
class Told:
    """What a stream told of one recording."""

    partials: list[wire.Partial] = field(default_factory=list)
    finals: list[wire.Final] = field(default_factory=list)
    first_partial_s: float | None = None

    @property
    def text(self) -> str:
        return " ".join(final.text for final in self.finals).strip()


def plain(text: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9' ]+", " ", text.lower()).split())


async def streamed(url: str, samples: Samples, start: Start) -> Told:
    """A recording as a microphone gives it, some times faster."""
    told, sent_s = Told(), 0.0
    async with ListenStream(url, start=start) as stream:

        async def note() -> None:
            async for event in stream:
                if isinstance(event, wire.Partial):
                    told.first_partial_s = told.first_partial_s or sent_s - event.start_s
                    told.partials.append(event)
                elif isinstance(event, wire.Final):
                    told.finals.append(event)

        noting = asyncio.create_task(note())
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        for at in range(0, len(samples), FRAME_SAMPLES):
            await stream.send(to_s16_bytes(samples[at : at + FRAME_SAMPLES]))
            sent_s = at / RATE_HZ
            await asyncio.sleep(max(0.0, began_s + sent_s / PACE - loop.time()))
        await stream.finish()
        await noting
    return told


def recordings(speech: list[dict[str, Any]], condition: str, count: int) -> list[tuple[Samples, str]]:
    """The first recordings of a condition that libsndfile reads, with their transcripts."""
    found: list[tuple[Samples, str]] = []
    for item in speech:
        if item["condition"] == condition and item.get("transcript") and len(found) < count:
            samples, rate_hz = soundfile.read(item["path"], dtype="float32", always_2d=True)
            found.append((resample(np.ascontiguousarray(samples[:, 0]), rate_hz, RATE_HZ), item["transcript"]))
    return found


@pytest.mark.shared
@pytest.mark.timeout(600)
async def test_streams_are_heard_nearly_as_well_as_files(speech: list[dict[str, Any]]) -> None:
    spoken = recordings(speech, "read-en", 12)
    truth = [plain(transcript) for _, transcript in spoken]
    async with App(load(env={})) as app:
        running = await app.start_speech_to_text()
        whole = [(await running.service.hear_samples(samples, Hearing("en"), Account())).text for samples, _ in spoken]
        async with serving(build(Services(stt=running.service, live=running.live))) as url:
            told = [await streamed(url, samples, Start(language="en")) for samples, _ in spoken]
    of_files, of_streams = jiwer.wer(truth, [plain(t) for t in whole]), jiwer.wer(truth, [plain(t.text) for t in told])
    print(f"word errors: files {of_files:.1%}, streams {of_streams:.1%}")
    print(f"first partials: {[round(t.first_partial_s or -1, 2) for t in told]}")
    print(f"final latency ms: {sorted(f.latency_ms for t in told for f in t.finals)}")
    assert of_streams <= of_files + 0.04
    assert sum(len(each.partials) for each in told) > len(told)
    for each in told:
        for before, after in pairwise(each.partials):
            if after.start_s == before.start_s:
                assert after.stable.startswith(before.stable)


def telephone(samples: Samples, rate_hz: int) -> tuple[Start, list[bytes]]:
    """Mu-law at 8 kHz, 20 ms a frame."""
    data = encode_mulaw(resample(samples, rate_hz, 8_000))
    return Start(encoding=wire.Encoding.MULAW, language="en", words=True), [
        data[at : at + 160] for at in range(0, len(data), 160)
    ]


def browser(samples: Samples, rate_hz: int) -> tuple[Start, list[bytes]]:
    """Opus packets of 20 ms."""
    sound = resample(samples, rate_hz, 48_000)
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = 48_000, "mono", "flt", 24_000
    packets = []
    for at in range(0, len(sound) - 959, 960):
        frame = av.AudioFrame.from_ndarray(sound[None, at : at + 960], format="flt", layout="mono")
        frame.sample_rate, frame.pts = 48_000, at
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return Start(encoding=wire.Encoding.OPUS, language="en", words=True), packets


@pytest.mark.parametrize("wired", [telephone, browser])
async def test_a_recording_is_heard_over(wired: Callable[[Samples, int], tuple[Start, list[bytes]]]) -> None:
    samples, rate_hz = soundfile.read(Store().locate("moonshine-tiny-en").parent / "beckett.wav", dtype="float32")
    start, sent = wired(samples, rate_hz)
    async with App(load(env={})) as app:
        running = await app.start_speech_to_text()
        async with (
            serving(build(Services(stt=running.service, live=running.live))) as url,
            ListenStream(url, start=start) as stream,
        ):
            for frame in sent:
                await stream.send(frame)
            await stream.finish()
            finals = [event async for event in stream if isinstance(event, wire.Final)]
    text = plain(" ".join(final.text for final in finals))
    assert jiwer.wer("ever tried ever failed no matter try again fail again fail better", text) <= 0.3
    words = [word for final in finals for word in final.words]
    assert plain(" ".join(word.word for word in words)) == text
    starts_s = [word.start_s for word in words]
    assert starts_s == sorted(starts_s)
    assert words[-1].end_s <= len(samples) / rate_hz
