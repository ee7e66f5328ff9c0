"""Speech-to-text put together: engine, windows, gate, cascade, service; and what of it may change while it runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import structlog
from prometheus_client import CollectorRegistry

from antiphon.app.loaded import LoadedEngines
from antiphon.app.recordings import for_recordings
from antiphon.clock import Clock
from antiphon.config import Stack
from antiphon.errors import AntiphonError
from antiphon.gateway.errors import meaning
from antiphon.ports.card import Card, Port
from antiphon.ports.stt import Transcriber
from antiphon.ports.vad import VoiceActivity
from antiphon.remote.stt import RemoteSettings, RemoteTranscriber
from antiphon.serving.gate import Gate
from antiphon.serving.gated import Gated
from antiphon.serving.metrics import ServingMetrics
from antiphon.stt.cascade import Cascade
from antiphon.stt.live import Live
from antiphon.stt.metrics import SttMetrics
from antiphon.stt.readiness import Readiness, SelfTest, Watched
from antiphon.stt.routing import Policy
from antiphon.stt.service import Decode, Model, SpeechToText, SttParts
from antiphon.stt.settings import SttSettings
from antiphon.stt.speech_detector import SpeechDetector
from antiphon.stt.streaming import GrowingWindow
from antiphon.stt.tier import Tier

log = structlog.get_logger(__name__)

CLIENT_GONE = "499"
"""What the status of a request is called whose caller went away before it was answered."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a process gives its speech-to-text.

    Attributes:
        stack: what is set.
        engines: those of the process.
        gate: in front of the engine, for whoever else uses it too.
        decode: makes mono float32 at 16 kHz of untrusted recordings.
        registry: figures of the process.
        metrics: of gates and pools.
        requests: what becomes of requests.
        clock: where time comes from.
    """

    stack: Stack
    engines: LoadedEngines
    gate: Gate
    decode: Decode
    registry: CollectorRegistry
    metrics: ServingMetrics
    requests: SttMetrics
    clock: Clock


@dataclass(slots=True)
class RunningSpeechToText:
    """The service, and what of it may change while it runs.

    Attributes:
        service: answers requests.
        live: carries live streams.
    """

    service: SpeechToText
    live: Live
    _cascade: Cascade
    _settings: SttSettings
    _local_fallback: Transcriber | None
    _remote: RemoteTranscriber | None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def change(self, settings: SttSettings) -> None:
        """Take over thresholds and the address, key and patience of the fallback; requests that run are not touched."""
        if self.service.role == "fallback":
            return
        if remote_of(settings) != remote_of(self._settings):
            old, self._remote = self._remote, make_remote(settings)
            if old is not None:
                self._close_later(old, self._settings.fallback_timeout_s)
        self._settings = settings
        self._cascade.change(self._remote or self._local_fallback, policy_of(settings, self.service.card))

    def drain(self, within_s: float) -> None:
        """No new work is wanted; live streams end within `within_s`."""
        self.service.readiness.drain()
        self._keep(asyncio.create_task(self.live.drain(within_s), name="listen-drain"))

    async def close(self) -> None:
        """Close connections to the fallback."""
        for task in self._tasks:
            task.cancel()
        if self._remote is not None:
            await self._remote.close()

    def _close_later(self, remote: RemoteTranscriber, patience_s: float) -> None:
        async def close() -> None:
            try:
                await asyncio.sleep(patience_s)
            finally:
                await remote.close()

        self._keep(asyncio.create_task(close(), name="stt-old-fallback"))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@asynccontextmanager
async def running(around: Surroundings) -> AsyncIterator[RunningSpeechToText]:
    """Load what speech-to-text needs, and have it test itself while the block runs.

    Raises:
        BadConfiguration: an engine or an option cannot be meant.
        EngineUnavailable: this machine lacks something.
    """
    stack, engines = around.stack, around.engines
    settings = stack.stt
    async with AsyncExitStack() as exits:
        detector = SpeechDetector([await engines.another(Port.VAD) for _ in range(settings.concurrency)])
        exits.callback(detector.close)
        readiness = Readiness(around.clock)
        watched = Watched(cast(Transcriber, await engines.of(Port.STT)), readiness)
        recogniser = await for_recordings(engines, watched, detector, settings.concurrency)
        tier = Tier(recogniser, around.gate, model_of(stack))
        local = await _second_tier(around, detector) if settings.fallback_engine and not settings.fallback_url else None
        remote = make_remote(settings) if stack.role != "fallback" else None
        cascade = _cascade(around, tier, local, remote)
        activity = cast(VoiceActivity, await engines.of(Port.VAD))
        service = SpeechToText(
            SttParts(
                decode=around.decode,
                detector=detector,
                cascade=cascade,
                metrics=around.requests,
                readiness=readiness,
                models=_models(stack, watched, local),
                activity=lambda: activity,
                streaming=GrowingWindow(Gated(watched, around.gate)),
                role=stack.role or "primary",
                deadline_s=settings.deadline_s,
            ),
            around.clock,
        )
        live = Live(service, stack.listen, registry=around.registry, clock=around.clock)
        running_service = RunningSpeechToText(service, live, cascade, settings, local, remote)
        exits.push_async_callback(running_service.close)
        await exits.enter_async_context(SelfTest(watched, readiness, around.clock, settings.dead_after_s).running())
        yield running_service


async def _second_tier(around: Surroundings, detector: SpeechDetector) -> Transcriber:
    """A second tier in this process, behind a gate of its own."""
    settings = around.stack.stt
    engine = cast(Transcriber, await around.engines.second_tier())
    gate = Gate(settings.fallback_concurrency, queue_timeout_s=settings.queue_timeout_s)
    around.metrics.watch_gate("stt_fallback", gate)
    return Gated(await for_recordings(around.engines, engine, detector, settings.fallback_concurrency), gate)


def _cascade(around: Surroundings, tier: Tier, local: Transcriber | None, remote: RemoteTranscriber | None) -> Cascade:
    """The tiers, and when the second is asked; who is the fallback asks nobody."""
    stack = around.stack
    return Cascade(
        tier,
        remote or local,
        None if stack.role == "fallback" else policy_of(stack.stt, tier.card),
        fallback_model=model_of(stack, second=True) if local is not None else "",
        clock=around.clock,
    )


def request_metrics(stack: Stack, registry: CollectorRegistry, clock: Clock) -> SttMetrics:
    """What counts requests, from the first one on: those too that come before anything is loaded."""
    return SttMetrics(registry, commit=stack.server.commit, status_of=http_status, clock=clock)


def gate_of(settings: SttSettings) -> Gate:
    """The gate in front of the engine."""
    return Gate(settings.concurrency, settings.max_queue or None, settings.queue_timeout_s)


def policy_of(settings: SttSettings, card: Card) -> Policy:
    """When the fallback is asked: as the operator says, or else as the card of the primary's engine advises."""
    confidence, words = settings.conf_logprob_threshold, settings.min_words_for_conf
    return Policy(
        card.doubtful_below if confidence is None else confidence,
        settings.conf_langprob_threshold,
        card.fewest_words if words is None else words,
    )


def remote_of(settings: SttSettings) -> tuple[str, str, float]:
    """What makes the fallback service another one."""
    return settings.fallback_url, settings.fallback_api_key, settings.fallback_timeout_s


def make_remote(settings: SttSettings) -> RemoteTranscriber | None:
    """The fallback service, if there is one."""
    url, key, timeout_s = remote_of(settings)
    return RemoteTranscriber(url, key, RemoteSettings(timeout_s=timeout_s)) if url else None


def model_of(stack: Stack, *, second: bool = False) -> str:
    """What an operator calls a tier's model: the name of its folder; empty where none is named."""
    engine = stack.stt.fallback_engine if second else stack.stt.engine
    places = [f"engines.{engine}.fallback", f"engines.{engine}"] if second else [f"engines.{engine}"]
    named = (stack.written(place, "model") for place in places)
    return next((Path(str(folder)).name for folder in named if folder), "")


def http_status(error: BaseException | None) -> str:
    """How a request that ended so was answered."""
    if error is None:
        return "200"
    if isinstance(error, AntiphonError):
        return str(meaning(error).status)
    return "500" if isinstance(error, Exception) else CLIENT_GONE


def _models(stack: Stack, first: Transcriber, second: Transcriber | None) -> tuple[Model, ...]:
    found = {model_of(stack) or first.card.name: first.card.languages}
    if second is not None:
        found.setdefault(model_of(stack, second=True) or second.card.name, second.card.languages)
    return tuple(Model(id=name, languages=languages) for name, languages in found.items())
