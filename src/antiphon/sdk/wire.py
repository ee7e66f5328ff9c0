"""What a server answers, as it comes in JSON; nothing of it is trusted to be well-formed."""

from typing import TypeVar

import msgspec

from antiphon.errors import EngineFailed
from antiphon.events.speech import Segment, Word

BAD_ANSWER = "bad_answer"
T = TypeVar("T")


class _Word(msgspec.Struct):
    word: str
    start: float
    end: float
    confidence: float | None = None


class _Segment(msgspec.Struct):
    text: str
    start: float
    end: float
    tokens: tuple[int, ...] = ()
    avg_logprob: float = 0.0
    no_speech_prob: float = 0.0
    compression_ratio: float = 1.0
    temperature: float = 0.0


class Answer(msgspec.Struct):
    """What is heard in a recording, as `/v1/transcribe` and OpenAI's `verbose_json` write it (P-5)."""

    text: str
    language: str | None = None
    source_language: str = ""
    language_probability: float | None = None
    duration: float = 0.0
    segments: tuple[_Segment, ...] = ()
    words: tuple[_Word, ...] | None = None
    model: str = ""
    confidence: float = 0.0
    fallback_used: bool = False
    timings_ms: dict[str, int] = {}
    request_id: str = ""
    degraded: tuple[str, ...] = ()

    def heard_words(self) -> tuple[Word, ...]:
        """The words with their times; none where they were not asked for."""
        return tuple(Word(w.word, w.start, w.end, w.confidence) for w in self.words or ())

    def heard_segments(self) -> tuple[Segment, ...]:
        """The stretches it was decoded in."""
        return tuple(
            Segment(
                text=s.text,
                start_s=s.start,
                end_s=s.end,
                tokens=s.tokens,
                avg_logprob=s.avg_logprob,
                no_speech_prob=s.no_speech_prob,
                compression_ratio=s.compression_ratio,
                temperature=s.temperature,
            )
            for s in self.segments
        )


class Detail(msgspec.Struct):
    """What a refusal says of itself (P-6)."""

    code: str = ""
    type: str = ""
    message: str = ""
    param: str | None = None
    request_id: str = ""


class _Refusal(msgspec.Struct):
    error: Detail


def read(body: bytes, kind: type[T]) -> T:
    """The value of a type that an answer's JSON holds.

    Raises:
        EngineFailed: `bad_answer`: it holds another.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as broken:
        raise EngineFailed("The server answered what cannot be read.", code=BAD_ANSWER) from broken


def read_detail(body: bytes) -> Detail:
    """What a refusal says of itself; nothing where it is not ours (a proxy in between answers as it likes)."""
    try:
        return read(body, _Refusal).error
    except EngineFailed:
        return Detail()
