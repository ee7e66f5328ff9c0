"""A speech-to-text service without a model: what `Live` needs, over a `Phrasebook`."""

import asyncio
from collections.abc import Callable

from antiphon.audio.pcm import RATE_HZ
from antiphon.errors import AntiphonError
from antiphon.events.speech import Hearing, Samples, Transcript, Word
from antiphon.ports.card import Card, Port
from antiphon.ports.stt import StreamingTranscriber
from antiphon.ports.vad import VoiceActivity
from antiphon.stt.account import Account
from antiphon.stt.service import Model
from antiphon.stt.streaming import GrowingWindow, Options
from antiphon.testing.speech import LevelVoiceActivity, Phrasebook


class PhrasebookService:
    """Hears what a `Phrasebook` said; satisfies `ports.stt.Transcriber` as well.

    Attributes:
        delay_s: how long each decode takes.
        failures: raised instead of the next transcripts, one each.
        hearings: how it was asked to hear, in order.
        voice_activity: what `activity` opens.
        running: decodes under way.
    """

    def __init__(self, book: Phrasebook, delay_s: float = 0.0) -> None:
        self.card = Card("phrasebook", Port.STT, "Recognises a Phrasebook's words; for tests.", ("en", "de"))
        self.models: tuple[Model, ...] = (Model("phrasebook", languages=self.card.languages),)
        self.delay_s = delay_s
        self.failures: list[AntiphonError] = []
        self.hearings: list[Hearing] = []
        self.voice_activity = LevelVoiceActivity()
        self.running = 0
        self.streaming: StreamingTranscriber = GrowingWindow(self, Options(draft_every_s=0.1, draft_rest=1.0))
        self.activity: Callable[[], VoiceActivity] = lambda: self.voice_activity
        self._book = book

    async def hear_samples(self, samples: Samples, hearing: Hearing, account: Account) -> Transcript:
        """The words in `samples`, float32 [n] at 16 kHz."""
        account.model = self.card.name
        return await self.transcribe(samples, hearing)

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        """The words in `samples`, float32 [n] at 16 kHz."""
        self.hearings.append(hearing)
        self.running += 1
        try:
            await asyncio.sleep(self.delay_s)
            if self.failures:
                raise self.failures.pop(0)
            text = self._book.hear(samples)
        finally:
            self.running -= 1
        seconds = len(samples) / RATE_HZ
        words = text.split() if hearing.words else []
        placed = tuple(
            Word(word, i * seconds / len(words), (i + 1) * seconds / len(words)) for i, word in enumerate(words)
        )
        return Transcript(text, 0.9, hearing.language or "en", seconds, self.card.name, placed, no_speech=not text)

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        """The words so far."""
        await asyncio.sleep(0)
        return self._book.hear(samples)
