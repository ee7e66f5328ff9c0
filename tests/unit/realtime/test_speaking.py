"""What becomes of a reply that nobody listens to any more."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

import numpy as np

from antiphon.clock import SystemClock
from antiphon.errors import AntiphonError
from antiphon.events.dialogue import ReplyDone
from antiphon.events.speech import SpeechChunk, Voicing
from antiphon.realtime.speaking import Speaking
from antiphon.testing import WordVoice

RATE_HZ = 16_000


class ClosingVoice(WordVoice):
    """Counts what is left open: it keeps hold of what it gave out, so only its listener can close that."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[AsyncGenerator[SpeechChunk, None]] = []
        self.open = 0
        self.words = 0

    def speak(self, text: str, voicing: Voicing) -> AsyncGenerator[SpeechChunk, None]:
        self.given.append(self._counted(super().speak(text, voicing)))
        return self.given[-1]

    async def _counted(self, chunks: AsyncGenerator[SpeechChunk, None]) -> AsyncGenerator[SpeechChunk, None]:
        self.open += 1
        try:
            async for chunk in chunks:
                self.words += 1
                yield chunk
        finally:
            self.open -= 1


class SlowToKeep:
    """A reply of one sentence whose turn is kept only when the test allows it."""

    def __init__(self) -> None:
        self.done: ReplyDone | None = None
        self.latency_ms: dict[str, float] = {}
        self.keeping, self.may_keep = asyncio.Event(), asyncio.Event()
        self.heard: str | None = None

    async def sentences(self) -> AsyncIterator[str]:
        yield "one two three four"

    async def commit(self) -> None:
        self.keeping.set()
        await self.may_keep.wait()

    async def spoken(self, heard: str, *, interrupted: bool) -> None:
        self.heard = heard


def no_trouble(error: AntiphonError) -> None:
    raise AssertionError(error)


async def test_an_interrupted_sentence_is_not_synthesized_to_its_end() -> None:
    voice, reply = ClosingVoice(), SlowToKeep()
    speaking = Speaking(lambda: reply, voice, Voicing(), SystemClock(), RATE_HZ, no_trouble)
    running = asyncio.create_task(speaking.run(RATE_HZ))
    await reply.keeping.wait()
    assert voice.open == 1
    speaking.interrupt()
    await running
    assert (voice.open, voice.words, reply.heard) == (0, 1, "")


class HaltingVoice(WordVoice):
    """Says a word, and the next only when the test allows it."""

    def __init__(self) -> None:
        super().__init__(word_s=0.15)
        self.waiting, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def speak(self, text: str, voicing: Voicing) -> AsyncGenerator[SpeechChunk, None]:
        async for chunk in super().speak(text, voicing):
            yield chunk
            self.waiting.set()
            await self.may_go_on.wait()


async def test_a_simulated_call_waits_before_its_agent_would_falter() -> None:
    voice, reply = HaltingVoice(), SlowToKeep()
    reply.may_keep.set()
    speaking = Speaking(lambda: reply, voice, Voicing(), SystemClock(), RATE_HZ, no_trouble)
    running = asyncio.create_task(speaking.run(RATE_HZ))
    await voice.waiting.wait()
    assert not speaking.working
    speaking.playout.pull(1_600)
    assert speaking.working  # 50 ms are left of a sentence that goes on
    voice.may_go_on.set()
    while speaking.working:  # noqa: ASYNC110 - what a simulated call does
        await asyncio.sleep(0)
    assert np.all(speaking.playout.pull(speaking.playout.remaining) == np.float32(0.2))
    while speaking.playout.remaining or not speaking.playout.complete:
        speaking.playout.pull(320)
        await asyncio.sleep(0)
    await running
    assert reply.heard == "one two three four"
