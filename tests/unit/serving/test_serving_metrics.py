from prometheus_client import CollectorRegistry

from antiphon.serving.batcher import Batcher
from antiphon.serving.gate import Gate
from antiphon.serving.metrics import ServingMetrics
from antiphon.serving.worker import WorkerPool


async def test_the_figures_of_a_gate_are_those_of_the_moment() -> None:
    registry = CollectorRegistry()
    gate = Gate(1, max_queue=0)
    ServingMetrics(registry).watch_gate("recordings", gate)

    def figure(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, {"gate": "recordings", **labels})

    assert figure("calls_in_flight") == 0
    gate.counts.refused_full = 3
    async with gate.slot():
        assert figure("calls_in_flight") == 1
    assert figure("calls_in_flight") == 0
    assert figure("calls_waiting") == 0
    assert figure("calls_refused_total", reason="queue_full") == 3


def test_lost_workers_are_counted_by_pool_and_reason() -> None:
    registry = CollectorRegistry()
    pool = WorkerPool("nowhere:nothing")
    ServingMetrics(registry).watch_pool("tts", pool)
    labels = {"pool": "tts", "reason": "crashed"}
    assert registry.get_sample_value("workers_lost_total", labels) is None
    pool.lost["crashed"] += 2
    assert registry.get_sample_value("workers_lost_total", labels) == 2
    assert registry.get_sample_value("calls_in_flight", {"gate": "tts"}) == 0, "its gate is watched too"


async def test_batches_are_counted_by_engine() -> None:
    registry = CollectorRegistry()
    batcher = Batcher[str, int, int](list, largest=lambda _: 4)
    ServingMetrics(registry).watch_batcher("stt", batcher)
    for _ in range(3):
        await batcher.submit(1, "")

    def figure(name: str) -> float | None:
        return registry.get_sample_value(name, {"engine": "stt"})

    assert (figure("batches_total"), figure("batch_items_total"), figure("batch_items_waiting")) == (3, 3, 0)
    assert figure("batch_wait_seconds_total") == batcher.counts.waited_s
