"""The Whisper fixtures say what their scripts say: judged by faster-whisper, for which they stand in."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from whisper_fixtures import SURE, UNSURE, Script, cache, made_up

pytestmark = pytest.mark.models
NOISE = np.random.default_rng(0).normal(0, 0.1, 64_000).astype(np.float32)
Build = Callable[..., Path]


def heard(folder: Path, **request: Any) -> tuple[list[Any], Any]:
    from faster_whisper import WhisperModel

    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)
    segments, info = model.transcribe(NOISE, temperature=0.0, **request)
    return list(segments), info


@pytest.mark.parametrize("script", [Script(), SURE, UNSURE, Script(made_up(30), 3.6, -0.25)])
def test_text_end_probabilities_and_language_are_as_asked_for(build_whisper: Build, script: Script) -> None:
    (segment,), info = heard(build_whisper(script))
    assert segment.text == " " + script.text
    assert segment.end == pytest.approx(script.seconds)
    assert segment.avg_logprob == pytest.approx(script.logprob, abs=0.03)
    assert segment.no_speech_prob == pytest.approx(script.no_speech, abs=0.03)
    assert (info.language, info.language_probability) == (
        script.language,
        pytest.approx(script.language_probability, abs=0.03),
    )


def test_the_pair_lies_on_both_sides_of_the_threshold() -> None:
    assert np.exp(UNSURE.logprob) < 0.55 < np.exp(SURE.logprob)


def test_another_language_and_its_translation(build_whisper: Build) -> None:
    folder = build_whisper(Script("guten tag", language="de", language_probability=0.6, translation="good day"))
    segments, info = heard(folder)
    assert (segments[0].text, info.language) == (" guten tag", "de")
    assert info.language_probability == pytest.approx(0.6, abs=0.03)
    assert heard(folder, task="translate")[0][0].text == " good day"


def test_segments_follow_each_other(build_whisper: Build) -> None:
    segments, _ = heard(build_whisper(Script("one two|three four", seconds=3.0)))
    assert [(s.text, s.start, s.end) for s in segments] == [
        (" one two", 0.0, 1.5),
        (" three four", pytest.approx(1.52), 3.0),
    ]


def test_a_loop_ends_only_where_it_is_cut(build_whisper: Build) -> None:
    (segment,), _ = heard(build_whisper(Script("again and", loop=True)), max_new_tokens=40)
    assert segment.text.startswith(" again and again and again")
    assert segment.compression_ratio > 2.4


def test_english_only_and_128_bands(build_whisper: Build) -> None:
    segments, info = heard(build_whisper(multilingual=False, mels=128))
    assert (segments[0].text, info.language_probability) == (" hello from a tiny model", 1)


def test_a_prompt_changes_nothing(build_whisper: Build) -> None:
    segments, _ = heard(build_whisper(), hotwords="Keller, Zürich", initial_prompt="Grüezi.")
    assert segments[0].text == " hello from a tiny model"


@pytest.mark.parametrize(("script", "says"), [(Script("no no"), "once"), (Script(made_up(80)), "fewer steps")])
def test_a_script_that_cannot_be_told_apart_is_refused(build_whisper: Build, script: Script, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        build_whisper(script)


def test_the_hub_cache_holds_it(tiny_whisper: Path, tmp_path: Path) -> None:
    from faster_whisper.utils import download_model

    snapshot = cache(tiny_whisper, tmp_path, "owner/model")
    assert download_model("owner/model", cache_dir=str(tmp_path), local_files_only=True) == str(snapshot)


def test_the_command_builds_the_pair(tmp_path: Path) -> None:
    tool = Path(__file__).resolve().parents[2] / "tools" / "whisper_fixtures.py"
    subprocess.run([sys.executable, str(tool), str(tmp_path), "--pair"], check=True, capture_output=True)
    assert heard(tmp_path / "primary")[0][0].text == " " + UNSURE.text
    assert heard(tmp_path / "fallback")[0][0].text == " " + SURE.text
