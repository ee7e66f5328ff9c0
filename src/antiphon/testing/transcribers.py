"""A recogniser that answers what the test wrote down."""

import asyncio
from dataclasses import replace
from typing import TypeAlias

from antiphon.audio.pcm import RATE_HZ
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.ports.card import Card, Port

Answer: TypeAlias = Transcript | str | BaseException | asyncio.Event
"""A text stands for a confident transcript of it; an error is raised; an event is waited for, and then the next."""


class ScriptedTranscriber:
    """Satisfies `ports.stt.Transcriber`: one answer a call, in order, the last one again and again.

    Attributes:
        calls: length of the recording in samples and how it was to be heard, in order.
        running: how many calls it is in the middle of.
        most: how many they were at most.
        finished: how many have ended, in whatever way.
    """

    def __init__(self, *script: Answer, card: Card | None = None) -> None:
        self.card = card or Card("scripted", Port.STT, "answers as the test wrote down", ("en", "de"))
        self.calls: list[tuple[int, Hearing]] = []
        self.running = self.most = self.finished = 0
        self._script = list(script)
        self._changed = asyncio.Event()

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        """The next answer of the script."""
        self.calls.append((len(samples), hearing))
        self._count(+1)
        try:
            answer = self._next()
            while isinstance(answer, asyncio.Event):
                await answer.wait()
                answer = self._next()
            await asyncio.sleep(0)
        finally:
            self.finished += 1
            self._count(-1)
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, str):
            language = hearing.language or "en"
            answer = Transcript(answer, 0.9, language, 0.0, self.card.name, no_speech=not answer)
        return replace(answer, duration_s=len(samples) / RATE_HZ)

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        """The text of the next answer."""
        return (await self.transcribe(samples, hearing)).text

    def then(self, *script: Answer) -> None:
        """From now on answer by another script."""
        self._script = list(script)

    async def until_running(self, calls: int) -> None:
        """Wait until it is in the middle of so many calls."""
        while self.running != calls:
            self._changed.clear()
            await self._changed.wait()

    async def until_finished(self, calls: int) -> None:
        """Wait until so many calls have ended."""
        while self.finished < calls:
            self._changed.clear()
            await self._changed.wait()

    def _count(self, more: int) -> None:
        self.running += more
        self.most = max(self.most, self.running)
        self._changed.set()

    def _next(self) -> Answer:
        return self._script.pop(0) if len(self._script) > 1 else self._script[0]
