"""Live streams over fakes: what is said to a client that speaks, waits, vanishes and comes back."""

import asyncio
import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from antiphon.audio.g711 import encode_alaw
from antiphon.audio.pcm import RATE_HZ, to_s16_bytes
from antiphon.audio.resample import resample
from antiphon.errors import AtCapacity, EngineFailed
from antiphon.events import live as wire
from antiphon.events.speech import Expectation, Hearing, Samples, Transcript
from antiphon.stt.account import Account
from antiphon.stt.listen_settings import ListenSettings
from antiphon.stt.live import Live
from antiphon.stt.live_connection import Caller
from antiphon.testing import LevelEars, ManualClock, Phrasebook
from antiphon.testing.hearing import PhrasebookService
from antiphon.testing.listening import ListenClient, frames, stream

BOOK = Phrasebook()
SAID = ("good morning", "book me for thursday", "at ten please")
START = wire.Start(language="en")


def live(service: PhrasebookService | None = None, clock: ManualClock | None = None, **chosen: Any) -> Live:
    return Live(service or PhrasebookService(BOOK), ListenSettings(**chosen), clock=clock)


async def whole(client: ListenClient, audio: Sequence[bytes]) -> list[str]:
    for frame in audio:
        await client.say(frame)
    await client.say(wire.Stop())
    await client.served
    return [final.text for final in client.of(wire.Final)]


async def test_each_utterance_is_told_once_with_its_place() -> None:
    client = ListenClient(live(), START)
    assert await whole(client, frames(stream(BOOK, *SAID))) == list(SAID)
    assert client.closed == (1000, "stopped")
    begun, ended = client.of(wire.SpeechStarted), client.of(wire.SpeechEnded)
    assert len(begun) == len(ended) == 3
    starts_s = [0.8, 2.2, 4.2]  # 0.3 s a word, 0.8 s between
    assert [b.at_s for b in begun] == pytest.approx(starts_s, abs=0.033)
    ends_s = [1.4, 3.4, 5.1]
    assert [e.at_s for e in ended] == pytest.approx(ends_s, abs=0.033)
    finals = client.of(wire.Final)
    assert [f.end_s for f in finals] == [e.at_s for e in ended]
    assert all(f.start_s <= b.at_s for f, b in zip(finals, begun, strict=True))
    assert {f.cause for f in finals} == {wire.Cause.ENDPOINT}
    assert client.of(wire.Closing)[0].sample == len(stream(BOOK, *SAID))


async def test_partials_grow_and_what_is_stable_stays() -> None:
    client = ListenClient(live(), START)
    text = "one two three four five six seven eight"
    for frame in frames(stream(BOOK, text)):
        await client.say(frame)
        await asyncio.sleep(0.001)
    await whole(client, [])
    partials = client.of(wire.Partial)
    assert len(partials) > 4
    assert all(p.text.startswith(p.stable) for p in partials)
    stable = [p.stable for p in partials]
    assert all(after.startswith(before) for before, after in pairwise(stable))
    assert text.startswith(partials[-1].stable)
    assert partials[-1].stable


async def test_without_interim_no_draft_is_made() -> None:
    client = ListenClient(live(), wire.Start(language="en", interim=False))
    assert await whole(client, frames(stream(BOOK, *SAID))) == list(SAID)
    assert client.of(wire.Partial) == []


async def test_the_start_tells_the_recogniser_how_to_hear() -> None:
    service = PhrasebookService(BOOK)
    start = wire.Start(
        language="de", expect=Expectation.DIGITS, prompt="before", hotwords=("Zürich",), words=True, interim=False
    )
    client = ListenClient(live(service), start)
    await whole(client, frames(stream(BOOK, "eins zwei")))
    heard = service.hearings[-1]
    assert (heard.language, heard.expect, heard.phrases, heard.words, heard.prompt) == (
        "de",
        Expectation.DIGITS,
        ("Zürich",),
        True,
        "before",
    )
    final = client.of(wire.Final)[0]
    assert [word.word for word in final.words] == ["eins", "zwei"]
    assert final.start_s <= final.words[0].start_s < final.words[1].end_s
    assert final.words[0].start_s == final.start_s


async def test_an_engine_that_streams_makes_its_own_finals() -> None:
    service = PhrasebookService(BOOK)
    service.streaming = LevelEars(BOOK)
    client = ListenClient(live(service), START)
    assert await whole(client, frames(stream(BOOK, *SAID))) == list(SAID)
    assert service.hearings == []
    assert all(utterance.closed for utterance in service.streaming.opened)


async def test_finalize_does_not_wait_for_silence() -> None:
    client = ListenClient(live(), START)
    for frame in frames(stream(BOOK, "at ten")[:-12_800]):
        await client.say(frame)
    await client.say(wire.Finalize())
    await client.until(lambda c: [ack for ack in c.of(wire.Ack) if ack.flushed])
    final = client.of(wire.Final)[0]
    assert (final.text, final.cause) == ("at ten", wire.Cause.FINALIZE)
    assert client.got.index(final) < client.got.index(next(a for a in client.of(wire.Ack) if a.flushed))
    assert await whole(client, frames(stream(BOOK, "thank you"))) == ["at ten", "thank you"]


async def test_finalize_with_nothing_said_is_answered_too() -> None:
    client = ListenClient(live(), START)
    await client.say(wire.Finalize())
    await client.until(lambda c: c.of(wire.Ack))
    assert client.of(wire.Ack) == [wire.Ack(0, flushed=True)]
    await client.drop(1000)


async def test_endpointing_zero_waits_for_the_client() -> None:
    client = ListenClient(live(), wire.Start(language="en", endpointing_ms=0))
    audio = frames(stream(BOOK, "one two", "three four"))
    assert await whole(client, audio) == ["one two three four"]


async def test_speech_that_does_not_end_is_cut_where_it_is_quietest() -> None:
    words = [f"word{n}" for n in range(12)]
    # A fifth of a second of near silence after the sixth word: too short for an endpoint.
    audio = np.concatenate([BOOK.say(" ".join(words[:6])), np.zeros(2_400, np.float32), BOOK.say(" ".join(words[6:]))])
    client = ListenClient(live(max_utterance_s=2.5), START)
    texts = await whole(client, frames(audio))
    assert texts == [" ".join(words[:6]), " ".join(words[6:])]
    assert [f.cause for f in client.of(wire.Final)] == [wire.Cause.LENGTH, wire.Cause.STOP]
    assert len(client.of(wire.SpeechStarted)) == 1


async def test_a_pause_begins_the_final_and_going_on_voids_it() -> None:
    service = PhrasebookService(BOOK, delay_s=0.01)
    client = ListenClient(live(service), START)
    gap = np.zeros(int(0.3 * RATE_HZ), np.float32)
    audio = np.concatenate([BOOK.say("one two"), gap, BOOK.say("three"), np.zeros(RATE_HZ, np.float32)])
    assert await whole(client, frames(audio)) == ["one two three"]
    assert service.running == 0


async def test_an_utterance_that_cannot_be_heard_is_told_and_the_next_is_heard() -> None:
    service = PhrasebookService(BOOK)
    service.failures = [EngineFailed("broken")]
    client = ListenClient(live(service), START)
    assert await whole(client, frames(stream(BOOK, *SAID))) == list(SAID[1:])
    error = client.of(wire.Error)[0]
    assert (error.code, error.fatal, error.retryable) == ("engine_failed", False, True)
    assert error.start_s < 0.8 < error.end_s < 1.5


async def test_a_full_service_is_asked_again() -> None:
    service = PhrasebookService(BOOK)
    service.failures = [AtCapacity("full", retry_after_s=0.01)] * 2
    client = ListenClient(live(service), START)
    assert await whole(client, frames(stream(BOOK, *SAID))) == list(SAID)
    assert client.of(wire.Error) == []


async def test_silence_is_acknowledged_as_it_passes() -> None:
    client = ListenClient(live(), START)
    await whole(client, frames(np.zeros(10 * RATE_HZ, np.float32)))
    acks = [ack.sample for ack in client.of(wire.Ack)]
    assert acks == sorted(acks)
    assert acks[-1] == 10 * RATE_HZ
    assert client.of(wire.Final) == []


# ── coming back ─────────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── limits ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def gauge(service: Live, state: str) -> float:
    live_sessions = next(iter(service.collect()))
    return next(sample.value for sample in live_sessions.samples if sample.labels["state"] == state)


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


# ── what cannot be used ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("sent", "code", "closed"),
    [
        (b"\0\0\0", "audio_length_invalid", 1003),
        (b"\0" * 65_538, "frame_too_large", 1009),
        ("x" * 65_538, "frame_too_large", 1009),
        ("no json", "message_invalid", 1003),
        ("[" * 60_000, "message_invalid", 1003),
        ('{"type":"start"}', "message_invalid", 1003),
        ('{"type":"sing"}', "message_invalid", 1003),
        ('{"type":"stop","now":true}', "start_invalid", 4400),
    ],
)
@pytest.mark.proves("S10")
async def test_what_cannot_be_used_ends_the_stream_with_a_reason(sent: str | bytes, code: str, closed: int) -> None:
    client = ListenClient(live(), START)
    await client.until(lambda c: c.of(wire.Started))
    await client.say(sent)
    await client.served
    assert client.of(wire.Error)[0].code == code
    assert client.closed == (closed, code)


@pytest.mark.proves("S10")
async def test_samples_that_are_no_numbers_are_silence_until_they_are_too_many() -> None:
    client = ListenClient(live(), wire.Start(language="en", encoding=wire.Encoding.F32LE))
    audio = stream(BOOK, "at ten please")
    audio[100:110] = [np.nan, np.inf, -np.inf, 1e38, -1e38] * 2
    for at in range(0, len(audio), 320):
        await client.say(audio[at : at + 320].tobytes())
    await client.say(b"")
    await client.say(wire.Finalize())
    await client.until(lambda c: c.of(wire.Final))
    assert client.of(wire.Final)[-1].text == "at ten please"
    for _ in range(20):
        await client.say(np.full(320, np.nan, np.float32).tobytes())
    await client.served
    assert client.closed == (1007, "audio_damaged")


@settings(max_examples=60)
@given(
    st.lists(
        st.binary(max_size=700)
        | st.text(max_size=40)
        | st.sampled_from([wire.encode(m) for m in (wire.Start(), wire.Finalize(), wire.KeepAlive(), wire.Stop())])
        | st.sampled_from(['{"type":"finalize","x":1}', '{"type":', "null", '{"type":"start","resume":{}}']),
        max_size=8,
    ),
    st.sampled_from(list(wire.Encoding)),
    st.booleans(),
)
def test_whatever_is_sent_is_heard_or_refused_in_words(
    sent: list[str | bytes], encoding: wire.Encoding, begun: bool
) -> None:
    async def send() -> None:
        service = live()
        client = ListenClient(service, wire.Start(encoding=encoding) if begun else None)
        for message in sent:
            await client.say(message)
        await client.drop(1000)
        errors = client.of(wire.Error)
        assert all(error.fatal and error.code in wire.CLOSE_CODES for error in errors)
        assert len(errors) <= 1
        assert gauge(service, "connected") == gauge(service, "lost") == 0

    asyncio.run(send())


@pytest.mark.parametrize(
    ("start", "code", "param"),
    [
        ('{"type":"start","sample_rate":7999}', "start_invalid", "sample_rate"),
        ('{"type":"start","encoding":"mp3"}', "start_invalid", "encoding"),
        ('{"type":"start","hotword":["x"]}', "start_invalid", "hotword"),
        ('{"type":"start","language":"EN"}', "start_invalid", "language"),
        ('{"type":"start","language":"fr"}', "language_unsupported", "language"),
        ('{"type":"start","version":2}', "start_invalid", "version"),
        ('{"type":"start","encoding":"opus","sample_rate":16000}', "start_invalid", "sample_rate"),
        ('{"type":"start","resume":{"session":"x"}}', "start_invalid", "resume"),
        (b"\0\0", "message_invalid", None),
        ('{"type":"keep_alive"}', "message_invalid", None),
    ],
)
async def test_a_start_that_cannot_be_used_names_what_is_wrong(
    start: str | bytes, code: str, param: str | None
) -> None:
    client = ListenClient(live())
    await client.say(start)
    await client.served
    error = client.of(wire.Error)[0]
    assert (error.code, error.fatal) == (code, True)
    assert param is None or (error.param or "").startswith(param)
    assert client.closed == (wire.CLOSE_CODES[code], code)
