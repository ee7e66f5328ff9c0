"""Live transcription: all streams of a process, who may open one, and what becomes of those that were cut off."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

import msgspec
import structlog
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from antiphon.clock import Clock, SystemClock
from antiphon.errors import AtCapacity, BadInput, Conflict, EngineFailed, NotAllowed, NotFound, TimedOut
from antiphon.events import live as wire
from antiphon.ports.card import Card
from antiphon.ports.stt import StreamingTranscriber
from antiphon.ports.vad import VoiceActivity
from antiphon.serving.voicing import Scheduler
from antiphon.stt.finals import Hearer
from antiphon.stt.languages import language_code
from antiphon.stt.listen_settings import ListenSettings
from antiphon.stt.live_connection import ANYONE, Caller, Connection, Socket
from antiphon.stt.live_session import Ears, LiveSession
from antiphon.stt.service import Model

SWEEP_S = 0.5
BUSY_RETRY_S = 5.0
LOST = frozenset({1001, 1005, 1006, wire.close_code("slow_consumer")})
"""Codes of clients that may come back: gone without a word, or unable to read. 1001 is a page that was left."""

log = structlog.get_logger(__name__)


class Service(Hearer, Protocol):
    """What live transcription needs of the speech-to-text service."""

    card: Card
    models: tuple[Model, ...]
    streaming: StreamingTranscriber
    activity: Callable[[], VoiceActivity]


class Live(Collector):
    """The live streams of one process.

    Attributes:
        settings: limits and times.
        draining: this process is going away and takes no more streams.
    """

    def __init__(
        self,
        service: Service,
        settings: ListenSettings | None = None,
        *,
        registry: CollectorRegistry | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Offer live transcription; nothing runs before the first stream.

        Args:
            service: hears.
            settings: limits and times.
            registry: where gauges and counters go.
            clock: where wall time comes from.
        """
        self.settings = settings or ListenSettings()
        self.draining = False
        self._clock = clock or SystemClock()
        self._languages = _languages(service.models)
        longest_s = self.settings.max_utterance_s
        self._ears = Ears(
            service,
            service.streaming,
            Scheduler(service.activity()),
            self.settings,
            self._clock,
            min(longest_s, service.card.window_s or longest_s),
        )
        self._sessions: dict[str, LiveSession] = {}
        self._connections: set[Connection] = set()
        self._running: asyncio.Task[None] | None = None
        self._ended: Counter[int] = Counter()
        self._totals: Counter[str] = Counter()
        if registry is not None:
            registry.register(self)

    # ── connections ─────────────────────────────────────────────────────────────────────────────────────────────

    def admit(self) -> None:
        """Refuse a connection before it is accepted; one that may be a lost stream's is let in.

        Raises:
            AtCapacity: `at_capacity`: there are as many streams as there may be, or this process is going away.
        """
        lost = sum(session.left_at_s is not None for session in self._sessions.values())
        if self.draining or len(self._connections) >= self.settings.max_sessions + lost:
            raise self._full()

    async def serve(self, socket: Socket, start: wire.Start | BadInput | None = None, caller: Caller = ANYONE) -> None:
        """Carry one accepted connection to its end.

        Args:
            socket: the connection.
            start: what its URL said; None if its first message will.
            caller: who is at the other end.
        """
        connection = Connection(socket, caller, self.settings, self._clock)
        with self._kept(connection):
            await connection.carry(lambda asked: self._begin(connection, asked), start)

    async def drain(self, within_s: float) -> None:
        """Take no more streams and end those there are: each at its next silence, all of them within `within_s`."""
        self.draining = True
        for connection in self._connections:
            connection.notice(within_s)
        until_s = self._clock.monotonic_s() + within_s
        while self._connections and self._clock.monotonic_s() < until_s:
            for connection in self._connections:
                if connection.session is None or connection.session.quiet:
                    connection.finish("going_away", wire.close_code("going_away"))
            await asyncio.sleep(SWEEP_S / 10)
        for connection in tuple(self._connections):
            connection.finish("going_away", wire.close_code("going_away"))
        for session in tuple(self._sessions.values()):
            if session.left_at_s is not None:
                self._drop(session)

    # ── sessions ────────────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self, connection: Connection, start: wire.Start) -> None:
        """Give a connection its stream.

        Raises:
            AtCapacity: `at_capacity`.
            BadInput: `start_invalid`, `language_invalid`, `language_unsupported`, `resume_impossible`.
            NotFound: `session_unknown`.
        """
        if start.resume is not None:
            self._resume(connection, start, start.resume)
            return
        if self.draining or len(self._sessions) >= self.settings.max_sessions:
            raise self._full()
        start = msgspec.structs.replace(start, language=language_code(start.language, self._languages))
        session = LiveSession(secrets.token_urlsafe(16), start, self._ears, connection.caller.key_id)
        self._sessions[session.name] = connection.session = session
        self._totals["started"] += 1
        self._run()
        connection.post(session.attach(connection.post))

    def _resume(self, connection: Connection, start: wire.Start, resume: wire.Resume) -> None:
        session = self._sessions.get(resume.session)
        if session is None or session.key_id != connection.caller.key_id:
            raise NotFound("There is no such stream, or no more.", code="session_unknown", param="session")
        for name in ("encoding", "rate_hz", "channels"):
            if getattr(start, name) != getattr(session.start, name):
                raise BadInput("The stream has another format.", code="resume_impossible", param=name)
        carried = [other for other in self._connections if other.session is session]
        began = session.attach(connection.post, resume.sample)
        for other in carried:
            other.session = None
            other.fail(Conflict("Another connection has taken this stream over.", code="superseded"))
        connection.session = session
        self._totals["resumed"] += 1
        connection.post(began)
        session.repeat()

    @contextmanager
    def _kept(self, connection: Connection) -> Iterator[None]:
        """Count a connection while it lives, and settle what becomes of its stream."""
        self._connections.add(connection)
        try:
            yield
        finally:
            self._connections.discard(connection)
            self._ended[connection.code] += 1
            session = connection.session
            if session is not None:
                session.detach()
                if not self._resumable(connection.code):
                    self._drop(session)
            log.info("listen_ended", code=connection.code)

    def _resumable(self, code: int) -> bool:
        return code in LOST and not self.draining and self.settings.grace_s > 0

    def _drop(self, session: LiveSession) -> None:
        self._sessions.pop(session.name, None)
        self._totals["samples_damaged"] += session.audio.damaged
        self._totals["audio_s"] += round(session.audio.position / session.audio.rate_hz)
        session.close()

    def _full(self) -> AtCapacity:
        why = "This server is going away." if self.draining else f"All {self.settings.max_sessions} streams are taken."
        return AtCapacity(why, code="at_capacity", retry_after_s=BUSY_RETRY_S)

    # ── what goes on beside them ────────────────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        """Voice activity and the sweep run for as long as there are streams."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._tick(), name="listen-tick")

    async def _tick(self) -> None:
        judging = asyncio.create_task(self._ears.scheduler.run(), name="listen-voice-activity")
        try:
            while self._sessions and not judging.done():
                await asyncio.wait((judging,), timeout=SWEEP_S)
                self._sweep(self._clock.monotonic_s())
            if judging.done():
                self._deaf(judging)
        finally:
            judging.cancel()

    def _deaf(self, judging: "asyncio.Task[None]") -> None:
        """Without voice activity no stream can go on; the next one begins with a fresh task."""
        log.error("listen_voice_activity_broke", exc_info=judging.exception())
        for connection in self._connections:
            connection.fail(EngineFailed("Voice activity broke; the log says how."))
        for session in tuple(self._sessions.values()):
            if session.left_at_s is not None:
                self._drop(session)

    def _sweep(self, now_s: float) -> None:
        """End what nobody has spoken to for too long."""
        for session in tuple(self._sessions.values()):
            if session.left_at_s is not None and now_s - session.left_at_s >= self.settings.grace_s:
                self._drop(session)
        for connection in self._connections:
            if not connection.caller.allowed():
                connection.fail(NotAllowed("The key of this stream is no longer let in.", code="key_revoked"))
            if connection.session is not None and connection.session.broken is not None:
                connection.fail(connection.session.broken)
            if not connection.waiting and now_s - connection.heard_at_s >= self.settings.idle_timeout_s:
                connection.fail(TimedOut("There was neither audio nor `keep_alive` for too long.", code="idle_timeout"))

    def collect(self) -> Iterable[Metric]:
        """Gauges and counters, as they are now."""
        live = GaugeMetricFamily("stt_live_sessions", "Live streams", labels=["state"])
        lost = sum(session.left_at_s is not None for session in self._sessions.values())
        live.add_metric(["connected"], len(self._sessions) - lost)
        live.add_metric(["lost"], lost)
        ended = CounterMetricFamily("stt_live_connections_ended", "Connections by close code", labels=["code"])
        for code, count in sorted(self._ended.items()):
            ended.add_metric([str(code)], count)
        totals = [
            CounterMetricFamily(f"stt_live_{name}", meaning, value=self._totals[name])
            for name, meaning in (
                ("started", "Streams begun"),
                ("resumed", "Streams gone on with after a lost connection"),
                ("samples_damaged", "Samples that were no numbers, of streams that have ended"),
                ("audio_s", "Seconds of sound in streams that have ended"),
            )
        ]
        return live, ended, *totals


def _languages(models: Iterable[Model]) -> frozenset[str]:
    """What at least one tier knows; empty where one knows any."""
    known = [model.languages for model in models]
    return frozenset() if not all(known) else frozenset(code for codes in known for code in codes)
