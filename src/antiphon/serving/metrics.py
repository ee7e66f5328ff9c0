"""What gates and worker pools tell operators, read when somebody asks."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from antiphon.serving.gate import Gate
from antiphon.serving.worker import WorkerPool


class ServingMetrics(Collector):
    """The figures of all gates and pools of a process, by name."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._gates: dict[str, Gate] = {}
        self._pools: dict[str, WorkerPool] = {}
        registry.register(self)

    def watch_gate(self, name: str, gate: Gate) -> None:
        """From now on `gate` is part of the figures."""
        self._gates[name] = gate

    def watch_pool(self, name: str, pool: WorkerPool) -> None:
        """From now on `pool` and its gate are part of the figures."""
        self._pools[name] = pool
        self.watch_gate(name, pool.gate)

    def collect(self) -> Iterable[Metric]:
        """The figures as they are now."""
        running = GaugeMetricFamily("calls_in_flight", "Calls that hold a slot of a gate", labels=["gate"])
        waiting = GaugeMetricFamily("calls_waiting", "Calls that wait for a slot", labels=["gate"])
        refused = CounterMetricFamily("calls_refused", "Calls that got no slot", labels=["gate", "reason"])
        for name, gate in self._gates.items():
            running.add_metric([name], gate.in_flight)
            waiting.add_metric([name], gate.depth)
            refused.add_metric([name, "queue_full"], gate.counts.refused_full)
            refused.add_metric([name, "queue_timeout"], gate.counts.refused_late)
        lost = CounterMetricFamily("workers_lost", "Worker processes lost", labels=["pool", "reason"])
        for name, pool in self._pools.items():
            for reason, count in pool.lost.items():
                lost.add_metric([name, reason], count)
        return running, waiting, refused, lost
