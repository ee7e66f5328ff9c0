"""`antiphon config`: what is set, where it came from, and whether a stack file is right."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from antiphon.app import catalogue, choose, options, store_of
from antiphon.config import Stack, load
from antiphon.config.reader import Value, variable_of
from antiphon.errors import EngineUnavailable
from antiphon.ports.card import Port

config = typer.Typer(help="Show or check the configuration.", no_args_is_help=True, rich_markup_mode=None)

PIPED_COLUMNS = 1000
"""So that a line stays a line for `grep`."""

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]


@config.command()
def show(
    stack: Annotated[Path | None, typer.Option(help="Stack file; the built-in one without it.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show every setting, its value and its source; secrets are not shown.

    Example: antiphon config show --stack practice.toml
    """
    read = _read(stack)
    if as_json:
        print(json.dumps({value.key: _described(value) for value in read.values}, indent=2))
        return
    headings = ("setting", "value", "source", "variable", "meaning")
    table = Table(*(Column(name, overflow="fold") for name in headings), box=None, header_style="bold")
    for value in read.values:
        table.add_row(value.key, str(_shown(value)), value.source, variable_of(value.key), value.setting.meaning)
    Console(width=None if sys.stdout.isatty() else PIPED_COLUMNS).print(table)


@config.command()
def check(file: Annotated[Path, typer.Argument(help="Stack file to check.")], as_json: JsonFlag = False) -> None:
    """Check a stack file: exits 78 for a value that cannot be used, and warns of keys that nothing reads.

    Example: antiphon config check practice.toml
    """
    read = _read(file)
    if as_json:
        print(json.dumps({"file": str(file), "stack": read.name, "warnings": read.warnings}))
    else:
        noted = f", with {len(read.warnings)} warnings" if read.warnings else ""
        print(f"{file}: stack `{read.name}` is usable{noted}")


def _read(file: Path | None) -> Stack:
    """The stack with the options of the engines it means; its warnings go to standard error.

    Raises:
        BadConfiguration: it cannot be read, or a value cannot be used.
    """
    stack = load(file)
    store = store_of(stack)
    # First the engine that knows the fewest languages, so that its answer is about all of them.
    for port in (Port.LLM, *(port for port in Port if port is not Port.LLM)):
        try:
            options(stack, store, choose(stack, store, port).engine)
        except EngineUnavailable as missing:
            # The file may well be meant for another machine.
            stack.warnings.append(missing.message)
    stack.reader.unknown("engines", stack.engine_options, [engine.card.name for engine in catalogue(stack)])
    for warning in stack.warnings:
        print(f"antiphon: warning: {warning}", file=sys.stderr)
    return stack


def _shown(value: Value) -> Any:
    if value.setting.secret:
        return "(set)" if value.value else "(not set)"
    return list(value.value) if isinstance(value.value, tuple) else value.value


def _described(value: Value) -> dict[str, Any]:
    return {
        "value": _shown(value),
        "source": value.source,
        "variable": variable_of(value.key),
        "allowed": value.setting.allowed,
        "meaning": value.setting.meaning,
    }
