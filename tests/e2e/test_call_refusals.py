"""`antiphon call` where it cannot be held: what is wrong is said by name, before anybody speaks."""

import subprocess
from pathlib import Path

import pytest

from held_calls import EXAMPLE, antiphon, write

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


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
