"""WebSockets as live audio needs them: bounded in memory, alive as long as anything arrives, gone when told to go."""

import asyncio
import logging
import socket
from asyncio.transports import BaseTransport
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

BUFFER_BYTES = 256 * 1024
"""What the kernel holds for a client that does not read; it would take megabytes."""
READ_BYTES = 8 * 1024
MAX_MESSAGE_BYTES = 2 * 64 * 1024
"""Above what any route takes, so that a route can say so before the protocol hangs up."""
GOODBYE_S = 4.0
"""How long a client may take to answer a close frame, and to read what was written before it."""


# The server logs handshakes with their URL and headers, which hold keys, names and prompts. What matters of them is
# logged by us.
_LOGGER = logging.getLogger("antiphon.websocket")
_LOGGER.setLevel(logging.WARNING)


class LiveSockets(WebSocketsSansIOProtocol):
    """The server's WebSocket protocol; `uvicorn.Config(ws=LiveSockets)`.

    Beside its limits it differs in three points: any data from a client proves that it lives, for the answer to a ping
    may stand behind audio that is not being read on purpose; a close frame is written even when the client does not
    read; and a connection that does not go in time is dropped.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.close_timeout = GOODBYE_S
        self.logger = self.conn.logger = _LOGGER
        self.conn.debug = False
        self.conn.max_size = MAX_MESSAGE_BYTES
        # Sound does not get smaller, and texts are short: compression would only cost memory.
        self.conn.available_extensions = []
        self._heard = False
        self._drop: asyncio.TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Bound the kernel's buffers."""
        super().connection_made(transport)
        # What is read at once is parsed at once: a bigger piece can hold thousands of tiny messages.
        transport.max_size = READ_BYTES  # type: ignore[attr-defined]
        if (wire := transport.get_extra_info("socket")) is not None:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)

    def connection_lost(self, exc: Exception | None) -> None:
        """There is nothing left to drop."""
        super().connection_lost(exc)
        if self._drop is not None:
            self._drop.cancel()

    def data_received(self, data: bytes) -> None:
        """Take note that the client lives."""
        self._heard = True
        super().data_received(data)

    def send_keepalive_ping(self) -> None:
        """From now on something must be heard."""
        self._heard = False
        super().send_keepalive_ping()

    def keepalive_timeout(self) -> None:
        """Give a client more time that has sent something, or that is not being read."""
        if (self._heard or self.read_paused) and self.ping_timeout is not None:
            self._heard = False
            self.pong_timer = self.loop.call_later(self.ping_timeout, self.keepalive_timeout)
            return
        super().keepalive_timeout()
        self._drop_later()

    async def send(self, message: Any) -> None:
        """Send; a close frame does not wait for a client that does not read."""
        if message["type"] == "websocket.close":
            self.writable.set()
            self._drop_later()
        await super().send(message)

    def _drop_later(self) -> None:
        if self._drop is None:
            self._drop = self.loop.call_later(GOODBYE_S, self._drop_now)

    def _drop_now(self) -> None:
        self.transport.abort()
