"""Live streams over fakes: a client that vanishes and comes back."""

import asyncio
import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from antiphon.audio.g711 import encode_alaw
from antiphon.audio.pcm import RATE_HZ, to_s16_bytes
from antiphon.audio.resample import resample
from antiphon.events import live as wire
from antiphon.stt.live_connection import Caller
from antiphon.testing import ManualClock
from antiphon.testing.hearing import PhrasebookService
from antiphon.testing.listening import ListenClient, frames, stream
from live_streams import BOOK, SAID, START, gauge, live, whole

WIRES = {
    wire.Start(language="en", interim=False): lambda audio: to_s16_bytes(audio),
    wire.Start(language="en", interim=False, encoding=wire.Encoding.F32LE, sample_rate=48_000): lambda audio: resample(
        audio, RATE_HZ, 48_000
    ).tobytes(),
    wire.Start(language="en", interim=False, encoding=wire.Encoding.ALAW, channels=2): lambda audio: encode_alaw(
        np.repeat(resample(audio, RATE_HZ, 8_000), 2)
    ),
}
"""Ways to send sound; the last one blurs words, so it is compared with itself alone."""


def width(start: wire.Start) -> int:
    """Bytes of one sample of all channels."""
    return {wire.Encoding.S16LE: 2, wire.Encoding.F32LE: 4}.get(start.encoding, 1) * start.channels


async def interrupted(begin: wire.Start, audio: bytes, seed: int, drops: int) -> list[wire.Final]:
    """All finals of a client whose connection is lost `drops` times, as it counts them."""
    dice = random.Random(seed)
    service = live(PhrasebookService(BOOK, delay_s=0.001))
    finals: list[wire.Final] = []
    start, at, size, samples = begin, 0, width(begin), len(audio) // width(begin)
    while True:
        client = ListenClient(service, start)
        position, end = at, samples if drops == 0 else dice.randint(at, samples)
        while position < end:
            piece = min(dice.choice((160, 320, 1_600, 7_000)), end - position)
            await client.say(audio[size * position : size * (position + piece)])
            position += piece
            if dice.random() < 0.2:
                await asyncio.sleep(dice.choice((0, 0.02)))
        if drops == 0:
            await client.say(wire.Stop())
            await client.served
            return [*finals, *client.of(wire.Final)]
        drops -= 1
        await client.until(lambda c: c.of(wire.Started))
        if dice.random() < 0.5:
            client.reads.clear()
        await asyncio.sleep(dice.choice((0, 0.03)))
        client.reads.set()
        await client.drop()
        finals += client.of(wire.Final)
        at = max([at, *(f.end_sample for f in client.of(wire.Final)), *(a.sample for a in client.of(wire.Ack))])
        start = replace(begin, resume=wire.Resume(client.session, at))


@settings(max_examples=30)
@given(
    st.sampled_from(list(WIRES)),
    st.lists(st.lists(st.sampled_from(("one", "two", "three")), min_size=1, max_size=4), min_size=1, max_size=4),
    st.integers(0, 2**32),
    st.integers(1, 6),
)
def test_lost_connections_cost_nothing_and_double_nothing(
    start: wire.Start, texts: list[list[str]], seed: int, drops: int
) -> None:
    audio = WIRES[start](stream(BOOK, *(" ".join(words) for words in texts), silence_s=0.7))

    async def compare() -> None:
        undisturbed = await interrupted(start, audio, seed, 0)
        disturbed = await interrupted(start, audio, seed, drops)
        facts = [[(f.text, f.start_s, f.end_s, f.end_sample) for f in finals] for finals in (undisturbed, disturbed)]
        assert facts[0] == facts[1]
        assert len(facts[0]) == len(texts)

    asyncio.run(compare())


async def test_a_new_connection_takes_a_stream_over() -> None:
    service = live()
    old = ListenClient(service, START)
    audio = frames(stream(BOOK, *SAID))
    for frame in audio[:50]:
        await old.say(frame)
    await old.until(lambda c: c.of(wire.Started))
    acked = max((a.sample for a in old.of(wire.Ack)), default=0)
    new = ListenClient(service, wire.Start(language="en", resume=wire.Resume(old.session, acked)))
    await old.served
    assert old.closed == (4409, "superseded")
    assert await whole(new, frames(stream(BOOK, *SAID)[acked:])) == list(SAID)


async def test_nobody_can_go_on_with_a_stream_that_is_not_there_or_has_a_gap() -> None:
    service = live()
    client = ListenClient(service, wire.Start(resume=wire.Resume("nobody", 0)))
    await client.served
    assert client.closed == (4404, "session_unknown")
    first = ListenClient(service, START)
    await first.say(frames(stream(BOOK, "one"))[0])
    await first.until(lambda c: c.of(wire.Started))
    await first.drop()
    for start in (
        wire.Start(resume=wire.Resume(first.session, 321)),
        wire.Start(resume=wire.Resume(first.session, 0), sample_rate=8_000),
    ):
        client = ListenClient(service, start)
        await client.served
        assert client.closed == (4409, "resume_impossible")
    again = ListenClient(service, wire.Start(resume=wire.Resume(first.session, 0)))
    assert await whole(again, frames(stream(BOOK, "one"))) == ["one"]


async def test_only_the_key_that_opened_a_stream_goes_on_with_it() -> None:
    service = live()
    first = ListenClient(service, START, Caller("key-a"))
    await first.until(lambda c: c.of(wire.Started))
    await first.drop()
    back = wire.Start(language="en", resume=wire.Resume(first.session, 0))
    other = ListenClient(service, back, Caller("key-b"))
    await other.served
    assert other.closed == (4404, "session_unknown")
    same = ListenClient(service, back, Caller("key-a"))
    assert await whole(same, frames(stream(BOOK, "one"))) == ["one"]


async def test_a_stream_ends_with_its_key() -> None:
    allowed = True
    client = ListenClient(live(), START, Caller("key", lambda: allowed))
    await client.until(lambda c: c.of(wire.Started))
    allowed = False
    await client.served
    assert client.closed == (4401, "key_revoked")


async def test_a_stream_is_forgotten_after_the_grace_time() -> None:
    clock = ManualClock()
    service = live(clock=clock, grace_s=30)
    client = ListenClient(service, START)
    await client.until(lambda c: c.of(wire.Started))
    await client.drop()
    assert gauge(service, "lost") == 1
    clock.advance(31)
    async with asyncio.timeout(60):
        while gauge(service, "lost"):  # noqa: ASYNC110 - the sweep tells nobody
            await asyncio.sleep(0.05)
    assert gauge(service, "connected") == 0
