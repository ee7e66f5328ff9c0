"""Connections that cost a server something while they bring it nothing: too many of them, and those that dawdle."""

import asyncio
import json
import re
import resource
from typing import Any

import h11
import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

from antiphon.clock import SystemClock
from antiphon.storage.ids import ulid

HEAD_S = 10.0
"""How long the head of a request may take, from when the connection opens or its first byte arrives."""
MOST_HEAD_BYTES = 64 * 1024
FILES_KEPT = 64
"""Files that a process needs for everything but connections."""
FEWEST = 8
MOST_FILES = 65_536
_LOOSE_LINES = re.compile(rb"(?<!\r)\n|\r\n[ \t]")

log = structlog.get_logger(__name__)


def connections_possible(wanted: int) -> int:
    """How many connections may be open at once, after the process has asked to open as many files as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    room = wanted if soft == resource.RLIM_INFINITY else soft - FILES_KEPT
    possible = max(FEWEST, min(wanted, room))
    if possible < wanted:
        log.warning("few_connections_possible", wanted=wanted, possible=possible, files=soft)
    return possible


class Joined:
    """A transport that sends together what is written together: the head of an answer and its body are one packet.

    Each piece sent is a call of the kernel, which costs more than all that the server does to write the answer.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._pieces: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        """Everything else is the transport's."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send with whatever else is written in this turn of the event loop."""
        if not self._pieces:
            self._loop.call_soon(self._send)
        self._pieces.append(data)

    def close(self) -> None:
        """Send what was written, and close."""
        self._send()
        self._transport.close()

    def alone(self) -> asyncio.Transport:
        """The transport itself, for another protocol."""
        self._send()
        return self._transport

    def _send(self) -> None:
        pieces, self._pieces = self._pieces, []
        if pieces and not self._transport.is_closing():
            self._transport.write(b"".join(pieces))


class StrictParser(h11.Connection):
    """Refuses what a proxy in front may read as another request than we do, and so let a second one slip past it.

    Source: RFC 9112, 2.2 (lines end in CRLF), 5.2 (folded lines) and 6.1 (a length beside chunks).
    """

    def next_event(self) -> Any:
        """The next event.

        Raises:
            RemoteProtocolError: what came is no HTTP, or HTTP that can be read in two ways.
        """
        if self.their_state is h11.IDLE:
            head = self.trailing_data[0].partition(b"\r\n\r\n")[0]
            if _LOOSE_LINES.search(head):
                raise h11.RemoteProtocolError("a line of the head does not end where it should")
        event = super().next_event()
        if isinstance(event, h11.Request):
            names = {name for name, _ in event.headers}
            if b"content-length" in names and b"transfer-encoding" in names:
                raise h11.RemoteProtocolError("both Content-Length and Transfer-Encoding")
        return event


class WatchedConnection(H11Protocol):
    """A connection of the server that must send whole heads in time, and of which there are not too many."""

    most = 1_000

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn = StrictParser(h11.SERVER, MOST_HEAD_BYTES)
        self._head_timer: asyncio.TimerHandle | None = None
        self._begun = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, or refuse it where there are too many."""
        super().connection_made(Joined(transport, self.loop))  # type: ignore[arg-type]
        if len(self.connections) > self.most:
            self._refuse(503, "overloaded_error", "too_many_connections", "this server has no connection to spare")
            return
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop watching."""
        self._head_arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; those that begin a head must be followed by the rest of it."""
        if self.transport.is_closing():
            return
        self._begun = not self._in_exchange()
        super().data_received(data)

    def handle_events(self) -> None:
        """Find out what the bytes so far are."""
        super().handle_events()
        if self._in_exchange():
            self._begun = False
            self._head_arrived()
        elif self._begun and not self.transport.is_closing():
            self._await_head()

    def handle_websocket_upgrade(self, event: Any) -> None:
        """The head is whole; what follows is no longer ours to watch."""
        self._begun = False
        self._head_arrived()
        self.transport = self.transport.alone()  # type: ignore[attr-defined]
        super().handle_websocket_upgrade(event)

    def send_400_response(self, msg: str) -> None:
        """What came is no HTTP; one who is being answered already cannot be told."""
        if self._in_exchange() and self.cycle.response_started:
            self.transport.close()
        else:
            self._refuse(400, "invalid_request_error", "http_malformed", "this is no well-formed HTTP request")

    def _in_exchange(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_S, self._head_late)

    def _head_arrived(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_late(self) -> None:
        self._head_timer = None
        if self.transport.is_closing():
            return
        if self._begun:
            self._refuse(408, "timeout_error", "head_timeout", "the head of the request stopped arriving")
        else:
            self.transport.close()

    def _refuse(self, status: int, kind: str, code: str, message: str) -> None:
        """Answer without a request, as there is none, and close."""
        request_id = ulid(SystemClock().now())
        error = {"type": kind, "code": code, "message": message, "param": None, "request_id": request_id}
        body = json.dumps({"error": error}).encode()
        phrase = {400: "Bad Request", 408: "Request Timeout", 503: "Service Unavailable"}[status]
        head = [
            f"HTTP/1.1 {status} {phrase}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            f"X-Req-Id: {request_id}",
            f"X-Error-Type: {kind}",
            f"X-Error-Message: {message}",
            "Connection: close",
            *(("Retry-After: 1",) if status == 503 else ()),
        ]
        self.transport.write("\r\n".join([*head, "", ""]).encode() + body)
        self.transport.close()
