"""An engine's card: what it is, what it can do, and under which licence."""

from dataclasses import dataclass
from enum import StrEnum


class Port(StrEnum):
    """The ports an engine can satisfy."""

    STT = "stt"
    TTS = "tts"
    VAD = "vad"
    TURN = "turn"
    GUARD = "guard"
    LLM = "llm"
    ALIGN = "align"


class Isolation(StrEnum):
    """Where an engine runs: in a thread of this process, or in a process of its own."""

    THREAD = "thread"
    PROCESS = "process"


@dataclass(frozen=True, slots=True)
class Card:
    """What a user should know of an engine before choosing it.

    Attributes:
        name: stable name, as written in a stack file (`moonshine`).
        port: the port it satisfies.
        summary: one sentence, honest about weaknesses.
        languages: ISO 639-1 codes; empty for any.
        rates_hz: sample rates it takes (or gives, for speech synthesis); the first is preferred.
        streaming: gives results before its input ends.
        batch: answers several inputs in one call.
        window_s: longest stretch it hears as one; longer recordings are cut at pauses before. 0 for any length.
        translates: can write in English what is said in another language.
        words: it places words itself, by its own network; the words of others are placed by an aligner.
        segments: its transcripts tell the stretches they were decoded in.
        isolation: thread or process.
        confidence: how its confidence is made; empty where it has none.
        doubtful_below: confidence below which an answer deserves a second opinion, where the operator sets no other.
        fewest_words: of an answer whose confidence means something, where the operator sets no other.
        weights_licence: licence of the weights, or of the library where there are none.
        requires: modules that must be importable.
        extra: the install extra that brings them.
        model: name of the weights in the manifest of `models`; their folder is handed over as `Options.model` where
            the operator names no other. Empty for engines that need none.
    """

    name: str
    port: Port
    summary: str
    languages: tuple[str, ...] = ()
    rates_hz: tuple[int, ...] = (16_000,)
    streaming: bool = False
    batch: bool = False
    window_s: float = 0.0
    translates: bool = False
    words: bool = False
    segments: bool = False
    isolation: Isolation = Isolation.THREAD
    confidence: str = ""
    doubtful_below: float = 0.55
    fewest_words: int = 3
    weights_licence: str = ""
    requires: tuple[str, ...] = ()
    extra: str = ""
    model: str = ""
