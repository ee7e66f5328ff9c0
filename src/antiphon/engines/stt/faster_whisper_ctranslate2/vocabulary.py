"""Whisper's tokens: its languages, what a prompt is made of, and what is never said."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from antiphon.engines.stt.faster_whisper_ctranslate2.terms import MOST_TOKENS, joined

_TASKS = ("transcribe", "translate")


class Vocabulary:
    """The tokens of one model.

    Attributes:
        languages: codes of the languages it knows; English alone for a model without language tokens.
        multilingual: whether its prompt names language and task.
        eot: the token that ends a transcript; smaller ones are text.
        first_time: the token of 0.00 s.
        suppressed: tokens that are no text, and sounds and symbols that nobody pronounces.
    """

    def __init__(self, file: Path, *, multilingual: bool) -> None:
        """Read `tokenizer.json`.

        Raises:
            ValueError: it is not Whisper's.
        """
        import tokenizers

        self._tokenizer = tokenizers.Tokenizer.from_file(str(file))
        self.multilingual = multilingual
        self._spoken: dict[tuple[str, str], Any] = {}
        self.languages = self._languages() if multilingual else ("en",)
        any_ = self.of(self.languages[0])
        self.eot: int = any_.eot
        self.first_time: int = any_.timestamp_begin
        marks = (any_.transcribe, any_.translate, any_.sot, any_.sot_prev, any_.sot_lm, any_.no_speech)
        self.suppressed = sorted({*any_.non_speech_tokens, *(mark for mark in marks if mark is not None)})

    def of(self, language: str, *, translate: bool = False) -> Any:
        """The library's tokenizer for a language and a task."""
        key = (language, _TASKS[translate])
        if key not in self._spoken:
            from faster_whisper.tokenizer import Tokenizer

            self._spoken[key] = Tokenizer(self._tokenizer, self.multilingual, language=language, task=_TASKS[translate])
        return self._spoken[key]

    def encode(self, text: str) -> list[int]:
        """The tokens of a text, without what looks like a mark in it: a caller's phrase must not end a transcript."""
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return [token for token in ids if token < self.eot]

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens; marks and times have none."""
        text: str = self._tokenizer.decode([token for token in tokens if token < self.eot])
        return text

    def context(self, phrases: Sequence[str], prompt: str) -> tuple[int, ...]:
        """What is told to the decoder as the text that came before: phrases, then the end of `prompt`.

        From the first phrase on that does not fit, phrases are left out: half a name misleads.
        """
        fitting: list[str] = []
        used = 0
        for phrase in filter(None, (" ".join(phrase.split()) for phrase in phrases)):
            used += len(self.encode(joined([phrase]))) + bool(fitting)
            if used > MOST_TOKENS:
                break
            fitting.append(phrase)
        tokens = self.encode(joined(fitting))[:MOST_TOKENS] if fitting else []
        # One position less than half is what the model was trained to see before the start.
        left = MOST_TOKENS - 1 - len(tokens)
        if prompt.strip() and left > 0:
            tokens += self.encode(" " + prompt.strip())[-left:]
        return tuple(tokens)

    def prompt(self, context: Sequence[int], language: str, *, translate: bool, timestamps: bool) -> list[int]:
        """All that the decoder is told before it begins."""
        spoken = self.of(language, translate=translate)
        before = [spoken.sot_prev, *context] if context else []
        return [*before, *spoken.sot_sequence, *([] if timestamps else [spoken.no_timestamps])]

    def _languages(self) -> tuple[str, ...]:
        first, end = self._id("<|startoftranscript|>") + 1, self._id("<|translate|>")
        return tuple(str(self._tokenizer.id_to_token(token))[2:-2] for token in range(first, end))

    def _id(self, mark: str) -> int:
        if (found := self._tokenizer.token_to_id(mark)) is None:
            raise ValueError(f"it knows no {mark}")
        return int(found)
