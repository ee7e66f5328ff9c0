"""`antiphon transcribe`: recordings to text."""

import asyncio
import dataclasses
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from antiphon.app import App, choose, store_of
from antiphon.cli.script import check_readable, read_bytes
from antiphon.cli.stack import read_stack
from antiphon.config import Stack
from antiphon.errors import AntiphonError, BadInput, NotFound
from antiphon.events.speech import Expectation, Hearing, Transcript
from antiphon.ports.card import Port
from antiphon.ports.stt import Transcriber

EXIT_FAILED = 1


def transcribe(
    files: Annotated[list[Path], typer.Argument(help="Recordings: wav, flac, mp3, ogg, webm, m4a, …", metavar="FILE…")],
    expect: Annotated[Expectation, typer.Option(help="The kind of answer that was asked for.")] = Expectation.FREE,
    phrase: Annotated[list[str] | None, typer.Option(help="A name or term likely to be said; may be repeated.")] = None,
    language: Annotated[str | None, typer.Option(help="ISO 639-1 code; detected without it.")] = None,
    engine: Annotated[str | None, typer.Option(help="Engine by name (see `antiphon engines`).")] = None,
    stack: Annotated[Path | None, typer.Option(help="Stack file; the built-in one without it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line, with word times.")] = False,
) -> None:
    """Transcribe recordings; exits 1 if any could not be.

    Example: antiphon transcribe phone-number.wav --expect digits --json
    """
    read = read_stack(stack)
    if engine is not None:
        read = _with_engine(read, engine)
    if language is not None:
        _check_language(read, language)
    hearing = Hearing(language=language, expect=expect, phrases=tuple(phrase or ()), words=as_json)
    failed = asyncio.run(_run(read, files, hearing, as_json=as_json))
    if failed:
        raise typer.Exit(EXIT_FAILED)


async def _run(stack: Stack, files: list[Path], hearing: Hearing, *, as_json: bool) -> int:
    """Print every file's result in the order given; how many failed."""
    failed = 0
    async with App(stack) as app:
        ears = await app.recording_transcriber() if any(map(_readable, files)) else None
        with Progress(console=Console(stderr=True), transient=True, disable=as_json) as bar:
            task = bar.add_task("transcribing", total=len(files))
            async with aclosing(_results(app, ears, files, hearing)) as results:
                async for result in results:
                    failed += "error" in result
                    bar.advance(task)
                    print(json.dumps(result, ensure_ascii=False) if as_json else _line(result, len(files)), flush=True)
    return failed


async def _results(
    app: App, ears: Transcriber | None, files: list[Path], hearing: Hearing
) -> AsyncGenerator[dict[str, Any]]:
    """Results in the order of `files`, as many at work as the stack allows."""
    slots = asyncio.Semaphore(app.stack.stt.concurrency)

    async def one(file: Path) -> dict[str, Any]:
        async with slots:
            return await _result(app, ears, file, hearing)

    async with asyncio.TaskGroup() as tasks:
        for work in [tasks.create_task(one(file)) for file in files]:
            yield await work


async def _result(app: App, ears: Transcriber | None, file: Path, hearing: Hearing) -> dict[str, Any]:
    try:
        samples = await app.decode(await asyncio.to_thread(read_bytes, file))
        ears = ears or await app.recording_transcriber()  # where the file has come to be since it was looked for
        return {"file": str(file), **_described(await ears.transcribe(samples, hearing))}
    except AntiphonError as error:
        return {"file": str(file), "error": {"code": error.code, "message": error.message}}


def _readable(file: Path) -> bool:
    """Whether there is anything to load engines for."""
    try:
        check_readable(file)
    except NotFound:
        return False
    return True


def _check_language(stack: Stack, language: str) -> None:
    """Refuse what the engine does not hear; one that names no languages judges for itself.

    Raises:
        BadInput: the engine would take it for another language.
    """
    card = choose(stack, store_of(stack), Port.STT).engine.card
    if card.languages and language not in card.languages:
        heard = ", ".join(card.languages)
        raise BadInput(
            f"--language {language!r} is not heard by {card.name}, which hears: {heard}",
            code="language_unsupported",
            param="language",
        )


def _described(transcript: Transcript) -> dict[str, Any]:
    return {
        "text": transcript.text,
        "confidence": round(transcript.confidence, 4),
        "language": transcript.language or None,
        "duration_s": round(transcript.duration_s, 3),
        "engine": transcript.engine,
        "words": [
            {
                "word": word.word,
                "start_s": round(word.start_s, 3),
                "end_s": round(word.end_s, 3),
                "confidence": None if word.confidence is None else round(word.confidence, 4),
            }
            for word in transcript.words
        ],
    }


def _line(result: dict[str, Any], count: int) -> str:
    where = f"{result['file']}: " if count > 1 else ""
    if "error" in result:
        return f"{where}error: {result['error']['message']}"
    return f"{where}{result['text'] or '(no speech)'}  [{result['confidence']:.0%}]"


def _with_engine(stack: Stack, name: str) -> Stack:
    return dataclasses.replace(stack, stt=dataclasses.replace(stack.stt, engine=name))
