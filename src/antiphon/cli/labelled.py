"""Recordings whose words are known, from a list of them; and how many of the words somebody got wrong."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from antiphon.errors import BadInput, NotFound
from antiphon.language.normal import normalise

_TIMES = {"double": 2, "triple": 3, "treble": 3}
_PATH, _TEXT = ("path", "file", "audio"), ("text", "transcript", "reference")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A recording and what is said in it.

    Attributes:
        id: its name.
        path: where it lies.
        text: what is said.
        language: ISO 639-1 code; empty where it is not told.
        speaker: who speaks; the recording's own name where it is not told.
        condition: its kind.
    """

    id: str
    path: Path
    text: str
    language: str
    speaker: str
    condition: str


def read_manifest(path: Path, language: str = "") -> list[Labelled]:
    """The recordings that a list names.

    Args:
        path: a CSV file with a header, or one JSON object a line: `path` and `text`, and where known `id`, `language`,
            `speaker`, `condition`. Paths are relative to the list. Rows without a text are passed over.
        language: only recordings in this one, or in one that is not told; all where it is empty.

    Raises:
        NotFound: there is no such list.
        BadInput: it cannot be read, or names nothing that could be used.
    """
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError as missing:
        raise NotFound(f"There is no file {path}.", code="file_missing") from missing
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}.", code="file_unreadable") from error
    found = [_labelled(row, path, number) for number, row in enumerate(_rows(text, path), 1) if _first(row, _TEXT)]
    found = [one for one in found if not language or one.language in ("", language)]
    if not found:
        raise BadInput(f"{path} names no recording with a text{f' in {language}' if language else ''}.")
    return found


def count_errors(reference: str, heard: str, language: str) -> tuple[int, int]:
    """Words that were said, and how many of them were got wrong, both written in one way.

    Numbers are compared figure by figure ("oh seven nine", "079"), so that one wrong digit is one error.
    """
    said, got = _words(reference, language), _words(heard, language)
    return len(said), Levenshtein.distance(said, got)


def _words(text: str, language: str) -> list[str]:
    words, times = list[str](), 1
    for word in normalise(text, language).split():
        if not word.isdecimal():
            times = _TIMES.get(word, 1)
            words.append(word)
            continue
        if times > 1:
            words[-1:] = [word[0]] * (times - 1)  # "double six" is 66
            times = 1
        words += word
    return words


def _rows(text: str, path: Path) -> Iterator[Mapping[str, Any]]:
    if path.suffix.lower() in (".jsonl", ".ndjson", ".json"):
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                yield _object(line, f"{path}:{number}")
    else:
        yield from csv.DictReader(text.splitlines())


def _object(line: str, where: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise BadInput(f"{where} is not JSON: {error}.", code="manifest_bad") from error
    if not isinstance(row, dict):
        raise BadInput(f"{where} is not a JSON object.", code="manifest_bad")
    return row


def _labelled(row: Mapping[str, Any], manifest: Path, number: int) -> Labelled:
    file = _first(row, _PATH)
    if not file:
        raise BadInput(f"Row {number} of {manifest} names no recording (`path`).", code="manifest_bad")
    name = str(row.get("id") or file)
    return Labelled(
        id=name,
        path=manifest.parent / file,
        text=_first(row, _TEXT),
        language=str(row.get("language") or ""),
        speaker=str(row.get("speaker") or name),
        condition=str(row.get("condition") or ""),
    )


def _first(row: Mapping[str, Any], names: Iterable[str]) -> str:
    return next((str(row[name]) for name in names if row.get(name)), "")
