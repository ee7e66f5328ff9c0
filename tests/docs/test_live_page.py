"""docs/live.md says what the protocol is: its messages, fields and close codes are those of the code."""

import re
from pathlib import Path
from typing import get_args

from antiphon.events import live as wire

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "live.md").read_text("utf-8")


def rows(head: str) -> list[list[str]]:
    """The cells of the table that has this head."""
    table = PAGE.partition(head)[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]


def names(cell: str) -> list[str]:
    return re.findall(r"`([a-z_0-9]+)`", cell)


def test_messages_to_the_server_are_told() -> None:
    told = [name for row in rows("| message | fields | does |") for name in names(row[0])]
    assert sorted(told) == sorted(kind.__struct_config__.tag for kind in get_args(wire.ClientMessage))


def test_what_start_may_say_is_told() -> None:
    assert [names(row[0])[0] for row in rows("| `start` | default | is |")] == list(wire.Start.__struct_fields__)


def test_messages_of_the_server_are_told_with_their_fields() -> None:
    told = {names(row[0])[0]: set(names(row[1])) for row in rows("| message | fields | means |")}
    assert told == {kind.__struct_config__.tag: set(kind.__struct_fields__) for kind in get_args(wire.ServerMessage)}


def test_close_codes_are_told() -> None:
    told = {name: int(row[0]) for row in rows("| close code | error `code` |") for name in names(row[1])}
    assert told == dict(wire.CLOSE_CODES)
