"""`antiphon call`: a whole conversation from recordings, a script or the microphone."""

import asyncio
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from antiphon.app import App
from antiphon.audio.pcm import RATE_HZ
from antiphon.cli import script as scripts
from antiphon.cli.report import CallReport
from antiphon.cli.stack import read_stack
from antiphon.cli.timeline import draw_timeline
from antiphon.clock import OffsetClock, SystemClock
from antiphon.errors import BadInput, EngineUnavailable
from antiphon.realtime.calls import hold_call
from antiphon.realtime.tape import CallTape
from antiphon.realtime.transports.script import Line, ScriptedCaller

DRAIN_S = 5.0
YEARS = range(1970, 3000)
"""Calendars reckon some way back and ahead of a call; beyond these years that may leave the calendar altogether."""


def call(
    recordings: Annotated[
        list[Path] | None,
        typer.Argument(help="One recording runs on its own timeline; several are spoken one after each reply."),
    ] = None,
    script: Annotated[Path | None, typer.Option(help="TOML with [[turns]] of file or text.")] = None,
    microphone: Annotated[
        bool, typer.Option("--microphone", help="Speak and listen through the sound device.")
    ] = False,
    fast: Annotated[bool, typer.Option("--fast", help="The sample clock is the time: as fast as it computes.")] = False,
    now: Annotated[str | None, typer.Option(help="Wall time at the start of the call, ISO 8601.")] = None,
    stack: Annotated[Path | None, typer.Option(help="Stack file; the built-in one without it.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for call.flac, call.json and timeline.png.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what call.json holds.")] = False,
) -> None:
    """Hold a conversation and show its turns, facts, actions and latencies.

    Example: antiphon call --script examples/booking.toml --fast --out build/call
    """
    read = read_stack(stack)
    if sum((bool(recordings), script is not None, microphone)) != 1:
        raise BadInput("give recordings, or --script FILE, or --microphone", code="usage")
    clock = OffsetClock(_moment(now, read.practice.timezone)) if now else SystemClock()
    if out is not None:
        _make(out)

    async def run() -> dict[str, Any]:
        async with App(read, clock) as app:
            tape = CallTape()
            report = CallReport(None if as_json else Console(highlight=False), tape)
            conversation_id = await _hold(app, tape, recordings or [], script, fast=fast)
            await app.conversations.drain(DRAIN_S)
            record = await report.record(app, conversation_id)
            if out is not None:
                await _write(out, tape, record)
            return record

    record = asyncio.run(run())
    if as_json:
        print(json.dumps(record, indent=2, ensure_ascii=False))


async def _hold(app: App, tape: CallTape, files: list[Path], script: Path | None, *, fast: bool) -> str:
    """Hold the call and give its conversation's id; without files and script the caller is at the microphone."""
    at_microphone = not files and script is None
    # Read first: a script that cannot be used leaves no conversation behind.
    lines = [] if at_microphone else await _lines(app, files, script)
    parts, dialogue = await app.session_parts(), await app.open_dialogue(channel="call")
    if at_microphone:
        from antiphon.realtime.transports.microphone import hold_microphone

        await hold_microphone(dialogue, parts, tape)
    else:
        pace = None if fast else SystemClock()
        await hold_call(dialogue, parts, ScriptedCaller(lines), tape, clock=pace)
    return dialogue.id


async def _lines(app: App, files: list[Path], script: Path | None) -> list[Line]:
    sources = scripts.Sources(app.decode, app.speak_whole)
    return await scripts.script(script, sources) if script else await scripts.recordings(files, sources)


def _make(folder: Path) -> None:
    """Make the folder of the results before the call, not after it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"--out {folder} cannot be a folder: {error.strerror}", code="usage", param="out") from None


async def _write(folder: Path, tape: CallTape, record: dict[str, Any]) -> None:
    from antiphon.audio.encode import encode_flac

    stereo = tape.stereo
    flac = await asyncio.to_thread(encode_flac, stereo, RATE_HZ)
    await asyncio.to_thread((folder / "call.flac").write_bytes, flac)
    text = json.dumps(record, indent=2, ensure_ascii=False)
    await asyncio.to_thread((folder / "call.json").write_text, text, "utf-8")
    try:
        await asyncio.to_thread(draw_timeline, stereo, RATE_HZ, record, folder / "timeline.png")
    except EngineUnavailable as missing:
        print(f"antiphon: warning: {missing.message}", file=sys.stderr)


def _moment(text: str, timezone: str) -> datetime:
    from zoneinfo import ZoneInfo

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"--now {text!r} is no ISO 8601 time such as 2026-11-23T09:00", code="usage") from None
    if moment.year not in YEARS:
        raise BadInput(f"--now {text!r} must lie in the years {YEARS[0]} to {YEARS[-1]}", code="usage")
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))
