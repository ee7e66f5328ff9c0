"""One worker process as its parent sees it."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import structlog

from antiphon.serving.wire import HEADER, BrokenWire, Buffer, error_from, head, lengths, unpack

_REAP_POLL_S = 0.01
_CPU_CLOCK = 2
"""CPUCLOCK_SCHED, the processor time of all threads of a process. Source: linux/posix-timers.h, clock_getres(2)."""

log = structlog.get_logger()


class Answer(NamedTuple):
    """What a worker answered: plain data, and bytes that travelled beside it."""

    value: Any
    blob: bytearray


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """What a worker process may take; None is no limit.

    Attributes:
        memory_bytes: address space beyond what it occupies once its factory has run.
        cpu_s: processor time of one call; the process is killed beyond it.
        files: open files beyond those it has once its factory has run.
        confined: for untrusted input: no network (where the kernel lets us take it away), no writing of files, no
            working directory.
    """

    memory_bytes: int | None = None
    cpu_s: float | None = None
    files: int | None = None
    confined: bool = False


@dataclass(frozen=True, slots=True)
class WorkerOrders:
    """What a worker process is told first: whom to become and what it may take."""

    factory: str
    arguments: Sequence[Any]
    limits: WorkerLimits


class WorkerProcess:
    """A running worker; one call at a time."""

    def __init__(self, process: "subprocess.Popen[bytes]", wire: socket.socket) -> None:
        self._process = process
        self._wire = wire
        self._asked = False

    @classmethod
    async def start(cls, orders: WorkerOrders) -> "WorkerProcess":
        """A fresh interpreter whose factory has run.

        Raises:
            BrokenWire: it died before it was ready.
            AntiphonError: what its factory raised.
        """
        worker = cls._spawn()
        try:
            await worker._ask(asdict(orders))
        except BaseException:
            worker.kill()
            await worker.gone()
            raise
        return worker

    @classmethod
    def _spawn(cls) -> "WorkerProcess":
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            # Not in a thread: the kernel's death signal is bound to the thread that forks.
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", "-m", "antiphon.serving.worker_main", str(theirs.fileno()), str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                # A clean environment: no secret of ours reaches a decoder of untrusted input. One thread for BLAS.
                env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"},
            )
        return cls(process, ours)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """How it ended, negative for a signal; None while it runs."""
        return self._process.poll()

    @property
    def cpu_s(self) -> float | None:
        """Processor time it has taken; None where the system does not tell, or it is gone."""
        try:
            return time.clock_gettime((~self._process.pid << 3) | _CPU_CLOCK)
        except OSError:
            return None

    async def call(self, value: Any, blob: Buffer) -> Answer:
        """Hand over one piece of work and wait for its answer.

        After any exception but a typed error the process is out of step and has to be killed.

        Raises:
            BrokenWire: it died, or speaks nonsense.
            AntiphonError: what the work raised.
        """
        fields, out = await self._ask(value, blob)
        return Answer(fields["value"], out)

    async def _ask(self, value: Any, blob: Buffer = b"") -> tuple[dict[str, Any], bytearray]:
        loop = asyncio.get_running_loop()
        self._asked = True
        try:
            await loop.sock_sendall(self._wire, head(value, blob))
            if memoryview(blob).nbytes:
                await loop.sock_sendall(self._wire, memoryview(blob).cast("B"))
            value_bytes, blob_bytes = lengths(await self._exactly(HEADER.size))
            fields = unpack(await self._exactly(value_bytes))
            out = await self._exactly(blob_bytes)
        except ConnectionError as error:
            raise BrokenWire("the process is gone") from error
        finally:
            self._asked = False
        if "error" in fields:
            if "trace" in fields:
                log.error("worker.error", failure=fields["message"], trace=fields["trace"])
            raise error_from(fields)
        return fields, out

    async def _exactly(self, size: int) -> bytearray:
        loop = asyncio.get_running_loop()
        data = bytearray(size)
        view = memoryview(data)
        while view:
            got = await loop.sock_recv_into(self._wire, view)
            if got == 0:
                raise BrokenWire("the process is gone")
            view = view[got:]
        return data

    def kill(self) -> None:
        """Kill it, at work or not; returns at once. Whoever waits for its answer sees it gone."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def gone(self) -> int:
        """Wait until a killed process has ended, let go of its socket, and tell its exit code."""
        # Polling, because a killed process ends within milliseconds and this needs neither threads nor a child watcher.
        # A call in progress has to see the end of the line before the line is taken away.
        while (code := self._process.poll()) is None or self._asked:  # noqa: ASYNC110
            await asyncio.sleep(_REAP_POLL_S)
        self._wire.close()
        return code
