"""One reply on its way from the dialogue to the caller's ear."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

import structlog

from antiphon.audio.resample import Resampler
from antiphon.clock import Clock
from antiphon.errors import AntiphonError
from antiphon.events.dialogue import ReplyDone
from antiphon.events.speech import SpokenWord, Voicing
from antiphon.language.languages import read_language
from antiphon.ports.dialogue import Reply
from antiphon.ports.tts import Voice
from antiphon.realtime.playout import Playout

log = structlog.get_logger(__name__)

LONGEST_PULL_SAMPLES = 1_600
"""No transport pulls more at once; less than that ahead of a voice that goes on is a gap in it."""
APOLOGY = {
    "en": "I am sorry, something went wrong on my side. Could you say that again, please?",
    "de": "Entschuldigung, da ist bei mir etwas schiefgegangen. Könnten Sie das bitte wiederholen?",
}


class Apology:
    """A reply that needs neither a language model nor the database: something failed on our side."""

    done: ReplyDone | None = None

    def __init__(self, language: str) -> None:
        self._language = language
        self.latency_ms: dict[str, float] = {}

    async def sentences(self) -> AsyncIterator[str]:
        """The apology."""
        yield APOLOGY.get(self._language, APOLOGY["en"])

    async def commit(self) -> None:
        """Nothing was understood, so there is nothing to keep."""

    async def spoken(self, heard: str, *, interrupted: bool) -> None:
        """An apology for a failure is no turn of the conversation."""


class Speaking:
    """Speaks a reply sentence by sentence, keeps its turn before the first sound, and remembers what was heard.

    Until `committed` the reply can be dropped without a trace; from then on it can only be interrupted.
    """

    def __init__(
        self,
        ask: Callable[[], Reply],
        voice: Voice,
        voicing: Voicing,
        clock: Clock,
        rate_hz: int,
        failed: Callable[[AntiphonError], None],
    ) -> None:
        self.playout = Playout(rate_hz)
        self.latency_ms: dict[str, float] = {}
        self.committed = False
        self.interrupted = False
        self.dropped = False
        self.heard = ""
        self.started_s: float | None = None
        self._ask = ask
        self._asked: Reply | None = None
        self._voice = voice
        self._voicing = voicing
        self._clock = clock
        self._failed = failed
        self._finished = asyncio.Event()
        self._producing: asyncio.Task[None] | None = None
        self._ready_at_s = 0.0

    @property
    def done(self) -> ReplyDone | None:
        """How the reply ends, once that is known."""
        return self._asked.done if self._asked is not None else None

    @property
    def _reply(self) -> Reply:
        # Asked for only now: the turn before this one has been remembered by the time this reply is run.
        if self._asked is None:
            self._asked = self._ask()
        return self._asked

    @property
    def over(self) -> bool:
        """Spoken to the end, interrupted or dropped, and remembered."""
        return self._finished.is_set()

    async def finished(self) -> None:
        """Wait until it is over."""
        await self._finished.wait()

    @property
    def working(self) -> bool:
        """Something is being computed that the caller is waiting for, or will have to wait for with the next pull."""
        least = 0 if self.playout.complete else LONGEST_PULL_SAMPLES
        return not self.over and self.playout.remaining <= least

    async def run(self, ahead_samples: int) -> None:
        """Speak until the reply has been heard, interrupted or dropped; at most `ahead_samples` ahead of the voice."""
        if self.dropped:
            self._finished.set()
            return
        self._producing = asyncio.create_task(self._produce(ahead_samples))
        try:
            await asyncio.wait({self._producing})
            if not self._producing.cancelled():
                self._producing.result()
            await self.playout.drained()
            if not self.dropped:
                self.heard = self.heard if self.interrupted else self.playout.heard()
                await self._remember()
        finally:
            self._producing.cancel()
            self._finished.set()

    def drop(self) -> bool:
        """Take the reply back; whether that was still possible."""
        if self.committed:
            return False
        self.dropped = True
        self.playout.cut()
        if self._producing is not None:
            self._producing.cancel()
        return True

    def interrupt(self) -> None:
        """Stop speaking; what was heard is what the conversation remembers.

        A reply whose turn has not been kept yet is still thought to its end, silently.
        """
        if not self.over:
            self.interrupted = True
            self.heard = self.playout.cut()
            if self.committed and self._producing is not None:
                self._producing.cancel()

    async def _produce(self, ahead_samples: int) -> None:
        began_s = self._clock.monotonic_s()
        try:
            async for sentence in self._reply.sentences():
                if self.interrupted:
                    continue  # nobody is listening any more, but what the caller said still has its consequences
                self._ready_at_s = self._clock.monotonic_s()
                if not self.committed:
                    self._note_thinking(began_s)
                await self.playout.drained_below(ahead_samples)
                await self._say(sentence)
            await self._commit()
        except AntiphonError as error:
            log.warning("reply_failed", code=error.code)
            self._failed(error)
            await self._apologise()
        finally:
            self.playout.end()

    def _note_thinking(self, began_s: float) -> None:
        thinking_ms = (self._ready_at_s - began_s) * 1e3
        guard_ms = self._reply.latency_ms.get("guard", 0.0)
        self.latency_ms |= {"llm": max(0.0, thinking_ms - guard_ms), "guard": guard_ms}

    async def _say(self, sentence: str) -> None:
        read = read_language(sentence)
        language = read.value if read else self._voicing.language
        voicing = self._voicing if language == self._voicing.language else Voicing(language, "", self._voicing.speed)
        asked_s = self._clock.monotonic_s()
        card_hz = self._voice.card.rates_hz[0]
        scale = self.playout.rate_hz / card_hz
        resampler = Resampler(card_hz, self.playout.rate_hz)
        begun = False
        # Closed whatever happens: an interrupted sentence must not be synthesized to its end for nobody.
        async with aclosing(self._voice.speak(sentence, voicing)) as chunks:
            async for chunk in chunks:
                samples = resampler.feed(chunk.samples)
                if not begun:
                    await self._first_sound(asked_s)
                    self.playout.begin(sentence)
                    begun = True
                words = tuple(SpokenWord(word.start, word.end, int(word.at_sample * scale)) for word in chunk.words)
                self.playout.add(samples, words)
        if begun:
            self.playout.add(resampler.flush())
            self.playout.end_sentence()

    async def _first_sound(self, asked_s: float) -> None:
        """Keep the turn before anything of its answer can be heard: nothing is said that is not kept."""
        if not self.committed:
            self.latency_ms["tts"] = (self._clock.monotonic_s() - asked_s) * 1e3
            before_s = self._clock.monotonic_s()
            await self._commit()
            self.latency_ms["commit"] = (self._clock.monotonic_s() - before_s) * 1e3

    async def _commit(self) -> None:
        # Set first: from here on the turn may be on disk, so it must not be dropped any more.
        first, self.committed = not self.committed, True
        if first:
            await self._reply.commit()

    async def _remember(self) -> None:
        try:
            await self._commit()
            await self._reply.spoken(self.heard, interrupted=self.interrupted)
        except AntiphonError as error:
            log.exception("turn_not_kept", code=error.code)
            self._failed(error)

    async def _apologise(self) -> None:
        try:
            async for sentence in Apology(self._voicing.language).sentences():
                await self._say(sentence)
        except AntiphonError as error:
            log.exception("voice_failed", code=error.code)
