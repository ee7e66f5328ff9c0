"""Work for worker processes under test."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from antiphon.errors import EngineUnavailable, TooLong
from antiphon.serving.worker_main import Work


def make(greeting: str = "") -> Work:
    """Work that does what it is told, good or bad."""

    def work(value: Any, blob: memoryview) -> tuple[Any, bytes]:
        what = value["do"]
        if what == "echo":
            return {"pid": os.getpid(), "greeting": greeting, **value}, bytes(blob)
        return _ODD[what](value), b""

    return work


def make_crashing(marker: str) -> Work:
    """Dies at start until the file `marker` exists."""
    if not Path(marker).exists():
        os._exit(1)
    return make()


def make_endless() -> Work:
    """Computes without end, whatever it is given."""
    return lambda _value, _blob: (_burn({}), b"")


def make_dying() -> Work:
    """Dies of whatever it is given."""
    return lambda _value, _blob: os._exit(1)


def make_buggy() -> Work:
    """Fails at whatever it is given."""
    return lambda value, _blob: (_bug(value), b"")


def make_unavailable() -> Work:
    """Cannot be used on this machine."""
    raise EngineUnavailable("The model is missing.")


def make_broken() -> Work:
    """Has a bug."""
    raise RuntimeError("words of a caller")


def _work_once_marked(value: dict[str, Any]) -> Any:
    """Tell that work has begun, then take `seconds`; at once where it had begun before."""
    marker = Path(value["marker"])
    if not marker.is_file():
        marker.write_text(str(os.getpid()))
        time.sleep(value["seconds"])
    return value


def _burn(_: dict[str, Any]) -> Any:
    while True:
        pass


def _compute(value: dict[str, Any]) -> Any:
    while time.process_time() < value["seconds"]:
        pass
    return value


def _connect(value: dict[str, Any]) -> str:
    with socket.socket() as tcp:
        tcp.settimeout(5)
        tcp.connect(("127.0.0.1", value["port"]))
    return "connected"


def _try(action: Any) -> str:
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return "done"


def _surroundings(value: dict[str, Any]) -> dict[str, Any]:
    return {
        "environment": sorted(os.environ),
        "files": len(os.listdir(".")),  # noqa: PTH208 - a working directory without a path
        "write": _try(lambda: Path(value["file"]).write_text("x")),
        "connect": _try(lambda: _connect(value)),
        "address_space": resource.getrlimit(resource.RLIMIT_AS)[0],
        "modules": sorted(sys.modules),
    }


def _too_long(_: dict[str, Any]) -> Any:
    raise TooLong("Too long.", code="audio_too_long", param="file")


def _bug(_: dict[str, Any]) -> Any:
    raise RuntimeError("words of a caller")


def _spawn_child(_: dict[str, Any]) -> int:
    # A grandchild that outlives its parent must not keep the line open.
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(5)"], close_fds=False).pid


_ODD = {
    "work": _work_once_marked,
    "exit": lambda value: os._exit(value["code"]),
    "segfault": lambda _: os.kill(os.getpid(), signal.SIGSEGV),
    "stop": lambda _: os.kill(os.getpid(), signal.SIGSTOP),
    "allocate": lambda value: len(bytearray(value["bytes"])),
    "burn": _burn,
    "compute": _compute,
    "surroundings": _surroundings,
    "too_long": _too_long,
    "bug": _bug,
    "grandchild": _spawn_child,
}
