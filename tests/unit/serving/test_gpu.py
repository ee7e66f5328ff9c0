"""GPU figures with a management library of the test's own, and their absence without one (B66)."""

import sys
from types import ModuleType, SimpleNamespace

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from antiphon.serving import gpu
from antiphon.stt.metrics import SttMetrics


class FakeNvml(ModuleType):
    """Two GPUs, of which one may have fallen off the bus."""

    class NVMLError(Exception):
        pass

    def __init__(self, count: int = 2, *, driver: bool = True, broken: int | None = None) -> None:
        super().__init__("pynvml")
        self._count, self._driver, self._broken = count, driver, broken

    def nvmlInit(self) -> None:  # noqa: N802 - the library's name
        if not self._driver:
            raise self.NVMLError("driver not loaded")

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return self._count

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:  # noqa: N802
        if index == self._broken:
            raise self.NVMLError("GPU is lost")
        return index

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> SimpleNamespace:  # noqa: N802
        return SimpleNamespace(gpu=40 + handle, memory=7)

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> SimpleNamespace:  # noqa: N802
        return SimpleNamespace(total=24 << 30, used=3 << 30, free=21 << 30)


def exposed() -> str:
    registry = CollectorRegistry()
    SttMetrics(registry)
    return generate_latest(registry).decode()


@pytest.mark.proves("B66")
def test_each_gpu_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", FakeNvml())
    told = exposed()
    assert 'stt_gpu_utilization_pct{gpu="0"} 40.0' in told
    assert 'stt_gpu_utilization_pct{gpu="1"} 41.0' in told
    assert 'stt_gpu_mem_used_mb{gpu="0"} 3072.0' in told
    assert 'stt_gpu_mem_total_mb{gpu="1"} 24576.0' in told


@pytest.mark.proves("B66")
@pytest.mark.parametrize("nvml", [None, FakeNvml(driver=False), FakeNvml(count=0)])
def test_without_a_gpu_the_gauges_are_absent(nvml: FakeNvml | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    assert gpu.find() is None
    assert "stt_gpu" not in exposed()


def test_a_gpu_that_is_lost_does_not_hide_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", FakeNvml(broken=0))
    found = gpu.find()
    assert found is not None
    assert found.read() == (gpu.GpuReading(1, 41.0, 3072.0, 24576.0),)
    registry = CollectorRegistry()
    metrics = SttMetrics(registry)
    assert metrics.snapshot()["gpu"] == [
        {"index": 1, "utilization_pct": 41.0, "mem_used_mb": 3072.0, "mem_total_mb": 24576.0}
    ]
