"""`antiphon call` as a user runs it: a process, real engines, and what it leaves."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "booking.toml"
MONDAY = "2026-11-23T09:00"
RATE_HZ = 16_000


@dataclass(frozen=True)
class Call:
    """A call that was held: what the command said, what it left, and what the receiver took."""

    done: "subprocess.CompletedProcess[str]"
    out: Path
    received: list[dict[str, Any]]

    @property
    def record(self) -> dict[str, Any]:
        """What is kept of it."""
        found: dict[str, Any] = json.loads((self.out / "call.json").read_text("utf-8"))
        return found

    @property
    def sides(self) -> npt.NDArray[np.float32]:
        """Float32 [2, n]: caller, agent."""
        return _samples(self.out / "call.flac").T

    def turns(self, speaker: str) -> list[dict[str, Any]]:
        """The turns of one side."""
        return [turn for turn in self.record["turns"] if turn["speaker"] == speaker]

    @property
    def facts(self) -> dict[str, Any]:
        """The values of its facts."""
        return {name: fact["value"] for name, fact in self.record["facts"].items()}


def antiphon(folder: Path, *arguments: str | Path, **env: str) -> "subprocess.CompletedProcess[str]":
    """An `antiphon` command with its data in `folder` and nothing else set."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("ANTIPHON_")}
    return subprocess.run(
        [sys.executable, "-m", "antiphon", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=folder,
        env=plain | {"ANTIPHON_CONVERSATIONS__DATA_DIR": str(folder / "data")} | env,
    )


def call(folder: Path, *arguments: str | Path, **env: str) -> Call:
    """A call in stream time that nobody takes actions of."""
    done = antiphon(folder, "call", *arguments, "--out", folder / "out", **env)
    if done.returncode:
        raise AssertionError(done.stderr)
    return Call(done, folder / "out", [])


def write(folder: Path, *turns: str, name: str = "script.toml") -> Path:
    """A script of these turns."""
    file = folder / name
    file.write_text("\n".join(f"[[turns]]\n{turn}\n" for turn in turns), "utf-8")
    return file


def recording(name: str) -> npt.NDArray[np.float32]:
    """A recording of the example."""
    return _samples(EXAMPLE.parent / "booking" / name)


def silence(seconds: float) -> npt.NDArray[np.float32]:
    """Nobody speaks."""
    return np.zeros(int(seconds * RATE_HZ), np.float32)


def first_sound_s(samples: npt.NDArray[np.float32], from_s: float = 0.0) -> float:
    """Where sound begins in `samples`, not before `from_s`."""
    loud = np.flatnonzero(np.abs(samples[int(from_s * RATE_HZ) :]) > 0.01)
    if not len(loud):
        raise AssertionError("nobody speaks")
    return from_s + float(loud[0]) / RATE_HZ


def _samples(file: Path) -> npt.NDArray[np.float32]:
    samples: npt.NDArray[np.float32]
    samples, rate_hz = soundfile.read(file, dtype="float32")
    if rate_hz != RATE_HZ:
        raise AssertionError(f"{file} is at {rate_hz} Hz")
    return samples
