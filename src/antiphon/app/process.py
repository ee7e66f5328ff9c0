"""One process of a stack: loads engines and puts services together. What a command does not ask for is not loaded."""

from contextlib import AsyncExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self, cast

import numpy as np

from antiphon.app.loaded import LoadedEngines
from antiphon.app.recordings import for_recordings
from antiphon.app.speech_to_text import RunningSpeechToText, Surroundings, gate_of, request_metrics, running
from antiphon.audio.pcm import RATE_HZ
from antiphon.audio.resample import resample
from antiphon.clock import Clock, SystemClock
from antiphon.config import Stack
from antiphon.events.speech import Samples, Voicing
from antiphon.ports.card import Port
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
from antiphon.stt.metrics import SttMetrics
from antiphon.stt.settings import SttSettings
from antiphon.stt.speech_detector import SpeechDetector
from antiphon.stt.speech_gate import SpeechGate
from antiphon.stt.streaming import GrowingWindow
from antiphon.telemetry import new_registry

if TYPE_CHECKING:
    from antiphon.conversations.dialogue import ConversationDialogue
    from antiphon.conversations.service import ConversationService


class App:
    """One process of a stack. Engines are loaded when they are first asked for, and closed at the end."""

    def __init__(self, stack: Stack, clock: Clock | None = None) -> None:
        self.stack = stack
        self.clock = clock or SystemClock()
        self.registry = new_registry()
        self._metrics = ServingMetrics(self.registry)
        self._exits = AsyncExitStack()
        self._engines = LoadedEngines(stack, self._metrics, self._exits)
        self._gate: Gate | None = None
        self._decoder: Decoder | None = None
        self._conversations: ConversationService | None = None
        self._requests: SttMetrics | None = None
        self._speech_to_text: RunningSpeechToText | None = None

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
        return self._engines.in_use

    async def transcriber(self) -> Transcriber:
        """The speech-to-text engine."""
        return cast(Transcriber, await self._engines.of(Port.STT))

    async def recording_transcriber(self, *, words: bool = True) -> Transcriber:
        """Speech-to-text for whole recordings: only those with speech reach the engine; `words` get exact times."""
        detector = SpeechDetector([cast(VoiceActivity, await self._engines.another(Port.VAD))])
        self._exits.callback(detector.close)
        heard = await for_recordings(self._engines, await self.transcriber(), detector, words=words)
        return SpeechGate(heard, detector)

    async def aligner(self) -> Aligner:
        """The engine that finds word times."""
        return cast(Aligner, await self._engines.of(Port.ALIGN))

    async def voice(self) -> Voice:
        """The speech synthesis engine."""
        return cast(Voice, await self._engines.of(Port.TTS))

    async def decode(self, data: bytes | memoryview) -> Samples:
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

    # ── speech-to-text ──────────────────────────────────────────────────────────────────────────────────────────

    @property
    def request_metrics(self) -> SttMetrics:
        """What counts requests to speech-to-text, there before the service is."""
        if self._requests is None:
            self._requests = request_metrics(self.stack, self.registry, self.clock)
        return self._requests

    async def start_speech_to_text(self) -> RunningSpeechToText:
        """The speech-to-text service with its engines loaded, testing itself.

        Raises:
            BadConfiguration: an engine or an option cannot be meant.
            EngineUnavailable: this machine lacks something.
        """
        if self._speech_to_text is None:
            around = Surroundings(
                stack=self.stack,
                engines=self._engines,
                gate=self._recordings(),
                decode=self.decode,
                registry=self.registry,
                metrics=self._metrics,
                requests=self.request_metrics,
                clock=self.clock,
            )
            self._speech_to_text = await self._exits.enter_async_context(running(around))
        return self._speech_to_text

    def change(self, settings: SttSettings) -> None:
        """Take over what may change while running."""
        if self._speech_to_text is not None:
            self._speech_to_text.change(settings)

    def drain(self) -> None:
        """No new work is wanted: say so to whoever asks, and end live streams."""
        if self._speech_to_text is not None:
            self._speech_to_text.drain(self.stack.server.drain_timeout_s)

    def _recordings(self) -> Gate:
        """The one gate in front of the recogniser, for conversations and speech-to-text alike."""
        if self._gate is None:
            self._gate = gate_of(self.stack.stt)
            self._metrics.watch_gate("recordings", self._gate)
        return self._gate

    # ── conversations ───────────────────────────────────────────────────────────────────────────────────────────

    async def start_conversations(self) -> "ConversationService":
        """The conversations service with its database open and its dispatcher running."""
        if self._conversations is None:
            # The libraries of the database take half a second to import: who holds no conversation does without them.
            from antiphon.conversations.service import ConversationEngines, ConversationService, Place

            stack, practice = self.stack, self.stack.practice
            engines = ConversationEngines(
                llm=cast(LanguageModel, await self._engines.of(Port.LLM)),
                guard=cast(Guard, await self._engines.of(Port.GUARD)),
                stt=Gated(await self.recording_transcriber(words=False), self._recordings()),
                decode=self.decode,
            )
            place = Place(practice.timezone, practice.phone_region, practice.languages)
            service = ConversationService(engines, stack.conversations, place, self.clock)
            self._conversations = await self._exits.enter_async_context(service.running())
        return self._conversations

    @property
    def conversations(self) -> "ConversationService":
        """The conversations service, once it has been started."""
        if self._conversations is None:
            raise RuntimeError("start_conversations() comes first")
        return self._conversations

    async def open_dialogue(self, channel: str) -> "ConversationDialogue":
        """A new conversation."""
        return await (await self.start_conversations()).open_dialogue(channel=channel)

    async def session_parts(self) -> Parts:
        """What realtime sessions of this process are made of."""
        choice, live = self.stack.tts, self.stack.realtime
        return Parts(
            ears=GrowingWindow(await self.transcriber()),
            voice=await self.voice(),
            turn_end=cast(TurnEnd, await self._engines.of(Port.TURN)),
            scheduler=Scheduler(cast(VoiceActivity, await self._engines.of(Port.VAD)), live.max_sessions),
            settings=live,
            voicing=Voicing(choice.language or self.stack.practice.languages[0], choice.voice, choice.speed),
            clock=self.clock,
        )
