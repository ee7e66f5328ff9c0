"""What the speech-to-text service costs over the raw engine: `python -m bench.stt`.

A Whisper of the shape of `tiny` (random weights, scripted words: see tools/whisper_fixtures.py), int8, beam 5, a clip
of four seconds, two cores. The peer is faster-whisper called directly, one call a recording, with two workers of one
thread each, in a process of its own in the same run. Services are `antiphon serve stt` over HTTP; the client runs on
the same two cores and is counted against them. Rounds are interleaved, and the median of each is taken.

    full     30 s encoder frames, as Whisper was trained: exactly the raw engine's work
    floor    encoder frames of max(10 s, clip + 2 s), batched
    clip     encoder frames of the clip + 0.5 s, batched

Prints, beside the ratios: processor time a request besides decoding (a recogniser of no cost behind the same front
door), health under load, the answer to silence, throughput beside a foreign busy process, and goodput beyond the knee.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from bench import http_load
from bench.http_load import Load

from antiphon.app import App
from antiphon.audio.wav import encode_wav
from antiphon.config import load

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
from whisper_fixtures import Script, build, made_up

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "bench" / "stt"
LINE = "Hello, I would like to book an appointment for a check-up on Tuesday, please. Thank you very much."
CLIP_S, TOKENS, RATE_HZ, CONCURRENCY = 4.0, 30, 16_000, 16
FRAMES_AIMS = {"full": 0.95, "floor": 3.5, "clip": 5.0}
CALLS = {"raw": 24, "full": 32, "floor": 96, "clip": 128}
"""Requests of a round: some ten seconds each."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service that runs in a process of its own."""

    port: int
    pid: int

    @property
    def cpu_s(self) -> float:
        """Processor time it has used so far, its threads included."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def load(self, request: bytes, **how: Any) -> Load:
        """Send it `request` again and again; see `http_load.run`."""
        return asyncio.run(http_load.run(self.port, request, **how))


@contextlib.contextmanager
def service(command: Sequence[str], settings: Mapping[str, str]) -> Iterator[Service]:
    """`antiphon serve stt` with these settings, ready."""
    open_door = {"AUTH_DISABLED": "1", "RATE_LIMIT_RPS": "10000", "RATE_LIMIT_BURST": "10000"}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **open_door, **settings}
    arguments = [*command, "serve", "stt", "--role", "primary", "--host", "127.0.0.1", "--port", "0", "--json"]
    with (WORK / "service.log").open("ab") as log:
        process = subprocess.Popen(arguments, cwd=WORK, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout is not None
        found = Service(int(json.loads(process.stdout.readline())["url"].rpartition(":")[2]), process.pid)
        while found.load(http_load.get("/v1/ready"), concurrency=1, requests=1).statuses[200] != 1:
            time.sleep(0.1)
        yield found
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


@contextlib.contextmanager
def raw_engine(model: Path, clip: Path) -> Iterator[subprocess.Popen[str]]:
    """The peer, ready for numbers of calls."""
    arguments = [sys.executable, "-m", "bench.peers.raw_whisper", str(model), str(clip)]
    process = subprocess.Popen(arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    assert process.stdin is not None
    process.stdin.close()
    process.wait()


@contextlib.contextmanager
def foreign_core() -> Iterator[None]:
    """Another program that keeps one core busy."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def a_second_raw(peer: subprocess.Popen[str]) -> float:
    """Calls a second of the raw engine."""
    assert peer.stdin is not None
    assert peer.stdout is not None
    peer.stdin.write(f"{CALLS['raw']}\n")
    peer.stdin.flush()
    return CALLS["raw"] / float(peer.stdout.readline())


def whisper(model: Path, frames: str) -> dict[str, str]:
    """Settings of a service over the model."""
    return {
        "CT2_SMALL_PATH": str(model),
        "DEVICE": "cpu",
        "COMPUTE_TYPE": "int8",
        "CPU_THREADS": "1",
        "BEAM_SIZE": "5",
        "MAX_CONCURRENCY": str(CONCURRENCY),
        "ANTIPHON_ENGINES__FASTER_WHISPER__FRAMES": frames,
    }


async def spoken() -> np.ndarray[Any, np.dtype[np.float32]]:
    """Four seconds of our own voice."""
    async with App(load(env={})) as app:
        said = await app.speak_whole(LINE)
    return np.resize(said, int(CLIP_S * RATE_HZ)).astype(np.float32)


def throughput(model: Path, clip: Path, request: bytes, rounds: int) -> dict[str, Any]:
    """Requests a second of each way, as multiples of the raw engine's; the quickest service beside a busy core."""
    rates: dict[str, list[float]] = {name: [] for name in CALLS}
    with contextlib.ExitStack() as exits:
        peer = exits.enter_context(raw_engine(model, clip))
        ways = {frames: exits.enter_context(service([antiphon()], whisper(model, frames))) for frames in FRAMES_AIMS}
        for _ in range(rounds):
            rates["raw"].append(a_second_raw(peer))
            for frames, way in ways.items():
                load_ = way.load(request, concurrency=CONCURRENCY, requests=CALLS[frames])
                assert load_.statuses[200] == CALLS[frames], load_.statuses
                rates[frames].append(load_.good_a_second)
        with foreign_core():
            beside = ways["full"].load(request, concurrency=CONCURRENCY, requests=CALLS["full"]).good_a_second
        health = health_under_load(ways["full"], request)
        collapse = overload(ways["clip"], request)
    median = {name: statistics.median(found) for name, found in rates.items()}
    ratios = {f"{name} / raw": round(rate / median["raw"], 2) for name, rate in median.items()}
    busy = {"beside a busy core / quiet": round(beside / median["full"], 2)}
    return {"a_second": {n: round(r, 2) for n, r in median.items()}} | ratios | busy | health | collapse


def health_under_load(way: Service, request: bytes) -> dict[str, Any]:
    """How long the health check takes while eight recordings are decoded."""

    async def both() -> Load:
        work = asyncio.create_task(http_load.run(way.port, request, concurrency=8, seconds=8))
        await asyncio.sleep(0.5)
        asked = await http_load.run(way.port, http_load.get("/v1/health"), concurrency=1, seconds=6)
        await work
        return asked

    asked = asyncio.run(both())
    return {"health p95 ms at 8": round(asked.percentile_ms(0.95), 1)}


def overload(way: Service, request: bytes) -> dict[str, Any]:
    """Good answers a second at every number of callers, up to far beyond the knee."""
    good = {n: way.load(request, concurrency=n, seconds=6).good_a_second for n in (1, 2, 4, 8, 16, 32, 64, 128)}
    peak = max(good.values())
    knee = next(n for n, rate in good.items() if rate >= 0.9 * peak)
    return {
        "good_a_second": {n: round(rate, 1) for n, rate in good.items()},
        "knee": knee,
        "goodput at twice the knee / peak": round(good[2 * knee] / peak, 2),
        "goodput at 128 callers / peak": round(good[128] / peak, 2),
    }


def besides_decoding(request: bytes, silence: bytes) -> dict[str, Any]:
    """Processor time a request with a recogniser of no cost, and how soon silence is answered."""
    with service([sys.executable, "-m", "bench.free_recogniser"], {"MAX_CONCURRENCY": "8"}) as way:
        way.load(request, concurrency=1, requests=200)
        began_s = way.cpu_s
        way.load(request, concurrency=1, requests=1000)
        cpu_ms = way.cpu_s - began_s
        quiet = way.load(silence, concurrency=1, requests=100)
    return {
        "CPU ms a request besides decoding": round(cpu_ms, 2),
        "silence p95 ms": round(quiet.percentile_ms(0.95), 1),
    }


def antiphon() -> str:
    """The command of this environment."""
    return str(Path(sys.executable).with_name("antiphon"))


def main() -> int:
    """Measure, print one JSON object, compare with the aims."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    WORK.mkdir(parents=True, exist_ok=True)
    model = build(WORK / "tiny", Script(made_up(TOKENS), seconds=0.9 * CLIP_S, logprob=-0.25), shape="tiny")
    samples = asyncio.run(spoken())
    clip = WORK / "clip.wav"
    clip.write_bytes(encode_wav(samples, RATE_HZ))
    request = http_load.post("/v1/transcribe", clip.read_bytes(), language="en")
    silence = http_load.post("/v1/transcribe", encode_wav(np.zeros_like(samples), RATE_HZ), language="en")
    figures = besides_decoding(request, silence) | throughput(model, clip, request, rounds)
    print(json.dumps(figures, indent=2))
    missed = [name for name, (aim, low) in aims().items() if (figures[name] < aim if low else figures[name] > aim)]
    print("missed: " + ", ".join(missed) if missed else "every aim reached")
    return 1 if missed else 0


def aims() -> dict[str, tuple[float, bool]]:
    """The aims, and whether they are least values."""
    least = {f"{frames} / raw": aim for frames, aim in FRAMES_AIMS.items()}
    least |= {"beside a busy core / quiet": 0.45, "goodput at twice the knee / peak": 0.8}
    most = {"CPU ms a request besides decoding": 1.5, "health p95 ms at 8": 20.0, "silence p95 ms": 30.0}
    return {n: (aim, True) for n, aim in least.items()} | {n: (aim, False) for n, aim in most.items()}


if __name__ == "__main__":
    sys.exit(main())
