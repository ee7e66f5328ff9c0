"""Recordings that services are proven with."""

from pathlib import Path

import numpy as np
import pytest

from antiphon.audio import wav
from antiphon.audio.wav import encode_wav
from antiphon.cli.recordings import PAUSE_S, join, read_clips, silence
from antiphon.errors import BadInput, NotFound


def tone(seconds: float, rate_hz: int = 16_000) -> bytes:
    return encode_wav(np.full(int(seconds * rate_hz), 0.5, np.float32), rate_hz)


def length_s(data: bytes) -> float:
    described = wav.parse(data)
    assert described is not None
    return described.duration_s


def test_some_of_a_folder_spread_over_it(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"{number}.wav").write_bytes(tone(0.1 * (number + 1), 8000))
    (tmp_path / "0a.wav").write_bytes(b"damaged")
    (tmp_path / "notes.txt").write_text("nothing to hear")
    clips = read_clips(tmp_path, 3)
    assert len(clips) == 3
    assert len({clip.name for clip in clips}) == 3
    assert all(clip.duration_s == pytest.approx(0.1 * (int(clip.name[0]) + 1), abs=0.01) for clip in clips)
    assert len(read_clips(tmp_path, 100)) == 9


def test_no_folder_and_nothing_in_it(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_clips(tmp_path / "absent", 1)
    with pytest.raises(BadInput):
        read_clips(tmp_path, 1)


def test_clips_are_joined_until_they_are_long(tmp_path: Path) -> None:
    for number, seconds in enumerate((1.0, 2.0)):
        (tmp_path / f"{number}.wav").write_bytes(tone(seconds))
    long = join(read_clips(tmp_path, 2), 7.0)
    assert long.duration_s == pytest.approx(length_s(long.data))
    assert 7.0 <= long.duration_s < 7.0 + 2.0 + PAUSE_S


def test_silence_is_silent() -> None:
    nothing = silence(0.5)
    assert length_s(nothing.data) == nothing.duration_s == 0.5
