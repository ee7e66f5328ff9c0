"""`antiphon stt soak`: whether a service stays as it is through many hours of work."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx2
import typer
from rich.console import Console
from rich.progress import Progress

from antiphon.cli.load_client import Answer, load, target
from antiphon.cli.stt_load import clip_of
from antiphon.cli.stt_steps import summed_up
from antiphon.cli.stt_watch import (
    FILES,
    GAUGES,
    MORE_FILES,
    MORE_THREADS,
    RSS,
    TEMPORARY,
    THREADS,
    TREE_RSS,
    Growth,
    Sample,
    growth,
    read_metrics,
    read_process,
    temporary_files,
)
from antiphon.errors import EngineFailed

EXIT_FAILED = 1
REST_S = 10.0
"""How long gauges may take to come back to 0 after the last answer."""
MOST_FAILED = 0.001
UNITS = {RSS: (2**20, "MB"), TREE_RSS: (2**20, "MB")}


@dataclass(frozen=True, slots=True)
class Soak:
    """What is run, and for how long.

    Attributes:
        url: of the service.
        key: bearer key; empty for none.
        recording: that is sent.
        language: that is asked for.
        seconds: in all.
        concurrency: callers at once.
        rate_per_s: requests a second; 0 for as many as there can be.
        warm_up: share of the time after which growth counts.
        growth_mb: growth of memory that is allowed after that.
        every_s: how often is looked.
        pid: of a service on this machine; 0 where it is elsewhere.
        temp: folder whose files are counted; None for none.
    """

    url: str
    key: str
    recording: bytes
    language: str
    seconds: float
    concurrency: int
    rate_per_s: float
    warm_up: float
    growth_mb: float
    every_s: float
    pid: int
    temp: Path | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a long run showed.

    Attributes:
        grown: how memory, files and threads went.
        gauges: those that did not come back to 0, with their value; None where nobody answers any more.
        outcomes: answers by status.
        p95_s: of the transcriptions.
        faults: what is wrong, in sentences; empty when nothing is.
    """

    grown: list[Growth]
    gauges: dict[str, float] | None
    outcomes: dict[str, int]
    p95_s: float | None
    faults: list[str]


def soak(
    url: Annotated[str, typer.Argument(help="Address of the service, such as http://127.0.0.1:8081.")],
    audio: Annotated[Path, typer.Option(help="The recording that is sent, or a folder of which one is taken.")],
    minutes: Annotated[float, typer.Option(help="How long.", min=0.05)] = 20.0,
    concurrency: Annotated[int, typer.Option(help="Callers at once; half the knee of `stt load`.", min=1)] = 1,
    rate: Annotated[float, typer.Option(help="Requests a second; as many as there can be without it.", min=0)] = 0.0,
    key: Annotated[str, typer.Option(help="Bearer key.", envvar="STT_API_KEY")] = "",
    language: Annotated[str, typer.Option(help="Language to ask for; detected when empty.")] = "en",
    warm_up: Annotated[float, typer.Option(help="Share of the time after which growth counts.", min=0, max=0.9)] = 0.25,
    growth_mb: Annotated[float, typer.Option(help="Growth of memory that is allowed after that.")] = 10.0,
    every: Annotated[float, typer.Option(help="Seconds between two looks at the service.", min=0.1)] = 5.0,
    pid: Annotated[int, typer.Option(help="Process of a service on this machine: threads and children too.")] = 0,
    temp: Annotated[Path | None, typer.Option(help="Folder of the service's temporary files.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for what was seen.")] = Path("build/stt-soak"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON.")] = False,
) -> None:
    """Keep a service busy and watch its memory, files, threads and gauges; exits 1 if any went on growing.

    Example: antiphon stt soak http://stt-primary:8081 --audio call.wav --minutes 120 --concurrency 4
    """
    recording = clip_of(audio).data
    wanted = Soak(url, key, recording, language, 60 * minutes, concurrency, rate, warm_up, growth_mb, every, pid, temp)
    with Progress(console=Console(stderr=True), transient=True, disable=as_json) as bar:
        task = bar.add_task("soaking", total=wanted.seconds)
        verdict, samples = asyncio.run(run(wanted, lambda at_s: bar.update(task, completed=at_s)))
    out.mkdir(parents=True, exist_ok=True)
    report = {**asdict(verdict), "samples": [asdict(sample) for sample in samples]}
    (out / "soak.json").write_text(json.dumps(report, indent=1), "utf-8")
    print(json.dumps(asdict(verdict)) if as_json else _told(verdict))
    if verdict.faults:
        raise typer.Exit(EXIT_FAILED)


async def run(wanted: Soak, passed: Callable[[float], Any]) -> tuple[Verdict, list[Sample]]:
    """Keep a service busy, and judge what was seen of it."""
    answers, samples, began_s = list[Answer](), list[Sample](), time.monotonic()
    outcomes = Counter[str]()

    def answered(answer: Answer) -> None:
        outcomes[answer.outcome] += 1
        if len(answers) < 100_000:
            answers.append(answer)

    async with httpx2.AsyncClient(timeout=10.0, trust_env=False) as http:
        watching = asyncio.create_task(_watch(http, wanted, began_s, samples, passed))
        try:
            await load(
                target(wanted.url, wanted.key, wanted.recording, wanted.language),
                concurrency=wanted.concurrency,
                until_s=began_s + wanted.seconds,
                answered=answered,
                rate_per_s=wanted.rate_per_s,
            )
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        gauges = await _at_rest(http, wanted)
    p95_s = summed_up(answers, wanted.concurrency, began_s, time.monotonic()).p95_s
    grown = _grown(samples, wanted)
    return Verdict(grown, gauges, dict(outcomes), p95_s, _faults(grown, gauges, outcomes)), samples


async def _watch(
    http: httpx2.AsyncClient, wanted: Soak, began_s: float, samples: list[Sample], passed: Callable[[float], Any]
) -> None:
    while True:
        try:
            values = await _look(http, wanted)
        except (httpx2.HTTPError, EngineFailed):
            pass  # a service that does not answer shows in the outcomes
        else:
            samples.append(Sample(time.monotonic() - began_s, values))
        passed(time.monotonic() - began_s)
        await asyncio.sleep(wanted.every_s)


async def _look(http: httpx2.AsyncClient, wanted: Soak) -> dict[str, float]:
    headers = {"Authorization": f"Bearer {wanted.key}"} if wanted.key else {}
    answer = await http.get(f"{wanted.url.rstrip('/')}/metrics", headers=headers)
    answer.raise_for_status()
    values = read_metrics(answer.text)
    if wanted.pid:
        values |= read_process(wanted.pid)
    if wanted.temp is not None:
        values[TEMPORARY] = float(await asyncio.to_thread(temporary_files, wanted.temp))
    return values


async def _at_rest(http: httpx2.AsyncClient, wanted: Soak) -> dict[str, float] | None:
    """The gauges that are not 0 when nobody calls any more, after some time to get there; None of a dead service."""
    until_s = time.monotonic() + REST_S
    while True:
        try:
            values = await _look(http, wanted)
        except (httpx2.HTTPError, EngineFailed):
            return None
        busy = {name: values[name] for name in GAUGES if values.get(name)}
        if not busy or time.monotonic() > until_s:
            return busy
        await asyncio.sleep(0.2)


def _grown(samples: list[Sample], wanted: Soak) -> list[Growth]:
    limits = {
        RSS: wanted.growth_mb * 2**20,
        TREE_RSS: wanted.growth_mb * 2**20,
        FILES: MORE_FILES,
        THREADS: MORE_THREADS,
        TEMPORARY: 0.0,
    }
    found = [growth(samples, name, wanted.warm_up * wanted.seconds, limit) for name, limit in limits.items()]
    return [one for one in found if one is not None]


def _faults(grown: list[Growth], gauges: dict[str, float] | None, outcomes: Counter[str]) -> list[str]:
    faults = [
        f"{_name(one.name)} went from {_in_units(one, one.first)} to {_in_units(one, one.last)}"
        for one in grown
        if not one.ok
    ]
    faults += ["the service does not answer any more"] if gauges is None else []
    faults += [f"{name} is {value:g} at rest" for name, value in (gauges or {}).items()]
    if not any(one.name == RSS for one in grown):
        faults.append("memory was seen too rarely to tell")
    failed = {code: count for code, count in outcomes.items() if code != "200"}
    if not outcomes["200"]:
        faults.append("nothing was transcribed")
    elif sum(failed.values()) > MOST_FAILED * outcomes.total():
        faults.append("answers failed: " + ", ".join(f"{code}: {count}" for code, count in sorted(failed.items())))
    return faults


def _told(verdict: Verdict) -> str:
    lines = [
        f"{_name(one.name):16} {_in_units(one, one.first)} → {_in_units(one, one.last)}, "
        f"{_in_units(one, one.per_hour)} an hour{'' if one.ok else '  ✗'}"
        for one in verdict.grown
    ]
    times = "" if verdict.p95_s is None else f", p95 {1000 * verdict.p95_s:.0f} ms"
    lines.append(", ".join(f"{count} × {code}" for code, count in sorted(verdict.outcomes.items())) + times)
    return "\n".join([*lines, *(f"✗ {fault}" for fault in verdict.faults)] if verdict.faults else [*lines, "✓ steady"])


def _name(name: str) -> str:
    return name.removesuffix("_bytes").replace("_", " ")


def _in_units(one: Growth, value: float) -> str:
    scale, unit = UNITS.get(one.name, (1, ""))
    return f"{value / scale:.1f} {unit}".rstrip()
