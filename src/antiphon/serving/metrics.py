"""What gates, worker pools and batchers tell operators, read when somebody asks."""

from collections.abc import Iterable
from typing import Any

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from antiphon.serving.batcher import Batcher
from antiphon.serving.gate import Gate
from antiphon.serving.worker import WorkerPool


class ServingMetrics(Collector):
    """The figures of all gates, pools and batchers of a process, by name."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._gates: dict[str, Gate] = {}
        self._pools: dict[str, WorkerPool] = {}
        self._batchers: dict[str, Batcher[Any, Any, Any]] = {}
        registry.register(self)

    def watch_gate(self, name: str, gate: Gate) -> None:
        """From now on `gate` is part of the figures."""
        self._gates[name] = gate

    def watch_pool(self, name: str, pool: WorkerPool) -> None:
        """From now on `pool` and its gate are part of the figures."""
        self._pools[name] = pool
        self.watch_gate(name, pool.gate)

    def watch_batcher(self, name: str, batcher: Batcher[Any, Any, Any]) -> None:
        """From now on `batcher` is part of the figures."""
        self._batchers[name] = batcher

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
        return running, waiting, refused, lost, *self._batches()

    def _batches(self) -> Iterable[Metric]:
        batches = CounterMetricFamily("batches", "Batches that an engine worked on", labels=["engine"])
        items = CounterMetricFamily("batch_items", "Items that were in them", labels=["engine"])
        waited = CounterMetricFamily("batch_wait_seconds", "Seconds that items waited for a worker", labels=["engine"])
        depth = GaugeMetricFamily("batch_items_waiting", "Items that wait for a worker", labels=["engine"])
        for name, batcher in self._batchers.items():
            batches.add_metric([name], batcher.counts.batches)
            items.add_metric([name], batcher.counts.items)
            waited.add_metric([name], batcher.counts.waited_s)
            depth.add_metric([name], batcher.depth)
        return batches, items, waited, depth
