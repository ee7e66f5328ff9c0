from prometheus_client import CollectorRegistry

from antiphon.serving.metrics import PoolMetrics
from antiphon.serving.worker import WorkerPool


async def test_the_figures_of_a_pool_are_those_of_the_moment() -> None:
    registry = CollectorRegistry()
    pool = WorkerPool("nowhere:nothing", max_queue=0)
    PoolMetrics(registry).watch("tts", pool)

    def figure(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, {"pool": "tts", **labels})

    assert figure("worker_calls_in_flight") == 0
    assert figure("workers_lost_total", reason="crashed") is None
    pool.lost["crashed"] += 2
    pool.gate.counts.refused_full = 3
    async with pool.gate.slot():
        assert figure("worker_calls_in_flight") == 1
    assert figure("worker_calls_in_flight") == 0
    assert figure("worker_calls_waiting") == 0
    assert figure("workers_lost_total", reason="crashed") == 2
    assert figure("worker_calls_refused_total", reason="queue_full") == 3
