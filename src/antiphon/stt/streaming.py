"""Streaming for recognisers that only take whole utterances: the growing window is read again and again."""

import asyncio
import contextlib
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import numpy as np
import structlog

from antiphon.clock import Clock, SystemClock
from antiphon.errors import AntiphonError
from antiphon.events.speech import Hearing, Partial, Samples, Transcript
from antiphon.ports.stt import Transcriber
from antiphon.settings import setting

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """When the window is read again."""

    draft_every_s: float = setting(0.5, "least new audio before the next draft", low=0.1, high=10)
    draft_rest: float = setting(4.0, "least new audio as a multiple of what the last draft cost", low=1, high=100)


class GrowingWindow:
    """A `StreamingTranscriber` over any `Transcriber`.

    Partials come from quick drafts of all audio so far; words on which two successive drafts agree are stable.

    Source: LocalAgreement-2, Liu et al., "Low-latency sequence-to-sequence speech recognition and translation by
    partial hypothesis selection", 2020.
    """

    def __init__(self, transcriber: Transcriber, options: Options = Options(), clock: Clock | None = None) -> None:
        self.card = transcriber.card
        self._transcriber, self._options, self._clock = transcriber, options, clock or SystemClock()

    def open(self, hearing: Hearing) -> "WindowUtterance":
        """Begin an utterance."""
        return WindowUtterance(self._transcriber, hearing, self._options, self._clock)


class WindowUtterance:
    """One utterance. It owns at most one draft and one final decode at a time; `close` ends both."""

    def __init__(self, transcriber: Transcriber, hearing: Hearing, options: Options, clock: Clock) -> None:
        self._transcriber, self._hearing = transcriber, hearing
        self._options, self._clock = options, clock
        self._rate_hz = transcriber.card.rates_hz[0]
        self._window = _Window()
        self._agreement = LocalAgreement()
        self._draft: asyncio.Task[str] | None = None
        self._drafted_samples = 0
        self._draft_cost_s = 0.0
        self._final: asyncio.Task[Transcript] | None = None
        self._final_hearing = hearing
        self._paused = self._over = False

    @property
    def partial(self) -> Partial:
        """What has been understood so far."""
        return self._agreement.partial

    def feed(self, samples: Samples) -> None:
        """Append audio, float32 [n]; returns at once.

        Raises:
            RuntimeError: the utterance is over.
        """
        if self._over:
            raise RuntimeError("this utterance is over")
        self._window.append(samples)
        if not self._paused and self._draft is None and self._due():
            self._begin_draft()

    def pause(self) -> None:
        """A silence has begun: begin the final decode of what was fed. Audio fed from now on is taken as silence."""
        self._paused = True
        if self._over or self._final is not None or not len(self._window):
            return
        self._drop_draft()
        self._begin_final(self._hearing)

    def resume(self) -> None:
        """The speaker went on: the begun final decode is void."""
        self._paused = False
        self._drop_final()

    async def glance(self) -> str:
        """A quick reading of all that was fed so far; the final reading where it has been begun."""
        if self._final is not None:
            return (await asyncio.shield(self._final)).text
        while self._draft is not None:
            await asyncio.wait([self._draft])
        if self._drafted_samples < len(self._window) and not self._over:
            await asyncio.wait([self._begin_draft()])
        return self.partial.text

    async def finish(self, hearing: Hearing | None = None) -> Transcript:
        """The final transcript; the one begun at `pause`, if the speaker did not go on and it was heard alike.

        The utterance stays open: a speaker who goes on after all is taken up again by `resume`.

        Raises:
            EngineFailed: the engine broke.
            TooLong: more audio than it takes.
        """
        self._drop_draft()
        wanted = hearing or self._hearing
        if self._final is not None and wanted != self._final_hearing:
            self._drop_final()
        return await (self._final or self._begin_final(wanted))

    def close(self) -> None:
        """Give up this utterance and all work begun for it."""
        self._over = True
        self._drop_draft()
        self._drop_final()

    def _due(self) -> bool:
        new_s = (len(self._window) - self._drafted_samples) / self._rate_hz
        return new_s >= max(self._options.draft_every_s, self._options.draft_rest * self._draft_cost_s)

    def _begin_draft(self) -> asyncio.Task[str]:
        self._drafted_samples = len(self._window)
        task = _begin(self._read_draft(self._window.samples), "draft")
        self._draft = task
        return task

    async def _read_draft(self, samples: Samples) -> str:
        began_s = self._clock.monotonic_s()
        try:
            text = await self._transcriber.draft(samples, self._hearing)
            self._agreement.add(text)
        finally:
            self._draft_cost_s = self._clock.monotonic_s() - began_s
            if self._draft is asyncio.current_task():
                self._draft = None
        return text

    def _begin_final(self, hearing: Hearing) -> asyncio.Task[Transcript]:
        self._final_hearing = hearing
        self._final = _begin(self._transcriber.transcribe(self._window.samples, hearing), "final")
        return self._final

    def _drop_draft(self) -> None:
        if self._draft is not None:
            self._draft.cancel()
            self._draft = None

    def _drop_final(self) -> None:
        if self._final is not None:
            self._final.cancel()
            self._final = None


class LocalAgreement:
    """Makes partial transcripts of successive drafts: what two in a row agree on is stable and never changes."""

    def __init__(self) -> None:
        self._stable: list[str] = []
        self._last: list[str] = []

    @property
    def partial(self) -> Partial:
        """The words agreed on, and the last draft's words after them."""
        return Partial(" ".join(self._stable), " ".join(self._last[len(self._stable) :]))

    def add(self, text: str) -> None:
        """Take the next draft."""
        words = text.split()
        for n in range(len(self._stable), min(len(words), len(self._last))):
            if _plain(words[n]) != _plain(self._last[n]):
                break
            self._stable.append(words[n])
        self._last = words


class _Window:
    """Audio that grows at its end; views of it stay valid, because what was written is never overwritten."""

    def __init__(self) -> None:
        self._buffer: Samples = np.empty(1 << 16, np.float32)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def samples(self) -> Samples:
        """All of it, float32 [n]."""
        return self._buffer[: self._length]

    def append(self, samples: Samples) -> None:
        """Add at the end."""
        end = self._length + len(samples)
        if end > len(self._buffer):
            grown = np.empty(max(end, 2 * len(self._buffer)), np.float32)
            grown[: self._length] = self.samples
            self._buffer = grown
        self._buffer[self._length : end] = samples
        self._length = end


def _plain(word: str) -> str:
    """A word as far as agreement is concerned: drafts differ in case and punctuation at their ends."""
    return "".join(c for c in word.casefold() if c.isalnum()) or word


def _begin(work: Coroutine[Any, Any, Any], what: str) -> asyncio.Task[Any]:
    task = asyncio.create_task(work, name=f"stt-{what}")
    task.add_done_callback(_log_failure)
    return task


def _log_failure(task: asyncio.Task[Any]) -> None:
    """Failures of work that nobody may come to await are logged here; `finish` raises its own."""
    with contextlib.suppress(asyncio.CancelledError):
        if (error := task.exception()) is not None:
            code = error.code if isinstance(error, AntiphonError) else type(error).__name__
            log.warning("stt_decode_failed", task=task.get_name(), code=code)
