"""How long calls take, over the last many: percentiles that may be read from any thread."""

import math
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

WINDOW = 1000
"""Calls that percentiles look back on."""


@dataclass(frozen=True, slots=True)
class LatencySnapshot:
    """The figures of one moment.

    Attributes:
        calls: calls that were answered, since the beginning.
        failures: calls that failed, since the beginning; they have no part in the times.
        window: calls that the percentiles are of.
        p50_s: half of them were answered within; None before the first answer, as the others.
        p95_s: 95 of 100 were.
        p99_s: 99 of 100 were.
        mean_s: of all answered calls since the beginning.
    """

    calls: int
    failures: int
    window: int
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None
    mean_s: float | None


class Latency:
    """Counts calls; any thread may write and read."""

    def __init__(self, window: int = WINDOW) -> None:
        """`window`: calls that percentiles look back on."""
        self._lock = threading.Lock()
        self._recent_s: deque[float] = deque(maxlen=window)
        self._calls = self._failures = 0
        self._sum_s = 0.0

    def answered(self, seconds: float) -> None:
        """A call was answered after `seconds`."""
        with self._lock:
            self._calls += 1
            self._sum_s += seconds
            self._recent_s.append(seconds)

    def failed(self) -> None:
        """A call failed: a refusal is quick, and would flatter the times."""
        with self._lock:
            self._failures += 1

    def snapshot(self) -> LatencySnapshot:
        """The figures now."""
        with self._lock:
            recent_s, calls, failures, sum_s = list(self._recent_s), self._calls, self._failures, self._sum_s
        recent_s.sort()
        return LatencySnapshot(
            calls=calls,
            failures=failures,
            window=len(recent_s),
            p50_s=percentile(recent_s, 50),
            p95_s=percentile(recent_s, 95),
            p99_s=percentile(recent_s, 99),
            mean_s=sum_s / calls if calls else None,
        )


def percentile(ranked: Sequence[float], p: float) -> float | None:
    """The value that `p` of 100 do not exceed, by nearest rank; None of nothing. `ranked` is sorted."""
    if not ranked:
        return None
    return ranked[max(0, math.ceil(len(ranked) * p / 100) - 1)]
