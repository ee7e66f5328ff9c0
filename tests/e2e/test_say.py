"""`antiphon say`, as typed."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

pytestmark = pytest.mark.e2e


def say(*arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", "from antiphon.cli.main import main; main()", "say", *arguments],
        capture_output=True,
        text=True,
        input=stdin,
    )


@pytest.mark.parametrize("suffix", ["wav", "flac", "opus"])
def test_it_writes_what_it_says(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"hello.{suffix}"
    done = say("Hello there, at 10:30.", "--out", str(file), "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert [word["word"] for word in result["words"]] == ["Hello", "there", "at", "10:30"]
    assert [word["start_s"] for word in result["words"]] == sorted(word["start_s"] for word in result["words"])
    samples, rate_hz = soundfile.read(file)
    assert len(samples) / rate_hz == pytest.approx(result["duration_s"], abs=0.1)
    assert np.abs(samples).max() > 0.1
    assert list(tmp_path.iterdir()) == [file]


def test_voice_language_and_speed_are_heard(tmp_path: Path) -> None:
    slow = json.loads(
        say(
            "-", "--language", "de", "--speed", "0.6", "--out", str(tmp_path / "a.wav"), "--json", stdin="Grüezi"
        ).stdout
    )
    fast = json.loads(
        say(
            "Grüezi", "--language", "de", "--voice", "f2", "--speed", "1.8", "--out", str(tmp_path / "b.wav"), "--json"
        ).stdout
    )
    assert slow["language"] == "de"
    assert fast["voice"] == "f2"
    assert slow["duration_s"] > 1.5 * fast["duration_s"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("Hello", "--out", "x.txt"), "ends in one of .wav"),
        (("  ", "--out", "x.wav"), "no text"),
        (("Hello", "--voice", "nobody", "--out", "x.wav"), "no voice 'nobody'"),
        (("Hello", "--out", "/no/such/folder/x.wav"), "cannot be written"),
        (("a" * 5000, "--out", "x.wav"), "at most 4096"),
    ],
)
def test_what_cannot_be_said_is_told_in_its_last_line(arguments: tuple[str, ...], message: str) -> None:
    done = say(*arguments)
    assert done.returncode == 65
    assert message in done.stderr.strip().splitlines()[-1]
    assert "Traceback" not in done.stderr
