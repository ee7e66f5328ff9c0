"""Live streams over fakes: counts, patience, what breaks, and the end of a process."""

import asyncio
import random
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from antiphon.audio.pcm import RATE_HZ
from antiphon.errors import AtCapacity
from antiphon.events import live as wire
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.stt.account import Account
from antiphon.testing import LevelEars, ManualClock, Phrasebook
from antiphon.testing.hearing import PhrasebookService
from antiphon.testing.listening import ListenClient, frames, stream
from live_streams import BOOK, SAID, START, gauge, live, whole


async def test_streams_are_counted_and_the_count_returns_to_zero() -> None:
    voices = PhrasebookService(BOOK)
    service = live(voices)
    clients = [ListenClient(service, START) for _ in range(5)]
    for client in clients:
        await client.until(lambda c: c.of(wire.Started))
    assert gauge(service, "connected") == 5
    for client in clients:
        await client.drop(1000)
    assert gauge(service, "connected") == gauge(service, "lost") == 0
    assert voices.voice_activity.open_slots == set()


async def test_nothing_is_left_of_streams_however_they_end() -> None:
    voices, dice, clock = PhrasebookService(BOOK, delay_s=0.001), random.Random(1), ManualClock()
    service = live(voices, clock=clock)
    audio = frames(stream(BOOK, "one two", "three"))

    async def come_and_go(ending: int) -> None:
        client = ListenClient(service, START)
        for frame in audio[: dice.randint(0, len(audio))]:
            await client.say(frame)
        if ending == 0:
            await client.say(wire.Stop())
            await client.served
        elif ending == 1:
            await client.say(b"odd")
            await client.served
        elif ending == 2:
            await client.until(lambda c: c.of(wire.Started))
            again = ListenClient(service, wire.Start(language="en", resume=wire.Resume(client.session, 0)))
            await client.served
            await again.drop()
        elif ending == 3:
            client.served.cancel()
            await asyncio.wait([client.served])
        else:
            await client.drop(dice.choice((1000, 1001, 1005, 1006)))

    await asyncio.gather(*(come_and_go(n % 5) for n in range(60)))
    assert gauge(service, "connected") == 0
    clock.advance(60)
    async with asyncio.timeout(60):
        while ours := [t for t in asyncio.all_tasks() if t.get_name().startswith(("listen-", "stt-"))]:
            await asyncio.wait(ours, timeout=0.1)
    assert gauge(service, "lost") == 0
    assert voices.voice_activity.open_slots == set()
    assert voices.running == 0


async def test_a_stream_too_many_is_refused_but_a_lost_one_may_come_back() -> None:
    service = live(max_sessions=1)
    first = ListenClient(service, START)
    await first.until(lambda c: c.of(wire.Started))
    with pytest.raises(AtCapacity):
        service.admit()
    await first.drop()
    service.admit()
    other = ListenClient(service, START)
    await other.served
    assert other.closed == (1013, "at_capacity")
    back = ListenClient(service, wire.Start(resume=wire.Resume(first.session, 0)))
    await back.until(lambda c: c.of(wire.Started))
    await back.drop(1000)


async def test_a_client_far_ahead_is_not_read_until_it_is_heard() -> None:
    gate = asyncio.Event()

    class Stuck(PhrasebookService):
        async def hear_samples(self, samples: Samples, hearing: Hearing, account: Account) -> Transcript:
            await gate.wait()
            return await super().hear_samples(samples, hearing, account)

    client = ListenClient(live(Stuck(BOOK), max_ahead_s=5.0), wire.Start(language="en", interim=False))
    audio = frames(stream(BOOK, *SAID * 6), 8_000)
    sent = 0

    async def send() -> None:
        nonlocal sent
        for frame in audio:
            await client.say(frame)
            sent += 1
        await client.say(wire.Stop())

    sender = asyncio.create_task(send())
    await client.until(lambda c: c.of(wire.SpeechEnded))
    before = -1
    while sent != before:
        before = sent
        await asyncio.sleep(0.1)
    assert sent * 0.5 <= 5.0 + 3 * 0.5 + len(BOOK.say(SAID[0])) / RATE_HZ + 0.8
    assert not sender.done()
    gate.set()
    await sender
    await client.served
    assert [final.text for final in client.of(wire.Final)] == list(SAID * 6)


class Breaking(PhrasebookService):
    """Its streaming engine and its voice activity break when they are told to."""

    def __init__(self, book: Phrasebook) -> None:
        super().__init__(book)
        self.ears = LevelEars(book)
        self.streaming = self
        self.streams = 0
        self.breaks_stream = self.breaks_voice_activity = False
        self.activity = lambda: self

    def open(self, hearing: Hearing | None = None) -> Any:
        if hearing is None:
            return self.voice_activity.open()
        if self.breaks_stream:
            self.breaks_stream = False
            raise ZeroDivisionError
        return self.ears.open(hearing)

    def close(self, slot: int) -> None:
        self.voice_activity.close(slot)

    def probabilities(self, slots: npt.NDArray[np.intp], windows: Samples) -> Samples:
        if self.breaks_voice_activity:
            self.breaks_voice_activity = False
            raise ZeroDivisionError
        return self.voice_activity.probabilities(slots, windows)


async def test_what_breaks_one_stream_leaves_the_others_alone() -> None:
    voices = Breaking(BOOK)
    service = live(voices)
    broken, whole_one = ListenClient(service, START), ListenClient(service, START)
    voices.breaks_stream = True
    for frame in frames(stream(BOOK, "one")):
        await broken.say(frame)
    await broken.served
    assert broken.closed == (1011, "internal")
    assert await whole(whole_one, frames(stream(BOOK, *SAID))) == list(SAID)
    assert gauge(service, "connected") == 0


async def test_without_voice_activity_streams_end_and_the_next_one_tries_again() -> None:
    voices = Breaking(BOOK)
    service = live(voices)
    client = ListenClient(service, START)
    voices.breaks_voice_activity = True
    for frame in frames(stream(BOOK, "one")):
        await client.say(frame)
    await client.served
    assert client.closed == (1011, "engine_failed")
    assert await whole(ListenClient(service, START), frames(stream(BOOK, *SAID))) == list(SAID)
    assert voices.voice_activity.open_slots == set()


async def test_silence_on_the_wire_ends_a_stream() -> None:
    clock = ManualClock()
    client = ListenClient(live(clock=clock, idle_timeout_s=20), START)
    await client.until(lambda c: c.of(wire.Started))
    clock.advance(15)
    await client.say(wire.KeepAlive())
    await client.say(wire.KeepAlive())
    await client.say(wire.KeepAlive())
    clock.advance(15)
    await asyncio.sleep(0.6)
    assert client.closed is None
    clock.advance(6)
    await client.served
    assert client.closed == (4408, "idle_timeout")
    assert client.of(wire.Error)[0].code == "idle_timeout"


async def test_a_client_that_never_starts_is_let_go() -> None:
    client = ListenClient(live(start_timeout_s=0.1))
    await client.served
    assert client.closed == (4408, "start_timeout")


async def test_a_client_that_does_not_read_is_let_go_and_may_come_back() -> None:
    service = live(send_timeout_s=0.1)
    client = ListenClient(service, START)
    await client.until(lambda c: c.of(wire.Started))
    client.reads.clear()
    await client.say(wire.Finalize())
    await client.served
    assert client.closed == (1013, "slow_consumer")
    assert gauge(service, "lost") == 1


async def test_draining_waits_for_the_end_of_an_utterance() -> None:
    service = live()
    quiet, speaking = ListenClient(service, START), ListenClient(service, START)
    audio = frames(stream(BOOK, "at ten please"))
    for frame in audio[:60]:
        await speaking.say(frame)
    await speaking.until(lambda c: c.of(wire.SpeechStarted))
    drained = asyncio.create_task(service.drain(20.0))
    await quiet.served
    assert quiet.closed == (1001, "going_away")
    with pytest.raises(AtCapacity):
        service.admit()
    assert speaking.closed is None
    for frame in audio[60:]:
        await speaking.say(frame)
    await drained
    await speaking.served
    assert [f.text for f in speaking.of(wire.Final)] == ["at ten please"]
    assert speaking.closed == (1001, "going_away")
    assert speaking.of(wire.Closing)[0].within_s == 20.0


async def test_draining_does_not_wait_longer_than_it_may() -> None:
    service = live()
    client = ListenClient(service, START)
    for frame in frames(stream(BOOK, "at ten please"))[:60]:
        await client.say(frame)
    await client.until(lambda c: c.of(wire.SpeechStarted))
    await service.drain(0.1)
    await client.served
    assert client.closed == (1001, "going_away")
