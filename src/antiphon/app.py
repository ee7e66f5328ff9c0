"""The composition root: reads a stack, chooses and loads engines, and puts services together.

The only module that imports engines. What a command does not ask for is not loaded.
"""

import asyncio
import contextlib
import inspect
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import numpy as np
import structlog

from antiphon.audio.pcm import RATE_HZ
from antiphon.audio.resample import resample
from antiphon.clock import Clock, SystemClock
from antiphon.config import Stack
from antiphon.conversations.dialogue import ConversationDialogue
from antiphon.conversations.service import ConversationEngines, ConversationService, Place
from antiphon.engines import discover
from antiphon.errors import BadConfiguration, EngineUnavailable, NotFound
from antiphon.events.speech import Samples, Voicing
from antiphon.models import Store
from antiphon.ports.card import Card, Port
from antiphon.ports.guard import Guard
from antiphon.ports.llm import LanguageModel
from antiphon.ports.stt import Aligner, Transcriber
from antiphon.ports.tts import Voice
from antiphon.ports.turn import TurnEnd
from antiphon.ports.vad import VoiceActivity
from antiphon.realtime.parts import Parts
from antiphon.serving.decoder import Decoder
from antiphon.serving.gate import Gate
from antiphon.serving.gated import Gated
from antiphon.serving.metrics import ServingMetrics
from antiphon.serving.voicing import Scheduler
from antiphon.serving.worker import WorkerPool
from antiphon.stt.speech_gate import SpeechGate
from antiphon.stt.streaming import GrowingWindow
from antiphon.stt.word_times import WordTimes
from antiphon.telemetry import new_registry

log = structlog.get_logger(__name__)


class App:
    """One process of a stack. Engines are loaded when they are first asked for, and closed at the end."""

    def __init__(self, stack: Stack, clock: Clock | None = None) -> None:
        self.stack = stack
        self.clock = clock or SystemClock()
        self.store = store_of(stack)
        self.registry = new_registry()
        self._metrics = ServingMetrics(self.registry)
        self._reasons: dict[Port, discover.Choice] = {}
        self._engines: dict[Port, Any] = {}
        self._loading = asyncio.Lock()
        self._exits = AsyncExitStack()
        self._decoder: Decoder | None = None
        self._conversations: ConversationService | None = None

    async def __aenter__(self) -> Self:
        """Ready to be asked for services."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close everything that was loaded, last first."""
        await self._exits.aclose()

    # ── engines ─────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def engines_in_use(self) -> dict[str, dict[str, str]]:
        """By port: the engine loaded and why it was chosen."""
        return {
            str(port): {"engine": choice.engine.card.name, "why": choice.reason}
            for port, choice in sorted(self._reasons.items())
        }

    async def transcriber(self) -> Transcriber:
        """The speech-to-text engine."""
        return cast(Transcriber, await self._engine(Port.STT))

    async def recording_transcriber(self, *, words: bool = True) -> Transcriber:
        """Speech-to-text for whole recordings: only those with speech reach the engine; `words` get exact times."""
        gate = SpeechGate(await self.transcriber(), cast(VoiceActivity, await self._load(Port.VAD)))
        self._exits.callback(gate.close)
        if not words:
            return gate
        try:
            return WordTimes(gate, await self.aligner())
        except EngineUnavailable as missing:
            log.warning("no_word_times", why=missing.message)
            return gate

    async def aligner(self) -> Aligner:
        """The engine that finds word times."""
        return cast(Aligner, await self._engine(Port.ALIGN))

    async def voice(self) -> Voice:
        """The speech synthesis engine."""
        return cast(Voice, await self._engine(Port.TTS))

    async def decode(self, data: bytes) -> Samples:
        """An untrusted recording as mono float32 at 16 kHz.

        Raises:
            BadAudio: it is no recording we take, or damaged, or empty.
            TooLong: it is longer than `audio.max_audio_seconds`.
        """
        if self._decoder is None:
            audio = self.stack.audio
            self._decoder = Decoder(processes=audio.workers, max_audio_s=audio.max_audio_seconds)
            self._exits.push_async_callback(self._decoder.close)
            self._metrics.watch_pool("decoder", self._decoder.pool)
        return await self._decoder.decode_mono(data, RATE_HZ)

    async def speak_whole(self, text: str, voice: str = "", language: str = "en") -> Samples:
        """`text` spoken, as one piece of mono float32 at 16 kHz."""
        engine = await self.voice()
        chunks = [chunk.samples async for chunk in engine.speak(text, Voicing(language, voice))]
        whole = np.concatenate(chunks) if chunks else np.zeros(0, np.float32)
        return resample(whole, engine.card.rates_hz[0], RATE_HZ)

    # ── conversations ───────────────────────────────────────────────────────────────────────────────────────────

    async def start_conversations(self) -> ConversationService:
        """The conversations service with its database open and its dispatcher running."""
        if self._conversations is None:
            stack, practice = self.stack, self.stack.practice
            gate = Gate(stack.stt.concurrency)
            self._metrics.watch_gate("recordings", gate)
            engines = ConversationEngines(
                llm=cast(LanguageModel, await self._engine(Port.LLM)),
                guard=cast(Guard, await self._engine(Port.GUARD)),
                stt=Gated(await self.recording_transcriber(words=False), gate),
                decode=self.decode,
            )
            place = Place(practice.timezone, practice.phone_region, practice.languages)
            service = ConversationService(engines, stack.conversations, place, self.clock)
            self._conversations = await self._exits.enter_async_context(service.running())
        return self._conversations

    @property
    def conversations(self) -> ConversationService:
        """The conversations service, once it has been started."""
        if self._conversations is None:
            raise RuntimeError("start_conversations() comes first")
        return self._conversations

    async def open_dialogue(self, channel: str) -> ConversationDialogue:
        """A new conversation."""
        return await (await self.start_conversations()).open_dialogue(channel=channel)

    async def session_parts(self) -> Parts:
        """What realtime sessions of this process are made of."""
        choice, live = self.stack.tts, self.stack.realtime
        return Parts(
            ears=GrowingWindow(await self.transcriber()),
            voice=await self.voice(),
            turn_end=cast(TurnEnd, await self._engine(Port.TURN)),
            scheduler=Scheduler(cast(VoiceActivity, await self._engine(Port.VAD)), live.max_sessions),
            settings=live,
            voicing=Voicing(choice.language or self.stack.practice.languages[0], choice.voice, choice.speed),
            clock=self.clock,
        )

    # ── choosing and loading ────────────────────────────────────────────────────────────────────────────────────

    async def _engine(self, port: Port) -> Any:
        async with self._loading:
            if port not in self._engines:
                self._engines[port] = await self._load(port)
            return self._engines[port]

    async def _load(self, port: Port) -> Any:
        """An engine of its own for whoever asks, closed with the process."""
        choice = choose(self.stack, self.store, port)
        engine = await asyncio.to_thread(choice.engine.load, options(self.stack, self.store, choice.engine))
        if hasattr(engine, "start"):
            await engine.start()
        self._exits.push_async_callback(_close, engine)
        if isinstance(pool := getattr(engine, "pool", None), WorkerPool):
            self._metrics.watch_pool(str(port), pool)
        self._reasons[port] = choice
        log.info("engine_loaded", port=str(port), engine=choice.engine.card.name, why=choice.reason)
        return engine


@dataclass(frozen=True, slots=True)
class Listed:
    """An engine as `antiphon engines` shows it: why it cannot be used, and why the stack means it; empty if not so."""

    card: Card
    why_not: str = ""
    chosen_because: str = ""


def catalogue(stack: Stack) -> list[Listed]:
    """All engines, and which of them this stack means on this machine."""
    store, chosen = store_of(stack), dict[tuple[Port, str], str]()
    for port in Port:
        with contextlib.suppress(EngineUnavailable):
            choice = choose(stack, store, port)
            chosen[port, choice.engine.card.name] = choice.reason
    return [
        Listed(card, discover.why_not(card, store.locate), chosen.get((card.port, card.name), ""))
        for card in discover.cards()
    ]


def store_of(stack: Stack) -> Store:
    """Where this stack's weights lie: where it says, in installed packages, in the hub's cache."""
    configured = {
        card.model: Path(str(table.get("model") or "."))
        for card in discover.cards()
        if card.model and ((table := stack.engine_options.get(card.name, {})).get("model") or table.get("download"))
    }
    return Store(stack.reader.env, configured=configured)


def choose(stack: Stack, store: Store, port: Port) -> discover.Choice:
    """The engine a stack means for a port, and why.

    Raises:
        BadConfiguration: the stack names an engine that there is not.
        EngineUnavailable: this machine cannot use it; says what is missing.
    """
    name = stack.engine_of(str(port))
    if name == "auto":
        return discover.choose(port, store.locate)
    try:
        engine = discover.find(port, name)
    except NotFound as error:
        raise BadConfiguration(
            f"`{port}.engine` = {name!r} is not allowed: {error.message}", param=f"{port}.engine"
        ) from None
    if reason := discover.why_not(engine.card, store.locate):
        raise EngineUnavailable(f"`{port}.engine` = {name!r} cannot be used here: {reason}")
    return discover.Choice(engine, f"{name}, as the stack says")


def options(stack: Stack, store: Store, engine: discover.Engine) -> Any:
    """An engine's options: what the stack sets under `[engines.NAME]`, and what only the process knows.

    Raises:
        BadConfiguration: an option holds a value that cannot be used, or the practice speaks what the engine does not.
    """
    _check_languages(stack, engine.card)
    table = stack.engine_options.get(engine.card.name, {})
    section = f"engines.{engine.card.name}"
    return stack.reader.fill(engine.module.Options, section, table, _given(stack, store, engine))


def _check_languages(stack: Stack, card: Card) -> None:
    """What is spoken must be known to the engines that speak; a recogniser may hear fewer languages and says so."""
    if card.port not in (Port.LLM, Port.TTS) or not card.languages:
        return
    said = {"practice.languages": stack.practice.languages}
    if card.port is Port.TTS and stack.tts.language:
        said["tts.language"] = (stack.tts.language,)
    for key, languages in said.items():
        if unknown := [language for language in languages if language not in card.languages]:
            there = ", ".join(card.languages)
            raise BadConfiguration(f"`{key}` = {unknown[0]!r} is not allowed: {card.name} speaks {there}", param=key)


def _given(stack: Stack, store: Store, engine: discover.Engine) -> Mapping[str, Any]:
    """What an engine may ask for by the name of an option that its stack leaves empty."""
    given: dict[str, Any] = {"practice": stack.practice}
    if engine.card.model:
        given["model"] = str(store.locate(engine.card.model))
    return given


async def _close(engine: Any) -> None:
    closed = engine.close()
    if inspect.isawaitable(closed):
        await closed
