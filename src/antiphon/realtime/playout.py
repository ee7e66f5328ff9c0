"""The agent's voice, sample by sample: what is queued, what has been heard, and where a cut falls in the words."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from antiphon.events.speech import Samples, SpokenWord


@dataclass(slots=True)
class _Sentence:
    """A sentence on its way out: its text, its words, and where it begins in the reply's audio."""

    text: str
    begins: int
    words: list[SpokenWord] = field(default_factory=list)
    ends: int | None = None


class Playout:
    """A reply's audio from synthesis to the caller's ear.

    Positions are samples of the reply. The caller's transport pulls; nothing here knows of wall time.
    """

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self._chunks: deque[Samples] = deque()
        self._kept: deque[Samples] = deque()
        self._kept_samples = 0
        self._sentences: list[_Sentence] = []
        self._changed = asyncio.Event()
        self.queued = 0
        self.played = 0
        self.held = False
        self.complete = False

    @property
    def remaining(self) -> int:
        """Samples still to be heard of what has been queued."""
        return self.queued - self.played

    @property
    def finished(self) -> bool:
        """Everything there will be has been heard."""
        return self.complete and self.remaining == 0

    @property
    def audible(self) -> bool:
        """The caller has begun to hear it and has not heard all of it (it may be held)."""
        return self.played > 0 and not self.finished

    @property
    def in_last_sentence(self) -> bool:
        """The last sentence of a complete reply is being heard."""
        return self.complete and (not self._sentences or self.played >= self._sentences[-1].begins)

    def begin(self, sentence: str) -> None:
        """The audio that follows speaks `sentence`. Nothing can be queued after `end` or `cut`: it is let fall."""
        if self.complete:
            return
        self._sentences.append(_Sentence(sentence, self.queued))

    def add(self, samples: Samples, words: tuple[SpokenWord, ...] = ()) -> None:
        """Queue audio of the sentence begun last; word positions are samples of that sentence at this rate."""
        if self.complete:
            return
        sentence = self._sentences[-1]
        sentence.words.extend(words)
        self._chunks.append(samples)
        self.queued += len(samples)
        self._changed.set()

    def end_sentence(self) -> None:
        """The sentence begun last is whole."""
        if not self.complete:
            self._sentences[-1].ends = self.queued

    def end(self) -> None:
        """The reply is whole."""
        self.complete = True
        self._changed.set()

    def pull(self, count: int) -> Samples:
        """The next `count` samples for the caller, silence where there is nothing (or while held)."""
        out = np.zeros(count, np.float32)
        if self.held:
            return out
        filled = 0
        while filled < count and self._chunks:
            chunk = self._chunks[0]
            take = min(len(chunk), count - filled)
            out[filled : filled + take] = chunk[:take]
            self._keep(chunk[:take])
            filled += take
            if take == len(chunk):
                self._chunks.popleft()
            else:
                self._chunks[0] = chunk[take:]
        if filled:
            self.played += filled
            self._changed.set()
        return out

    def hold(self) -> None:
        """Fall silent, ready to go on."""
        self.held = True

    def resume(self) -> None:
        """Go on, from the beginning of the word that was cut if that is not long ago."""
        self.held = False
        back = self.played - self._word_start()
        if 0 < back <= self._kept_samples:
            kept = np.concatenate(self._kept)
            self._chunks.appendleft(kept[-back:])
            self._kept, self._kept_samples = deque([kept[:-back]]), len(kept) - back
            self.played -= back

    def cut(self) -> str:
        """Throw away what has not been heard; the text that was."""
        heard = self.heard()
        self._chunks.clear()
        self.queued = self.played
        self.end()
        return heard

    def heard(self) -> str:
        """The text heard so far: whole sentences, and of the one being spoken the words that were mostly said."""
        begun = [sentence for sentence in self._sentences if sentence.begins < self.played or self.finished]
        return " ".join(text for text in map(self._heard_of, begun) if text)

    async def drained_below(self, samples: int) -> None:
        """Wait until less than `samples` remain to be heard."""
        while self.remaining >= samples:
            self._changed.clear()
            await self._changed.wait()

    async def drained(self) -> None:
        """Wait until the whole reply has been heard (or cut)."""
        while not self.finished:
            self._changed.clear()
            await self._changed.wait()

    def _keep(self, played: Samples) -> None:
        """Half a second is kept so that a resumed reply can begin again at a word."""
        self._kept.append(played)
        self._kept_samples += len(played)
        while self._kept_samples - len(self._kept[0]) >= self.rate_hz // 2:
            self._kept_samples -= len(self._kept.popleft())

    def _heard_of(self, sentence: _Sentence) -> str:
        if sentence.ends is not None and self.played >= sentence.ends:
            return sentence.text
        inside = self.played - sentence.begins
        if not sentence.words:
            # Without word times the share of the audio stands for the share of the text, cut at a word.
            total = max(1, (sentence.ends or self.queued) - sentence.begins)
            return sentence.text[: int(len(sentence.text) * min(1.0, inside / total))].rpartition(" ")[0]
        starts = [word.at_sample for word in sentence.words]
        following = [*starts[1:], (sentence.ends or self.queued) - sentence.begins]
        said = [
            word
            for word, start, end in zip(sentence.words, starts, following, strict=True)
            if inside - start >= (end - start) / 2
        ]
        return sentence.text[: said[-1].end] if said else ""

    def _word_start(self) -> int:
        for sentence in reversed(self._sentences):
            if sentence.begins <= self.played:
                inside = self.played - sentence.begins
                starts = [word.at_sample for word in sentence.words if word.at_sample <= inside]
                return sentence.begins + (starts[-1] if starts else 0)
        return 0
