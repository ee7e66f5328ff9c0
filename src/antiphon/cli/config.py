"""`antiphon config`: what is set, where it came from, and whether a stack file is right."""

import asyncio
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from antiphon.app import App, catalogue, check_engines
from antiphon.config import Stack, lint_pair, load
from antiphon.config.reader import Value, variable_of
from antiphon.errors import BadConfiguration, EngineUnavailable
from antiphon.telemetry import LogSettings, configure_logging

config = typer.Typer(help="Show or check the configuration.", no_args_is_help=True, rich_markup_mode=None)

PIPED_COLUMNS = 1000
"""So that a line stays a line for `grep`."""

OWN_FILES = ("stt_primary", "stt_fallback")


def _role(given: str) -> str:
    if given not in ("", "primary", "fallback"):
        raise typer.BadParameter("primary or fallback")
    return given


JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]


RoleOption = Annotated[
    str, typer.Option(help="primary or fallback: as `antiphon serve stt --role` reads it.", callback=_role)
]


@config.command()
def show(
    stack: Annotated[Path | None, typer.Option(help="Stack file; the built-in one without it.")] = None,
    role: RoleOption = "",
    as_json: JsonFlag = False,
) -> None:
    """Show every setting, its value and its source; secrets are not shown.

    Example: antiphon config show --stack practice.toml
    """
    print_settings(read_settings(stack, role), as_json=as_json)


@config.command()
def check(
    file: Annotated[Path, typer.Argument(help="Stack file to check, or a file of variables (NAME.env).")],
    role: RoleOption = "",
    primary: Annotated[
        Path | None, typer.Option(help="File of a primary that asks FILE, its fallback: check that FILE can bear it.")
    ] = None,
    replicas: Annotated[int, typer.Option(help="How many such primaries ask it.", min=1, max=10_000)] = 1,
    here: Annotated[
        bool, typer.Option("--here", help="Load its speech-to-text as well: whether this machine has what it names.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Check a file: exits 78 for a value that cannot be used, and warns of what nothing reads or is likely a mistake.

    The file may be meant for another machine: models and GPUs that are not on this one are refused only with --here.

    Example: antiphon config check practice.toml

    Example: antiphon config check stt_primary.env --role primary --here

    Example: antiphon config check stt_fallback.env --primary stt_primary.env --replicas 4
    """
    read = _read_file(file, "fallback" if primary else role)
    if primary:
        found = list(lint_pair(_read_file(primary, "primary"), read, replicas))
        read.warnings.extend(found)
        _print_warnings(found)
    if here:
        asyncio.run(_load(read))
    if as_json:
        print(json.dumps({"file": str(file), "stack": read.name, "warnings": read.warnings}))
    else:
        noted = f", with {len(read.warnings)} warnings" if read.warnings else ""
        tried = "" if here else "; whether this machine has what it names was not tried (--here)"
        print(f"{file}: stack `{read.name}` is usable{noted}{tried}")


async def _load(stack: Stack) -> None:
    """Load speech-to-text as `antiphon serve` does, and close it again.

    Raises:
        BadConfiguration: this machine lacks something.
    """
    configure_logging(LogSettings(level="warning"))
    try:
        async with App(stack) as app:
            await app.start_speech_to_text()
    except EngineUnavailable as missing:
        raise BadConfiguration(missing.message, param=missing.param) from missing


def _read_file(file: Path, role: str) -> Stack:
    """The settings of a stack file, or of a file of variables, whose name may say which role it is for."""
    variables = file if file.suffix == ".env" else None
    role = role or (file.stem.removeprefix("stt_") if variables and file.stem in OWN_FILES else "")
    return read_settings(None if variables else file, role, variables)


def print_settings(stack: Stack, *, as_json: bool) -> None:
    """Print every setting with its source."""
    if as_json:
        print(json.dumps({value.key: _described(value) for value in stack.values}, indent=2))
        return
    headings = ("setting", "value", "source", "variable", "meaning")
    table = Table(*(Column(name, overflow="fold") for name in headings), box=None, header_style="bold")
    for value in stack.values:
        table.add_row(value.key, str(_shown(value)), value.source, variable_of(value.key), value.setting.meaning)
    Console(width=None if sys.stdout.isatty() else PIPED_COLUMNS).print(table)


def read_settings(file: Path | None, role: str = "", variables: Path | None = None) -> Stack:
    """The stack with the options of the engines it means; its warnings go to standard error.

    Raises:
        BadConfiguration: it cannot be read, or a value cannot be used.
    """
    stack = load(file, role=role, env_file=variables)
    stack.reader.unknown("engines", stack.engine_options, [engine.card.name for engine in catalogue(stack)])
    stack.warnings.extend(check_engines(stack))
    _print_warnings(stack.warnings)
    return stack


def _print_warnings(warnings: Iterable[str]) -> None:
    for warning in warnings:
        print(f"antiphon: warning: {warning}", file=sys.stderr)


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
