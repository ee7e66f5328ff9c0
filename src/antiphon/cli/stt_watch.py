"""What a long run is watched for: memory, files and threads of the service, and whether they go on growing."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from prometheus_client.parser import text_string_to_metric_families

from antiphon.errors import EngineFailed

GAUGES = ("stt_in_flight", "stt_queue_depth", "calls_in_flight", "calls_waiting")
"""What must be 0 again when nobody calls."""
RSS, FILES, TREE_RSS, THREADS, TEMPORARY = "rss_bytes", "open_files", "tree_rss_bytes", "threads", "temporary_files"
MORE_FILES, MORE_THREADS = 8.0, 4.0
"""Growth over a run that is none: connections come and go, and pools fill up."""
MOST_POINTS = 500
"""Slopes are taken between all pairs of so many moments."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """The service at one moment: seconds since the beginning, and values by name."""

    at_s: float
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Growth:
    """How a value went, after warm-up.

    Attributes:
        name: of the value.
        first: its level when warm-up was over, the median of the first tenth.
        last: its level at the end, the median of the last tenth.
        per_hour: the slope: median of the slopes between all pairs of moments, which outliers do not bend.
        limit: growth that is allowed over the run.
        ok: whether neither the level nor the slope grew by more.
    """

    name: str
    first: float
    last: float
    per_hour: float
    limit: float
    ok: bool


def read_metrics(text: str) -> dict[str, float]:
    """The values of a `/metrics` page that a long run is watched for.

    Raises:
        EngineFailed: it holds no memory figure.
    """
    sums = dict[str, float]()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name in (*GAUGES, "process_resident_memory_bytes", "process_open_fds"):
                sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
    if "process_resident_memory_bytes" not in sums:
        raise EngineFailed("/metrics tells no process_resident_memory_bytes.", code="bad_answer")
    sums[RSS] = sums.pop("process_resident_memory_bytes")
    sums[FILES] = sums.pop("process_open_fds", math.nan)
    return sums


def read_process(pid: int, proc: Path = Path("/proc")) -> dict[str, float]:
    """Memory and threads of a local process with all its children, where this machine tells; nothing otherwise."""
    rss, threads = 0.0, 0.0
    for one in _tree(pid, proc):
        try:
            status = (proc / str(one) / "status").read_text()
        except OSError:
            continue  # ended meanwhile
        fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        rss += 1024 * float(fields.get("VmRSS", "0 kB").split()[0])
        threads += float(fields.get("Threads", "0"))
    return {TREE_RSS: rss, THREADS: threads} if rss else {}


def growth(samples: Sequence[Sample], name: str, warm_up_s: float, limit: float) -> Growth | None:
    """How a value went after `warm_up_s`; None where it was seen too rarely to tell.

    The level is what counts, and the slope over the whole run: memory that goes up and down within a run is fine, and
    one late spike is no leak.
    Source: Sen, "Estimates of the Regression Coefficient Based on Kendall's Tau", 1968.
    """
    late = [(sample.at_s, sample.values.get(name, math.nan)) for sample in samples if sample.at_s >= warm_up_s]
    told = [(at_s, value) for at_s, value in late if not math.isnan(value)]
    if len(told) < 3:
        return None
    at_s, values = np.array(told).T
    tenth = max(1, len(values) // 10)
    first, last = float(np.median(values[:tenth])), float(np.median(values[-tenth:]))
    per_s = _slope(at_s, values)
    grown = per_s * float(at_s[-1] - at_s[0])
    return Growth(name, first, last, 3600 * per_s, limit, ok=min(grown, last - first) <= limit)


def _slope(at_s: Floats, values: Floats) -> float:
    thinned = slice(None, None, max(1, len(values) // MOST_POINTS))
    at_s, values = at_s[thinned], values[thinned]
    first, second = np.triu_indices(len(values), 1)
    return float(np.median((values[second] - values[first]) / np.maximum(at_s[second] - at_s[first], 1e-9)))


def _tree(pid: int, proc: Path) -> list[int]:
    found = [pid]
    for one in found:
        for children in (proc / str(one) / "task").glob("*/children"):
            try:
                found += [int(child) for child in children.read_text().split()]
            except OSError:
                continue
    return found


def temporary_files(folder: Path) -> int:
    """How many files lie under a folder."""
    return sum(len(files) for _, _, files in os.walk(folder))
