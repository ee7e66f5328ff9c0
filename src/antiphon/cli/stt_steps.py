"""Load in steps: some callers at once for some time, and what came of it."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from antiphon.cli.load_client import Answer, Target, load
from antiphon.errors import AntiphonError
from antiphon.sdk import Client
from antiphon.sdk.latency import percentile

SETTLING = 0.1
"""Share of each step that does not count: connections are made, queues fill."""
ASK_S = 1.0


@dataclass(slots=True)
class Step:
    """What came of some callers at once.

    Attributes:
        concurrency: those.
        seconds: that counted.
        outcomes: answers by status, or `connection_lost`, `no_answer`.
        per_s: answers of any kind a second.
        goodput_per_s: transcriptions a second.
        p50_s: of the transcriptions, from sending to the last byte; as `p95_s` and `p99_s`.
        primary_p95_ms: of X-Primary-Infer-ms; as the other headers.
        fallback_rate: share of the transcriptions that the fallback tier gave.
        client_cpu: share of a core that this client used.
        gpu_percent: mean load of the busiest GPU, where the service tells.
        gpu_memory_mb: most memory used on it.
        mean_s: of the transcriptions, as `p50_s`.
    """

    concurrency: int
    seconds: float
    outcomes: dict[str, int]
    per_s: float
    goodput_per_s: float
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None
    primary_p95_ms: float | None
    fallback_p95_ms: float | None
    queue_p95_ms: float | None
    fallback_rate: float
    client_cpu: float
    gpu_percent: float | None = None
    gpu_memory_mb: float | None = None
    mean_s: float | None = None


@dataclass(slots=True)
class _Gpu:
    percent: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)


async def run_steps(
    to: Target, client: Client, counts: list[int], seconds: float, passed: Callable[[float], None]
) -> list[Step]:
    """Every step, one after the other; `client` asks about GPUs, `passed` is told of seconds gone by."""
    async with client:
        return [await _step(to, client, count, seconds, passed) for count in counts]


async def _step(to: Target, client: Client, concurrency: int, seconds: float, passed: Callable[[float], None]) -> Step:
    answers, gpu = list[Answer](), _Gpu()
    began_s, began_cpu_s = time.monotonic(), time.process_time()
    watching = asyncio.create_task(_watch(client, gpu, passed))
    try:
        await load(to, concurrency=concurrency, until_s=began_s + seconds, answered=answers.append)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    cpu = (time.process_time() - began_cpu_s) / (time.monotonic() - began_s)
    step = summed_up(answers, concurrency, began_s + SETTLING * seconds, began_s + seconds)
    step.client_cpu = cpu
    if gpu.percent:
        step.gpu_percent = sum(gpu.percent) / len(gpu.percent)
        step.gpu_memory_mb = max(gpu.memory_mb)
    return step


def summed_up(answers: list[Answer], concurrency: int, from_s: float, to_s: float) -> Step:
    """The figures of the answers that came between two moments.

    Where a transcription takes longer than that, answers that came later count too, with the time that they took.
    """
    if any(from_s <= answer.at_s <= to_s for answer in answers):
        counted = [answer for answer in answers if from_s <= answer.at_s <= to_s]
    else:
        counted, to_s = answers, max((answer.at_s for answer in answers), default=to_s)
    good = [answer for answer in counted if answer.outcome == "200"]
    seconds = max(to_s - from_s, 1e-9)
    took_s = sorted(answer.took_s for answer in good)
    return Step(
        concurrency=concurrency,
        seconds=seconds,
        outcomes=dict(sorted(Counter(answer.outcome for answer in counted).items())),
        per_s=len(counted) / seconds,
        goodput_per_s=len(good) / seconds,
        p50_s=percentile(took_s, 50),
        p95_s=percentile(took_s, 95),
        p99_s=percentile(took_s, 99),
        primary_p95_ms=_header_p95(good, "x-primary-infer-ms"),
        fallback_p95_ms=_header_p95(good, "x-fallback-infer-ms"),
        queue_p95_ms=_header_p95(good, "x-queue-wait-ms"),
        fallback_rate=sum(a.headers.get("x-fallback-used") == "true" for a in good) / max(1, len(good)),
        client_cpu=0.0,
        mean_s=sum(took_s) / len(took_s) if took_s else None,
    )


async def _watch(client: Client, gpu: _Gpu, passed: Callable[[float], None]) -> None:
    """Move the bar, and note what the service tells of its GPUs, while a step lasts."""
    while True:
        await asyncio.sleep(ASK_S)
        passed(ASK_S)
        try:
            found = (await client.metrics(deadline_s=2.0)).get("gpu")
        except AntiphonError:
            continue
        readings = [reading for reading in found if isinstance(reading, dict)] if isinstance(found, list) else []
        if readings:
            gpu.percent.append(max(float(reading.get("utilization_pct", 0.0)) for reading in readings))
            gpu.memory_mb.append(max(float(reading.get("memory_used_mb", 0.0)) for reading in readings))


def _header_p95(answers: list[Answer], name: str) -> float | None:
    values = [answer.headers.get(name, "") for answer in answers]
    return percentile(sorted(float(value) for value in values if value.isdecimal()), 95)
