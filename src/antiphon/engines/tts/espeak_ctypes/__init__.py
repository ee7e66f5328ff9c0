"""espeak-ng in a process of its own, through ctypes.

The library keeps all its state in globals and parses in C whatever a language model wrote. Apart, a crash costs one
retried sentence instead of every call, its callbacks take nothing from the event loop, and a GPL-3 library is not part
of this program (docs/adr/0004). Synthesis takes a few milliseconds a sentence, so text goes over in pieces of about
one: the first sound comes after one piece, nobody waits long behind another caller's text, and a caller who stops
listening leaves one piece of work behind at most.
"""

import asyncio
import importlib.util
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from antiphon.engines.tts.espeak_ctypes.pieces import pieces
from antiphon.engines.tts.espeak_ctypes.work import RATE_HZ
from antiphon.errors import BadInput, EngineUnavailable, TooLong
from antiphon.events.speech import SpeechChunk, SpokenWord, Voicing
from antiphon.language.aloud import Aloud, read_aloud
from antiphon.ports.card import Card, Isolation, Port
from antiphon.serving.worker import Answer, WorkerLimits, WorkerPool
from antiphon.settings import setting

MAX_CHARACTERS = 4096
CHUNK_SAMPLES = RATE_HZ // 5
MAX_WORKER_BYTES = 256 * 1024 * 1024

CARD = Card(
    name="espeak-ng",
    port=Port.TTS,
    summary="Formant synthesis in many languages: instant and clear, but it sounds like a machine.",
    languages=("en", "de", "fr", "it", "es", "pt", "nl", "pl"),
    rates_hz=(RATE_HZ,),
    streaming=True,
    isolation=Isolation.PROCESS,
    weights_licence="GPL-3.0-or-later (library, in a process of its own)",
    requires=("espeakng_loader",),
    extra="embedded",
)


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of the espeak-ng engine."""

    voice: str = setting("klatt4", "variant spoken with by default; f2 and Annie are female, m3 and Denis male")
    words_per_minute: int = setting(165, "pace at speed 1.0", low=80, high=300)
    processes: int = setting(1, "worker processes; one is enough for hundreds of calls", low=1, high=16)
    timeout_s: float = setting(10.0, "a piece of text that takes longer is given up", low=1, high=60)


class Espeak:
    """Speaks through worker processes, which start with the first call or with `start`.

    Attributes:
        pool: the processes, for their counts.
    """

    card = CARD

    def __init__(self, options: Options, data: Path) -> None:
        """Prepare; `data` is the espeak-ng-data folder."""
        self._options = options
        self._dialects = {path.name.lower() for path in (data / "lang").rglob("*") if path.is_file()}
        self._variants = {path.name for path in (data / "voices" / "!v").iterdir()}
        self.pool = WorkerPool(
            f"{__name__}.work:synthesizer",
            size=options.processes,
            limits=WorkerLimits(memory_bytes=MAX_WORKER_BYTES, confined=True),
            call_timeout_s=options.timeout_s,
            max_queue=200,
        )
        self._begun: set[asyncio.Task[Answer]] = set()

    async def start(self) -> None:
        """Start the processes now, so that the first sentence need not wait for them.

        Raises:
            EngineFailed: they could not be started.
        """
        await self.pool.start()

    async def close(self) -> None:
        """End the processes."""
        await self.pool.close()

    async def speak(self, text: str, voicing: Voicing) -> AsyncGenerator[SpeechChunk, None]:
        """Synthesize `text`, chunk by chunk, mono float32 at 22,050 Hz, each at most 0.2 s.

        The text is plain: markup is read, not obeyed. A `voice` is a variant (`f2`), a dialect (`en-us`) or both
        (`en-us+f2`). Closing the generator stops the synthesis.

        Raises:
            BadInput: an unknown voice or language, or a speed outside 0.5 to 2.0.
            TooLong: more than 4,096 characters.
            EngineFailed: the process died twice over the same piece of text.
        """
        if len(text) > MAX_CHARACTERS:
            raise TooLong(
                f"The text has {len(text)} characters; at most {MAX_CHARACTERS} can be spoken at once.", param="text"
            )
        if not 0.5 <= voicing.speed <= 2.0:
            raise BadInput(f"Speed {voicing.speed:g} is not between 0.5 and 2.0.", code="bad_speed", param="speed")
        voice = self._voice(voicing)
        pace = round(self._options.words_per_minute * voicing.speed)
        aloud = read_aloud(text, voicing.language.partition("-")[0].lower())
        place = _Place(text, aloud)
        for begin, end in pieces(aloud.text):
            answer = await self._synthesize(voice, pace, aloud.text[begin:end])
            samples = np.frombuffer(answer.blob, "<i2").astype(np.float32) / np.float32(32_768)
            words = place.words(begin, end, answer.value)
            for at in range(0, len(samples), CHUNK_SAMPLES):
                low = place.samples + at
                begun = tuple(word for word in words if low <= word.at_sample < low + CHUNK_SAMPLES)
                yield SpeechChunk(samples[at : at + CHUNK_SAMPLES], begun)
            place.samples += len(samples)

    async def _synthesize(self, voice: str, pace: int, text: str) -> Answer:
        # A worker that is cancelled is killed; a piece takes milliseconds, so it is cheaper to let it finish unheard.
        task = asyncio.create_task(self.pool.call([voice, pace, text], retries=1))
        self._begun.add(task)
        task.add_done_callback(self._settle)
        return await asyncio.shield(task)

    def _settle(self, task: "asyncio.Task[Answer]") -> None:
        self._begun.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, so that asyncio does not report it for a caller who has left

    def _voice(self, voicing: Voicing) -> str:
        """The voice as espeak-ng names it, such as `en-us+klatt4`."""
        dialect, plus, variant = voicing.voice.partition("+")
        if not plus and dialect.lower() not in self._dialects:
            dialect, variant = "", dialect
        language = (dialect or voicing.language).lower()
        if language not in self._dialects:
            language = language.partition("-")[0]
        if language not in self._dialects:
            raise BadInput(
                f"espeak-ng does not speak {voicing.language!r}; try en, en-us, de, fr or it.",
                code="unknown_language",
                param="language",
            )
        variant = variant or self._options.voice
        if variant not in self._variants:
            raise BadInput(
                f"espeak-ng has no voice {variant!r}; try klatt4, f2, f3, Annie, m3 or Denis.",
                code="unknown_voice",
                param="voice",
            )
        return f"{language}+{variant}"


class _Place:
    """How far a text has been spoken: turns word events of a piece into words of the text as it was written."""

    def __init__(self, text: str, aloud: Aloud) -> None:
        self._text = text
        self._aloud = aloud
        self._heard_until = -1
        self.samples = 0

    def words(self, begin: int, end: int, events: list[list[int]]) -> list[SpokenWord]:
        """Words of the piece `aloud.text[begin:end]`, from events [start, length, sample] within it.

        What is written as one ("10:30") is one word, though it is spoken as several.
        """
        found = []
        for start, length, at_sample in events:
            first, last = begin + start, min(begin + start + length, end) - 1
            if not begin <= first <= last:
                continue
            source = slice(self._aloud.starts[first], self._aloud.ends[last])
            if source.start > self._heard_until and self._text[source].strip():
                self._heard_until = source.start
                found.append(SpokenWord(source.start, source.stop, self.samples + at_sample))
        return found


def load(options: Options) -> Espeak:
    """Find the library; nothing of it is loaded into this process.

    Raises:
        EngineUnavailable: espeakng-loader is not installed, or the default voice is unknown.
    """
    engine = Espeak(options, _carried() / "espeak-ng-data")
    try:
        engine._voice(Voicing())
    except BadInput as unknown:
        raise EngineUnavailable(f"speech: {unknown.message}") from unknown
    return engine


def _carried() -> Path:
    """The folder of espeakng-loader, found without importing it."""
    package = importlib.util.find_spec("espeakng_loader")
    if package is None or package.origin is None:
        raise EngineUnavailable("speech: espeakng-loader is missing; install antiphon[embedded]")
    return Path(package.origin).parent
