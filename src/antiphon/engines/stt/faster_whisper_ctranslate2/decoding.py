"""Windows of sound to tokens, a batch at a time: one pass of the encoder, whatever is asked of it afterwards."""

import dataclasses
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from antiphon.engines.stt.faster_whisper_ctranslate2.features import Floats
from antiphon.engines.stt.faster_whisper_ctranslate2.frames import REPETITIVE
from antiphon.engines.stt.faster_whisper_ctranslate2.vocabulary import Vocabulary
from antiphon.engines.stt.faster_whisper_ctranslate2.words import TimedWord, timed_words
from antiphon.errors import EngineFailed

Key: TypeAlias = tuple[int, int, bool, tuple[float, ...], int, int | None]
"""What the windows of a batch have in common: frames, tokens of context, and how they are decoded."""

POSITIONS = 448
"""Of the decoder: prompt and answer together, and the answer at most half of it."""
FIRST_TIME_STEPS = 50
"""The first timestamp lies within the first second."""
SAMPLES = 5
"""Answers drawn at a temperature above 0, of which the likeliest counts."""
NO_SPEECH, SILENT_LOGPROB = 0.6, -1.0
"""Above this probability of silence, and not above this mean log-probability, nothing was said.

Source of these and the following: OpenAI's whisper/transcribe.py."""
POOR_LOGPROB = -1.0
"""Mean log-probability below which the next temperature is tried."""


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """One window, and how it is to be decoded.

    Attributes:
        mel: log-mel spectrogram, float32 [bands, frames], padded with zeros to the frames that are computed.
        content: how many of the frames are sound.
        context: tokens of what came before.
        language: None to detect it.
        translate: into English.
        timestamps: whether the answer says when.
        words: whether each word is to be placed.
        temperatures: tried one after the other.
        beam_size: of the search at temperature 0.
        bound: most tokens of the answer; None for as many as there are positions.
    """

    mel: Floats
    content: int
    context: tuple[int, ...]
    language: str | None
    translate: bool
    timestamps: bool
    words: bool
    temperatures: tuple[float, ...]
    beam_size: int
    bound: int | None

    @property
    def key(self) -> Key:
        """Windows with the same one can be decoded together; their languages and tasks may differ."""
        return self.mel.shape[1], len(self.context), self.timestamps, self.temperatures, self.beam_size, self.bound


@dataclass(frozen=True, slots=True)
class Reading:
    """What the decoder answered for a window.

    Attributes:
        tokens: of the text, with timestamps.
        avg_logprob: mean log-probability of the tokens, the one included that ends them.
        no_speech_prob: how likely nobody speaks.
        compression_ratio: of the text.
        temperature: at which it was found.
        language: as asked for, or detected.
        language_probability: of a detected language.
        words: where asked for; seconds in the window.
    """

    tokens: tuple[int, ...]
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float
    temperature: float
    language: str
    language_probability: float | None
    words: tuple[TimedWord, ...] = ()

    @property
    def silent(self) -> bool:
        """Whether the model holds that nobody speaks."""
        return self.no_speech_prob > NO_SPEECH and self.avg_logprob <= SILENT_LOGPROB

    @property
    def sound(self) -> bool:
        """Whether no other temperature needs to be tried."""
        poor = self.compression_ratio > REPETITIVE or self.avg_logprob < POOR_LOGPROB
        return not poor or (self.no_speech_prob > NO_SPEECH and self.avg_logprob < SILENT_LOGPROB)


class Decoder:
    """Decodes batches on one loaded model; called from as many threads at once as the model has workers."""

    def __init__(self, model: Any, vocabulary: Vocabulary) -> None:
        """`model` is a `ctranslate2.models.Whisper`."""
        self._model, self._vocabulary = model, vocabulary

    def __call__(self, windows: Sequence[Window]) -> list[Reading | Exception]:
        """The reading of each window; all have the same key.

        Raises:
            EngineFailed: the model broke.
        """
        try:
            encoded = self._model.encode(_view(np.stack([window.mel for window in windows])))
            languages = self._languages(encoded, windows)
            readings = self._read(encoded, windows, languages)
            return list(self._placed(encoded, windows, readings))
        except (RuntimeError, ValueError) as broken:
            raise EngineFailed(f"faster-whisper broke: {broken}") from broken

    def _languages(self, encoded: Any, windows: Sequence[Window]) -> list[tuple[str, float | None]]:
        """The language of each window, and how likely it is where it was detected."""
        if not self._vocabulary.multilingual:
            return [("en", None)] * len(windows)
        if all(window.language for window in windows):
            return [(window.language or "", None) for window in windows]
        detected = self._model.detect_language(encoded)
        return [
            (window.language, None) if window.language else (best[0][0][2:-2], float(best[0][1]))
            for window, best in zip(windows, detected, strict=True)
        ]

    def _read(
        self, encoded: Any, windows: Sequence[Window], languages: Sequence[tuple[str, float | None]]
    ) -> list[Reading]:
        """The first sound reading of each window by rising temperature, or the best of all."""
        tried: list[list[Reading]] = [[] for _ in windows]
        left = list(range(len(windows)))
        for temperature in windows[0].temperatures:
            some = encoded if len(left) == len(windows) else _view(_array(encoded)[left])
            results = self._generate(some, [(windows[n], languages[n][0]) for n in left], temperature)
            for n, result in zip(left, results, strict=True):
                tried[n].append(self._reading(result, temperature, *languages[n]))
            left = [n for n in left if not tried[n][-1].sound]
            if not left:
                break
        return [_best(readings) for readings in tried]

    def _generate(self, encoded: Any, asked: Sequence[tuple[Window, str]], temperature: float) -> Any:
        first = asked[0][0]
        prompts = [
            self._vocabulary.prompt(window.context, language, translate=window.translate, timestamps=window.timestamps)
            for window, language in asked
        ]
        way: dict[str, Any] = {"beam_size": first.beam_size, "patience": 1}
        if temperature > 0:
            way = {"beam_size": 1, "num_hypotheses": SAMPLES, "sampling_topk": 0, "sampling_temperature": temperature}
        return self._model.generate(
            encoded,
            prompts,
            length_penalty=1,
            max_length=_positions(first.bound, len(prompts[0])),
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=self._vocabulary.suppressed,
            max_initial_timestamp_index=FIRST_TIME_STEPS,
            **way,
        )

    def _reading(self, result: Any, temperature: float, language: str, probability: float | None) -> Reading:
        tokens = tuple(result.sequences_ids[0])
        # The score is the mean without the token that ends the answer, though its probability is in it.
        avg_logprob = result.scores[0] * len(tokens) / (len(tokens) + 1)
        text = self._vocabulary.decode(tokens).strip().encode()
        return Reading(
            tokens=tokens,
            avg_logprob=avg_logprob,
            no_speech_prob=result.no_speech_prob,
            compression_ratio=len(text) / len(zlib.compress(text)),
            temperature=temperature,
            language=language,
            language_probability=probability,
        )

    def _placed(self, encoded: Any, windows: Sequence[Window], readings: list[Reading]) -> list[Reading]:
        """The readings with word times, for windows that want them and hold words."""
        wanted: dict[tuple[str, bool], list[int]] = {}
        for n, (window, reading) in enumerate(zip(windows, readings, strict=True)):
            if window.words and not reading.silent and self._text(reading):
                wanted.setdefault((reading.language, window.translate), []).append(n)
        for (language, translate), numbers in wanted.items():
            spoken = self._vocabulary.of(language, translate=translate)
            some = encoded if len(numbers) == len(windows) else _view(_array(encoded)[numbers])
            texts = [self._text(readings[n]) for n in numbers]
            found = self._model.align(some, spoken.sot_sequence, texts, [windows[n].content for n in numbers])
            for n, text, alignment in zip(numbers, texts, found, strict=True):
                words = timed_words(alignment, text, spoken)
                readings[n] = dataclasses.replace(readings[n], words=words)
        return readings

    def _text(self, reading: Reading) -> list[int]:
        return [token for token in reading.tokens if token < self._vocabulary.eot]


def _best(readings: list[Reading]) -> Reading:
    """The last one if it is sound; otherwise the likeliest, preferring those that do not repeat themselves."""
    if readings[-1].sound:
        return readings[-1]
    straight = [reading for reading in readings if reading.compression_ratio <= REPETITIVE]
    return max(straight or readings, key=lambda reading: reading.avg_logprob)


def _positions(bound: int | None, prompt: int) -> int:
    """The `max_length` that lets an answer have `bound` tokens after a prompt of so many.

    CTranslate2 takes it for prompt and answer together, and gives the answer at most half.
    """
    return POSITIONS if bound is None else min(POSITIONS, max(2 * bound, bound + prompt - 1))


def _view(array: npt.NDArray[Any]) -> Any:
    import ctranslate2

    return ctranslate2.StorageView.from_array(np.ascontiguousarray(array))


def _array(view: Any) -> npt.NDArray[Any]:
    """What the encoder computed, on the CPU, so that some rows of it can be taken."""
    import ctranslate2

    if view.device != "cpu":
        # numpy knows no bfloat16; the model turns it back.
        view = view.to(ctranslate2.DataType.float32).to_device(ctranslate2.Device.cpu)
    return np.asarray(view)
