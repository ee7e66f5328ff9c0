"""`antiphon call` as a user runs it: a process, real engines, real recordings, a real receiver of actions."""

import json
import os
import signal
import struct
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from antiphon.audio.resample import resample

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "booking.toml"
MONDAY = "2026-11-23T09:00"
RATE_HZ = 16_000
SECRET = "e2e"
FACTS = {
    "caller_name": "Susan Miller",
    "language": "en",
    "phone_e164": "+41792234456",
    "preferred_slots": ["2026-11-25T10:30+01:00"],
    "reason": "cleaning",
}
"""What a careful receptionist would have written down of the example."""
TURN = {"speaker", "text", "start_s", "end_s", "confidence", "interrupted", "latency_ms"}
BODY = {
    "id",
    "type",
    "version",
    "conversation_id",
    "created_at",
    "locale",
    "facts",
    "confidence",
    "requires_confirmation",
}

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@dataclass(frozen=True)
class Call:
    """A call that was held: what the command said, what it left, and what the receiver took."""

    done: "subprocess.CompletedProcess[str]"
    out: Path
    received: list[dict[str, Any]]

    @property
    def record(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.out / "call.json").read_text("utf-8"))
        return found

    @property
    def sides(self) -> npt.NDArray[np.float32]:
        """Float32 [2, n]: caller, agent."""
        samples, rate_hz = soundfile.read(self.out / "call.flac", dtype="float32")
        assert rate_hz == RATE_HZ
        both: npt.NDArray[np.float32] = samples.T
        return both

    def turns(self, speaker: str) -> list[dict[str, Any]]:
        return [turn for turn in self.record["turns"] if turn["speaker"] == speaker]

    @property
    def facts(self) -> dict[str, Any]:
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
    assert done.returncode == 0, done.stderr
    return Call(done, folder / "out", [])


@contextmanager
def receiving(out: Path) -> Iterator[str]:
    """A receiver of actions that writes what it takes to `out`; gives its address."""
    receiver = subprocess.Popen(
        [sys.executable, "-m", "antiphon", "receiver", "--port", "0", "--secret", SECRET, "--out", str(out)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert receiver.stderr is not None
    with receiver:
        try:
            yield receiver.stderr.readline().split()[-1] + "actions"
        finally:
            receiver.send_signal(signal.SIGTERM)
    assert receiver.returncode == 0


def delivered_call(folder: Path, script: Path) -> Call:
    """The call of `script`, with its actions taken by a receiver."""
    taken = folder / "received.jsonl"
    with receiving(taken) as endpoint:
        env = {
            "ANTIPHON_CONVERSATIONS__ACTION_ENDPOINT": endpoint,
            "ANTIPHON_CONVERSATIONS__ACTION_SECRET": SECRET,
        }
        held = call(folder, "--script", script, "--fast", "--now", MONDAY, **env)
    return Call(held.done, held.out, [json.loads(line) for line in taken.read_text("utf-8").splitlines()])


def write(folder: Path, *turns: str, name: str = "script.toml") -> Path:
    file = folder / name
    file.write_text("\n".join(f"[[turns]]\n{turn}\n" for turn in turns), "utf-8")
    return file


def recording(name: str) -> npt.NDArray[np.float32]:
    samples: npt.NDArray[np.float32]
    samples, rate_hz = soundfile.read(EXAMPLE.parent / "booking" / name, dtype="float32")
    assert rate_hz == RATE_HZ
    return samples


def silence(seconds: float) -> npt.NDArray[np.float32]:
    return np.zeros(int(seconds * RATE_HZ), np.float32)


def first_sound_s(samples: npt.NDArray[np.float32], from_s: float = 0.0) -> float:
    """Where sound begins in `samples`, not before `from_s`."""
    loud = np.flatnonzero(np.abs(samples[int(from_s * RATE_HZ) :]) > 0.01)
    assert len(loud), "nobody speaks"
    return from_s + float(loud[0]) / RATE_HZ


def rms(samples: npt.NDArray[np.float32], turn: dict[str, Any]) -> float:
    part = samples[int(turn["start_s"] * RATE_HZ) : int(turn["end_s"] * RATE_HZ)]
    return float(np.sqrt(np.mean(part**2)))


# ── the example ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Call:
    return delivered_call(tmp_path_factory.mktemp("example"), EXAMPLE)


def check_booked(held: Call) -> None:
    """Exactly the facts, and exactly one action: delivered, once, as it is kept."""
    assert held.facts == FACTS
    (action,) = held.record["actions"]
    assert (action["type"], action["state"], action["attempts"]) == ("book_appointment", "delivered", 1)
    assert held.received == [{name: action[name] for name in BODY}]
    assert action["facts"] == {name: FACTS[name] for name in action["facts"]}
    assert {"caller_name", "phone_e164", "preferred_slots", "reason"} <= set(action["facts"])


@pytest.mark.proves("P-21", "P-22", "D26", "D27")
def test_the_example_yields_exactly_its_facts_and_one_delivered_action(example: Call) -> None:
    check_booked(example)
    confirmed = {name for name, fact in example.record["facts"].items() if fact["status"] == "confirmed"}
    assert confirmed == set(FACTS) - {"language"}


def test_the_example_has_eight_caller_turns_and_one_interruption(example: Call) -> None:
    caller, agent = example.turns("caller"), example.turns("agent")
    assert (len(caller), len(agent)) == (8, 9)
    (cut,) = (turn for turn in agent if turn["interrupted"])
    interruption = caller[4]
    assert cut["start_s"] < interruption["start_s"] < cut["end_s"] < interruption["end_s"]
    # What was not heard is not on record: the agent was asking whether all was right.
    assert cut["text"].startswith("So, a cleaning")
    assert not cut["text"].endswith(("?", "."))
    assert not any(turn["interrupted"] for turn in caller)


def test_the_record_has_the_documented_shape(example: Call) -> None:
    record = example.record
    assert set(record) == {"conversation_id", "turns", "facts", "actions", "engines"}
    starts = [turn["start_s"] for turn in record["turns"]]
    assert starts == sorted(starts)
    for turn in record["turns"]:
        assert set(turn) == TURN
        assert turn["speaker"] in ("caller", "agent")
        assert turn["text"].strip() == turn["text"] != ""
        assert 0 <= turn["start_s"] < turn["end_s"]
        assert 0 < turn["confidence"] <= 1
        assert isinstance(turn["interrupted"], bool)
        assert all(value >= 0 for value in turn["latency_ms"].values())
    answers = example.turns("agent")[1:]
    for parts in (dict(turn["latency_ms"]) for turn in answers):
        assert {"endpointing", "stt", "llm", "guard", "tts", "total"} <= set(parts)
        total = parts.pop("total")
        assert total == pytest.approx(sum(parts.values()), abs=0.5)
    places = {name: fact["turn"] for name, fact in record["facts"].items()}
    assert all(set(fact) == {"value", "confidence", "status", "turn"} for fact in record["facts"].values())
    assert all(0 <= place < len(record["turns"]) for place in places.values())
    (action,) = record["actions"]
    assert set(action) == BODY | {"state", "attempts"}
    assert (action["version"], action["locale"]) == (1, "en-CH")
    assert action["conversation_id"] == record["conversation_id"]
    assert action["created_at"].startswith("2026-11-23T08:0")  # 9 in Zürich
    assert {"stt", "tts", "vad", "turn", "guard", "llm"} <= set(record["engines"])
    assert all(engine["engine"] and engine["why"] for engine in record["engines"].values())


def test_the_sound_has_both_sides_and_the_whole_call(example: Call) -> None:
    caller, agent = example.sides
    ended_s = max(turn["end_s"] for turn in example.record["turns"])
    assert ended_s <= len(caller) / RATE_HZ <= ended_s + 2.0
    for turn in example.turns("caller"):
        assert rms(caller, turn) > 0.01, turn
    for turn in example.turns("agent"):
        assert rms(agent, turn) > 0.01, turn
    (cut,) = (turn for turn in example.turns("agent") if turn["interrupted"])
    interruption = example.turns("caller")[4]
    assert rms(agent, interruption | {"start_s": cut["end_s"]}) == 0.0  # it has fallen silent for the caller
    # What the caller says is in the record as it was sent, sample for sample.
    first = recording("1.flac")
    begins = int(first_sound_s(caller) * RATE_HZ) - int(first_sound_s(first) * RATE_HZ)
    assert np.array_equal(caller[begins : begins + len(first)], first)


def test_the_picture_is_a_picture(example: Call) -> None:
    png = (example.out / "timeline.png").read_bytes()
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert png.endswith(b"IEND\xaeB`\x82")
    width, height = struct.unpack(">II", png[16:24])
    assert width > height > 100


def test_what_is_printed_tells_turns_facts_action_and_engines(example: Call) -> None:
    shown = " ".join(example.done.stdout.split())
    for words in (
        "My name is Susan Miller.",
        "— interrupted",
        "answered after (ms): endpointing",
        "phone_e164 = +41792234456 (confirmed",
        "delivered after 1 attempts",
        "stt: ",
    ):
        assert words in shown


def test_a_call_in_stream_time_comes_out_the_same_again(example: Call, tmp_path: Path) -> None:
    again = call(tmp_path, "--script", EXAMPLE, "--fast", "--now", MONDAY, "--json")
    assert json.loads(again.done.stdout) == again.record
    (action,) = again.record["actions"]
    assert (action["state"], action["attempts"]) == ("pending", 0)

    def plain(held: Call) -> list[dict[str, Any]]:
        return [{name: value for name, value in turn.items() if name != "latency_ms"} for turn in held.record["turns"]]

    assert plain(again) == plain(example)
    assert np.array_equal(again.sides[0], example.sides[0])


def test_the_demo_finds_everything_as_it_should_be(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("ANTIPHON_")}
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "demo.py")], capture_output=True, text=True, cwd=tmp_path, env=env
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "facts as expected: yes" in done.stdout
    assert "received and verified: 1" in done.stdout
    left = {file.name for file in (tmp_path / "build" / "demo").iterdir()}
    assert {"call.json", "call.flac", "timeline.png", "received.jsonl"} <= left


@pytest.mark.shared
def test_the_example_in_office_noise_yields_the_same_facts_and_one_action(shared_dir: Path, tmp_path: Path) -> None:
    file = shared_dir / "data" / "speech" / "audio" / "noise" / "noise-office.flac"
    if not file.is_file():
        pytest.skip(f"no {file.name} in ../shared/data/speech: the call was not held in noise")
    noise, rate_hz = soundfile.read(file, dtype="float32")
    noise = resample(noise, rate_hz, RATE_HZ)
    turns, at = [], 0
    for turn in tomllib.loads(EXAMPLE.read_text("utf-8"))["turns"]:
        name = Path(turn["file"]).name
        # The room is heard before and after the words as well.
        speech = np.concatenate([silence(0.5), recording(name), silence(1.0)])
        office = np.resize(np.roll(noise, -at), len(speech))
        at += len(speech)
        office *= np.sqrt(np.mean(recording(name) ** 2) / np.mean(office**2) / 10 ** (20 / 10))
        soundfile.write(tmp_path / name, speech + office, RATE_HZ)
        turns.append(f"file = '{name}'" + (f"\nover_s = {turn['over_s']}" if "over_s" in turn else ""))
    check_booked(delivered_call(tmp_path, write(tmp_path, *turns)))


# ── recordings ──────────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── scripts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


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


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has no [[turns]]"),
        ("turns = 3", "has no [[turns]]"),
        ("turns = []", "has no [[turns]]"),
        ("turns = [3]", "turn 1: give either `file` or `text`"),
        ("[[turns]", "not valid TOML"),
        ("\xff", "not valid TOML"),
        ("[[turns]]", "turn 1: give either `file` or `text`"),
        ('[[turns]]\ntext = "a"\nfile = "b.wav"', "turn 1: give either `file` or `text`"),
        ("[[turns]]\ntext = 3", "turn 1: `text` must be a text"),
        ('[[turns]]\ntext = " "', "turn 1: `text` must be a text"),
        ('[[turns]]\nfile = ""', "turn 1: `file` must be a text"),
        ('[[turns]]\ntext = "a"\nwhen = 3', "turn 1: unknown key when"),
        ('[[turns]]\ntext = "a"\nafter_s = 1\nover_s = 1', "turn 1: give at most one of"),
        ('[[turns]]\ntext = "a"\nafter_s = -1', "turn 1: `after_s` must be a number of seconds"),
        ('[[turns]]\ntext = "a"\nover_s = nan', "turn 1: `over_s` must be a number of seconds"),
        ('[[turns]]\ntext = "a"\nover_s = true', "turn 1: `over_s` must be a number of seconds"),
        ('[[turns]]\ntext = "a"\nvoice = "nobody"', "turn 1: espeak-ng has no voice 'nobody'"),
        ('[[turns]]\ntext = "a"\nlanguage = "xx"', "turn 1: espeak-ng does not speak 'xx'"),
        ('[[turns]]\nfile = "page.wav"', "page.wav: This is no recording we can read"),
    ],
)
def test_a_script_that_cannot_be_used_is_said_with_its_turn(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "page.wav").write_text("<html>no sound</html>")
    script = tmp_path / "script.toml"
    script.write_bytes(text.encode("latin-1"))
    done = antiphon(tmp_path, "call", "--script", script, "--fast")
    assert done.returncode == 65
    check_said(done, says)
    assert not (tmp_path / "data").exists()  # no conversation was begun for it


def test_a_missing_recording_is_found_before_anything_is_spoken(tmp_path: Path) -> None:
    script = write(tmp_path, 'text = "Hello."', 'file = "missing.wav"')
    done = antiphon(tmp_path, "call", "--script", script, "--fast", ANTIPHON_LOG__LEVEL="info")
    assert done.returncode == 1
    check_said(done, f"cannot read {tmp_path / 'missing.wav'}: No such file")
    assert "engine_loaded" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((), 65, "give recordings, or --script FILE, or --microphone"),
        (("a.wav", "--script", "b.toml"), 65, "give recordings, or --script FILE, or --microphone"),
        (("missing.wav",), 1, "cannot read missing.wav: No such file"),
        (("--script", "missing.toml"), 1, "cannot read missing.toml: No such file"),
        ((".",), 1, "cannot read .: Is a directory"),
        (("page.wav",), 65, "page.wav: This is no recording we can read"),
        (("empty.wav",), 65, "empty.wav: "),
        (("cut.flac",), 65, "cut.flac: "),
        (("page.wav", "--now", "yesterday"), 65, "--now 'yesterday' is no ISO 8601 time"),
        (("page.wav", "--now", "0001-01-01T00:00"), 65, "must lie in the years"),
        (("page.wav", "--now", "9999-12-31T23:59"), 65, "must lie in the years"),
        (("page.wav", "--out", "page.wav"), 65, "--out page.wav cannot be a folder"),
        (("page.wav", "--stack", "missing.toml"), 78, "cannot read stack file missing.toml"),
        (("page.wav", "--stack", "page.wav"), 78, "not valid TOML"),
    ],
)
def test_what_cannot_be_done_is_said_by_name(tmp_path: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
    (tmp_path / "page.wav").write_text("<html>no sound</html>")
    (tmp_path / "empty.wav").touch()
    (tmp_path / "cut.flac").write_bytes((EXAMPLE.parent / "booking" / "1.flac").read_bytes()[:60])
    done = antiphon(tmp_path, "call", *arguments, "--fast")
    assert done.returncode == code, done.stderr
    check_said(done, says)
    assert not (tmp_path / "data").exists()


def check_said(done: "subprocess.CompletedProcess[str]", says: str) -> None:
    assert done.stdout == ""
    assert says in done.stderr.splitlines()[-1]
    assert done.stderr.splitlines()[-1].startswith("antiphon: ")
    assert "Traceback" not in done.stderr


# ── time, actions that stay, and what is missing ────────────────────────────────────────────────────────────────────

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
