"""`antiphon call` on recordings and scripts of one's own, at any time, and where something is missing."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from held_calls import EXAMPLE, MONDAY, RATE_HZ, call, first_sound_s, recording, silence, write

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


def test_one_recording_runs_on_its_own_timeline(tmp_path: Path) -> None:
    said = np.concatenate([silence(2.0), recording("1.flac"), silence(9.0), recording("7.flac"), silence(1.0)])
    soundfile.write(tmp_path / "caller.wav", said, RATE_HZ)
    held = call(tmp_path, tmp_path / "caller.wav", "--fast", "--now", MONDAY)
    caller, agent = held.sides
    # It waits for nobody: neither for the greeting, which it interrupts, nor for the reply.
    assert np.array_equal(caller[: len(said)], said)
    assert len(agent) == len(caller) >= len(said)
    assert held.turns("agent")[0]["interrupted"]
    spoken = [turn["text"].lower() for turn in held.turns("caller")]
    assert "cleaning" in spoken[0]
    assert "parking" in spoken[-1]
    assert held.facts["reason"] == "cleaning"


def test_several_recordings_are_spoken_after_each_reply(tmp_path: Path) -> None:
    files = [EXAMPLE.parent / "booking" / name for name in ("7.flac", "8.flac")]
    held = call(tmp_path, *files, "--fast", "--now", MONDAY)
    assert [turn["speaker"] for turn in held.record["turns"]] == ["agent", "caller", "agent", "caller", "agent"]
    greeting, _, answer, _, goodbye = held.record["turns"]
    caller = held.sides[0]
    first_s = first_sound_s(caller)
    assert first_s >= greeting["end_s"]
    assert first_sound_s(caller, first_s + len(recording("7.flac")) / RATE_HZ) >= answer["end_s"]
    assert not any(turn["interrupted"] for turn in (greeting, answer, goodbye))
    assert "Seegarten" in answer["text"]


def test_a_script_speaks_text_and_keeps_its_times(tmp_path: Path) -> None:
    script = write(
        tmp_path,
        'text = "Do you have parking?"\nvoice = "f2"\nover_s = 3.0',
        f'file = "{EXAMPLE.parent}/booking/1.flac"\nafter_s = 9.0',
        'text = "No, that is all, thank you."',
    )
    held = call(tmp_path, "--script", script, "--fast", "--now", MONDAY)
    greeting, question, _, wish, *_ = held.record["turns"]
    assert greeting["interrupted"]
    assert "parking" in question["text"].lower()
    assert "cleaning" in wish["text"].lower()
    caller = held.sides[0]
    over_s = first_sound_s(caller)
    assert over_s - greeting["start_s"] == pytest.approx(3.0, abs=0.3)
    sounding = np.flatnonzero(caller[: int((over_s + 6.0) * RATE_HZ)])
    after_s = first_sound_s(caller, over_s + 6.0) - sounding[-1] / RATE_HZ
    assert after_s == pytest.approx(9.0, abs=0.5)


NEXT_DAY = 'text = "I would like to come tomorrow morning at ten o\'clock."\nvoice = "f2"'


@pytest.mark.parametrize(
    ("now", "day"),
    [("2026-11-24T23:30", "2026-11-25"), ("2026-11-24T23:30Z", "2026-11-26")],
)
def test_a_time_without_an_offset_is_the_practices_own(tmp_path: Path, now: str, day: str) -> None:
    held = call(tmp_path, "--script", write(tmp_path, NEXT_DAY), "--fast", "--now", now)
    assert held.facts["preferred_slots"] == [f"{day}T10:00+01:00"], held.turns("caller")


def test_without_an_endpoint_an_action_stays_pending_and_that_is_said(tmp_path: Path) -> None:
    script = write(tmp_path, 'text = "I want to speak to a human, please."\nvoice = "f2"')
    held = call(tmp_path, "--script", script, "--fast", "--now", MONDAY)
    (action,) = held.record["actions"]
    assert (action["type"], action["state"], action["attempts"]) == ("transfer_to_human", "pending", 0)
    assert "pending as no action_endpoint is set" in " ".join(held.done.stdout.split())


def test_without_the_drawing_library_the_call_is_kept_and_the_picture_missed(tmp_path: Path) -> None:
    absent = tmp_path / "modules"
    absent.mkdir()
    (absent / "matplotlib.py").write_text("raise ImportError('not installed')\n")
    script = write(tmp_path, f'file = "{EXAMPLE.parent}/booking/8.flac"')
    held = call(tmp_path, "--script", script, "--fast", PYTHONPATH=str(absent))
    assert {file.name for file in held.out.iterdir()} == {"call.flac", "call.json"}
    assert held.turns("caller")
    assert "timeline.png was not drawn: install antiphon[plot]" in held.done.stderr


SOUND_DEVICE = """
import threading, time
import numpy as np

class PortAudioError(Exception):
    pass

class Stream:
    def __init__(self, samplerate, blocksize, channels, dtype, callback):
        self.blocksize, self.callback, self.open = blocksize, callback, True

    def __enter__(self):
        threading.Thread(target=self.run, daemon=True).start()

    def __exit__(self, *_):
        self.open = False

    def run(self):
        while self.open:
            given = np.zeros((self.blocksize, 1), np.float32)
            self.callback(np.zeros((self.blocksize, 1), np.float32), given, self.blocksize, None, None)
            time.sleep(0.005)
"""


def test_a_call_at_the_sound_device_is_kept_when_the_caller_hangs_up(tmp_path: Path) -> None:
    (tmp_path / "sounddevice.py").write_text(SOUND_DEVICE)
    env = {"PYTHONPATH": str(tmp_path), "ANTIPHON_CONVERSATIONS__DATA_DIR": str(tmp_path / "data")}
    caller = subprocess.Popen(
        [sys.executable, "-m", "antiphon", "call", "--microphone", "--out", str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | env,
    )
    assert caller.stdout is not None
    assert "agent" in caller.stdout.readline()
    caller.send_signal(signal.SIGINT)  # Ctrl-C
    _, errors = caller.communicate()
    assert caller.returncode == 0, errors
    record = json.loads((tmp_path / "out" / "call.json").read_text("utf-8"))
    assert record["turns"][0]["speaker"] == "agent"


@pytest.mark.long
def test_a_call_in_real_time_is_the_same_conversation(tmp_path: Path) -> None:
    files = [EXAMPLE.parent / "booking" / name for name in ("1.flac", "2.flac", "8.flac")]
    held = call(tmp_path, *files, "--now", MONDAY)
    assert len(held.turns("caller")) == 3
    assert {"caller_name", "reason"} <= set(held.facts)
    assert held.facts["caller_name"] == "Susan Miller"
    assert held.facts["reason"] == "cleaning"
    assert held.sides.shape[1] / RATE_HZ >= max(turn["end_s"] for turn in held.record["turns"])
