"""Reads what a caller says from recordings or from a script: TOML with `[[turns]]` of `file` or `text`."""

import tomllib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from antiphon.errors import BadInput, NotFound
from antiphon.events.speech import Samples
from antiphon.realtime.transports.script import Line, When

_KEYS = {"file", "text", "says", "after_s", "over_s", "voice", "language"}


@dataclass(frozen=True, slots=True)
class Sources:
    """How words and files become sound.

    Attributes:
        decode: turns a file's bytes into mono float32 at 16 kHz.
        speak: turns text, a voice and a language into the same.
    """

    decode: Callable[[bytes], Awaitable[Samples]]
    speak: Callable[[str, str, str], Awaitable[Samples]]


async def recordings(files: list[Path], sources: Sources) -> list[Line]:
    """One recording runs on its own timeline from the start; several are spoken one after each reply."""
    for file in files:
        check_readable(file)
    when = When.AFTER_SECONDS if len(files) == 1 else When.AFTER_REPLY
    return [Line(await _recording(file, sources), when) for file in files]


async def script(file: Path, sources: Sources) -> list[Line]:
    """The lines of a script file.

    Raises:
        BadInput: the script is no TOML, or a turn of it cannot be used; the message names the turn.
        NotFound: a recording it names is not there, which is found before any other turn is made.
    """
    try:
        tables = tomllib.loads(read_bytes(file).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{file} is not valid TOML: {error}", code="script_invalid") from None
    turns = tables.get("turns")
    if not isinstance(turns, list) or not turns:
        raise BadInput(f"{file} has no [[turns]]: write at least one", code="script_invalid")
    # Before anything is spoken or decoded for the turns before it.
    for turn in turns:
        only_file = isinstance(turn, dict) and "text" not in turn
        if only_file and isinstance(name := turn.get("file"), str) and name.strip():
            check_readable(file.parent / name)
    return [await _line(turn, f"{file}, turn {number}", file.parent, sources) for number, turn in enumerate(turns, 1)]


async def _line(turn: Any, where: str, folder: Path, sources: Sources) -> Line:
    if not isinstance(turn, dict) or ("file" in turn) == ("text" in turn):
        raise BadInput(f"{where}: give either `file` or `text`", code="script_invalid")
    if unknown := set(turn) - _KEYS:
        raise BadInput(f"{where}: unknown key {', '.join(sorted(unknown))}", code="script_invalid")
    if "after_s" in turn and "over_s" in turn:
        raise BadInput(f"{where}: give at most one of `after_s` and `over_s`", code="script_invalid")
    when = next((when for when in (When.AFTER_SECONDS, When.OVER_REPLY) if when.value in turn), When.AFTER_REPLY)
    seconds = _seconds(turn.get(when.value, 0), f"{where}: `{when.value}`")
    if "file" in turn:
        return Line(await _recording(folder / _text(turn, "file", where), sources), when, seconds)
    filled = {"voice": "", "language": "en"} | turn
    text, voice, language = (_text(filled, key, where) for key in ("text", "voice", "language"))
    with _naming(where):
        return Line(await sources.speak(text, voice, language), when, seconds)


async def _recording(file: Path, sources: Sources) -> Samples:
    with _naming(file):
        return await sources.decode(read_bytes(file))


@contextmanager
def _naming(what: Path | str) -> Iterator[None]:
    """Say of an error what it is about: there may be many recordings and turns."""
    try:
        yield
    except BadInput as error:
        raise type(error)(f"{what}: {error.message}", code=error.code, param=error.param) from None


def _text(turn: Mapping[str, Any], key: str, where: str) -> str:
    found = turn[key]
    if not isinstance(found, str) or not (found.strip() or key == "voice"):
        raise BadInput(f"{where}: `{key}` must be a text", code="script_invalid")
    return found


def read_bytes(file: Path) -> bytes:
    """The content of a file that the user named.

    Raises:
        NotFound: it is not there or cannot be read.
    """
    with _reading(file):
        return file.read_bytes()


def check_readable(file: Path) -> None:
    """Find out about a file that cannot be read before engines are loaded for it.

    Raises:
        NotFound: it is not there or cannot be read.
    """
    with _reading(file), file.open("rb"):
        pass


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotFound(f"cannot read {file}: {error.strerror}", code="file_unreadable", param=str(file)) from None


def _seconds(found: Any, where: str) -> float:
    if isinstance(found, bool) or not isinstance(found, (int, float)) or not 0 <= found <= 600:
        raise BadInput(f"{where} must be a number of seconds from 0 to 600", code="script_invalid")
    return float(found)
