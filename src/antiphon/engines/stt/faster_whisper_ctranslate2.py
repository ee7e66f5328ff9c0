"""Whisper by faster-whisper on CTranslate2: many languages, its own word times, a model of the operator's choice."""

import math
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from antiphon.errors import BadInput, EngineFailed, EngineUnavailable, TooLong
from antiphon.events.speech import Hearing, Samples, Transcript, Word
from antiphon.ports.card import Card, Port
from antiphon.serving.threads import Threads
from antiphon.settings import setting

CARD = Card(
    name="faster-whisper",
    port=Port.STT,
    summary="Whisper of any size on CPU or GPU; expected phrases as hotwords. May invent words in long silences.",
    confidence="geometric mean probability of the tokens (P-1), not calibrated",
    weights_licence="MIT (OpenAI Whisper; converted models may differ)",
    requires=("faster_whisper", "ctranslate2"),
    extra="embedded",
    model="whisper",
)

RATE_HZ = 16_000
FILES = ("model.bin", "config.json", "tokenizer.json")
_MOST_HOTWORDS = 100


@dataclass(frozen=True, slots=True)
class Options:
    """How it runs."""

    model: str = setting("", "folder of a converted model; empty for one that the hub cache holds")
    download: str = setting("", "name of a model to fetch from the hub (`small`, `owner/name`); empty never fetches")
    device: str = setting("auto", "where it computes", choices=("auto", "cpu", "cuda"))
    compute_type: str = setting("auto", "number format; auto is int8 on a CPU, float16 on a GPU")
    threads: int = setting(2, "utterances decoded at once, one core each on a CPU", low=1, high=256)
    beam_size: int = setting(5, "beams of the search", low=1, high=20)
    vad_filter: bool = setting(True, "look for speech first, so that silence never reaches the model")
    max_audio_s: float = setting(7200.0, "longest recording taken, in seconds", low=1, high=86400)


class FasterWhisper:
    """The recogniser (port `Transcriber`)."""

    card = CARD

    def __init__(self, model: Any, options: Options) -> None:
        self._model, self._options = model, options
        self._threads = Threads(options.threads, "faster-whisper")

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        """Recognise one recording, float32 [n] at 16 kHz.

        Raises:
            BadInput: the model does not know `hearing.language`.
            EngineFailed: the model broke.
            TooLong: it is longer than `max_audio_s`.
        """
        return await self._threads.run_stoppable(self._transcribe, self._checked(samples), hearing, draft=False)

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        """A greedy reading without word times."""
        heard = await self._threads.run_stoppable(self._transcribe, self._checked(samples), hearing, draft=True)
        return heard.text

    def close(self) -> None:
        """Begin no more work."""
        self._threads.close()

    def _transcribe(self, stopped: threading.Event, samples: Samples, hearing: Hearing, *, draft: bool) -> Transcript:
        if hearing.language and hearing.language not in self._model.supported_languages:
            raise BadInput(f"The model does not know the language {hearing.language!r}.", param="language")
        segments: list[Any] = []
        language = hearing.language or "en"
        if samples.any():
            try:
                stream, info = self._model.transcribe(samples, **self._request(hearing, draft=draft))
                language = info.language
                # Decoding happens while this runs: an abandoned call ends after the window it is in.
                for segment in stream:
                    segments.append(segment)
                    if stopped.is_set():
                        break
            except RuntimeError as broken:
                raise EngineFailed(f"faster-whisper broke: {broken}") from broken
        return _transcript(segments, language, len(samples) / RATE_HZ)

    def _request(self, hearing: Hearing, *, draft: bool) -> dict[str, Any]:
        return {
            "language": hearing.language,
            "beam_size": 1 if draft else self._options.beam_size,
            "temperature": 0.0,
            "word_timestamps": hearing.words and not draft,
            "without_timestamps": draft,
            "condition_on_previous_text": False,
            "vad_filter": self._options.vad_filter,
            "hotwords": ", ".join(hearing.phrases[:_MOST_HOTWORDS]) or None,
        }

    def _checked(self, samples: Samples) -> Samples:
        if len(samples) > self._options.max_audio_s * RATE_HZ:
            raise TooLong(
                f"{len(samples) / RATE_HZ:.0f} s of audio; the limit is {self._options.max_audio_s:.0f} s.",
                code="audio_too_long",
            )
        return np.clip(np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0), -1.0, 1.0).astype(
            np.float32, copy=False
        )


def _transcript(segments: list[Any], language: str, duration_s: float) -> Transcript:
    text = " ".join(s.text.strip() for s in segments).strip()
    words = tuple(
        Word(w.word.strip(), float(w.start), float(w.end), float(w.probability))
        for s in segments
        for w in s.words or ()
    )
    return Transcript(
        text=text,
        confidence=mean_probability([(len(s.tokens), s.avg_logprob) for s in segments]) if text else 1.0,
        language=language,
        duration_s=duration_s,
        engine=CARD.name,
        words=words,
        no_speech=not text,
    )


def mean_probability(segments: list[tuple[int, float]]) -> float:
    """Geometric mean probability of the tokens of all segments, each given as tokens and mean log-probability (P-1)."""
    tokens = sum(n for n, _ in segments)
    if not tokens:
        return 0.0
    mean = sum(n * log_p for n, log_p in segments) / tokens
    return 0.0 if math.isnan(mean) else math.exp(min(0.0, mean))


def load(options: Options) -> FasterWhisper:
    """Load the model.

    Raises:
        EngineUnavailable: a module or a file is missing, or the device cannot compute so.
    """
    try:
        import ctranslate2
        from faster_whisper import WhisperModel
    except ImportError as missing:
        raise EngineUnavailable(
            f"faster-whisper cannot be imported ({missing}): pip install 'antiphon[embedded]'.", code="module_missing"
        ) from missing
    device = options.device
    if device == "auto":
        device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
    compute_type = options.compute_type
    if compute_type == "auto":
        compute_type = "int8" if device == "cpu" else "float16"
    try:
        if compute_type not in (allowed := ctranslate2.get_supported_compute_types(device)):
            raise EngineUnavailable(
                f"compute_type {compute_type!r} cannot be used on {device}; one of {', '.join(sorted(allowed))} can.",
                param="compute_type",
            )
        model = WhisperModel(
            options.download or _folder(options.model),
            device=device,
            compute_type=compute_type,
            cpu_threads=1,
            num_workers=options.threads,
            local_files_only=not options.download,
        )
    except (RuntimeError, ValueError, OSError) as refused:
        raise EngineUnavailable(f"faster-whisper cannot load its model: {refused}", code="model_missing") from refused
    return FasterWhisper(model, options)


def _folder(model: str) -> str:
    missing = [name for name in FILES if not model or not (Path(model) / name).is_file()]
    if missing:
        # Without its tokenizer the library would fetch one from the hub, unasked.
        raise EngineUnavailable(
            f"faster-whisper needs {', '.join(missing)} in {model or 'a folder named by `model`'}; or set `download`.",
            code="model_missing",
            param="model",
        )
    return model
