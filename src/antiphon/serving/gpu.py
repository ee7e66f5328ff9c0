"""How busy the GPUs of this machine are, by NVIDIA's management library where it is installed and finds any."""

import importlib
from dataclasses import dataclass
from typing import Any

import structlog

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class GpuReading:
    """One GPU at one moment; memory in MiB."""

    index: int
    utilization_pct: float
    memory_used_mb: float
    memory_total_mb: float


class Gpus:
    """The GPUs of this machine."""

    def __init__(self, nvml: Any, count: int) -> None:
        """`nvml` is the initialised library; `find` makes it."""
        self._nvml, self._count = nvml, count

    def read(self) -> tuple[GpuReading, ...]:
        """A reading of each GPU that tells; one that fell off the bus is left out."""
        readings = []
        for index in range(self._count):
            try:
                readings.append(self._read(index))
            except self._nvml.NVMLError as error:
                log.warning("gpu_unreadable", gpu=index, why=str(error))
        return tuple(readings)

    def _read(self, index: int) -> GpuReading:
        handle = self._nvml.nvmlDeviceGetHandleByIndex(index)
        memory = self._nvml.nvmlDeviceGetMemoryInfo(handle)
        busy = self._nvml.nvmlDeviceGetUtilizationRates(handle).gpu
        return GpuReading(index, float(busy), memory.used / 2**20, memory.total / 2**20)


def find() -> Gpus | None:
    """The GPUs of this machine, None where there are none or nothing can tell."""
    try:
        nvml = importlib.import_module("pynvml")
    except ImportError:
        return None
    try:
        nvml.nvmlInit()
        count = nvml.nvmlDeviceGetCount()
    except nvml.NVMLError:
        return None  # no driver, no device
    return Gpus(nvml, count) if count else None
