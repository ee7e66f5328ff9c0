"""What two engines make of labelled recordings, and the processor time of each; kept, so that it is asked once."""

import dataclasses
import hashlib
import json
import time
import tomllib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from antiphon.app import App
from antiphon.audio.pcm import RATE_HZ
from antiphon.cli.labelled import Labelled, count_errors
from antiphon.cli.script import read_bytes
from antiphon.config import Stack
from antiphon.errors import AntiphonError, BadInput, TooLong
from antiphon.events.speech import Hearing, Samples
from antiphon.ports.stt import Transcriber
from antiphon.stt.routing import count_words, nobody_speaks
from antiphon.stt.tuning import Clip


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """An engine and its options, as written on the command line: `moonshine,search=greedy`."""

    name: str
    options: Mapping[str, Any]

    def __str__(self) -> str:
        return ",".join((self.name, *(f"{key}={value}" for key, value in self.options.items())))


@dataclass(frozen=True, slots=True)
class Heard:
    """What an engine made of a recording."""

    text: str
    confidence: float
    no_speech: bool
    cpu_s: float


def parse_spec(written: str) -> EngineSpec:
    """The engine that is meant.

    Raises:
        BadInput: it is not written as NAME[,option=value…].
    """
    name, *options = written.split(",")
    pairs = [option.partition("=") for option in options]
    if not name or not all(key and sign for key, sign, _ in pairs):
        raise BadInput(f"{written!r} is not written as NAME[,option=value…].", code="engine_spec")
    return EngineSpec(name, {key: _value(text) for key, _, text in pairs})


async def hear_all(
    stack: Stack, specs: tuple[EngineSpec, EngineSpec], items: list[Labelled], folder: Path, done: Callable[[], None]
) -> tuple[list[Clip], dict[str, str]]:
    """Every recording as both engines hear it, and why those that are left out are.

    The engines take turns, recording by recording, so that a machine that slows down slows both.

    Args:
        stack: everything that the specs do not say.
        specs: of the primary and of the fallback tier.
        items: the recordings.
        folder: where transcripts are kept for the next time.
        done: called after each recording.
    """
    clips, left_out = list[Clip](), dict[str, str]()
    async with _Tier.open(stack, specs[0], folder) as primary, _Tier.open(stack, specs[1], folder) as fallback:
        for item in items:
            try:
                first, second = await primary.hear(item), await fallback.hear(item)
            except AntiphonError as error:
                left_out[item.id] = error.code
            else:
                clips.append(_clip(item, first, second))
            done()
    return clips, left_out


class _Tier:
    """One engine, and what it heard before."""

    def __init__(self, app: App, engine: Transcriber, file: Path) -> None:
        self._app, self._engine, self._file = app, engine, file
        self._known = _kept(file)
        self._warm = False

    @classmethod
    @asynccontextmanager
    async def open(cls, stack: Stack, spec: EngineSpec, folder: Path) -> "AsyncIterator[_Tier]":
        """The engine, loaded."""
        own = dataclasses.replace(
            stack,
            stt=dataclasses.replace(stack.stt, engine=spec.name),
            engine_options={**stack.engine_options, spec.name: spec.options},
        )
        async with App(own) as app:
            yield cls(app, await app.transcriber(), folder / f"heard-{_digest(str(spec))}.jsonl")

    async def hear(self, item: Labelled) -> Heard:
        """What it makes of a recording.

        Raises:
            AntiphonError: the recording cannot be used, or the engine failed.
        """
        data = read_bytes(item.path)
        key = _digest(f"{item.language}\n", data)
        if key not in self._known:
            hearing = Hearing(language=item.language or None)
            samples = await self._app.decode(data)
            await self._check(samples, hearing)
            began_s = time.process_time()
            transcript = await self._engine.transcribe(samples, hearing)
            heard = Heard(
                transcript.text, transcript.confidence, nobody_speaks(transcript), time.process_time() - began_s
            )
            self._known[key] = heard
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"key": key, "id": item.id, **dataclasses.asdict(heard)}) + "\n")
        return self._known[key]

    async def _check(self, samples: Samples, hearing: Hearing) -> None:
        """Refuse what services cut into windows, and hear once for nothing: a first call pays for what is set up."""
        card = self._engine.card
        if card.languages and hearing.language not in (None, *card.languages):
            raise BadInput(f"{card.name} does not hear {hearing.language}.", code="language_unsupported")
        if card.window_s and len(samples) > card.window_s * RATE_HZ:
            raise TooLong(f"{card.name} hears {card.window_s:g} s at once.", code="longer_than_window")
        if not self._warm:
            await self._engine.transcribe(samples, hearing)
            self._warm = True


def _clip(item: Labelled, first: Heard, second: Heard) -> Clip:
    language = item.language or "en"
    words, primary_errors = count_errors(item.text, first.text, language)
    return Clip(
        id=item.id,
        speaker=item.speaker,
        condition=item.condition,
        words=words,
        primary_errors=primary_errors,
        fallback_errors=count_errors(item.text, second.text, language)[1],
        primary_cpu_s=first.cpu_s,
        fallback_cpu_s=second.cpu_s,
        confidence=first.confidence,
        heard_words=count_words(first.text, language),
        no_speech=first.no_speech,
    )


def _kept(file: Path) -> dict[str, Heard]:
    """What is in a file of earlier transcripts; a line that was cut off while it was written is passed over."""
    known = {}
    for line in file.read_text("utf-8").splitlines() if file.is_file() else []:
        try:
            row = json.loads(line)
            known[row["key"]] = Heard(row["text"], row["confidence"], row["no_speech"], row["cpu_s"])
        except (ValueError, KeyError, TypeError):
            continue
    return known


def _value(text: str) -> Any:
    """A value as TOML has it; what is no TOML is a text, so that nobody has to quote twice."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _digest(text: str, data: bytes = b"") -> str:
    return hashlib.sha256(text.encode() + data).hexdigest()[:16]
