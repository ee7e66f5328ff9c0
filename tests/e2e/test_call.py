"""`antiphon call` on the example: real engines, real recordings, a real receiver of actions."""

import json
import os
import signal
import struct
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from antiphon.audio.resample import resample
from held_calls import EXAMPLE, MONDAY, RATE_HZ, ROOT, Call, call, first_sound_s, recording, silence, write

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


def rms(samples: npt.NDArray[np.float32], turn: dict[str, Any]) -> float:
    part = samples[int(turn["start_s"] * RATE_HZ) : int(turn["end_s"] * RATE_HZ)]
    return float(np.sqrt(np.mean(part**2)))


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
