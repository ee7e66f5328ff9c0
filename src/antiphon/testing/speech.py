"""Speech without models: every word is a stretch of sound at a level of its own, and is "recognised" by it.

book = Phrasebook()
samples = book.say("no thursday")      # two words, 0.3 s each
ears = LevelEars(book)                 # hears "no thursday" in them, and "no" in the first half
"""

import asyncio
from collections.abc import AsyncGenerator

import numpy as np
import numpy.typing as npt

from antiphon.audio.pcm import RATE_HZ
from antiphon.errors import EngineFailed
from antiphon.events.speech import Expectation, Hearing, Partial, Samples, SpeechChunk, SpokenWord, Transcript, Voicing
from antiphon.ports.card import Card, Port

_LOWEST, _STEP = 0.05, 1e-4


class Phrasebook:
    """Gives each word a level and finds words again by it."""

    def __init__(self, word_s: float = 0.3) -> None:
        self.word_samples = int(word_s * RATE_HZ)
        self._words: list[str] = []

    def say(self, text: str) -> Samples:
        """`text` as sound: float32 [n] at 16 kHz, one stretch a word."""
        return np.concatenate([self._sound(word) for word in text.split()] or [np.zeros(0, np.float32)])

    def noise(self, seconds: float) -> Samples:
        """Loud, but no word."""
        return np.full(int(seconds * RATE_HZ), 0.9, np.float32)

    def hear(self, samples: Samples) -> str:
        """The words in `samples`, those cut to less than half left out."""
        codes = np.rint((samples - _LOWEST) / _STEP).astype(int)
        codes[(samples < _LOWEST / 2) | (codes >= len(self._words))] = -1
        edges = np.flatnonzero(np.diff(codes)) + 1
        runs = np.split(codes, edges)
        return " ".join(
            self._words[run[0]]
            for run in runs
            if len(run) >= self.word_samples / 2 and run[0] >= 0
            for _ in _times(run, self)
        )

    def _sound(self, word: str) -> Samples:
        if word not in self._words:
            self._words.append(word)
        return np.full(self.word_samples, _LOWEST + _STEP * self._words.index(word), np.float32)


def _times(run: npt.NDArray[np.int_], book: Phrasebook) -> range:
    """A word said twice in a row is one long run."""
    return range(max(1, round(len(run) / book.word_samples)))


class LevelVoiceActivity:
    """Anything above silence is speech."""

    card = Card("level", Port.VAD, "Calls everything above silence speech; for tests.", batch=True)

    def __init__(self) -> None:
        self.open_slots: set[int] = set()
        self._next = 0

    def open(self) -> int:
        """A fresh slot."""
        self._next += 1
        self.open_slots.add(self._next)
        return self._next

    def close(self, slot: int) -> None:
        """Give a slot back."""
        self.open_slots.remove(slot)

    def probabilities(self, slots: npt.NDArray[np.intp], windows: Samples) -> Samples:
        """1 where at least half of the window is loud, else 0."""
        loud = (np.abs(windows) > _LOWEST / 2).mean(axis=1) >= 0.5
        return np.asarray(loud, np.float32)


class LevelUtterance:
    """An utterance in the making whose final decode takes as long as the test says."""

    def __init__(self, ears: "LevelEars", hearing: Hearing) -> None:
        self._ears = ears
        self._hearing = hearing
        self._audio: list[Samples] = []
        self.closed = False

    @property
    def partial(self) -> Partial:
        """Always empty: partials are the streaming engine's business."""
        return Partial("", "")

    def feed(self, samples: Samples) -> None:
        """Append audio."""
        self._audio.append(samples)

    def pause(self) -> None:
        """Nothing to begin."""

    def resume(self) -> None:
        """Nothing to void."""

    async def glance(self) -> str:
        """What has been said so far."""
        await asyncio.sleep(0)
        return self._text()

    async def finish(self, hearing: Hearing | None = None) -> Transcript:
        """All that was said."""
        self._ears.hearings.append(hearing or self._hearing)
        if self._ears.failing:
            raise EngineFailed("the recogniser was told to fail")
        await asyncio.sleep(self._ears.delay_s)
        text = self._text()
        seconds = sum(map(len, self._audio)) / RATE_HZ
        return Transcript(text, 0.9 if text else 0.0, "en", seconds, "level", no_speech=not text)

    def close(self) -> None:
        """Forget it."""
        self.closed = True

    def _text(self) -> str:
        return self._ears.book.hear(np.concatenate(self._audio)) if self._audio else ""


class LevelEars:
    """Recognises what a `Phrasebook` said."""

    card = Card("level", Port.STT, "Recognises a Phrasebook's words; for tests.", ("en", "de"), streaming=True)

    def __init__(self, book: Phrasebook, delay_s: float = 0.0) -> None:
        self.book = book
        self.delay_s = delay_s
        self.failing = False
        self.hearings: list[Hearing] = []
        self.opened: list[LevelUtterance] = []

    def open(self, hearing: Hearing) -> LevelUtterance:
        """Begin an utterance."""
        self.opened.append(LevelUtterance(self, hearing))
        return self.opened[-1]


class PauseEndsTurn:
    """Satisfies `ports.turn.TurnEnd`: every pause ends the turn, unless the words so far end in `unfinished`."""

    card = Card("pause", Port.TURN, "Every pause ends the turn; for tests.")

    def __init__(self, unfinished: str = "and") -> None:
        self._unfinished = unfinished

    def finished(self, samples: Samples, text: str, expect: Expectation, language: str) -> float:
        """1 or 0, by the last word."""
        return 0.0 if text.split()[-1:] == [self._unfinished] else 1.0


class WordVoice:
    """Speaks every word as a quarter of a second of sound, with exact word times."""

    def __init__(self, rate_hz: int = RATE_HZ, word_s: float = 0.25) -> None:
        self.card = Card("words", Port.TTS, "A buzz a word; for tests.", rates_hz=(rate_hz,), streaming=True)
        self.failing = False
        self.spoken: list[str] = []
        self._word_samples = int(word_s * rate_hz)

    async def speak(self, text: str, voicing: Voicing) -> AsyncGenerator[SpeechChunk, None]:
        """One chunk a word."""
        if self.failing:
            raise EngineFailed("the voice was told to fail")
        self.spoken.append(text)
        position = 0
        for index, word in enumerate(text.split()):
            start = text.index(word, position)
            position = start + len(word)
            await asyncio.sleep(0)
            buzz = np.full(self._word_samples, 0.2, np.float32)
            yield SpeechChunk(buzz, (SpokenWord(start, position, index * self._word_samples),))
