"""What every text-to-speech engine must do; a new engine file is found and tested by itself."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Any

import numpy as np
import pytest

from antiphon.engines.discover import engines
from antiphon.errors import BadInput, TooLong
from antiphon.events.speech import Samples, SpeechChunk, SpokenWord, Voicing
from antiphon.ports.card import Card, Port
from antiphon.ports.tts import Voice

SENTENCE = "Your appointment is on Tuesday, with Mrs Müller."


class HummingVoice:
    """A fake: a hum of 50 ms a character, each word with its place."""

    card = Card(name="hum", port=Port.TTS, summary="A fake.", rates_hz=(8_000,))

    async def speak(self, text: str, voicing: Voicing) -> AsyncGenerator[SpeechChunk, None]:
        if len(text) > 4096:
            raise TooLong("too long", param="text")
        if len(voicing.language) != 2 or voicing.voice or not 0.5 <= voicing.speed <= 2:
            raise BadInput("unknown voice")
        samples = round(8_000 * 0.05 / voicing.speed)
        at = 0
        for start, end in _spans(text):
            await asyncio.sleep(0)
            hum = np.full(samples * (end - start), 0.1, np.float32)
            yield SpeechChunk(hum, (SpokenWord(start, end, at),))
            at += len(hum)

    async def close(self) -> None:
        pass


def _spans(text: str) -> list[tuple[int, int]]:
    ends, at = [], 0
    for word in text.split():
        start = text.index(word, at)
        at = start + len(word)
        ends.append((start, at))
    return ends


FOUND: list[Any] = [HummingVoice, *(engine for engine in engines() if engine.card.port is Port.TTS)]


@pytest.fixture(params=FOUND, ids=lambda found: found.card.name)
async def voice(
    request: pytest.FixtureRequest, open_engine: Callable[[Any], AbstractAsyncContextManager[Any]]
) -> AsyncIterator[Voice]:
    async with open_engine(request.param) as opened:
        yield opened


async def spoken(voice: Voice, text: str, voicing: Voicing | None = None) -> tuple[Samples, list[SpokenWord]]:
    chunks = [chunk async for chunk in voice.speak(text, voicing or Voicing())]
    words = [word for chunk in chunks for word in chunk.words]
    return np.concatenate([np.zeros(0, np.float32), *(chunk.samples for chunk in chunks)]), words


async def test_speech_is_float32_within_range_and_of_plausible_length(voice: Voice) -> None:
    samples, _ = await spoken(voice, SENTENCE)
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert np.abs(samples).max() <= 1
    assert np.sqrt((samples**2).mean()) > 0.01
    assert 1 < len(samples) / voice.card.rates_hz[0] < 10


async def test_words_stand_in_order_in_the_text_and_in_their_chunk(voice: Voice) -> None:
    at, last = 0, -1
    async for chunk in voice.speak(SENTENCE, Voicing()):
        for word in chunk.words:
            assert at <= word.at_sample < at + len(chunk.samples)
            assert last < word.start < word.end <= len(SENTENCE)
            assert SENTENCE[word.start : word.end] == SENTENCE[word.start : word.end].strip()
            last = word.start
        at += len(chunk.samples)


async def test_nothing_to_say_makes_no_sound(voice: Voice) -> None:
    for text in ("", "   \n"):
        samples, words = await spoken(voice, text)
        assert len(samples) == 0
        assert words == []


async def test_faster_is_shorter(voice: Voice) -> None:
    slow, _ = await spoken(voice, SENTENCE, Voicing(speed=0.7))
    fast, _ = await spoken(voice, SENTENCE, Voicing(speed=1.6))
    assert len(slow) > 1.5 * len(fast)


@pytest.mark.proves("S22")
async def test_more_than_4096_characters_are_refused_before_any_sound(voice: Voice) -> None:
    for text in ("a" * 4097, "word " * 200_000):
        with pytest.raises(TooLong):
            await spoken(voice, text)
    samples, _ = await spoken(voice, "Yes. " + " " * 4091)
    assert len(samples)


@pytest.mark.proves("S22")
async def test_markup_and_control_characters_are_no_commands(voice: Voice) -> None:
    plain, _ = await spoken(voice, "Hello there")
    for text in ('Hello <break time="20s"/> there', "Hello \x01+20S\x00 there", "\ud800Hello\u202e there\x1b[2J"):
        samples, words = await spoken(voice, text)
        assert len(samples) < len(plain) + 6 * voice.card.rates_hz[0]
        assert all(word.end <= len(text) for word in words)


@pytest.mark.parametrize(
    "voicing",
    [
        Voicing(language="xx-none"),
        Voicing(voice="no such voice"),
        Voicing(voice="../../../etc/passwd"),
        Voicing(speed=9.0),
        Voicing(speed=float("nan")),
    ],
)
async def test_an_unknown_voice_language_or_speed_is_bad_input(voice: Voice, voicing: Voicing) -> None:
    with pytest.raises(BadInput):
        await spoken(voice, SENTENCE, voicing)


async def test_several_speak_at_once_without_mixing(voice: Voice) -> None:
    texts = [SENTENCE, "Yes.", "We are open from Monday to Friday.", "Good bye, and see you on Thursday."]
    alone = [len((await spoken(voice, text))[0]) for text in texts]
    together = await asyncio.gather(*(spoken(voice, text) for text in texts * 3))
    for (samples, words), text, length in zip(together, texts * 3, alone * 3, strict=True):
        assert len(samples) == pytest.approx(length, rel=0.05)
        assert all(word.end <= len(text) for word in words)


async def test_it_speaks_on_after_a_listener_has_left(voice: Voice) -> None:
    long = "This is said to nobody. " * 100
    async with aclosing(voice.speak(long, Voicing())) as chunks:
        await anext(chunks)
    listener = asyncio.create_task(spoken(voice, long))
    await asyncio.sleep(0.01)
    listener.cancel()
    await asyncio.gather(listener, return_exceptions=True)
    samples, _ = await spoken(voice, "Hello.")
    assert len(samples)
