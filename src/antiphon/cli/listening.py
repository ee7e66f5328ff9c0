"""Taking a port, and serving on it until told to end."""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType

import structlog
import uvicorn
from starlette.types import ASGIApp

from antiphon.cli.connections import WatchedConnection, connections_possible
from antiphon.errors import BadConfiguration
from antiphon.gateway.live_socket import MAX_MESSAGE_BYTES, LiveSockets

FORCED_S = 1.5
"""How long a process that is told to end a second time takes at most."""
WS_PING_S = 20.0
EXIT_FAILED = 1
_TICK_S = 0.05

log = structlog.get_logger(__name__)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on `host` and `port`.

    Raises:
        BadConfiguration: they cannot be listened on.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "no such address"
        raise BadConfiguration(
            f"`server.port`: cannot listen on {host}:{port}: {reason}", param="server.port"
        ) from error
    # Connections inherit it: an answer is written in two pieces, and the second would wait 40 ms for the client to
    # acknowledge the first. asyncio sees to it for sockets of its own only.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def address(listener: socket.socket) -> str:
    """The URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """A server that ends in two steps: first no new work, then, when the present work is done, nothing any more.

    It goes on answering while the present work ends, so that whoever asks whether it is ready hears that it is not.
    Told a second time it ends at once.
    """

    def __init__(self, config: uvicorn.Config, drain_s: float, on_drain: Callable[[], None]) -> None:
        super().__init__(config)
        self._drain_s, self._on_drain = drain_s, on_drain
        self._draining = False
        self._drained: asyncio.Task[None] | None = None

    def stop(self) -> None:
        """Drain, and end."""
        self._begin_drain()

    def fail(self) -> None:
        """End now, and badly; a thread that hangs is not waited for."""
        self._force(EXIT_FAILED)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal."""
        if self._draining:
            self._force(0)
        else:
            self._begin_drain()

    def _begin_drain(self) -> None:
        if self._draining:
            return
        self._draining = True
        self._on_drain()

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second."""
        if self._draining and self._drained is None:
            self._drained = asyncio.create_task(self._drain(), name="drain")
        return await super().on_tick(counter)

    async def _drain(self) -> None:
        log.info("draining", requests=len(self.server_state.tasks), at_most_s=self._drain_s)
        try:
            async with asyncio.timeout(self._drain_s):
                while tasks := list(self.server_state.tasks):
                    await asyncio.wait(tasks, timeout=_TICK_S)
        except TimeoutError:
            log.warning("drain_timeout", requests=len(self.server_state.tasks))
            self.force_exit = True
            for task in list(self.server_state.tasks):
                task.cancel()
        self.should_exit = True

    def _force(self, code: int) -> None:
        """End now; threads of engines that are in the middle of something are not waited for."""
        self.should_exit = self.force_exit = True
        killer = threading.Timer(FORCED_S, os._exit, (code,))
        killer.daemon = True
        killer.start()


async def serve_until_told(
    api: ASGIApp,
    listener: socket.socket,
    *,
    drain_s: float,
    max_connections: int = 1_000,
    on_drain: Callable[[], None] = lambda: None,
) -> None:
    """Serve `api` on `listener` until SIGTERM or SIGINT, then let what is in flight end within `drain_s`.

    Args:
        api: the application.
        listener: where it is served.
        drain_s: how long running work may take after the signal.
        max_connections: connections open at once; one more is answered with 503.
        on_drain: called when the signal comes: from then on new work is to be refused.
    """
    await make_server(api, drain_s, max_connections, on_drain).serve([listener])


def make_server(api: ASGIApp, drain_s: float, max_connections: int, on_drain: Callable[[], None]) -> Server:
    """A server for `serve_until_told`, for whoever must be able to stop it as well."""
    # Those that come before the server takes signals or after it has drained: nothing is to be done about them.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _nothing)
    limited = type("Connection", (WatchedConnection,), {"most": connections_possible(max_connections)})
    config = uvicorn.Config(
        api,
        http=limited,
        ws=LiveSockets,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_ping_interval=WS_PING_S,
        ws_ping_timeout=WS_PING_S,
        log_config=None,
        # Below warnings it writes the queries of WebSockets, and a client may have put a key there.
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        timeout_graceful_shutdown=max(int(drain_s), 1),
    )
    return Server(config, drain_s, on_drain)


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Take note of a signal, and that is all."""
