"""The work of a decoding process."""

from dataclasses import fields
from typing import Any

from antiphon.audio.ffmpeg import decode_container
from antiphon.audio.recording import Recording, too_long
from antiphon.serving.worker_main import Work


def make() -> Work:
    """The work: a recording's bytes in, its samples (float32 [channels, n]) out."""
    return _decode


def _decode(wanted: dict[str, Any], data: memoryview) -> tuple[dict[str, Any], bytes]:
    try:
        recording = decode_container(data, **wanted)
    except MemoryError as error:
        # The limit has room for eight channels of the longest recording taken.
        raise too_long(wanted["max_audio_s"]) from error
    facts = {field.name: getattr(recording, field.name) for field in fields(Recording) if field.name != "samples"}
    return {**facts, "channels": len(recording.samples)}, recording.samples.tobytes()
