"""`antiphon stt smoke`: whether a running service does what it must."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from antiphon.cli.recordings import read_clips
from antiphon.cli.stt_checks import Check, Plan, check_all

EXIT_FAILED = 1


def smoke(
    url: Annotated[str, typer.Argument(help="Address of the service, such as http://127.0.0.1:8081.")],
    audio: Annotated[Path, typer.Option(help="Folder of recordings with speech; some of them are sent.")],
    key: Annotated[str, typer.Option(help="Bearer key.", envvar="STT_API_KEY")] = "",
    fallback_url: Annotated[str, typer.Option(help="Address of the fallback tier, to look at it too.")] = "",
    language: Annotated[str, typer.Option(help="Language of the recordings, for requests that name it.")] = "en",
    clips: Annotated[int, typer.Option(help="How many of the recordings are sent.", min=1, max=100)] = 3,
    upload_mb: Annotated[int, typer.Option(help="Largest body that the service takes.", min=1, max=1024)] = 16,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list of all checks.")] = False,
) -> None:
    """Send real recordings, and what must be refused, to a service; exits 1 if anything is not as it should be.

    Example: antiphon stt smoke http://stt-primary:8081 --audio ./samples --key $KEY
    """
    plan = Plan(url, key, fallback_url, language, read_clips(audio, clips), upload_mb)
    checks = asyncio.run(_run(check_all(plan), quiet=as_json))
    failed = [check for check in checks if not check.ok]
    if as_json:
        print(json.dumps([asdict(check) for check in checks], ensure_ascii=False))
    else:
        print(f"{len(checks) - len(failed)} of {len(checks)} checks passed")
    if failed:
        raise typer.Exit(EXIT_FAILED)


async def _run(checks: AsyncIterator[Check], *, quiet: bool) -> list[Check]:
    console, done = Console(highlight=False, markup=False, soft_wrap=True), list[Check]()
    async for check in checks:
        done.append(check)
        if not quiet:
            console.print("✓" if check.ok else "✗", style="green" if check.ok else "bold red", end=" ")
            console.print(f"{check.name}  ", end="")
            console.print(check.seen, style="dim" if check.ok else "red")
    return done
