"""Proofs point at rows that exist, and the list of rows is sound."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from rows import proofs_by_row, report, row_ids

ROOT = Path(__file__).resolve().parents[2]
ROWS = row_ids((ROOT / "docs" / "requirements.md").read_text("utf-8"))


def test_every_row_has_an_id_of_its_own() -> None:
    assert [row for row, times in Counter(ROWS).items() if times > 1] == []
    expected = {"A": 82, "B": 128, "C": 33, "D": 29, "E": 43, "X": 29, "P": 34, "F": 34, "S": 25, "L": 9}
    assert Counter(row[0] for row in ROWS) == expected


def test_every_proof_names_a_row_that_exists() -> None:
    unknown = {row: tests for row, tests in proofs_by_row(ROOT / "tests").items() if row not in ROWS}
    assert unknown == {}


def test_proofs_are_found_on_functions_coroutines_and_classes(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_it.py").write_text(
        "import pytest\n"
        "@pytest.mark.proves('D7', 'D8')\n"
        "async def test_a(): ...\n"
        "@pytest.mark.proves('D7')\n"
        "class TestB:\n"
        "    def test_c(self): ...\n"
        "@pytest.mark.proves('D9')\n"
        "def not_a_test(): ...\n"
    )
    proofs = proofs_by_row(folder)
    assert proofs == {"D7": ["tests/test_it.py::test_a", "tests/test_it.py::TestB"], "D8": ["tests/test_it.py::test_a"]}
    assert report("Part", ["D7", "D9"], proofs).splitlines()[1:] == [
        "Part: 1 of 2 rows proven",
        "  D7    tests/test_it.py::test_a",
        "        tests/test_it.py::TestB",
        "  not yet: D9",
    ]


@pytest.mark.parametrize("option", [[], ["--json"]])
def test_the_command_runs(option: list[str]) -> None:
    done = subprocess.run([sys.executable, ROOT / "tools" / "rows.py", *option], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "S21" in done.stdout
