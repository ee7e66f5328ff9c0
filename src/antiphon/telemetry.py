"""What operators see of a running process: log lines, a metrics registry, and how late the event loop runs.

Log lines have a static event name and facts as key-values; ids are bound with
`structlog.contextvars.bound_contextvars(conversation_id=...)` and then stand in every line below. Words a caller said,
names and numbers go only under keys that start with `pii.`; those are dropped unless the operator turned them on.
"""

import asyncio
import logging
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from types import NoneType, TracebackType
from typing import Any, Self, TextIO, TypeAlias

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

from antiphon.clock import Clock, SystemClock
from antiphon.settings import setting

PII_PREFIX = "pii."
"""Keys under this prefix hold what a caller said or what identifies a caller."""

Event: TypeAlias = MutableMapping[str, Any]
Processor: TypeAlias = Callable[[Any, str, Event], Any]

LOST_LINES = Counter("log_lines_lost", "Log lines that could not be written", registry=None)
"""Counted once for the process, as its log is: every registry of `new_registry` shows it."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How log lines are written."""

    level: str = setting("info", "least severe line written", choices=("debug", "info", "warning", "error"))
    format: str = setting("auto", "auto is console on a terminal, else json", choices=("auto", "console", "json"))
    pii: bool = setting(False, "write what callers said (keys under `pii.`); for debugging with consent only")


def configure_logging(settings: LogSettings | None = None, stream: TextIO | None = None) -> None:
    """Send the lines of this process, libraries' included, to `stream` (standard error by default)."""
    settings = settings or LogSettings()
    stream = stream or sys.stderr
    as_json = settings.format == "json" or (settings.format == "auto" and not stream.isatty())
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *(() if settings.pii else (drop_pii,)),
    ]
    final = _json_processors() if as_json else _console_processors(colors=stream.isatty())
    structlog.configure(
        processors=[*shared, *final],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Lines(stream),
        cache_logger_on_first_use=False,
    )
    _adopt_standard_logging(shared, final, stream, level)


class _Lines(structlog.WriteLogger):
    """Writes lines; one that a full disk or a lost reader leaves unwritten is counted, not its caller's failure."""

    def msg(self, message: str) -> None:
        try:
            super().msg(message)
        except (OSError, ValueError):  # ValueError is how a closed stream says so
            LOST_LINES.inc()

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


_PLAIN = (str, int, float, NoneType, bytes, bytearray)


def drop_pii(_logger: Any, _method: str, event: Event) -> Event:
    """Remove every key that starts with `pii.`, at any depth of mappings and sequences."""
    return {key: _without_pii(value) for key, value in event.items() if not _is_pii(key)}


def _is_pii(key: Any) -> bool:
    return isinstance(key, str) and key.startswith(PII_PREFIX)


def _without_pii(value: Any) -> Any:
    if isinstance(value, _PLAIN):  # nearly every value is, and asking whether it is a mapping costs many times as much
        return value
    if isinstance(value, Mapping):
        return {key: _without_pii(inner) for key, inner in value.items() if not _is_pii(key)}
    if isinstance(value, Sequence):
        return [_without_pii(inner) for inner in value]
    return value


def _json_processors() -> list[Processor]:
    # Locals of a failing frame may hold what a caller said, so they are never part of a traceback.
    tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return [structlog.processors.ExceptionRenderer(tracebacks), structlog.processors.JSONRenderer()]


def _console_processors(*, colors: bool) -> list[Processor]:
    renderer = structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback)
    return [_escape_controls, renderer]


def _escape_controls(_logger: Any, _method: str, event: Event) -> Event:
    """Keep one line one line: control characters of a value would let its author forge lines or drive a terminal."""
    return {key: _escaped(value) if key != "exc_info" else value for key, value in event.items()}


def _escaped(value: Any) -> Any:
    if not isinstance(value, str) or value.isprintable():
        return value
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in value)


def _adopt_standard_logging(shared: list[Processor], final: list[Processor], stream: TextIO, level: int) -> None:
    remove_meta: Processor = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[remove_meta, *final]),
    )
    logging.basicConfig(handlers=[handler], level=max(level, logging.INFO), force=True)


def new_registry() -> CollectorRegistry:
    """A metrics registry of its own, with the figures of the process; an application makes one and passes it on."""
    # A series more for each counter and histogram, told as a gauge, that tells nothing but when a label first came up.
    disable_created_metrics()  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    registry.register(LOST_LINES)
    return registry


class LoopWatch:
    """Measures how late the event loop runs, and names the task that blocks it.

    Used as an async context manager for as long as the process serves. The loop stamps a beat; a thread of its own
    looks whether the beats keep coming, since a blocked loop cannot report itself.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        *,
        beat_s: float = 0.25,
        blocked_s: float = 2.0,
        clock: Clock | None = None,
    ) -> None:
        self._beat_s = beat_s
        self._blocked_s = blocked_s
        self._clock = clock or SystemClock()
        self._lag = Gauge("event_loop_lag_seconds", "How late the event loop ran its last beat", registry=registry)
        self._blocked = Counter("event_loop_blocked", "Times the event loop stood still", registry=registry)
        self._last_beat_s = self._clock.monotonic_s()
        self._stop = threading.Event()

    async def __aenter__(self) -> Self:
        """Begin to watch the running loop."""
        self._last_beat_s = self._clock.monotonic_s()
        self._beats = asyncio.create_task(self._beat(), name="event-loop-beat")
        self._thread = threading.Thread(
            target=self._watch,
            args=(asyncio.get_running_loop(), threading.get_ident()),
            name="event-loop-watch",
            daemon=True,
        )
        self._thread.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop watching."""
        self._stop.set()
        self._beats.cancel()
        await asyncio.to_thread(self._thread.join)

    async def _beat(self) -> None:
        while True:
            due_s = self._clock.monotonic_s() + self._beat_s
            await asyncio.sleep(self._beat_s)
            self._last_beat_s = self._clock.monotonic_s()
            self._lag.set(max(0.0, self._last_beat_s - due_s))

    def _watch(self, loop: asyncio.AbstractEventLoop, thread_id: int) -> None:
        reported_beat_s = None
        while not self._stop.wait(self._beat_s):
            beat_s = self._last_beat_s
            still_s = self._clock.monotonic_s() - beat_s
            if still_s > self._blocked_s and beat_s != reported_beat_s:
                reported_beat_s = beat_s
                self._blocked.inc()
                where = _where(thread_id)
                log.error("event_loop_blocked", blocked_s=round(still_s, 1), task=_task(loop), where=where)


def _task(loop: asyncio.AbstractEventLoop) -> str:
    task = asyncio.current_task(loop)
    return task.get_name() if task else ""


def _where(thread_id: int, frames: int = 5) -> list[str]:
    """The innermost frames of a thread as `file:line function`, innermost last; never their locals."""
    frame = sys._current_frames().get(thread_id)
    if frame is None:
        return []
    stack = traceback.extract_stack(frame)[-frames:]
    return [f"{entry.filename.rpartition('/')[2]}:{entry.lineno} {entry.name}" for entry in stack]
