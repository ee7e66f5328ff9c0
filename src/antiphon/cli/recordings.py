"""Recordings from a folder of one's own, as what a service is proven with: as they are, and joined to a long one."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from antiphon.audio.decode import decode
from antiphon.audio.pcm import RATE_HZ, Samples
from antiphon.audio.wav import encode_wav
from antiphon.errors import AntiphonError, BadInput, NotFound

SUFFIXES = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".webm", ".m4a", ".mp4")
PAUSE_S = 0.4
LONGEST_S = 3600.0


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording to be sent: its name, the file as it is sent, and how long it lasts."""

    name: str
    data: bytes
    duration_s: float


def read_clips(folder: Path, most: int) -> list[Clip]:
    """Up to `most` recordings of a folder, spread over its names in order; what cannot be decoded is passed over.

    Raises:
        NotFound: there is no such folder.
        BadInput: nothing in it can be decoded.
    """
    if not folder.is_dir():
        raise NotFound(f"There is no folder {folder}.", code="folder_missing")
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    clips = list[Clip]()
    for path in [*paths[:: max(1, len(paths) // most)], *paths]:
        if len(clips) < most and path.name not in {clip.name for clip in clips}:
            clips += _clips(path)
    if not clips:
        raise BadInput(f"{folder} holds no recording that can be decoded.", code="folder_empty")
    return clips


def join(clips: Sequence[Clip], at_least_s: float) -> Clip:
    """One recording of at least this length: the clips one after the other, again and again, with short pauses."""
    pieces, pause, seconds = list[Samples](), np.zeros(int(PAUSE_S * RATE_HZ), np.float32), 0.0
    sounds = [_samples(clip.data) for clip in clips]
    while seconds < at_least_s:
        for sound in sounds:
            pieces += [sound, pause]
            seconds += (len(sound) + len(pause)) / RATE_HZ
            if seconds >= at_least_s:
                break
    return Clip(f"{len(pieces) // 2} clips joined", encode_wav(np.concatenate(pieces), RATE_HZ), seconds)


def silence(seconds: float) -> Clip:
    """Digital silence."""
    return Clip("silence", encode_wav(np.zeros(int(seconds * RATE_HZ), np.float32), RATE_HZ), seconds)


def _clips(path: Path) -> list[Clip]:
    try:
        data = path.read_bytes()
        return [Clip(path.name, data, len(_samples(data)) / RATE_HZ)]
    except (AntiphonError, OSError):
        return []


def _samples(data: bytes) -> Samples:
    return decode(data, max_audio_s=LONGEST_S).mono
