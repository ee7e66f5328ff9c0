"""What worker pools and their gates tell operators, read when somebody asks."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from antiphon.serving.worker import WorkerPool


class PoolMetrics(Collector):
    """The figures of all pools of a process, by name."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._pools: dict[str, WorkerPool] = {}
        registry.register(self)

    def watch(self, name: str, pool: WorkerPool) -> None:
        """From now on `pool` is part of the figures."""
        self._pools[name] = pool

    def collect(self) -> Iterable[Metric]:
        """The figures as they are now."""
        running = GaugeMetricFamily("worker_calls_in_flight", "Calls that workers are at", labels=["pool"])
        waiting = GaugeMetricFamily("worker_calls_waiting", "Calls that wait for a worker", labels=["pool"])
        refused = CounterMetricFamily("worker_calls_refused", "Calls that got no worker", labels=["pool", "reason"])
        lost = CounterMetricFamily("workers_lost", "Worker processes lost", labels=["pool", "reason"])
        for name, pool in self._pools.items():
            gate = pool.gate
            running.add_metric([name], gate.in_flight)
            waiting.add_metric([name], gate.depth)
            refused.add_metric([name, "queue_full"], gate.counts.refused_full)
            refused.add_metric([name, "queue_timeout"], gate.counts.refused_late)
            for reason, count in pool.lost.items():
                lost.add_metric([name, reason], count)
        return running, waiting, refused, lost
