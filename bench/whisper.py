"""Whisper in batches and with fewer frames, against faster-whisper called once for each request in the same run.

    .venv/bin/python -m bench.whisper
    .venv/bin/python -m bench.whisper --device cuda --shape small --concurrency 1 8 32

Closed loop, no HTTP: so many callers, each with its next clip as soon as it has an answer. The model has Whisper's
shape and says the same words whatever it hears, so every way does the same decoding. Rounds are interleaved; medians.
On a CPU it exits 1 where a limit is missed, and measures also beside a foreign process that keeps one core busy.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from antiphon.engines.stt.faster_whisper_ctranslate2 import FasterWhisper, Options, load
from antiphon.engines.stt.faster_whisper_ctranslate2.weights import cores
from antiphon.events.speech import Hearing, Samples
from antiphon.serving.batcher import BatchCounts

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
from whisper_fixtures import SHAPES, Script, build, made_up

LIMITS = {"full": 0.95, "floor": 3.5, "clip": 5.0}
"""Requests a second as a multiple of faster-whisper's, with 16 callers of a 4 s clip on a CPU."""
LEAST_BESIDE_BUSY = 0.45
"""Requests a second beside a busy core as a share of those without, on two cores."""
Way: TypeAlias = Callable[[int, int], None]
"""Answers so many requests of so many callers."""


def main() -> int:
    """Measure, print, compare with the limits."""
    given = _parser().parse_args()
    samples = np.random.default_rng(0).normal(0, 0.1, int(given.seconds * 16_000)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        script = Script(made_up(given.tokens), seconds=0.9 * given.seconds, logprob=-0.25)
        model = str(build(Path(folder), script, shape=given.shape))
        figures = measure(model, samples, given)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2))
    return verdict(figures) if given.device == "cpu" else 0


def measure(model: str, samples: Samples, given: argparse.Namespace) -> dict[str, Any]:
    """Requests a second of each way at each number of callers, and their ratio to faster-whisper's."""
    compute_type = given.compute_type or ("int8" if given.device == "cpu" else "float16")
    shared = {"model": model, "device": given.device, "compute_type": compute_type, "beam_size": given.beam}
    engines = {
        frames: load(Options(**shared, frames=frames, max_batch=given.max_batch, workers=given.workers))
        for frames in given.frames
    }
    language = None if given.detect else "en"
    ways: dict[str, Way] = {"raw": raw(shared, samples, language, given.workers)}
    ways |= {frames: ours(engine, samples, language) for frames, engine in engines.items()}
    figures: dict[str, Any] = {}
    for callers in given.concurrency:
        figures[str(callers)] = rates(ways, callers, given)
        show(f"{callers} callers", figures[str(callers)])
    if given.device == "cpu" and not given.quiet_only:
        with busy_core():
            figures["busy"] = rates(ways, given.concurrency[-1], given)
            show(f"{given.concurrency[-1]} callers beside a busy core", figures["busy"])
    for frames, engine in engines.items():
        print(f"batches, {frames}: {sizes(engine.batcher.counts)}  windows: {engine.frames}")
        engine.close()
    return figures


def rates(ways: dict[str, Way], callers: int, given: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Medians over interleaved rounds."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for way in ways.values():
        way(2, 2)  # warms up
    for _ in range(given.rounds):
        for name, way in ways.items():
            requests = max(callers, round(given.requests * (1.0 if name in ("raw", "full") else 3.0)))
            began_s, began_cpu_s = time.perf_counter(), time.process_time()
            way(callers, requests)
            took_s, took_cpu_s = time.perf_counter() - began_s, time.process_time() - began_cpu_s
            found[name].append((requests / took_s, 1000 * took_cpu_s / requests))
    raw_s = [rate for rate, _ in found["raw"]]
    return {
        name: {
            "requests_a_second": statistics.median(rate for rate, _ in rounds),
            "cpu_ms_a_request": statistics.median(cpu_ms for _, cpu_ms in rounds),
            "ratio_to_raw": statistics.median(rate / other for (rate, _), other in zip(rounds, raw_s, strict=True)),
        }
        for name, rounds in found.items()
    }


def raw(shared: dict[str, Any], samples: Samples, language: str | None, workers: int) -> Way:
    """faster-whisper as its documentation calls it, from as many threads as it has workers."""
    from faster_whisper import WhisperModel

    workers = workers or (cores() if shared["device"] == "cpu" else 1)
    model = WhisperModel(
        shared["model"],
        device=shared["device"],
        compute_type=shared["compute_type"],
        cpu_threads=1,
        num_workers=workers,
    )

    def call(_: int) -> str:
        segments, _info = model.transcribe(samples, language=language, beam_size=shared["beam_size"], temperature=0.0)
        return "".join(segment.text for segment in segments)

    def way(callers: int, requests: int) -> None:
        with ThreadPoolExecutor(min(callers, workers)) as threads:
            assert all(threads.map(call, range(requests)))

    return way


def ours(engine: FasterWhisper, samples: Samples, language: str | None) -> Way:
    """Our engine, from as many tasks as there are callers."""

    async def caller(left: Iterator[int]) -> None:
        for _ in left:
            assert (await engine.transcribe(samples, Hearing(language=language))).text

    async def all_callers(callers: int, requests: int) -> None:
        left = iter(range(requests))
        async with asyncio.TaskGroup() as tasks:
            for _ in range(callers):
                tasks.create_task(caller(left))

    return lambda callers, requests: asyncio.run(all_callers(callers, requests))


@contextmanager
def busy_core() -> Iterator[None]:
    """A foreign process that computes all the time."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        try:
            yield
        finally:
            process.kill()


def show(title: str, ways: dict[str, dict[str, float]]) -> None:
    """One table."""
    print(f"{title:40} requests/s   CPU ms   times raw")
    for name, figures in ways.items():
        rate, cpu_ms, ratio = figures.values()
        print(f"  {name:38} {rate:10.2f} {cpu_ms:8.0f} {ratio:11.2f}", flush=True)


def sizes(counts: BatchCounts) -> str:
    """How often there was a batch of each size."""
    return ", ".join(f"{times} of {size}" for size, times in sorted(counts.sizes.items()))


def verdict(figures: dict[str, Any]) -> int:
    """0 where all limits that were measured are met."""
    last = list(figures.values())[-2 if "busy" in figures else -1]
    missed = 0
    for name, limit in LIMITS.items():
        if name in last:
            ratio = last[name]["ratio_to_raw"]
            print(f"{name}: {ratio:.2f} times faster-whisper; limit {limit}")
            missed += ratio < limit
    for name in LIMITS if "busy" in figures else ():
        if name in last:
            share = figures["busy"][name]["requests_a_second"] / last[name]["requests_a_second"]
            print(f"{name}, beside a busy core: {100 * share:.0f} % of quiet; limit {100 * LEAST_BESIDE_BUSY:.0f} %")
            missed += share < LEAST_BESIDE_BUSY
    return 1 if missed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--shape", choices=SHAPES, default="tiny")
    parser.add_argument("--compute-type", default="")
    parser.add_argument("--workers", type=int, default=0, help="0: as many as the engine chooses itself")
    parser.add_argument("--max-batch", type=int, default=8)
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="length of the clip")
    parser.add_argument("--tokens", type=int, default=30, help="words said in it")
    parser.add_argument("--frames", nargs="+", choices=("full", "floor", "clip"), default=["full", "floor", "clip"])
    parser.add_argument("--concurrency", nargs="+", type=int, default=[16])
    parser.add_argument("--requests", type=int, default=16, help="of a round; three times as many for quick ways")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--detect", action="store_true", help="let the language be detected")
    parser.add_argument("--quiet-only", action="store_true", help="do not measure beside a busy core")
    parser.add_argument("--json", type=Path)
    return parser


if __name__ == "__main__":
    sys.exit(main())
