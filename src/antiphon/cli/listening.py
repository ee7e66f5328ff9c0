"""Taking a port, and serving on it until told to end."""

import signal
import socket
from types import FrameType

import uvicorn
from fastapi import FastAPI

from antiphon.errors import BadConfiguration


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on `host` and `port`.

    Raises:
        BadConfiguration: they cannot be listened on.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        reason = error.strerror or "no such address"
        raise BadConfiguration(
            f"`server.port`: cannot listen on {host}:{port}: {reason}", param="server.port"
        ) from error


def address(listener: socket.socket) -> str:
    """The URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def serve_until_told(api: FastAPI, listener: socket.socket, *, drain_s: float) -> None:
    """Serve `api` on `listener` until SIGTERM or SIGINT, then let what is in flight end within `drain_s`."""
    # The server hands signals on once it has drained; ending is then what we are doing anyway.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _nothing)
    config = uvicorn.Config(
        api,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=max(int(drain_s), 1),
    )
    await uvicorn.Server(config).serve([listener])


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Take note of a signal, and that is all."""
