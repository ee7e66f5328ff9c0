"""This machine's sound device, by the sounddevice package and PortAudio."""

from collections.abc import Callable
from typing import Any

from antiphon.errors import EngineUnavailable

HINT = "install antiphon[microphone] and the PortAudio library (libportaudio2)"


def open_output(rate_hz: int) -> Any:
    """A stream that float32 [n] mono can be written to (`write`, blocking), as a context manager.

    Raises:
        EngineUnavailable: there is no device, or the library for it is missing.
    """
    return _opened("OutputStream", samplerate=rate_hz)


def open_both(rate_hz: int, block_samples: int, exchange: Callable[[Any, Any, int, object, object], None]) -> Any:
    """A stream that takes and gives sound, as a context manager.

    `exchange(taken, given, frames, time, status)` is called in a thread of the device's own for every block: float32
    [frames, 1] each, the second to be filled.

    Raises:
        EngineUnavailable: there is no device, or the library for it is missing.
    """
    return _opened("Stream", samplerate=rate_hz, blocksize=block_samples, callback=exchange)


def _opened(kind: str, **options: Any) -> Any:
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        raise EngineUnavailable(f"no sound: {error}; {HINT}") from None
    try:
        return getattr(sounddevice, kind)(channels=1, dtype="float32", **options)
    except sounddevice.PortAudioError as error:
        raise EngineUnavailable(f"no sound device can be used: {error}") from None
