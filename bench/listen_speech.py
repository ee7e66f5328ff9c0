"""What live callers get from the embedded engine: words, first partials, finals, and how often partials are wrong.

Recordings are streamed through a served stack as a microphone gives them, in real time and several at once, and decoded
as whole files beside it. The word error rate of the streams is compared with that of the files; times are told as they
were, and as multiples of what decoding the same utterance costs on the idle machine.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from bench.recordings import Item, english

from antiphon.app import App
from antiphon.audio.pcm import to_s16_bytes
from antiphon.config import load
from antiphon.events import live as wire
from antiphon.events.speech import Hearing
from antiphon.gateway.asgi import Services, build
from antiphon.sdk.streams import ListenStream, Start
from antiphon.stt.account import Account
from antiphon.testing.server import serving

FRAME_SAMPLES = 320
RATE_HZ = 16_000


@dataclass(slots=True)
class Told:
    """What a stream told of one recording.

    Attributes:
        first_partial_s: from the first `speech_started` until words, of each utterance.
        latency_s: from the last speech of an utterance until its final.
        partials: all of them.
        texts: the finals.
    """

    first_partial_s: list[float] = field(default_factory=list)
    latency_s: list[float] = field(default_factory=list)
    partials: list[wire.Partial] = field(default_factory=list)
    finals: list[wire.Final] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All that was said."""
        return " ".join(final.text for final in self.finals)


async def stream(url: str, item: Item) -> Told:
    """One recording in real time, with a second of silence after it."""
    told = Told()
    async with ListenStream(url, start=Start(language="en")) as listening:
        noting = asyncio.create_task(note(listening, told))
        began_s = time.monotonic()
        sound = to_s16_bytes(item.samples) + bytes(2 * RATE_HZ)
        for index, at in enumerate(range(0, len(sound), 2 * FRAME_SAMPLES)):
            await asyncio.sleep(max(0.0, began_s + index * FRAME_SAMPLES / RATE_HZ - time.monotonic()))
            await listening.send(sound[at : at + 2 * FRAME_SAMPLES])
        await listening.finish()
        await noting
    return told


async def note(listening: ListenStream, told: Told) -> None:
    """Keep what is told, and when."""
    speaking_s = None
    async for event in listening:
        if isinstance(event, wire.SpeechStarted):
            speaking_s = time.monotonic()
        elif isinstance(event, wire.Partial):
            told.partials.append(event)
            if speaking_s is not None:
                told.first_partial_s.append(time.monotonic() - speaking_s)
                speaking_s = None
        elif isinstance(event, wire.Final):
            told.finals.append(event)
            told.latency_s.append(event.latency_ms / 1e3)


def retracted(told: Told) -> int:
    """Partials that took back something that was said to be stable."""
    return sum(
        not after.stable.startswith(before.stable)
        for before, after in pairwise(told.partials)
        if before.start_s == after.start_s
    )


async def measure(items: list[Item], at_once: int) -> dict[str, object]:
    """All figures."""
    async with App(load(env={})) as app:
        running = await app.start_speech_to_text()
        began_s, whole = time.monotonic(), []
        for item in items:
            heard = await running.service.hear_samples(item.samples, Hearing("en"), Account())
            whole.append(item.errors(heard.text))
        rtf = (time.monotonic() - began_s) / sum(item.seconds for item in items)
        gate = asyncio.Semaphore(at_once)

        async def one(url: str, item: Item) -> Told:
            async with gate:
                return await stream(url, item)

        async with serving(build(Services(stt=running.service, live=running.live))) as url:
            told = await asyncio.gather(*(one(url, item) for item in items))
    live = [item.errors(each.text) for item, each in zip(items, told, strict=True)]
    firsts = sorted(s for each in told for s in each.first_partial_s)
    latencies = sorted(s for each in told for s in each.latency_s)
    return {
        "recordings": len(items),
        "audio_s": round(sum(item.seconds for item in items)),
        "word_error_rate_files": round(sum(w for _, w in whole) / sum(n for n, _ in whole), 4),
        "word_error_rate_streams": round(sum(w for _, w in live) / sum(n for n, _ in live), 4),
        "real_time_factor_files": round(rtf, 3),
        "first_partial_after_speech_s": [round(median(firsts), 2), round(firsts[int(0.95 * len(firsts))], 2)],
        "final_after_last_speech_s": [round(median(latencies), 2), round(latencies[int(0.95 * len(latencies))], 2)],
        "partials": sum(len(each.partials) for each in told),
        "partials_that_took_back_stable_words": sum(map(retracted, told)),
        "load_average": os.getloadavg()[0],
    }


def main() -> int:
    """Print the figures; medians and 95th percentiles where there are two."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--condition", default="read-en", help="kind of recording")
    parser.add_argument("--limit", type=int, default=24, help="recordings at most")
    parser.add_argument("--at-once", type=int, default=3, help="streams at once")
    arguments = parser.parse_args()
    items = [item for item in english() if item.condition == arguments.condition][: arguments.limit]
    print(json.dumps(asyncio.run(measure(items, arguments.at_once)), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
