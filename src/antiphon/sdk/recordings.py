"""What may be handed over for transcription, as the file that is sent."""

import asyncio
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from antiphon.audio.pcm import Samples
from antiphon.audio.wav import encode_wav
from antiphon.errors import BadInput, NotFound, TimedOut

LATE = "deadline"
"""Code of the error that a caller's own deadline brings."""
Recording: TypeAlias = bytes | bytearray | memoryview | Path | Samples
"""A whole file as bytes, the path of one, or samples: float32 [n] or [channels, n], in [-1, 1]."""


@dataclass(frozen=True, slots=True)
class AudioFile:
    """A file as it goes into the form."""

    name: str
    data: bytes
    media_type: str = "application/octet-stream"


async def audio_file(recording: Recording, rate_hz: int, within_s: float) -> AudioFile:
    """The file to send; reading and encoding happen in a thread.

    Args:
        recording: see `Recording`.
        rate_hz: of samples; files say it themselves.
        within_s: how long that may take.

    Raises:
        TimedOut: `deadline`: it took longer.
        NotFound: there is no such file.
        BadInput: `audio_type`: it is nothing that could be a recording; `file_unreadable`: it cannot be read.
    """
    try:
        async with asyncio.timeout(within_s):
            return await _file(recording, rate_hz)
    except TimeoutError as late:
        raise TimedOut(f"The recording was not read within {within_s:g} s.", code=LATE) from late


async def _file(recording: Recording, rate_hz: int) -> AudioFile:
    if isinstance(recording, bytes | bytearray | memoryview):
        return AudioFile("recording", bytes(recording))
    if isinstance(recording, Path):
        return await asyncio.to_thread(_read, recording)
    if isinstance(recording, np.ndarray) and recording.dtype == np.float32 and recording.ndim in (1, 2):
        return AudioFile("recording.wav", await asyncio.to_thread(encode_wav, recording, rate_hz), "audio/wav")
    raise BadInput(
        "A recording is the bytes of a file, a pathlib.Path, or float32 samples in one or two dimensions.",
        code="audio_type",
        param="audio",
    )


def _read(path: Path) -> AudioFile:
    try:
        data = path.read_bytes()
    except FileNotFoundError as missing:
        raise NotFound(f"There is no file {path}.", code="file_missing", param="audio") from missing
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.", code="file_unreadable", param="audio") from error
    return AudioFile(path.name, data, mimetypes.guess_type(path.name)[0] or "application/octet-stream")
