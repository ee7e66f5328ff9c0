"""Moonshine tiny-en in onnxruntime: the embedded recogniser, English only.

Source: Jeffries et al., "Moonshine: Speech Recognition for Live Transcription and Voice Commands", 2024; the weights
lie in the `moonshine-voice` wheel. How it decodes and why: `recognition`.
"""

import threading
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from antiphon.engines.stt.moonshine_onnxruntime.confidence import confidence
from antiphon.engines.stt.moonshine_onnxruntime.network import Network
from antiphon.engines.stt.moonshine_onnxruntime.pieces import RATE_HZ
from antiphon.engines.stt.moonshine_onnxruntime.recognition import Recognised, Recogniser, Search
from antiphon.engines.stt.moonshine_onnxruntime.vocabulary import Vocabulary, read_tokens
from antiphon.engines.stt.moonshine_onnxruntime.word_model import WordModel
from antiphon.errors import EngineUnavailable, TooLong
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.ports.card import Card, Port
from antiphon.serving.threads import Threads
from antiphon.settings import setting

CARD = Card(
    name="moonshine",
    port=Port.STT,
    summary=(
        "Moonshine tiny-en: English only, small and quick on a CPU; good on read and telephone speech, weak on noisy "
        "rooms, single words out of context and synthesized voices."
    ),
    languages=("en",),
    confidence="probability that the text is exact; logistic regression, cross-validated by speaker",
    # Found by `antiphon stt tune` for the greedy search before the thorough one; see docs/benchmarks.md.
    doubtful_below=0.342,
    fewest_words=0,
    weights_licence="MIT",
    requires=("onnxruntime",),
    extra="embedded",
    model="moonshine-tiny-en",
)

GREEDY_CONFIDENCE = "probability that five seconds of the text are exact; logistic regression, by speaker"

FILES = ("encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin")


@dataclass(frozen=True, slots=True)
class Options:
    """How it runs."""

    model: str = setting("", "folder that holds its three files; empty for the ones an installed package carries")
    threads: int = setting(2, "utterances decoded at once, one core each", low=1, high=256)
    max_audio_s: float = setting(600.0, "longest utterance taken, in seconds", low=1, high=7200)
    boost: float = setting(1.0, "bonus in nats for each token of an expected phrase", low=0, high=1)
    second_attempt: bool = setting(True, "decode again with other padding where the first reading is unsure")
    second_looks: bool = setting(
        True,
        "look again at a caller's doubtful turn: for common names, for numbers in words, and for what most readings "
        "say; costs as much again there",
    )
    word_model: bool = setting(
        True,
        "where something is expected, weigh how likely the words are from a caller, too; needs pocketsphinx",
    )
    search: str = setting(
        "full",
        "`greedy` takes the likeliest word at every step: cheaper, less exact, deaf to what is expected; `thorough` "
        "decodes everything twice",
        choices=tuple(Search),
    )


class Moonshine:
    """The recogniser (port `Transcriber`)."""

    def __init__(self, recogniser: Recogniser, options: Options) -> None:
        self.card = CARD if options.search != Search.GREEDY else replace(CARD, confidence=GREEDY_CONFIDENCE)
        self._recogniser, self._options = recogniser, options
        self._threads = Threads(options.threads, "moonshine")

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        """Recognise one utterance, float32 [n] at 16 kHz. Word times are rough: the network gives none.

        Raises:
            TooLong: it is longer than `max_audio_s`.
        """
        samples = self._checked(samples)
        heard = await self._threads.run_stoppable(self._recognise, samples, hearing)
        return Transcript(
            text=heard.text,
            confidence=confidence(heard.evidence) if heard.evidence is not None else 1.0,
            language="en",
            duration_s=len(samples) / RATE_HZ,
            engine=CARD.name,
            words=heard.words if hearing.words else (),
            no_speech=not heard.text,
            alternatives=heard.others,
        )

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        """A greedy reading: about half the cost of `transcribe`."""
        return await self._threads.run_stoppable(self._draft, self._checked(samples))

    def close(self) -> None:
        """Begin no more work."""
        self._threads.close()

    def _recognise(self, stopped: threading.Event, samples: Samples, hearing: Hearing) -> Recognised:
        return self._recogniser.recognise(samples, hearing.expect, hearing.phrases, lambda: _check(stopped))

    def _draft(self, stopped: threading.Event, samples: Samples) -> str:
        return self._recogniser.draft(samples, lambda: _check(stopped))

    def _checked(self, samples: Samples) -> Samples:
        if len(samples) > self._options.max_audio_s * RATE_HZ:
            raise TooLong(
                f"{len(samples) / RATE_HZ:.0f} s of audio; the limit is {self._options.max_audio_s:.0f} s.",
                code="audio_too_long",
            )
        return np.clip(np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0), -1.0, 1.0).astype(
            np.float32, copy=False
        )


class _Abandoned(Exception):
    """Nobody waits for this work any more."""


def _check(stopped: threading.Event) -> None:
    if stopped.is_set():
        raise _Abandoned


def load(options: Options) -> Moonshine:
    """Load the networks (about 0.4 s, 120 MB).

    Raises:
        EngineUnavailable: onnxruntime or a file is missing.
    """
    folder = Path(options.model)
    missing = [name for name in FILES if not options.model or not (folder / name).is_file()]
    if missing:
        raise EngineUnavailable(
            f"Moonshine needs {', '.join(missing)} in {options.model or 'a folder named by `model`'}.",
            code="model_missing",
            param="model",
        )
    try:
        network = Network(folder)
    except ImportError as missing_module:
        raise EngineUnavailable(
            "Moonshine needs onnxruntime: pip install 'antiphon[embedded]'.", code="module_missing"
        ) from missing_module
    vocabulary = Vocabulary(read_tokens(folder / "tokenizer.bin"))
    recogniser = Recogniser(
        network,
        vocabulary,
        boost=options.boost,
        second_attempt=options.second_attempt,
        second_looks=options.second_looks,
        search=Search(options.search),
        word_model=_word_model() if options.word_model and options.search != Search.GREEDY else None,
    )
    return Moonshine(recogniser, options)


def _word_model() -> WordModel | None:
    """The word model, or None where pocketsphinx is not installed: then it hears as well as it can without."""
    try:
        return WordModel()
    except ImportError:
        return None
