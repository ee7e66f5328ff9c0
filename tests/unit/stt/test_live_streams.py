"""Live streams over fakes: what is said to a client that speaks."""

import asyncio
from itertools import pairwise

import numpy as np
import pytest

from antiphon.audio.pcm import RATE_HZ
from antiphon.errors import AtCapacity, EngineFailed
from antiphon.events import live as wire
from antiphon.events.speech import Expectation
from antiphon.testing import LevelEars
from antiphon.testing.hearing import PhrasebookService
from antiphon.testing.listening import ListenClient, frames, stream
from live_streams import BOOK, SAID, START, live, whole


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
