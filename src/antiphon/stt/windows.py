"""Recordings longer than an engine hears as one: cut at speech pauses, heard side by side, put together again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from antiphon.audio.pcm import RATE_HZ
from antiphon.events.speech import Hearing, Samples, Segment, Transcript, Word
from antiphon.ports.stt import Transcriber
from antiphon.ports.vad import WINDOW_SAMPLES
from antiphon.stt.cutting import Span, cut, levels
from antiphon.stt.progress import tell
from antiphon.stt.routing import CHARACTER_LANGUAGES, mean_probability, nobody_speaks, probability
from antiphon.stt.speech_detector import SpeechDetector
from antiphon.stt.speech_gate import silence


class Windowed:
    """A `Transcriber` that takes recordings of any length; short ones it hands on as they are."""

    def __init__(self, transcriber: Transcriber, detector: SpeechDetector, parallel: int = 2) -> None:
        """Wrap an engine.

        Args:
            transcriber: hears at most `card.window_s` at once; 0 for any length.
            detector: finds the pauses.
            parallel: parts of long recordings heard at once, over all recordings.
        """
        self.card = transcriber.card
        self._transcriber, self._detector = transcriber, detector
        self._most = int(self.card.window_s * RATE_HZ / WINDOW_SAMPLES)
        self._places = asyncio.Semaphore(parallel)

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        """Recognise one recording, float32 [n] at 16 kHz; times are those of the whole recording.

        Raises:
            EngineFailed: the engine broke at one of its parts.
        """
        if not self._long(samples):
            return await self._transcriber.transcribe(samples, hearing)
        speech = await self._detector.probabilities(samples)
        spans = await asyncio.to_thread(lambda: cut(speech, levels(samples), self._most))
        if not spans:
            return silence(samples, hearing, self.card)
        try:
            async with asyncio.TaskGroup() as group:
                heard = [group.create_task(self._part(samples, span, hearing)) for span in spans]
                parts = [part async for part in _in_order(heard)]
        except ExceptionGroup as broken:
            raise broken.exceptions[0] from None
        return stitch(parts, [span.start_s for span in spans], len(samples) / RATE_HZ)

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        """A quick reading; of a long recording a thorough one, as nobody waits for drafts of those."""
        if self._long(samples):
            return (await self.transcribe(samples, hearing)).text
        return await self._transcriber.draft(samples, hearing)

    def _long(self, samples: Samples) -> bool:
        return 0 < self._most * WINDOW_SAMPLES < len(samples)

    async def _part(self, samples: Samples, span: Span, hearing: Hearing) -> Transcript:
        async with self._places:
            part = samples[span.first * WINDOW_SAMPLES : span.last * WINDOW_SAMPLES]
            return await self._transcriber.transcribe(part, hearing)


async def _in_order(heard: Sequence[asyncio.Task[Transcript]]) -> AsyncIterator[Transcript]:
    """The parts as each is known with all before it; whoever reads along is told."""
    before = ""
    for task in heard:
        part = await task
        if part.text and not nobody_speaks(part):
            space = "" if part.language in CHARACTER_LANGUAGES else " "
            tell(space * bool(before) + part.text)
            before = part.text
        yield part


def stitch(parts: Sequence[Transcript], starts_s: Sequence[float], duration_s: float) -> Transcript:
    """One transcript of several, each of a part that begins at its place in `starts_s`.

    Its confidence is that of all tokens (P-1), or that of the worst part where tokens are not told; its language that
    of most of the speech.
    """
    placed = [_moved(part, start_s) for part, start_s in zip(parts, starts_s, strict=True)]
    said = [part for part in placed if part.text] or placed
    language = _language(said)
    segments = tuple(segment for part in said for segment in part.segments)
    return Transcript(
        text=("" if language in CHARACTER_LANGUAGES else " ").join(part.text for part in said if part.text),
        confidence=_confidence(said),
        language=language,
        duration_s=duration_s,
        engine=parts[0].engine,
        words=tuple(word for part in said for word in part.words),
        no_speech=all(part.no_speech for part in parts),
        segments=segments,
        language_probability=_language_probability(said, language),
        degraded=tuple(dict.fromkeys(reason for part in parts for reason in part.degraded)),
    )


def _moved(part: Transcript, by_s: float) -> Transcript:
    def word(found: Word) -> Word:
        return replace(found, start_s=found.start_s + by_s, end_s=found.end_s + by_s)

    def segment(found: Segment) -> Segment:
        return replace(found, start_s=found.start_s + by_s, end_s=found.end_s + by_s)

    return replace(part, words=tuple(map(word, part.words)), segments=tuple(map(segment, part.segments)))


def _confidence(said: Sequence[Transcript]) -> float:
    told = all(segment.tokens for part in said for segment in part.segments) and all(part.segments for part in said)
    over_all = mean_probability(segment for part in said for segment in part.segments) if told else None
    return min(probability(part.confidence) for part in said) if over_all is None else over_all


def _language(said: Sequence[Transcript]) -> str:
    share_s: dict[str, float] = {}
    for part in said:
        share_s[part.language] = share_s.get(part.language, 0.0) + part.duration_s
    return max(share_s, key=lambda language: share_s[language])


def _language_probability(said: Sequence[Transcript], language: str) -> float | None:
    """Mean over the parts in that language, by their length; None where it was not detected."""
    told = [(p.duration_s, p.language_probability) for p in said if p.language == language]
    known = [(seconds, found) for seconds, found in told if found is not None]
    if not known:
        return None
    return sum(s * probability(found) for s, found in known) / max(sum(s for s, _ in known), 1e-9)
