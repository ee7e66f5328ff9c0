"""The commands as they are typed: what they print, what they say when something is wrong, and how they end.

Calls, speech and conversations have test modules of their own.
"""

import json
import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from antiphon.cli.main import application

ROOT = Path(__file__).resolve().parents[2]
NUMBER = ROOT / "examples" / "booking" / "4.flac"

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def antiphon(*arguments: str | Path, **env: str) -> "subprocess.CompletedProcess[str]":
    plain = {name: value for name, value in os.environ.items() if not name.startswith("ANTIPHON_")}
    return subprocess.run(
        [sys.executable, "-m", "antiphon", *map(str, arguments)], capture_output=True, text=True, env=plain | env
    )


def stack_file(folder: Path, text: str) -> Path:
    file = folder / "practice.toml"
    file.write_text(text, "utf-8")
    return file


def check_refused(done: "subprocess.CompletedProcess[str]", code: int, *says: str) -> None:
    assert done.returncode == code, done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert all(words in last for words in says), last
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


# ── help ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command one can type, with the words that call it."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, inner in command.commands.items():
        yield from commands(inner, (*path, name))


COMMANDS = list(commands(typer.main.get_command(application([]))))


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=lambda part: " ".join(part) if type(part) is tuple else "")
def test_help_has_an_example_that_could_be_typed(path: tuple[str, ...], command: Any) -> None:
    shown = CliRunner().invoke(application([*path]), [*path, "--help"], terminal_width=200)
    assert shown.exit_code == 0
    found = re.search(r"Example: antiphon (.+)", shown.output)
    assert found, f"no example in the help of {path}"
    words = shlex.split(found[1])
    assert tuple(words[: len(path)]) == path
    command.make_context(path[-1], words[len(path) :])  # raises for an option or argument that there is not


def test_the_help_of_all_names_every_command() -> None:
    done = antiphon("--help")
    assert done.returncode == 0
    assert {path[0] for path, _ in COMMANDS} <= set(done.stdout.split())


def test_the_version_is_told() -> None:
    assert re.fullmatch(r"antiphon \d+\.\d+\.\d+\S*\n", antiphon("--version").stdout)


@pytest.mark.parametrize(
    "arguments", [("sing",), ("call", "--loud"), ("transcribe",), ("transcribe", "a", "--expect", "x")]
)
def test_what_is_typed_wrongly_is_said_with_a_way_to_the_help(arguments: tuple[str, ...]) -> None:
    done = antiphon(*arguments)
    assert done.returncode == 2
    assert "--help" in done.stderr
    assert "Traceback" not in done.stderr


def test_output_that_nobody_reads_any_more_is_no_accident() -> None:
    writer = subprocess.Popen(
        [sys.executable, "-m", "antiphon", "config", "show", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert writer.stdout is not None
    assert writer.stderr is not None
    writer.stdout.close()
    with writer.stderr:
        assert writer.stderr.read() == ""
    assert writer.wait() == 1


# ── transcribe ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_expected_digits_come_out_as_digits_with_their_times() -> None:
    done = antiphon("transcribe", NUMBER, "--expect", "digits", "--json")
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    result = json.loads(line)
    assert set(result) == {"file", "text", "confidence", "language", "duration_s", "engine", "words"}
    assert re.sub(r"\D", "", result["text"]) == "0792234456"
    assert [word["word"] for word in result["words"]] == [word.strip(".,") for word in result["text"].split()]
    times = [time for word in result["words"] for time in (word["start_s"], word["end_s"])]
    assert times == sorted(times)
    assert 0 <= times[0] < times[-1] <= result["duration_s"] + 0.1
    assert all(0 < word["confidence"] <= 1 for word in result["words"])


def test_several_files_are_told_apart_and_a_damaged_one_does_not_stop_the_others(tmp_path: Path) -> None:
    cut, flipped = tmp_path / "cut.flac", tmp_path / "flipped.flac"
    whole = bytearray(NUMBER.read_bytes())
    cut.write_bytes(whole[:50])
    whole[0:4] = b"fLaX"
    flipped.write_bytes(whole)
    plain = antiphon("transcribe", cut, NUMBER, flipped)
    assert plain.returncode == 1
    first, second, third = plain.stdout.splitlines()
    assert first.startswith(f"{cut}: error: ")
    assert second.startswith(f"{NUMBER}: ")
    assert second.endswith("%]")
    assert third.startswith(f"{flipped}: error: ")
    as_json = antiphon("transcribe", cut, flipped, "--json")
    assert as_json.returncode == 1
    codes = [json.loads(line)["error"]["code"] for line in as_json.stdout.splitlines()]
    assert set(codes) <= {"audio_damaged", "audio_empty", "audio_unsupported"}
    assert len(codes) == 2


# ── engines ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_engines_are_listed_with_their_cards_and_one_choice_a_port() -> None:
    done = antiphon("engines", "--json")
    assert done.returncode == 0
    listed = json.loads(done.stdout)
    for engine in listed:
        assert {
            "name",
            "port",
            "summary",
            "languages",
            "rates_hz",
            "isolation",
            "confidence",
            "weights_licence",
        } <= set(engine)
        assert engine["usable"] is (engine["why_not"] is None)
        assert engine["chosen"] is (engine["chosen_because"] is not None)
    chosen = [engine["port"] for engine in listed if engine["chosen"]]
    assert sorted(chosen) == ["align", "guard", "llm", "stt", "tts", "turn", "vad"]
    shown = antiphon("engines").stdout
    assert all(engine["name"] in shown for engine in listed)
    assert shown.count("In use: ") == len(chosen)


def test_an_engine_that_the_stack_names_is_the_one_in_use(tmp_path: Path) -> None:
    done = antiphon("engines", "--json", "--stack", stack_file(tmp_path, '[stt]\nengine = "moonshine"\n'))
    (chosen,) = (engine for engine in json.loads(done.stdout) if engine["port"] == "stt" and engine["chosen"])
    assert chosen["chosen_because"] == "moonshine, as the stack says"


# ── config ──────────────────────────────────────────────────────────────────────────────────────────────────────────


PRACTICE = "[practice]\nname = 'x'\ntimezone = 'Europe/Paris'\nphone_region = 'FR'\nlanguages = ['{}']\n"


@pytest.mark.proves("P-14")
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[realtime]\nidle_s = 0.1\n", ("`realtime.idle_s` = 0.1", "1 to 600")),
        ("[server]\nport = 70000\n", ("`server.port` = 70000", "0 to 65535")),
        ('[log]\nlevel = "loud"\n', ("`log.level` = 'loud'", "one of debug, info, warning, error")),
        ('[stt]\nengine = "ears"\n', ("`stt.engine` = 'ears'", "there are: faster-whisper, moonshine")),
        ("[engines.espeak-ng]\nwords_per_minute = 9999\n", ("`engines.espeak-ng.words_per_minute`", "80 to 300")),
        ("[realtime\n", ("not valid TOML",)),
        (PRACTICE.format("fr"), ("`practice.languages` = 'fr'", "receptionist speaks en, de")),
        (PRACTICE.format("xx"), ("`practice.languages` = 'xx'", "receptionist speaks en, de")),
        ('[tts]\nlanguage = "xx"\n', ("`tts.language` = 'xx'", "espeak-ng speaks en, de, fr")),
    ],
)
def test_a_value_that_cannot_be_used_ends_with_78_and_key_value_and_range(
    tmp_path: Path, text: str, says: tuple[str, ...]
) -> None:
    check_refused(antiphon("config", "check", stack_file(tmp_path, text)), 78, *says)


@pytest.mark.proves("P-14")
def test_an_unknown_key_is_a_warning_with_the_nearest_known_one(tmp_path: Path) -> None:
    text = '[realtime]\nidel_s = 12\n[engines.espeak-ng]\nvioce = "f2"\n[engines.espeak]\nvoice = "f2"\n'
    done = antiphon("config", "check", stack_file(tmp_path, text), ANTIPHON_REALTIME__IDEL_S="3")
    assert done.returncode == 0
    for words in (
        "[realtime] `idel_s`; did you mean `idle_s`?",
        "[engines.espeak-ng] `vioce`; did you mean `voice`?",
        "[engines] `espeak`; did you mean `espeak-ng`?",
        "`ANTIPHON_REALTIME__IDEL_S`; did you mean `ANTIPHON_REALTIME__IDLE_S`?",
    ):
        assert words in done.stderr
    assert "usable, with 4 warnings" in done.stdout


def test_a_good_file_is_said_to_be_good(tmp_path: Path) -> None:
    done = antiphon("config", "check", stack_file(tmp_path, 'name = "mine"\n[realtime]\nidle_s = 12\n'), "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["stack"] == "mine"
    assert json.loads(done.stdout)["warnings"] == []


@pytest.mark.proves("P-14")
def test_what_is_shown_tells_where_each_value_came_from_and_no_secret(tmp_path: Path) -> None:
    file = stack_file(tmp_path, '[realtime]\nidle_s = 12\nhold_ms = 300\n[conversations]\naction_secret = "in-file"\n')
    env = {"ANTIPHON_REALTIME__IDLE_S": "30", "API_KEYS": "in-environment"}
    done = antiphon("config", "show", "--stack", file, "--json", **env)
    shown = json.loads(done.stdout)
    idle, hold = shown["realtime.idle_s"], shown["realtime.hold_ms"]
    assert (idle["value"], idle["source"], idle["allowed"]) == (30.0, "ANTIPHON_REALTIME__IDLE_S", "1 to 600")
    assert (hold["value"], hold["source"]) == (300, str(file))
    assert shown["realtime.tail_ms"]["source"] == "default"
    assert shown["engines.espeak-ng.voice"]["variable"] == "ANTIPHON_ENGINES__ESPEAK_NG__VOICE"
    assert shown["server.api_keys"]["value"] == shown["conversations.action_secret"]["value"] == "(set)"
    table = antiphon("config", "show", "--stack", file, **env).stdout
    assert any(
        line.split()[:3] == ["realtime.idle_s", "30.0", "ANTIPHON_REALTIME__IDLE_S"] for line in table.splitlines()
    )
    for secret in ("in-file", "in-environment"):
        assert secret not in done.stdout + table


# ── ports ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("command", [("serve",), ("receiver", "--secret", "x")])
def test_a_port_that_is_taken_is_said_before_anything_is_loaded(tmp_path: Path, command: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        data = {"ANTIPHON_CONVERSATIONS__DATA_DIR": str(tmp_path / "data")}
        check_refused(antiphon(*command, "--port", str(port), **data), 78, f"127.0.0.1:{port}")
    assert not (tmp_path / "data").exists()
