"""Decoding of recordings in this process; `serving.decoder` does it in a limited one, which untrusted files need."""

from antiphon.audio.ffmpeg import decode_container
from antiphon.audio.plain import decode_plain
from antiphon.audio.recording import Recording


def decode(
    data: bytes | bytearray | memoryview, *, rate_hz: int | None = 16_000, mono: bool = True, max_audio_s: float = 600.0
) -> Recording:
    """The recording in `data`.

    Args:
        data: the bytes of a file.
        rate_hz: rate wanted, None for the file's own.
        mono: one channel only (`pcm.mono`), or all of them.
        max_audio_s: longest recording taken.

    Raises:
        BadAudio: `audio_unsupported`, `audio_empty` or `audio_damaged`.
        TooLong: `audio_too_long`.
    """
    plain = decode_plain(data, rate_hz=rate_hz, mono=mono, max_audio_s=max_audio_s)
    return plain or decode_container(data, rate_hz=rate_hz, mono=mono, max_audio_s=max_audio_s)
