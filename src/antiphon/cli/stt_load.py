"""`antiphon stt load`: how much a service takes, and where its knee is."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from antiphon.cli.knee import Knee, Load, find_knee
from antiphon.cli.load_client import Answer, Target, target
from antiphon.cli.load_client import load as send
from antiphon.cli.recordings import Clip, read_clips
from antiphon.cli.script import read_bytes
from antiphon.cli.stt_plots import draw_load
from antiphon.errors import AntiphonError, BadInput
from antiphon.sdk import Client
from antiphon.sdk.latency import percentile

CONCURRENCIES = "1,2,4,8,16,32"
SETTLING = 0.1
"""Share of each step that does not count: connections are made, queues fill."""
ASK_S = 1.0
WIDEST = 130
BUSY_CLIENT = 0.5
"""Beyond this share of a core the client may well be what is measured."""


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


@dataclass(slots=True)
class _Gpu:
    percent: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)


def load(
    url: Annotated[str, typer.Argument(help="Address of the service, such as http://127.0.0.1:8081.")],
    audio: Annotated[Path, typer.Option(help="The recording that is sent, or a folder of which one is taken.")],
    concurrency: Annotated[str, typer.Option(help="Callers at once, step by step.")] = CONCURRENCIES,
    seconds: Annotated[float, typer.Option(help="How long each step takes.", min=0.5, max=3600)] = 15.0,
    key: Annotated[str, typer.Option(help="Bearer key.", envvar="STT_API_KEY")] = "",
    language: Annotated[str, typer.Option(help="Language to ask for; detected when empty.")] = "en",
    out: Annotated[Path, typer.Option(help="Folder for the picture and the figures.")] = Path("build/stt-load"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Send one recording again and again, by more and more callers, and find the knee.

    The service's own rate limit must be out of the way (RATE_LIMIT_RPS, RATE_LIMIT_BURST).

    Example: antiphon stt load http://stt-primary:8081 --audio call.wav --concurrency 1,2,4,8,16 --seconds 30
    """
    clip = clip_of(audio)
    to, counts = target(url, key, clip.data, language), _counts(concurrency)
    with Progress(console=Console(stderr=True), transient=True, disable=as_json) as bar:
        task = bar.add_task("callers", total=len(counts) * seconds)
        steps = asyncio.run(_steps(to, Client(url, key, retries=0), counts, seconds, lambda s: bar.advance(task, s)))
    knee = find_knee([Load(step.concurrency, step.goodput_per_s, step.p95_s or 0.0) for step in steps])
    report = {
        "url": url,
        "recording": {"name": clip.name, "duration_s": round(clip.duration_s, 3)},
        "steps": [asdict(step) for step in steps],
        "knee": None if knee is None else asdict(knee),
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / "load.json").write_text(json.dumps(report, indent=1), "utf-8")
    picture = _draw(steps, knee, out / "load.png")
    if as_json:
        print(json.dumps(report))
    else:
        _print(clip, steps, knee)
        print(f"\n{out / 'load.json'}" + (f", {picture}" if picture else ""))
    if knee is None:
        raise typer.Exit(1)


async def _steps(
    to: Target, client: Client, counts: list[int], seconds: float, passed: Callable[[float], None]
) -> list[Step]:
    async with client:
        return [await _step(to, client, count, seconds, passed) for count in counts]


async def _step(to: Target, client: Client, concurrency: int, seconds: float, passed: Callable[[float], None]) -> Step:
    answers, gpu = list[Answer](), _Gpu()
    began_s, began_cpu_s = time.monotonic(), time.process_time()
    watching = asyncio.create_task(_watch(client, gpu, passed))
    try:
        await send(to, concurrency=concurrency, until_s=began_s + seconds, answered=answers.append)
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


def clip_of(audio: Path) -> Clip:
    """The recording that is meant: the file, or the first of a folder.

    Raises:
        NotFound: there is none.
    """
    if audio.is_dir():
        return read_clips(audio, 1)[0]
    data = read_bytes(audio)
    return next((clip for clip in read_clips(audio.parent, 1000) if clip.name == audio.name), Clip(audio.name, data, 0))


def _counts(written: str) -> list[int]:
    try:
        counts = [int(part) for part in written.split(",")]
    except ValueError:
        counts = []
    if not counts or min(counts) < 1 or max(counts) > 4096:
        raise BadInput(f"--concurrency {written!r} is no list of numbers from 1 to 4096.", param="concurrency")
    return counts


def _header_p95(answers: list[Answer], name: str) -> float | None:
    values = [answer.headers.get(name, "") for answer in answers]
    return percentile(sorted(float(value) for value in values if value.isdecimal()), 95)


def _draw(steps: list[Step], knee: Knee | None, path: Path) -> Path | None:
    try:
        draw_load(
            [step.concurrency for step in steps],
            {"transcriptions": [s.goodput_per_s for s in steps], "all answers": [s.per_s for s in steps]},
            {name: [_of(s, name) for s in steps] for name in ("p50", "p95", "p99")},
            knee.concurrency if knee else None,
            path,
        )
    except AntiphonError as error:
        print(f"antiphon: {error.message}")
        return None
    return path


def _of(step: Step, name: str) -> float | None:
    seconds = {"p50": step.p50_s, "p95": step.p95_s, "p99": step.p99_s}[name]
    return None if seconds is None else 1000 * seconds


def _print(clip: Clip, steps: list[Step], knee: Knee | None) -> None:
    # Wider than a narrow window rather than cut: numbers with dots for digits are of no use.
    console = Console(highlight=False, width=max(WIDEST, Console().width))
    table = Table(box=None, title=f"{clip.name}, {clip.duration_s:.1f} s")
    rows = [_row(step) for step in steps]
    told = [name for name in rows[0] if any(row[name] != "-" for row in rows)]
    for name in told:
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*(row[name] for name in told))
    console.print(table)
    console.print("primary, fallback, queue: 95 of 100 took at most so many ms, by the service's headers", style="dim")
    for said in advice(steps, knee):
        console.print(said, style="bold")


def _row(step: Step) -> dict[str, str]:
    """What the table tells of a step, by heading; `-` where nothing is told."""
    errors = ", ".join(f"{code}: {count}" for code, count in step.outcomes.items() if code != "200")
    return {
        "callers": str(step.concurrency),
        "good/s": f"{step.goodput_per_s:.1f}",
        "all/s": f"{step.per_s:.1f}",
        "p50 ms": _whole(_of(step, "p50")),
        "p95 ms": _whole(_of(step, "p95")),
        "p99 ms": _whole(_of(step, "p99")),
        "primary": _whole(step.primary_p95_ms),
        "fallback": _whole(step.fallback_p95_ms),
        "queue": _whole(step.queue_p95_ms),
        "sent on %": f"{100 * step.fallback_rate:.0f}",
        "client CPU %": f"{100 * step.client_cpu:.1f}",
        "GPU %": _whole(step.gpu_percent),
        "GPU MB": _whole(step.gpu_memory_mb),
        "errors": errors or "-",
    }


def advice(steps: list[Step], knee: Knee | None) -> list[str]:
    """What the figures mean, in sentences."""
    if knee is None:
        return ["Nothing was transcribed: there is no knee."]
    if knee.found:
        said = [f"Knee at {knee.concurrency} callers: recommended MAX_CONCURRENCY={knee.concurrency}."]
    else:
        said = [f"No knee up to {knee.concurrency} callers: go on with more of them."]
    if knee.twice_share is not None:
        said.append(f"Goodput at twice the knee: {100 * knee.twice_share:.0f} % of its peak ({knee.peak_per_s:.1f}/s).")
    if any("429" in step.outcomes for step in steps):
        said.append("The rate limit was in the way (429): raise RATE_LIMIT_RPS and RATE_LIMIT_BURST while measuring.")
    if any(step.client_cpu > BUSY_CLIENT for step in steps):
        said.append("This client used more than half a core: run it on another machine.")
    return said


def _whole(value: Any) -> str:
    return "-" if value is None else f"{value:.0f}"
