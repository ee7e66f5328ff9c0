"""`antiphon say`: text to speech, into a file or out of the sound device."""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console

from antiphon.app import App
from antiphon.audio.device import open_output
from antiphon.audio.encode import encode_flac, encode_mp3, encode_opus, encode_wav
from antiphon.cli.stack import read_stack
from antiphon.errors import BadInput, EngineUnavailable
from antiphon.events.speech import Samples, SpokenWord, Voicing
from antiphon.ports.tts import Voice

ENCODERS: Mapping[str, Callable[[Samples, int], bytes]] = MappingProxyType(
    {".wav": encode_wav, ".flac": encode_flac, ".opus": encode_opus, ".ogg": encode_opus, ".mp3": encode_mp3}
)


@dataclass(slots=True)
class Speech:
    """What was spoken of a text."""

    chunks: list[Samples] = field(default_factory=list)
    words: list[SpokenWord] = field(default_factory=list)
    first_sound_ms: float = 0.0

    @property
    def samples(self) -> Samples:
        """All of it, float32 [n] at the engine's rate."""
        return np.concatenate([np.zeros(0, np.float32), *self.chunks])


def say(
    text: Annotated[str, typer.Argument(help="What to say; `-` reads it from standard input.")],
    voice: Annotated[str | None, typer.Option(help="The engine's own voice name, such as f2 or en-us+f3.")] = None,
    language: Annotated[str | None, typer.Option(help="ISO 639-1 code; the stack's first without it.")] = None,
    speed: Annotated[float | None, typer.Option(min=0.5, max=2.0, help="1.0 is the engine's normal pace.")] = None,
    out: Annotated[Path | None, typer.Option(help="File to write: .wav, .flac, .opus, .ogg or .mp3.")] = None,
    stack: Annotated[Path | None, typer.Option(help="Stack file; the built-in one without it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object with word times.")] = False,
) -> None:
    """Say something: into a file, or through this machine's sound device.

    Example: antiphon say "Your appointment is at 10:30." --voice f2 --out appointment.wav
    """
    read = read_stack(stack)
    if out is not None and out.suffix.lower() not in ENCODERS:
        raise BadInput(f"{out}: write to a file that ends in one of {', '.join(ENCODERS)}", code="usage", param="out")
    spoken = sys.stdin.read() if text == "-" else text
    if not spoken.strip():
        raise BadInput("there is no text to say", code="text_empty", param="text")
    choice = read.tts
    voicing = Voicing(
        language or choice.language or read.practice.languages[0],
        choice.voice if voice is None else voice,
        speed or choice.speed,
    )

    async def run() -> dict[str, Any]:
        async with App(read) as app:
            engine = await app.voice()
            speech = await (_play(engine, spoken, voicing) if out is None else _speak(engine, spoken, voicing))
        if out is not None:
            encoded = await asyncio.to_thread(ENCODERS[out.suffix.lower()], speech.samples, engine.card.rates_hz[0])
            await asyncio.to_thread(_write, out, encoded)
        return _described(spoken, voicing, engine, speech, out)

    result = asyncio.run(run())
    if as_json:
        print(json.dumps(result, ensure_ascii=False))
    elif out is not None:
        Console(highlight=False).print(f"{out}: {result['duration_s']:.2f} s, {result['engine']}", markup=False)


async def _speak(engine: Voice, text: str, voicing: Voicing, hear: Callable[[Samples], object] | None = None) -> Speech:
    """All of `text`; each chunk is handed to `hear` (blocking, in a thread) as soon as it is there."""
    speech = Speech()
    began_s = time.perf_counter()
    async with aclosing(engine.speak(text, voicing)) as chunks:
        async for chunk in chunks:
            if not speech.chunks:
                speech.first_sound_ms = (time.perf_counter() - began_s) * 1e3
            speech.chunks.append(chunk.samples)
            speech.words.extend(chunk.words)
            if hear is not None:
                await asyncio.to_thread(hear, chunk.samples)
    return speech


async def _play(engine: Voice, text: str, voicing: Voicing) -> Speech:
    """Speak through the default sound device.

    Raises:
        EngineUnavailable: there is none, or the library for it is missing.
    """
    try:
        device = open_output(engine.card.rates_hz[0])
    except EngineUnavailable as missing:
        raise EngineUnavailable(f"{missing.message}; or give --out FILE") from None
    with device:
        return await _speak(engine, text, voicing, device.write)


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")  # renamed when whole: nobody finds half a file
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise BadInput(f"{path} cannot be written: {error.strerror}", code="usage", param="out") from error


def _described(text: str, voicing: Voicing, engine: Voice, speech: Speech, out: Path | None) -> dict[str, Any]:
    rate_hz = engine.card.rates_hz[0]
    return {
        "text": text,
        "file": str(out) if out else None,
        "duration_s": round(len(speech.samples) / rate_hz, 3),
        "rate_hz": rate_hz,
        "engine": engine.card.name,
        "language": voicing.language,
        "voice": voicing.voice,
        "speed": voicing.speed,
        "first_sound_ms": round(speech.first_sound_ms, 1),
        "words": [
            {"word": text[word.start : word.end], "start_s": round(word.at_sample / rate_hz, 3)}
            for word in speech.words
        ],
    }
