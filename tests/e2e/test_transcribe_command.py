"""`antiphon transcribe` and `antiphon engines` as a user runs them: a process, its output, its exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from antiphon.models import Store

pytestmark = pytest.mark.e2e


def antiphon(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "antiphon", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def beckett() -> Path:
    return Store().locate("moonshine-tiny-en").parent / "beckett.wav"


def test_one_object_a_line_in_the_order_given_and_exit_1_if_any_failed(beckett: Path, tmp_path: Path) -> None:
    silence, page = tmp_path / "silence.flac", tmp_path / "page.wav"
    soundfile.write(silence, np.zeros(48_000), 16_000)
    page.write_text("<html>no sound</html>")
    missing = tmp_path / "missing.wav"
    done = antiphon("transcribe", *map(str, (beckett, page, silence, missing)), "--json")
    assert done.returncode == 1
    spoken, refused, silent, absent = lines(done)
    assert spoken["file"] == str(beckett)
    assert spoken["text"].lower().startswith("ever tried")
    assert 0.0 < spoken["confidence"] <= 1.0
    assert (spoken["language"], spoken["engine"]) == ("en", "moonshine")
    assert [w["word"] for w in spoken["words"]][:2] == ["Ever", "tried"]
    assert set(spoken["words"][0]) == {"word", "start_s", "end_s", "confidence"}
    assert refused["error"]["code"] == "audio_unsupported"
    assert (silent["text"], silent["words"]) == ("", [])
    assert absent["error"]["code"] == "file_unreadable"
    assert all("Traceback" not in line for line in done.stderr.splitlines())


@pytest.mark.parametrize("language", ["de", "xx", "EN", ""])
def test_a_language_that_the_engine_does_not_hear_is_refused(beckett: Path, language: str) -> None:
    done = antiphon("transcribe", str(beckett), "--engine", "moonshine", "--language", language)
    assert done.returncode == 65
    assert done.stderr == f"antiphon: --language {language!r} is not heard by moonshine, which hears: en\n"
    assert done.stdout == ""


def test_no_engine_is_loaded_for_files_that_are_not_there(tmp_path: Path) -> None:
    env = os.environ | {"ANTIPHON_LOG__LEVEL": "info"}
    command = [sys.executable, "-m", "antiphon", "transcribe", str(tmp_path / "a.wav"), str(tmp_path), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    assert done.returncode == 1
    assert [line["error"]["code"] for line in lines(done)] == ["file_unreadable"] * 2
    assert "No such file" in lines(done)[0]["error"]["message"]
    assert done.stderr == ""


def test_unknown_engine_is_a_configuration_error_that_names_the_known(beckett: Path) -> None:
    done = antiphon("transcribe", str(beckett), "--engine", "nonsense")
    assert done.returncode == 78
    assert "moonshine" in done.stderr


def test_engines_says_what_is_usable_and_what_auto_means() -> None:
    listed = {engine["name"]: engine for engine in json.loads(antiphon("engines", "--json").stdout)}
    assert listed["moonshine"]["usable"]
    chosen = [e["name"] for e in listed.values() if e["port"] == "stt" and e["chosen"]]
    assert len(chosen) == 1
    assert chosen[0] in listed[chosen[0]]["chosen_because"]
    assert all(engine["why_not"] for engine in listed.values() if not engine["usable"])


@pytest.mark.shared
def test_every_container_and_damaged_file_ends_in_a_transcript_or_a_typed_error(speech: list[dict[str, Any]]) -> None:
    items = [item for item in speech if item.get("expect")]
    assert items
    done = antiphon("transcribe", *(str(item["path"]) for item in items), "--json")
    results = lines(done)
    assert [r["file"] for r in results] == [str(item["path"]) for item in items]
    wrong = []
    for item, result in zip(items, results, strict=True):
        refused, text = "error" in result, result.get("text", "")
        if refused and not (result["error"]["code"] and result["error"]["message"]):
            wrong.append((item["id"], "untyped"))
        expected = item["expect"]
        silent = not text and not refused
        fits = {
            "reject": refused,
            "empty": silent,
            "empty-or-reject": refused or silent,
            "transcript": bool(text),
            "transcript-or-reject": refused or bool(text),
        }
        if not fits.get(expected, True):
            wrong.append((item["id"], f"{expected}, not {result.get('error', text)}"))
    assert wrong == []
