"""docs/configuration.md tells the settings as they are, and its stack files can be used."""

import re
from pathlib import Path

import pytest

from antiphon.config import load
from configuration import PAGE, TABLE, rendered, sections

TEXT = PAGE.read_text("utf-8")
STACKS = re.findall(r"^```toml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def test_the_tables_are_those_of_the_settings() -> None:
    assert rendered(TEXT) == TEXT, "run `python tools/configuration.py`"


def test_every_section_has_its_table() -> None:
    told = {found["section"] for found in TABLE.finditer(TEXT)}
    alike = {"turn", "guard", "llm", "align"}
    assert set(sections()) - alike == told - {"aliases"}
    assert all(sections()[port] == sections()["vad"] for port in alike)
    assert all(f"`[{name}]`" in TEXT for name in ("practice", *sections()))


@pytest.mark.parametrize("text", STACKS)
def test_its_stack_files_can_be_used(text: str, tmp_path: Path) -> None:
    file = tmp_path / "practice.toml"
    file.write_text(text, "utf-8")
    stack = load(file, {})
    assert stack.warnings == []
    assert stack.practice.services
