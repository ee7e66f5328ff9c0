"""Whisper on CTranslate2: many languages, its own word times, a model of the operator's choice.

Tokenizer and spectrogram are faster-whisper's, and so are the results; the decoding loop is ours (`recognition`,
`decoding`): windows of all requests are decoded in batches, the language is detected from the same pass of the encoder,
and clips need not cost 30 s of it (`frames`).
"""

import dataclasses
import math
from collections.abc import Callable, Iterable

from antiphon.engines.stt.faster_whisper_ctranslate2.decoding import Decoder, Key, Reading, Window
from antiphon.engines.stt.faster_whisper_ctranslate2.features import Spectrogram
from antiphon.engines.stt.faster_whisper_ctranslate2.frames import FrameCounts
from antiphon.engines.stt.faster_whisper_ctranslate2.options import Options
from antiphon.engines.stt.faster_whisper_ctranslate2.recognition import Heard, Recogniser, Request
from antiphon.engines.stt.faster_whisper_ctranslate2.terms import read_terms
from antiphon.engines.stt.faster_whisper_ctranslate2.vocabulary import Vocabulary
from antiphon.engines.stt.faster_whisper_ctranslate2.weights import cores, load_model
from antiphon.errors import BadConfiguration, BadInput, EngineUnavailable, TooLong
from antiphon.events.speech import Hearing, Samples, Segment, Transcript
from antiphon.ports.card import Card, Port
from antiphon.serving.batcher import Batcher
from antiphon.serving.threads import Threads

__all__ = ["CARD", "FasterWhisper", "Options", "load", "mean_probability"]

CARD = Card(
    name="faster-whisper",
    port=Port.STT,
    summary="Whisper of any size on CPU or GPU; expected phrases as hotwords. May invent words in long silences.",
    batch=True,
    window_s=30.0,
    translates=True,
    words=True,
    segments=True,
    confidence="geometric mean probability of the tokens (P-1), not calibrated",
    weights_licence="MIT (OpenAI Whisper; converted models may differ)",
    requires=("faster_whisper", "ctranslate2"),
    extra="embedded",
    model="whisper",
)

RATE_HZ = 16_000
CPU_BATCH_FRAMES = 8000
"""Most frames of one batch on a CPU: larger ones save nothing more, and everybody in a batch waits for the last.

Measured (`bench/whisper.py`, the tiny shape), ms of a core for each window: 4.5 s of frames 210 alone and 106 of eight;
10 s 264 and 171; 30 s 657 and 608 of two."""


class FasterWhisper:
    """The recogniser (port `Transcriber`).

    Attributes:
        card: what it is; names the one language of an English model.
        batcher: decodes the windows of all recordings; for its counts.
    """

    def __init__(
        self,
        recogniser: Recogniser,
        batcher: Batcher[Key, Window, Reading],
        threads: Threads,
        vocabulary: Vocabulary,
        options: Options,
        terms: tuple[str, ...] = (),
    ) -> None:
        self.card = CARD if vocabulary.multilingual else dataclasses.replace(CARD, languages=("en",), translates=False)
        self._recogniser, self.batcher, self._threads = recogniser, batcher, threads
        self._vocabulary, self._options = vocabulary, options
        self._terms, self._temperatures = terms, _temperatures(options.temperatures)

    @property
    def frames(self) -> FrameCounts:
        """Windows since it was loaded, by the frames they were decoded with."""
        return self._recogniser.counts

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        """Recognise one recording, float32 [n] at 16 kHz; longer ones than 30 s one window after the other.

        What is no number in it counts as silence.

        Raises:
            BadInput: the model does not know `hearing.language`.
            EngineFailed: the model broke.
            TooLong: it is longer than `max_audio_s`.
        """
        temperatures = (hearing.temperature,) if hearing.temperature > 0 else self._temperatures
        request = Request(hearing, temperatures, self._options.beam_size, self._options.frames)
        heard = await self._hear(samples, request)
        return self._transcript(heard, hearing, len(samples) / RATE_HZ)

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        """A greedy reading without times.

        Raises:
            BadInput: the model does not know `hearing.language`.
            EngineFailed: the model broke.
        """
        request = Request(hearing, (0.0,), 1, self._options.frames, draft=True)
        return (await self._hear(samples, request)).text.strip()

    def close(self) -> None:
        """Begin no more work."""
        self._threads.close()
        self.batcher.close()

    async def _hear(self, samples: Samples, request: Request) -> Heard:
        language = request.hearing.language
        if language and language not in self._vocabulary.languages:
            raise BadInput(
                f"The model does not know the language {language!r}.", code="language_unsupported", param="language"
            )
        self._check_length(samples)
        return await self._recogniser.hear(samples, (*self._terms, *request.hearing.phrases), request)

    def _transcript(self, heard: Heard, hearing: Hearing, duration_s: float) -> Transcript:
        text = heard.text.strip()
        return Transcript(
            text=text,
            confidence=mean_probability(heard.segments) if text else 1.0,
            language=heard.language or self._vocabulary.languages[0],
            duration_s=duration_s,
            engine=CARD.name,
            words=tuple(heard.words),
            no_speech=not text,
            segments=tuple(heard.segments),
            language_probability=None if hearing.language else heard.language_probability,
            degraded=("clip_frames",) if heard.shortened else (),
        )

    def _check_length(self, samples: Samples) -> None:
        if len(samples) > self._options.max_audio_s * RATE_HZ:
            raise TooLong(
                f"{len(samples) / RATE_HZ:.0f} s of audio; the limit is {self._options.max_audio_s:.0f} s.",
                code="audio_too_long",
            )


def mean_probability(segments: Iterable[Segment]) -> float:
    """Geometric mean probability of the tokens of all segments (P-1); 0 where there are none or it is not a number."""
    counted = [(len(segment.tokens), segment.avg_logprob) for segment in segments]
    tokens = sum(n for n, _ in counted)
    if not tokens:
        return 0.0
    mean = sum(n * log_p for n, log_p in counted) / tokens
    return 0.0 if math.isnan(mean) else math.exp(min(0.0, mean))


def load(options: Options) -> FasterWhisper:
    """Load the model.

    Raises:
        EngineUnavailable: a module or a file is missing, or the device cannot compute so.
        BadConfiguration: the list of terms is too long or cannot be read, or a temperature is no number.
    """
    loaded = load_model(options)
    try:
        vocabulary = Vocabulary(loaded.folder / "tokenizer.json", multilingual=loaded.model.is_multilingual)
    except Exception as damaged:  # the tokenizers library raises bare Exceptions
        raise EngineUnavailable(
            f"faster-whisper cannot read its tokenizer: {damaged}", code="model_missing"
        ) from damaged
    terms = read_terms(options.terms, vocabulary.encode) if options.terms else ()
    batcher = Batcher(
        Decoder(loaded.model, vocabulary),
        workers=loaded.workers,
        largest=_largest(loaded.device, options.max_batch),
        name="whisper",
    )
    # A GPU waits for spectrograms that the CPU computes, and decodes them many at a time.
    threads = Threads(loaded.workers if loaded.device == "cpu" else cores(), "whisper-features")
    recogniser = Recogniser(batcher, vocabulary, Spectrogram(loaded.model.n_mels), threads)
    return FasterWhisper(recogniser, batcher, threads, vocabulary, options, terms)


def _largest(device: str, max_batch: int) -> Callable[[Key], int]:
    """How many windows of a key are worth decoding together."""
    if device != "cpu":
        return lambda _: max_batch
    return lambda key: max(1, min(max_batch, CPU_BATCH_FRAMES // key[0]))


def _temperatures(texts: Iterable[str]) -> tuple[float, ...]:
    try:
        found = tuple(float(text) for text in texts) or (0.0,)
    except ValueError:
        found = (math.nan,)
    if not all(0.0 <= temperature <= 1.0 for temperature in found):
        raise BadConfiguration(
            f"`engines.faster-whisper.temperatures` = {list(texts)} must be numbers from 0 to 1", param="temperatures"
        )
    return found
