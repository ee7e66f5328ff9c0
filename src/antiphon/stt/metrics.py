"""What operators see of speech-to-text: Prometheus figures under their fixed names, and a snapshot for people."""

import math
from collections import Counter as Tally
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from antiphon.clock import Clock, SystemClock
from antiphon.errors import (
    AtCapacity,
    BadAudio,
    BadInput,
    EngineFailed,
    EngineUnavailable,
    FallbackFailed,
    TimedOut,
    TooLong,
)
from antiphon.serving import gpu
from antiphon.serving.gate import Gate
from antiphon.stt.account import Account, Routing

BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 10.0, 20.0, 30.0, 65.0)
"""With an edge at 1.0 s, where the objective lies."""
CLIP_EDGES_S = (10.0, 30.0, 120.0)
ROLLING = 1000
"""Answers that the snapshot's percentiles look back on."""
EXCEPTIONS = (FallbackFailed, AtCapacity, BadAudio, TooLong, BadInput, EngineFailed, EngineUnavailable, TimedOut)
"""Kinds of failure that are told apart, the special before the general."""
GPU_GAUGES = {
    "utilization_pct": "Share of time in which the GPU computed",
    "mem_used_mb": "GPU memory in use, in MiB",
    "mem_total_mb": "GPU memory there is, in MiB",
}
GONE = "ClientGone"
OTHER = "Other"

StatusOf = Callable[[BaseException | None], str]


def outcome(error: BaseException | None) -> str:
    """How a request ended, where nobody has said what that is over HTTP."""
    if error is None:
        return "ok"
    return "refused" if isinstance(error, BadInput) else "failed"


class SttMetrics:
    """Counts what services of one process do."""

    def __init__(
        self,
        registry: CollectorRegistry,
        *,
        commit: str = "",
        status_of: StatusOf = outcome,
        clock: Clock | None = None,
    ) -> None:
        """Register the figures.

        Args:
            registry: where they are kept.
            commit: the deployed version, for the snapshot.
            status_of: what `status` says of a request that ended so; the gateway knows HTTP.
            clock: where time comes from.
        """
        self._commit, self._status_of = commit, status_of
        self._clock = clock or SystemClock()
        self._began_s = self._clock.monotonic_s()
        self._totals_s: deque[float] = deque(maxlen=ROLLING)
        self._tally: Tally[str] = Tally()
        self._gates: list[Gate] = []
        self._gpus = gpu.find()
        if self._gpus is not None:
            registry.register(_GpuGauges(self._gpus))
        # The client library appends `_total` to a counter's name, and no unit to anything.
        self._requests = Counter("stt_requests", "Requests that ended", ("endpoint", "status"), registry=registry)
        self._exceptions = Counter(
            "stt_requests_exceptions", "Requests that failed", ("endpoint", "type"), registry=registry
        )
        self._fallback = Counter("stt_fallback", "Requests that were routed", ("result",), registry=registry)
        self._degraded = Counter("stt_degraded", "Answers below the engine's best", ("reason",), registry=registry)
        for result in Routing:
            self._fallback.labels(result)
        self._total = _histogram("stt_request_total_seconds", "From call to answer", registry, ("dur_bucket",))
        self._primary = _histogram("stt_primary_infer_seconds", "Work of the primary tier", registry)
        self._second = _histogram("stt_fallback_infer_seconds", "Fallback tier, with its way there", registry)
        self._queue = _histogram("stt_queue_wait_seconds", "Wait for a slot of the primary tier", registry)
        depth = Gauge("stt_queue_depth", "Requests that wait for a slot", registry=registry)
        depth.set_function(lambda: float(self._waiting))
        in_flight = Gauge("stt_in_flight", "Requests that hold a slot", registry=registry)
        in_flight.set_function(lambda: float(self._running))

    def watch(self, gate: Gate) -> None:
        """From now on `gate` is part of the gauges."""
        self._gates.append(gate)

    def ended(
        self, account: Account, degraded: Sequence[str] = (), error: BaseException | None = None, status: str = ""
    ) -> None:
        """A request has ended: with an answer that was `degraded` in these ways, or with `error`.

        `status` is what it was answered with, where that is known already.
        """
        account.counted = True
        if account.void:
            return
        self._requests.labels(account.endpoint, status or self._status_of(error)).inc()
        self._tally["requests"] += 1
        if error is not None:
            self._exceptions.labels(account.endpoint, _kind(error)).inc()
            self._tally["errors"] += 1
        if account.routing is not None:
            self._fallback.labels(account.routing).inc()
            self._tally[account.routing] += 1
        for reason in degraded:
            self._degraded.labels(reason).inc()
        self._observe(account)

    def snapshot(self) -> dict[str, Any]:
        """The figures of this process as plain data."""
        requests = self._tally["requests"]
        fallback: dict[str, Any] = {str(result): self._tally[result] for result in Routing}
        fallback["rate"] = self._tally[Routing.USED] / requests if requests else 0.0
        return {
            "commit": self._commit,
            "uptime_s": round(self._clock.monotonic_s() - self._began_s, 3),
            "requests": requests,
            "errors": self._tally["errors"],
            "fallback": fallback,
            "latency_ms": _percentiles_ms(self._totals_s),
            "queue": {"depth": self._waiting, "in_flight": self._running},
            "gpu": self._gpu_snapshot(),
        }

    def _gpu_snapshot(self) -> list[dict[str, float]] | None:
        if self._gpus is None:
            return None
        return [{"index": r.index, **_figures(r)} for r in self._gpus.read()]

    @property
    def _waiting(self) -> int:
        return sum(gate.depth for gate in self._gates)

    @property
    def _running(self) -> int:
        return sum(gate.in_flight for gate in self._gates)

    def _observe(self, account: Account) -> None:
        if account.audio_s is not None:
            # A body that held no recording has no length, and its quick refusal says nothing of clips.
            self._totals_s.append(account.total_s)
            self._total.labels(clip(account.audio_s)).observe(account.total_s)
        if account.primary_s is not None:
            self._primary.observe(account.primary_s)
        if account.primary_s is not None or account.queue_wait_s > 0:
            self._queue.observe(account.queue_wait_s)  # in vain as well
        if account.fallback_s is not None:
            self._second.observe(account.fallback_s)


class _GpuGauges(Collector):
    """The GPUs, read when somebody asks; registered only where there are any (B66: absent, not 0)."""

    def __init__(self, gpus: gpu.Gpus) -> None:
        self._gpus = gpus

    def collect(self) -> Iterable[Metric]:
        """The figures as they are now."""
        gauges = {
            name: GaugeMetricFamily(f"stt_gpu_{name}", meaning, labels=["gpu"]) for name, meaning in GPU_GAUGES.items()
        }
        for reading in self._gpus.read():
            for name, value in _figures(reading).items():
                gauges[name].add_metric([str(reading.index)], value)
        return gauges.values()


def _figures(reading: gpu.GpuReading) -> dict[str, float]:
    return {
        "utilization_pct": reading.utilization_pct,
        "mem_used_mb": round(reading.memory_used_mb, 1),
        "mem_total_mb": round(reading.memory_total_mb, 1),
    }


def clip(audio_s: float) -> str:
    """The label of a recording's length (P-10)."""
    return next((f"le{edge:.0f}" for edge in CLIP_EDGES_S if audio_s <= edge), f"gt{CLIP_EDGES_S[-1]:.0f}")


def _kind(error: BaseException) -> str:
    if isinstance(error, Exception):
        return next((kind.__name__ for kind in EXCEPTIONS if isinstance(error, kind)), OTHER)
    return GONE


def _percentiles_ms(seconds: Sequence[float]) -> dict[str, float | None]:
    """Nearest-rank percentiles; None before the first answer."""
    ranked = sorted(seconds)
    return {
        f"p{p}": round(ranked[max(0, math.ceil(len(ranked) * p / 100) - 1)] * 1000, 3) if ranked else None
        for p in (50, 95, 99)
    }


def _histogram(name: str, meaning: str, registry: CollectorRegistry, labels: Sequence[str] = ()) -> Histogram:
    return Histogram(name, meaning, labels, buckets=BUCKETS_S, registry=registry)
