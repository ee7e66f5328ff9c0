"""Write the tables of docs/configuration.md anew from the settings themselves: `python tools/configuration.py`.

A table stands between `<!-- settings: SECTION -->` and `<!-- end -->`.
"""

import dataclasses
import re
from collections import defaultdict
from pathlib import Path
from typing import Any, TypeAlias

from antiphon.config import load
from antiphon.config.aliases import ALIASES, MODEL_ALIASES
from antiphon.config.reader import variable_of
from antiphon.engines import discover
from antiphon.settings import Setting

PAGE = Path(__file__).resolve().parent.parent / "docs" / "configuration.md"
TABLE = re.compile(r"(<!-- settings: (?P<section>[\w.-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

Rows: TypeAlias = list[tuple[str, Any, Setting]]
"""Of each setting of a section its name, its default and its declaration."""


def sections() -> dict[str, Rows]:
    """Every section of a stack file that is made of settings."""
    found: dict[str, Rows] = defaultdict(list)
    for value in load(env={}).values:
        section, _, name = value.key.rpartition(".")
        found[section].append((name, value.value, value.setting))
    for engine in discover.engines():
        fields = dataclasses.fields(engine.module.Options)
        declared = [(field.name, field.default, field.metadata["setting"]) for field in fields if field.metadata]
        found[f"engines.{engine.card.name}"] = declared
    return dict(found)


def table(rows: Rows) -> str:
    """The settings of a section as a Markdown table."""
    if not rows:
        return "It has no options.\n"
    lines = [f"| `{name}` | {shown(default)} | {of.allowed} | {of.meaning} |" for name, default, of in rows]
    return "\n".join(["| key | default | allowed | meaning |", "|---|---|---|---|", *lines]) + "\n"


def shown(default: Any) -> str:
    """A default as a stack file writes it."""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, tuple):
        return f"`{list(default)}`"
    return f'`"{default}"`' if isinstance(default, str) else f"`{default}`"


def aliases() -> str:
    """The variables that go by another name as well."""
    of_models = {
        f"{name}` for `--role {role}" if role else name: key
        for role, found in MODEL_ALIASES.items()
        for name, key in found.items()
    }
    everywhere = ALIASES.items()
    rows = (f"| `{name}` | `{key}` | `{variable_of(key)}` |" for name, key in [*everywhere, *of_models.items()])
    return "\n".join(["| variable | sets | same as |", "|---|---|---|", *rows]) + "\n"


def rendered(page: str) -> str:
    """The page with every table as it should be.

    Raises:
        KeyError: it names a section that there is not.
    """
    tables = {name: table(rows) for name, rows in sections().items()} | {"aliases": aliases()}
    return TABLE.sub(lambda found: found[1] + tables[found["section"]] + found[3], page)


if __name__ == "__main__":
    PAGE.write_text(rendered(PAGE.read_text("utf-8")), "utf-8")
