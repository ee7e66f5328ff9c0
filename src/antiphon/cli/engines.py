"""`antiphon engines`: what there is, what this machine can use, and what the stack means."""

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.padding import Padding

from antiphon.app import Listed, catalogue
from antiphon.config import load


def engines(
    stack: Annotated[Path | None, typer.Option(help="Stack file; the built-in one without it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list for machines.")] = False,
) -> None:
    """List all engines: usable or why not, and which one the stack (or `auto`) means and why.

    Example: antiphon engines --stack practice.toml
    """
    listed = catalogue(load(stack))
    if as_json:
        print(json.dumps([_described(engine) for engine in listed], indent=2, ensure_ascii=False))
        return
    console = Console(highlight=False)
    for engine in listed:
        card = engine.card
        languages = " ".join(card.languages) or "any language"
        about = f"{languages}, {card.weights_licence}" if card.weights_licence else languages
        mark = "[green]●[/]" if engine.chosen_because else "[red]✗[/]" if engine.why_not else "○"
        console.print(f"{mark} {card.port:6}[bold]{card.name}[/] ({about})", soft_wrap=True)
        for text in (card.summary, _state(engine)):
            console.print(Padding(text, (0, 0, 0, 8)))


def _state(engine: Listed) -> str:
    if engine.why_not:
        return f"Not usable: {engine.why_not}."
    return f"In use: {engine.chosen_because}." if engine.chosen_because else "Usable."


def _described(engine: Listed) -> dict[str, object]:
    return {
        **dataclasses.asdict(engine.card),
        "usable": not engine.why_not,
        "why_not": engine.why_not or None,
        "chosen": bool(engine.chosen_because),
        "chosen_because": engine.chosen_because or None,
    }
