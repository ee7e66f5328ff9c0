"""Live sessions a CPU can hold: Antiphon's realtime session against pipecat's pipeline of the same shape.

    .venv/bin/python -m bench.sessions [--json] [--frames 250] [--cpu 0] [--inline]

One process on one CPU holds N sessions in memory. Every 20 ms of wall time each session gets 20 ms of 16-bit audio at
16 kHz from a caller who speaks for 2.1 s and is silent for 2.9 s (callers are staggered over these 5 s), and hears a
reply of one second after 350 ms of silence. Engines are trivial, so that only the way through the session costs: voice
activity, end of turn, transcript, reply, synthesis, output frames.

A frame's lag is the time from when it was due until the session is through with it. For ours that is until its voice
activity is judged, what follows from that is decided, and the 20 ms that the agent says meanwhile are 16-bit audio. For
pipecat it is until its analyser has judged the frame; its output, which it paces by itself, is not counted.

Capacity is the largest N, to 10 %, at which 95 of 100 frames lag less than 40 ms and every session hears all its
replies. Each load is a fresh process, tried twice where only some frames were late. Sizes are tried up or down from
what the CPU time of a small load promises. Where the machine is busy with other things all capacities fall; the CPU
time of a frame, printed beside them, says more then.

Pipecat is measured as it comes and, with `--inline`, once more without its analyser's thread and loudness measure.
Exits 1 where our capacity is not at least 8 times that of pipecat as it comes.
"""

import argparse
import asyncio
import base64
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from antiphon.audio.pcm import from_s16, to_s16_bytes
from antiphon.events.speech import Hearing, Partial, Samples, Transcript
from antiphon.ports.card import Card, Port
from antiphon.ports.stt import Utterance
from antiphon.ports.vad import VoiceActivity
from antiphon.realtime.parts import Parts
from antiphon.realtime.session import Session
from antiphon.serving.voicing import Scheduler
from antiphon.testing import LevelVoiceActivity, PauseEndsTurn, ScriptedDialogue, ScriptedReply, WordVoice

ROOT = Path(__file__).resolve().parents[1]
PEER_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
PEER = ROOT / "bench" / "peers" / "pipecat_sessions.py"

RATE_HZ = 16_000
FRAME_SAMPLES = 320
FRAME_S = 0.02
LIMIT_LAG_S = 0.040
LIMIT_RATIO = 8.0
STEP = 1.1
HOPELESS_S = 1.0
"""A load that is so late is given up."""
WARM_FRAMES = 100
REPLY = "Thursday it is, then."
REPLY_S = 1.0
CYCLE_FRAMES = 250
SPEECH_FRAMES = 105
ANSWER_FRAMES = 100
"""Within two seconds of the caller's last word the reply must have been heard to its end."""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of one number of sessions.

    Attributes:
        answered: sessions that heard every reply in full.
    """

    sessions: int
    lag_p50_ms: float
    lag_p95_ms: float
    lag_max_ms: float
    cpu_us_a_frame: float
    answered: int

    @property
    def held(self) -> bool:
        """These sessions can be held."""
        return self.lag_p95_ms < LIMIT_LAG_S * 1e3 and self.answered == self.sessions


@dataclass(frozen=True, slots=True)
class System:
    """Something that holds sessions: its name, the command that runs one load, and a size that it surely holds."""

    name: str
    command: list[str]
    small: int


def systems(*, inline: bool) -> list[System]:
    """Ours with trivial and with real voice activity, then pipecat, where it is installed."""
    ours = [sys.executable, "-m", "bench.sessions"]
    found = [
        System("antiphon", [*ours, "--vad", "level"], 64),
        System("antiphon, silero", [*ours, "--vad", "silero"], 64),
    ]
    if PEER_PYTHON.exists():
        peer = [str(PEER_PYTHON), str(PEER)]
        found.append(System("pipecat", [*peer, "--vad", "stock"], 8))
        if inline:
            found.append(System("pipecat, inline", [*peer, "--vad", "inline"], 8))
    return found


def run(system: System, sessions: int, frames: int, cpu: int) -> Load:
    """Hold one load in a process of its own."""
    offsets = [index * CYCLE_FRAMES // sessions for index in range(sessions)]
    script = {
        "cycle_frames": CYCLE_FRAMES,
        "speech": base64.b64encode(to_s16_bytes(vowels(SPEECH_FRAMES * FRAME_SAMPLES))).decode(),
        "offsets": offsets,
        "hopeless_s": HOPELESS_S,
    }
    size = ["--sessions", sessions, "--warm-frames", WARM_FRAMES, "--frames", frames, "--cpu", cpu]
    out = subprocess.run(
        [*system.command, *map(str, size)],
        input=json.dumps(script),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
    )
    told = json.loads(out.stdout)
    missing = sessions * frames - len(told["lag_s"])
    lag_ms = np.array(told["lag_s"] + [HOPELESS_S] * missing) * 1e3
    due_s = [REPLY_S * replies_due(offset, WARM_FRAMES + frames) for offset in offsets]
    answered = sum(heard_s > due - 0.05 * REPLY_S for heard_s, due in zip(told["audible_s"], due_s, strict=True))
    p50, p95 = np.percentile(lag_ms, (50, 95)).round(2).tolist()
    cpu_us = told["cpu_s"] / (sessions * told["frames"]) * 1e6 if told["frames"] > 0 else 0.0
    return Load(sessions, p50, p95, round(float(lag_ms.max()), 2), round(cpu_us, 1), answered)


def replies_due(offset: int, frames: int) -> int:
    """How many replies a caller who begins `offset` frames into the script must have heard after `frames`."""
    first = (SPEECH_FRAMES - offset) % CYCLE_FRAMES
    ends = range(first if first >= SPEECH_FRAMES else first + CYCLE_FRAMES, frames - ANSWER_FRAMES, CYCLE_FRAMES)
    return len(ends)


def attempt(system: System, sessions: int, frames: int, cpu: int) -> Load:
    """One load; once more where only some frames lagged, as they do when the machine was busy for a moment."""
    load = run(system, sessions, frames, cpu)
    if load.held or load.lag_p50_ms > LIMIT_LAG_S * 1e3:
        return load
    again = run(system, sessions, frames, cpu)
    return min(load, again, key=lambda load: load.lag_p95_ms)


def capacity(system: System, frames: int, cpu: int) -> tuple[Load, list[Load]]:
    """The largest load that is held, to within `STEP`, and all that were tried."""
    tried = [attempt(system, system.small, frames, cpu)]
    held = tried[0] if tried[0].held else None
    broke = None if held else system.small
    size = int(FRAME_S * 1e6 / tried[0].cpu_us_a_frame) if held else system.small // 2
    while size >= 1:
        load = attempt(system, size, frames, cpu)
        tried.append(load)
        if load.held:
            held = load
        else:
            broke = size
        low = held.sessions if held else 0
        if broke is None:
            size = int(low * 1.5)
        elif broke <= max(low * STEP, low + 1):
            break
        else:
            size = max(low + 1, int((low * broke) ** 0.5)) if low else broke // 2
    return held or tried[-1], tried


def vowels(count: int) -> Samples:
    """`count` samples of a voice that sings four vowels in turn: made of nothing, yet Silero takes it for speech."""
    time_s = np.arange(count) / RATE_HZ
    pitch = np.cumsum(120 + 20 * np.sin(2 * np.pi * 0.7 * time_s)) * 2 * np.pi / RATE_HZ
    formants_hz = np.array([(730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480)])
    vowel = (time_s / 0.15).astype(int) % len(formants_hz)
    sound = np.zeros(count)
    for harmonic in range(1, 30):
        resonance = (1 / (1 + ((harmonic * 120 - formants_hz) / (80, 100, 150)) ** 2)).sum(axis=1)
        sound += resonance[vowel] * np.sin(harmonic * pitch)
    sound *= 0.6 + 0.4 * np.sin(2 * np.pi * 5 * time_s)
    return np.asarray(0.5 * sound / np.abs(sound).max(), np.float32)


# ── one load of ours ────────────────────────────────────────────────────────────────────────────────────────────────


class SameWords:
    """Understands the same of every utterance; satisfies `ports.stt.StreamingTranscriber`."""

    card = Card("same", Port.STT, "Understands the same of every utterance.", ("en",), streaming=True)

    def open(self, hearing: Hearing) -> Utterance:
        """Begin an utterance."""
        return SameUtterance()


class SameUtterance:
    """An utterance whose words are known before it is spoken."""

    partial = Partial("", "")

    def __init__(self) -> None:
        self._samples = 0

    def feed(self, samples: Samples) -> None:
        """Count."""
        self._samples += len(samples)

    def pause(self) -> None:
        """Nothing to begin."""

    def resume(self) -> None:
        """Nothing to void."""

    async def glance(self) -> str:
        """The words."""
        return "please book me for thursday"

    async def finish(self, hearing: Hearing | None = None) -> Transcript:
        """The words, after a turn of the event loop."""
        await asyncio.sleep(0)
        return Transcript("please book me for thursday", 0.9, "en", self._samples / RATE_HZ, "same")

    def close(self) -> None:
        """Nothing is kept."""


def voice_activity(name: str) -> VoiceActivity:
    """The trivial engine, or Silero."""
    if name == "level":
        return LevelVoiceActivity()
    from antiphon.engines.vad import silero_numpy

    return silero_numpy.load(silero_numpy.Options())


async def hold(sessions: int, warm: int, frames: int, vad: str) -> dict[str, Any]:
    """Hold our sessions; the lag of each frame, CPU seconds, and the seconds of reply that each session heard."""
    script = json.loads(sys.stdin.read())
    cycle, step = script["cycle_frames"], 2 * FRAME_SAMPLES
    speech = base64.b64decode(script["speech"]).ljust(cycle * step, b"\0")
    wire = [speech[at : at + step] for at in range(0, len(speech), step)]
    parts = Parts(SameWords(), WordVoice(), PauseEndsTurn(), Scheduler(voice_activity(vad)))
    held = [Session(ScriptedDialogue(answer, greeting=""), parts, lambda event: None) for _ in range(sessions)]
    tasks = [asyncio.create_task(session.run()) for session in held]
    await asyncio.sleep(0)
    audible = [0] * sessions
    silence = bytes(step)
    lag_s: list[float] = []
    began_s, cpu_s = time.monotonic() + FRAME_S, 0.0
    for tick in range(warm + frames):
        if tick == warm:
            cpu_s = time.process_time()
            lag_s.clear()
        due_s = began_s + tick * FRAME_S
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        if time.monotonic() - due_s > script["hopeless_s"]:
            break
        for session, offset in zip(held, script["offsets"], strict=True):
            session.receive(from_s16(wire[(tick + offset) % cycle]))
        parts.scheduler.step()
        for index, session in enumerate(held):
            if to_s16_bytes(session.play(FRAME_SAMPLES)) != silence:
                audible[index] += 1
            lag_s.append(time.monotonic() - due_s)
    cpu_s = time.process_time() - cpu_s
    for session in held:
        session.hang_up("going_away")
    await asyncio.gather(*tasks)
    return {
        "lag_s": lag_s,
        "cpu_s": cpu_s,
        "frames": tick + 1 - warm,
        "audible_s": [count * FRAME_S for count in audible],
    }


def answer(words: str) -> ScriptedReply:
    """The same to everything."""
    return ScriptedReply([REPLY])


def hold_one_load(arguments: argparse.Namespace) -> None:
    """Be the process that holds one load."""
    os.sched_setaffinity(0, {arguments.cpu})
    told = asyncio.run(hold(arguments.sessions, arguments.warm_frames, arguments.frames, arguments.vad))
    print(json.dumps(told))


# ── comparing ───────────────────────────────────────────────────────────────────────────────────────────────────────


def main() -> int:
    """Measure all systems in turn, print the loads tried or one JSON object, and compare with the limit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--frames", type=int, default=CYCLE_FRAMES, help="frames measured of each session, after the warm-up"
    )
    parser.add_argument("--inline", action="store_true", help="also pipecat with its analyser made lighter")
    parser.add_argument("--cpu", type=int, default=max(os.sched_getaffinity(0)), help="the CPU that does it all")
    for name in ("sessions", "warm-frames"):
        parser.add_argument(f"--{name}", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--vad", choices=("level", "silero"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.sessions:
        hold_one_load(arguments)
        return 0
    return compare(systems(inline=arguments.inline), arguments.frames, arguments.cpu, as_json=arguments.json)


def compare(found: list[System], frames: int, cpu: int, *, as_json: bool) -> int:
    """Capacities of all systems, one after the other; the exit status."""
    if not PEER_PYTHON.exists():
        print(
            f"NOT MEASURED: pipecat is missing. `make bench` makes {PEER_PYTHON.parents[1].name} from "
            "requirements/bench.lock; without it there is nothing to compare with.",
            file=sys.stderr,
        )
    best: dict[str, Load] = {}
    tried: dict[str, list[Load]] = {}
    for system in found:
        best[system.name], tried[system.name] = capacity(system, frames, cpu)
        if not as_json:
            show(system.name, best[system.name], tried[system.name])
    ours, peer = best["antiphon"], best.get("pipecat")
    both = peer is not None and ours.held and peer.held
    ratio = ours.sessions / peer.sessions if peer and both else None
    cpu_ratio = peer.cpu_us_a_frame / ours.cpu_us_a_frame if peer and both else None
    if as_json:
        loads = {name: [asdict(load) for load in loads] for name, loads in tried.items()}
        held = {name: load.sessions if load.held else 0 for name, load in best.items()}
        told = {"load_average": os.getloadavg(), "capacity": held, "ratio": ratio, "cpu_ratio": cpu_ratio}
        print(json.dumps(told | {"limit": LIMIT_RATIO, "tried": loads}))
    elif ratio is not None:
        print(f"antiphon holds {ratio:.1f} times as many sessions a CPU as pipecat; limit {LIMIT_RATIO:g}")
        print(f"a frame takes pipecat {cpu_ratio:.1f} times as much CPU time")
    return 0 if ratio is None or ratio >= LIMIT_RATIO else 1


def show(name: str, best: Load, tried: list[Load]) -> None:
    """A system's loads, smallest first."""
    print(f"{name}: {best.sessions if best.held else 0} sessions (load average {os.getloadavg()[0]:.1f})")
    for load in sorted(tried, key=lambda load: load.sessions):
        lag = f"lag p50 {load.lag_p50_ms:.1f} p95 {load.lag_p95_ms:.1f} max {load.lag_max_ms:.1f} ms"
        cpu = f"{load.cpu_us_a_frame:.1f} µs CPU a frame"
        print(f"  {load.sessions:5d}  {lag}  {cpu}  answered {load.answered}  {'held' if load.held else 'too many'}")


if __name__ == "__main__":
    sys.exit(main())
