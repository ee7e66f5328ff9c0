"""A recording to what was said in it: one window after the other, each from where the last one ended.

A recording of up to 30 s is one window. Longer ones should be cut at pauses before they come here, which is quicker
and keeps them apart; where they are not, this goes through them as Whisper's authors do.
"""

from dataclasses import dataclass, field

import numpy as np

from antiphon.engines.stt.faster_whisper_ctranslate2.decoding import Key, Reading, Window
from antiphon.engines.stt.faster_whisper_ctranslate2.features import Floats, Spectrogram, cleaned
from antiphon.engines.stt.faster_whisper_ctranslate2.frames import (
    FRAMES_PER_S,
    FULL,
    FrameCounts,
    frames_for,
    is_doubtful,
    most_tokens,
)
from antiphon.engines.stt.faster_whisper_ctranslate2.segments import Cut, Stretch, cut
from antiphon.engines.stt.faster_whisper_ctranslate2.vocabulary import Vocabulary
from antiphon.engines.stt.faster_whisper_ctranslate2.words import TimedWord, place
from antiphon.events.speech import Hearing, Samples, Segment, Word
from antiphon.serving.batcher import Batcher
from antiphon.serving.threads import Threads

LEAST_ADVANCE = 10
"""Frames by which each window brings the next one on at least, whatever the model says."""


@dataclass(frozen=True, slots=True)
class Request:
    """How one recording is to be decoded: `Window` says what these mean."""

    hearing: Hearing
    temperatures: tuple[float, ...]
    beam_size: int
    frames: str
    draft: bool = False


@dataclass(slots=True)
class Heard:
    """What was understood of a recording so far.

    Attributes:
        language: given, or as it was detected in the first window.
        language_probability: of a detected language.
        text: as the model writes it, spaces included.
        shortened: whether any of it comes from fewer frames than the model was trained on.
    """

    language: str | None = None
    language_probability: float | None = None
    text: str = ""
    segments: list[Segment] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    spoken_s: float = 0.0
    shortened: bool = False


class Recogniser:
    """Hears recordings through a batcher that all of them share.

    Attributes:
        counts: how many windows were decoded with fewer frames than 30 s.
    """

    def __init__(
        self, batcher: Batcher[Key, Window, Reading], vocabulary: Vocabulary, spectrogram: Spectrogram, threads: Threads
    ) -> None:
        """`threads` compute spectrograms."""
        self._batcher, self._vocabulary, self._spectrogram, self._threads = batcher, vocabulary, spectrogram, threads
        self.counts = FrameCounts()

    async def hear(self, samples: Samples, phrases: tuple[str, ...], request: Request) -> Heard:
        """What is said in float32 [n] at 16 kHz; nothing where that is inaudible.

        Raises:
            EngineFailed: the model broke.
        """
        prepared = await self._threads.run(self._prepare, samples, phrases, request.hearing.prompt)
        heard, seek = Heard(language=request.hearing.language), 0
        while seek < prepared.frames:
            size = min(FULL, prepared.frames - seek)
            reading = await self._read(prepared, seek, size, heard, request)
            seek += max(LEAST_ADVANCE, self._add(heard, reading, seek, size, request))
        return heard

    def _prepare(self, samples: Samples, phrases: tuple[str, ...], prompt: str) -> "_Prepared":
        mel = self._spectrogram(cleaned(samples))
        first = self._vocabulary.context(phrases, prompt)
        return _Prepared(mel, mel.shape[1] - 1, first, self._vocabulary.context(phrases, "") if prompt else first)

    async def _read(self, prepared: "_Prepared", seek: int, size: int, heard: Heard, request: Request) -> Reading:
        """One window; a second time with 30 s where fewer frames gave a doubtful answer."""
        # Shortened windows are for recordings that fit into one.
        short = prepared.frames <= FULL and request.frames != "full"
        frames = frames_for(request.frames, size) if short else FULL
        reading = await self._decoded(prepared, seek, size, frames, heard.language, request)
        if frames == FULL:
            self.counts.full += 1
            return reading
        bound = most_tokens(frames)
        if not request.draft and is_doubtful(
            len(reading.tokens), reading.avg_logprob, reading.compression_ratio, bound
        ):
            self.counts.retried += 1
            return await self._decoded(prepared, seek, size, FULL, heard.language, request)
        self.counts.shortened += 1
        heard.shortened = True
        return reading

    async def _decoded(
        self, prepared: "_Prepared", seek: int, size: int, frames: int, language: str | None, request: Request
    ) -> Reading:
        mel = np.zeros((len(prepared.mel), frames), np.float32)
        mel[:, :size] = prepared.mel[:, seek : seek + size]
        hearing = request.hearing
        window = Window(
            mel=mel,
            content=size,
            context=prepared.later_context if seek else prepared.context,
            language=language,
            translate=hearing.translate,
            timestamps=not request.draft,
            words=hearing.words and not request.draft,
            temperatures=request.temperatures,
            beam_size=request.beam_size,
            bound=most_tokens(frames),
        )
        return await self._batcher.submit(window, window.key)

    def _add(self, heard: Heard, reading: Reading, seek: int, size: int, request: Request) -> int:
        """Append what a window says; how many frames it settles."""
        heard.language = reading.language
        if heard.language_probability is None:
            heard.language_probability = reading.language_probability
        if reading.silent:
            return size
        begins_s, eot = seek / FRAMES_PER_S, self._vocabulary.eot
        found = cut(reading.tokens, self._vocabulary.first_time, begins_s, size)
        instant = [stretch.start_s == stretch.end_s for stretch in found.stretches]
        counts = [sum(token < eot for token in stretch.tokens) for stretch in found.stretches]
        words = place(reading.words, found.stretches, counts, begins_s, heard.spoken_s)
        if not found.complete:
            # The times of words may squeeze a short segment to nothing. What follows it is read again then, and tells
            # it again; at the end of a recording it would be lost.
            instant = [stretch.start_s == stretch.end_s for stretch in found.stretches]
        for stretch, mine, unsaid in zip(found.stretches, words, instant, strict=True):
            text = self._vocabulary.decode(stretch.tokens)
            if unsaid or not text.strip():
                continue
            heard.text += text
            heard.segments.append(_segment(text, stretch, reading))
            heard.words += [Word(w.word.strip(), w.start_s, w.end_s, w.probability) for w in mine if w.word.strip()]
        if not request.hearing.words or request.draft or not reading.words:
            return found.heard
        return self._settled(heard, found, words, seek)

    def _settled(self, heard: Heard, found: Cut, words: list[list[TimedWord]], seek: int) -> int:
        """Frames settled by a window whose words are placed: up to its last word, where more may have been said."""
        last_s = next((mine[-1].end_s for mine in reversed(words) if mine), None)
        if last_s is None:
            return found.heard
        heard.spoken_s = last_s
        begins_s = seek / FRAMES_PER_S
        return found.heard if found.complete or last_s <= begins_s else round(last_s * FRAMES_PER_S) - seek


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A recording as the decoder takes it: its spectrogram, how many frames of it are sound, and what came before."""

    mel: Floats
    frames: int
    context: tuple[int, ...]
    later_context: tuple[int, ...]


def _segment(text: str, stretch: Stretch, reading: Reading) -> Segment:
    return Segment(
        text=text.strip(),
        start_s=stretch.start_s,
        end_s=stretch.end_s,
        tokens=stretch.tokens,
        avg_logprob=reading.avg_logprob,
        no_speech_prob=reading.no_speech_prob,
        compression_ratio=reading.compression_ratio,
        temperature=reading.temperature,
    )
