"""Recordings of unknown origin, decoded in limited child processes."""

from functools import partial
from typing import Any

import numpy as np

from antiphon.audio.pcm import Samples
from antiphon.audio.plain import decode_plain
from antiphon.audio.recording import Recording
from antiphon.errors import BadAudio, EngineFailed, TimedOut
from antiphon.serving.threads import Threads
from antiphon.serving.worker import Answer, WorkerLimits, WorkerPool, WorkFailed

SMALL_BYTES = 256 << 10
"""Plain recordings up to this size are read where they are: a thread would cost more than the reading."""
_ROOM_BYTES = 128 << 20
"""For the file itself and for what decoders allocate."""
_BYTES_PER_AUDIO_S = 16_000 * 4 * 8
"""Eight channels of float32 at 16 kHz."""
_WORK = "antiphon.serving.decoder_worker:make"
_STALL_S = 3.0
"""Decoding needs nothing but the processor: who takes none for so long is stopped, or waits for what never comes."""
_NOT_ITS_FAULT = ("worker_start", "worker_lost")
_AGAIN = 2 / 3
"""What a second try may take of the first one's time: both together stay below the deadline of a request."""


class Decoder:
    """Decodes untrusted recordings: plain PCM WAV at once or in a thread, everything else in a limited child process.

    The child has no network, no files, bounded memory and bounded time. A recording that two children die or hang over
    is `audio_damaged`.
    """

    def __init__(self, *, processes: int = 1, max_audio_s: float = 600.0, timeout_s: float = 30.0) -> None:
        """Nothing is started until the first call (or `start`).

        Args:
            processes: how many recordings are decoded at once.
            max_audio_s: longest recording taken.
            timeout_s: wall time a recording may take before it is tried once more, in another process.
        """
        self.max_audio_s = max_audio_s
        self._timeout_s = timeout_s
        self._threads = Threads(processes, "wav")
        self._pool = WorkerPool(
            _WORK,
            size=processes,
            limits=WorkerLimits(
                memory_bytes=_ROOM_BYTES + int(max_audio_s * _BYTES_PER_AUDIO_S),
                cpu_s=timeout_s,
                files=8,
                confined=True,
            ),
            call_timeout_s=timeout_s,
            stall_s=_STALL_S,
        )

    @property
    def pool(self) -> WorkerPool:
        """The processes, for their counts."""
        return self._pool

    async def start(self) -> None:
        """Start the processes now, so that the first recording need not wait for them.

        Raises:
            EngineFailed: they cannot be started.
        """
        await self._pool.start()

    async def decode(
        self,
        data: bytes | bytearray | memoryview,
        *,
        rate_hz: int | None = 16_000,
        mono: bool = True,
        max_audio_s: float | None = None,
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
            AtCapacity: too many recordings wait.
            EngineFailed: `worker_start`: the decoding process cannot be started; `worker_lost`: it was lost, and not
                for this recording.
        """
        limit_s = min(max_audio_s or self.max_audio_s, self.max_audio_s)
        wanted_plain = partial(decode_plain, data, rate_hz=rate_hz, mono=mono, max_audio_s=limit_s)
        plain = wanted_plain() if len(data) <= SMALL_BYTES else await self._threads.run(wanted_plain)
        if plain is not None:
            return plain
        wanted = {"rate_hz": rate_hz, "mono": mono, "max_audio_s": limit_s}
        try:
            facts, blob = await self._in_child(wanted, data)
        except (EngineFailed, TimedOut) as error:
            if error.code in _NOT_ITS_FAULT and not isinstance(error, WorkFailed):
                raise
            # Twice in a row it was this file that killed the decoder or kept it busy without end.
            raise BadAudio("This recording cannot be decoded; it is damaged.", code="audio_damaged") from error
        samples = np.frombuffer(blob, dtype=np.float32).reshape(facts.pop("channels"), -1)
        return Recording(samples, **facts)

    async def _in_child(self, wanted: dict[str, Any], data: bytes | bytearray | memoryview) -> Answer:
        try:
            return await self._pool.call(wanted, data, retries=1)
        except TimedOut:
            return await self._pool.call(wanted, data, timeout_s=_AGAIN * self._timeout_s)

    async def decode_mono(
        self, data: bytes | bytearray | memoryview, rate_hz: int = 16_000, *, max_audio_s: float | None = None
    ) -> Samples:
        """`decode`, only the samples: float32 [n] at `rate_hz`."""
        return (await self.decode(data, rate_hz=rate_hz, max_audio_s=max_audio_s)).mono

    async def close(self) -> None:
        """End the processes."""
        self._threads.close()
        await self._pool.close()
