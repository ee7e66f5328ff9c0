"""`antiphon stt load`: how much a service takes, and where its knee is."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from antiphon.cli.knee import Knee, Load, Plan, find_knee, plan
from antiphon.cli.load_client import target
from antiphon.cli.recordings import Clip, read_clips
from antiphon.cli.script import read_bytes
from antiphon.cli.stt_plots import draw_load
from antiphon.cli.stt_steps import Step, run_steps
from antiphon.errors import AntiphonError, BadInput
from antiphon.sdk import Client

CONCURRENCIES = "1,2,4,8,16,32"
WIDEST = 130
BUSY_CLIENT = 0.5
"""Beyond this share of a core the client may well be what is measured."""


def load(
    url: Annotated[str, typer.Argument(help="Address of the service, such as http://127.0.0.1:8081.")],
    audio: Annotated[Path, typer.Option(help="The recording that is sent, or a folder of which one is taken.")],
    concurrency: Annotated[str, typer.Option(help="Callers at once, step by step.")] = CONCURRENCIES,
    seconds: Annotated[float, typer.Option(help="How long each step takes.", min=0.5, max=3600)] = 15.0,
    key: Annotated[str, typer.Option(help="Bearer key.", envvar="STT_API_KEY")] = "",
    language: Annotated[str, typer.Option(help="Language to ask for; detected when empty.")] = "en",
    rate: Annotated[float, typer.Option(help="Requests a second to plan for; 0 for no plan.", min=0)] = 0.0,
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
        steps = asyncio.run(run_steps(to, Client(url, key, retries=0), counts, seconds, lambda s: bar.advance(task, s)))
    knee = find_knee([Load(step.concurrency, step.goodput_per_s, step.p95_s or 0.0) for step in steps])
    planned = _planned(rate, steps, knee)
    report = {
        "url": url,
        "recording": {"name": clip.name, "duration_s": round(clip.duration_s, 3)},
        "steps": [asdict(step) for step in steps],
        "knee": None if knee is None else asdict(knee),
        "plan": None if planned is None else asdict(planned),
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / "load.json").write_text(json.dumps(report, indent=1), "utf-8")
    picture = _draw(steps, knee, out / "load.png")
    if as_json:
        print(json.dumps(report))
    else:
        _print(clip, steps, [*advice(steps, knee), *([plan_in_words(planned)] if planned else [])])
        print(f"\n{out / 'load.json'}" + (f", {picture}" if picture else ""))
    if knee is None:
        raise typer.Exit(1)


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


def _print(clip: Clip, steps: list[Step], advised: list[str]) -> None:
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
    for sentence in advised:
        console.print(sentence, style="bold")


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
    callers = f"{knee.concurrency} caller{'s' * (knee.concurrency != 1)}"
    if knee.found:
        said = [f"Knee at {callers}: recommended MAX_CONCURRENCY={knee.concurrency}."]
    else:
        said = [f"No knee up to {callers}: go on with more of them."]
    if knee.twice_share is not None:
        said.append(f"Goodput at twice the knee: {100 * knee.twice_share:.0f} % of its peak ({knee.peak_per_s:.1f}/s).")
    if any("429" in step.outcomes for step in steps):
        said.append("The rate limit was in the way (429): raise RATE_LIMIT_RPS and RATE_LIMIT_BURST while measuring.")
    if any(step.client_cpu > BUSY_CLIENT for step in steps):
        said.append("This client used more than half a core: run it on another machine.")
    return said


def plan_in_words(planned: Plan) -> str:
    """A plan as a sentence."""
    services = "1 service" if planned.replicas == 1 else f"{planned.replicas} replicas"
    return (
        f"For {planned.rate_per_s:g} requests a second, {planned.at_once:.1f} of them at once (Little's law):"
        f" {services} of this size."
    )


def _planned(rate_per_s: float, steps: list[Step], knee: Knee | None) -> Plan | None:
    if not rate_per_s or knee is None:
        return None
    mean_s = next(step.mean_s for step in steps if step.concurrency == knee.concurrency)
    return None if mean_s is None else plan(rate_per_s, mean_s, knee.concurrency)


def _whole(value: Any) -> str:
    return "-" if value is None else f"{value:.0f}"
