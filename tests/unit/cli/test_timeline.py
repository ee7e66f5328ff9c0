"""The picture of a call: everything said has a place of its own, whatever the call was like."""

import struct
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.cli.timeline import BOX_PAD_INCHES, CHAR_INCHES, LINES, MARGINS_INCHES, draw_timeline, place_boxes

RATE_HZ = 16_000


def turn(speaker: str, start_s: float, end_s: float, text: str, *, interrupted: bool = False) -> dict[str, Any]:
    return {
        "speaker": speaker,
        "text": text,
        "start_s": start_s,
        "end_s": end_s,
        "confidence": 1.0,
        "interrupted": interrupted,
        "latency_ms": {"endpointing": 500.0, "llm": 9.0, "total": 509.0} if speaker == "agent" and start_s else {},
    }


def a_call(count: int, each_s: float = 4.0) -> list[dict[str, Any]]:
    return [
        turn(
            ("agent", "caller")[number % 2],
            number * each_s,
            (number + 0.8) * each_s,
            f"These are the words of turn {number}, and $\\some$ of them are {{odd}}. " * (number % 4),
            interrupted=number % 10 == 4,
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("count", [0, 1, 2, 60, 400])
def test_calls_of_any_length_are_drawn(tmp_path: Path, count: int) -> None:
    turns = a_call(count)
    facts = {"reason": {"value": "x", "confidence": 1.0, "status": "stated", "turn": 1}}
    record = {"turns": turns, "facts": facts, "actions": [{"type": "book_appointment", "state": "pending"}]}
    seconds = max((float(each["end_s"]) for each in turns), default=0.0)
    stereo = np.zeros((2, int(seconds * RATE_HZ)), np.float32)
    draw_timeline(stereo, RATE_HZ, record, tmp_path / "timeline.png")
    width, height = struct.unpack(">II", (tmp_path / "timeline.png").read_bytes()[16:24])
    assert 16_000 > width > height > 400


@given(
    spoken_s=st.lists(st.floats(3.0, 20.0), min_size=1, max_size=40),
    text=st.text("abc de", max_size=400),
)
def test_no_box_lies_on_another_or_beyond_the_picture(spoken_s: list[float], text: str) -> None:
    starts = np.cumsum([0.0, *spoken_s])
    turns = [turn("caller", a, b, text) for a, b in pairwise(starts)]
    seconds = float(starts[-1])
    inches = max(11.0, seconds / 3.6)
    s_per_inch = seconds / (inches - MARGINS_INCHES)
    boxes = place_boxes(turns, "caller", seconds, inches)
    assert len(boxes) == len(turns)
    for level in {box.level for box in boxes}:
        reached_s = 0.0
        for box in (box for box in boxes if box.level == level):
            lines = box.text.splitlines()
            assert len(lines) <= LINES
            assert box.left_s >= reached_s - 1e-6
            reached_s = box.left_s + (max(map(len, lines)) * CHAR_INCHES + BOX_PAD_INCHES) * s_per_inch
            assert reached_s <= seconds + 1e-6


def test_a_long_text_is_cut_and_said_to_be(tmp_path: Path) -> None:
    (box,) = place_boxes([turn("agent", 0.0, 2.0, "word " * 400)], "agent", 20.0, 11.0)
    assert box.text.endswith(" …")
    assert box.sign == -1
