"""What runs in a worker process: `python -m antiphon.serving.worker_main SOCKET_FD PARENT_PID`.

Imports as little as it can: a worker is ready as soon as its own factory's imports are.
"""

import ctypes
import os
import resource
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

from antiphon.serving.wire import HEADER, Buffer, error_fields, head, lengths, unpack

Work: TypeAlias = Callable[[Any, memoryview], tuple[Any, Buffer]]

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
"""Source: linux/prctl.h and linux/sched.h."""


def main(fd: int, parent_pid: int) -> None:
    """Serve the parent at socket `fd` until it closes it or dies."""
    _die_with(parent_pid)
    # Ctrl-C reaches the whole process group; when to stop is the parent's decision alone.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.set_inheritable(fd, False)  # or a process that the work starts would keep the line open after our death
    wire = socket.socket(fileno=fd)
    try:
        orders, _ = _receive(wire)
        work = _ready(wire, orders)
        if work is not None:
            _serve(wire, work, orders["limits"]["cpu_s"])
    except (EOFError, ConnectionError):
        return


def _ready(wire: socket.socket, orders: dict[str, Any]) -> Work | None:
    limits = orders["limits"]
    try:
        if limits["confined"]:
            _leave_network()
        module, _, function = orders["factory"].partition(":")
        work: Work = getattr(import_module(module), function)(*orders["arguments"])
        _limit(limits)
    except Exception as error:  # noqa: BLE001 - the supervisor of the factory: any failure becomes an answer
        _send(wire, error_fields(error, untyped_code="worker_start"))
        return None
    _send(wire, {})
    return work


def _serve(wire: socket.socket, work: Work, cpu_s: float | None) -> None:
    while True:
        value, blob = _receive(wire)
        if cpu_s is not None:
            _allow_cpu(cpu_s)
        try:
            answer, out = work(value, memoryview(blob))
        except Exception as error:  # noqa: BLE001 - the supervisor of the work: any failure becomes an answer
            _send(wire, error_fields(error, untyped_code="worker_error"))
        else:
            _send(wire, {"value": answer}, out)
            del answer, out
        # Nothing of this call may stay in memory while the next one is waited for.
        del value, blob


def _die_with(parent_pid: int) -> None:
    """Have the kernel kill this process when its parent dies, be it by SIGKILL."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        sys.exit(0)  # it died before we asked


def _leave_network() -> None:
    """Move into a network namespace that has no way out, where the kernel allows it."""
    if sys.platform != "linux":
        return
    unshare = ctypes.CDLL(None, use_errno=True).unshare
    # Root may do it outright; others need a user namespace of their own, which some systems forbid.
    if unshare(CLONE_NEWNET) != 0:
        unshare(CLONE_NEWUSER | CLONE_NEWNET)


def _limit(limits: dict[str, Any]) -> None:
    """Apply the limits, all relative to what the factory has taken."""
    if limits["memory_bytes"] is not None:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        _cap(resource.RLIMIT_AS, pages * resource.getpagesize() + limits["memory_bytes"])
    if limits["files"] is not None:
        _cap(resource.RLIMIT_NOFILE, max(int(fd.name) for fd in Path("/proc/self/fd").iterdir()) + 1 + limits["files"])
    if limits["confined"]:
        nowhere = tempfile.mkdtemp()
        os.chdir(nowhere)
        Path(nowhere).rmdir()
        _cap(resource.RLIMIT_FSIZE, 0)
        _cap(resource.RLIMIT_CORE, 0)


def _cap(limit: int, value: int) -> None:
    hard = resource.getrlimit(limit)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(limit, (value, value))


def _allow_cpu(seconds: float) -> None:
    # The limit counts a process's whole life, so each call moves it on; beyond it the kernel sends SIGXCPU.
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 1, hard))


def _send(wire: socket.socket, value: Any, blob: Buffer = b"") -> None:
    wire.sendall(head(value, blob))
    if memoryview(blob).nbytes:
        wire.sendall(memoryview(blob).cast("B"))


def _receive(wire: socket.socket) -> tuple[Any, bytearray]:
    value_bytes, blob_bytes = lengths(_exactly(wire, HEADER.size))
    return unpack(_exactly(wire, value_bytes)), _exactly(wire, blob_bytes)


def _exactly(wire: socket.socket, size: int) -> bytearray:
    data = bytearray(size)
    view = memoryview(data)
    while view:
        got = wire.recv_into(view)
        if got == 0:
            raise EOFError
        view = view[got:]
    return data


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
