"""Recordings of unknown origin, decoded in limited child processes."""

from antiphon.audio.pcm import Samples
from antiphon.audio.recording import Recording


class Decoder:
    """Decodes untrusted recordings; plain PCM WAV in a thread, everything else in a limited child process."""

    def __init__(self, *, processes: int = 1, max_audio_s: float = 600.0, timeout_s: float = 30.0) -> None:
        """Nothing is started until the first call (or `start`).

        Args:
            processes: how many recordings are decoded at once.
            max_audio_s: longest recording taken.
            timeout_s: wall time a recording may take before it counts as damaged.
        """

    async def start(self) -> None:
        """Start the processes now, so that the first recording need not wait for them."""

    async def decode(
        self, data: bytes, *, rate_hz: int | None = 16_000, mono: bool = True, max_audio_s: float | None = None
    ) -> Recording:
        """The recording in `data`, whatever its name or declared type.

        Args:
            data: the bytes of a file.
            rate_hz: rate wanted, None for the file's own.
            mono: one channel only (`pcm.mono`), or all of them.
            max_audio_s: a lower limit for this call.

        Raises:
            BadAudio: `audio_unsupported`, `audio_empty` or `audio_damaged`.
            TooLong: `audio_too_long`.
            EngineFailed: the decoding process cannot be started.
        """
        raise NotImplementedError

    async def decode_mono(self, data: bytes, rate_hz: int = 16_000, *, max_audio_s: float | None = None) -> Samples:
        """`decode`, only the samples: float32 [n] at `rate_hz`."""
        raise NotImplementedError

    async def close(self) -> None:
        """End the processes."""
