"""Work in crash-isolated processes: restarted with back-off, killed when hung, gone when their parent is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

Buffer: TypeAlias = bytes | bytearray | memoryview


class Answer(NamedTuple):
    """What a worker answered: plain data, and bytes that travelled without being copied into it."""

    value: Any
    blob: bytearray


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """What a worker process may take; None is no limit.

    Attributes:
        memory_bytes: address space beyond what it occupies once its factory has run.
        cpu_s: processor time of one call.
        files: open files beyond those it has once its factory has run.
        network: whether it may reach any; taken away where the kernel lets us.
    """

    memory_bytes: int | None = None
    cpu_s: float | None = None
    files: int | None = None
    network: bool = True


class WorkerPool:
    """`size` processes that all run the same function.

    `factory` names a function as "module:function". Each process calls it once, with `arguments` (plain data); it
    returns the work: a callable `work(value, blob) -> (value, blob)`, where values are what msgpack can carry (None,
    bool, int, float, str, bytes, list, dict) and a blob is any buffer, for arrays. Only that module and what it imports
    is loaded, so keep it lean.

    Typed errors (`AntiphonError`) raised by the work are raised again by `call`; any other is `EngineFailed`.
    """

    def __init__(
        self,
        factory: str,
        arguments: Sequence[Any] = (),
        *,
        size: int = 1,
        limits: WorkerLimits = WorkerLimits(),
        start_timeout_s: float = 30.0,
        call_timeout_s: float = 60.0,
    ) -> None:
        """Nothing is started until the first call (or `start`)."""

    async def start(self) -> None:
        """Start all processes now and wait until they are ready.

        Raises:
            EngineFailed: `worker_start`: one could not be started.
            AntiphonError: whatever typed error the factory raised.
        """

    async def call(self, value: Any, blob: Buffer = b"", *, retries: int = 0, timeout_s: float | None = None) -> Answer:
        """Let a free worker do one piece of work; callers wait in order for one.

        Cancelling the call kills the worker if it was at it, and frees its place at once.

        Args:
            value: plain data.
            blob: bytes to hand over beside it, such as an array's.
            retries: how often to do it again on a fresh worker after a crash; only for work that may be done twice.
            timeout_s: instead of the pool's `call_timeout_s`; the worker is killed when it passes.

        Raises:
            EngineFailed: `worker_lost`: the process died at work; `worker_start`: none could be started;
                `worker_error`: the work raised something untyped.
            TimedOut: `engine_timeout`.
        """
        raise NotImplementedError

    async def close(self) -> None:
        """Kill all processes and wait until they are gone; later calls fail."""
