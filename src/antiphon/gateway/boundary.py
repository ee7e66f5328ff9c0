"""What every request passes first: an id, limits on its body, and one place where errors become answers.

A route that wants headers on every answer, errors too, puts a function that gives them into
`request.state.answer_headers`. One that fails in the middle of an answer finds what to say of it in
`request.state.error_body`. What a request failed with stands in `error` of its state.
"""

import asyncio
import math
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from antiphon.clock import SystemClock
from antiphon.errors import AntiphonError, AtCapacity, BadInput, TimedOut, TooLong
from antiphon.gateway.door import FrontDoor
from antiphon.gateway.errors import SERVER_ERROR, error_body, error_headers, meaning, retry_after_s
from antiphon.storage.ids import ulid

log = structlog.get_logger(__name__)

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
BODY_IDLE_S = 30.0
SLOWEST_BYTES_PER_S = 1024
"""A body falls behind where it arrives more slowly, and is given up as soon as it is `BODY_IDLE_S` behind."""
LINGER_S, LINGER_IDLE_S = 30.0, 5.0
"""How long an answered connection is read on, in all and for each piece.

Source: the defaults of nginx's lingering_time and lingering_timeout.
"""
LINGER_BYTES = 64 * 1024
LINGER_CAPS = 4
"""A body announced as up to so many times what is taken is read to its end, and its client sure to get the answer."""
MIB = 1024 * 1024
CLOSE_FAILED = 1011
CLOSE_REASON_BYTES = 120


class RequestBoundary:
    """Pure ASGI middleware, the outermost."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int, door: FrontDoor, open_paths: Collection[str]) -> None:
        self._app, self._door = app, door
        self._max_body_bytes = max_body_bytes
        self._open_paths = frozenset(open_paths)
        self._clock = SystemClock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or one WebSocket from its handshake on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request_id = self._request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        scope["state"]["error_body"] = lambda error: _refusal(error, request_id).body
        exchange: _Exchange | _Handshake
        if scope["type"] == "websocket":
            exchange = _Handshake(scope, send, request_id)
            receive_from = receive
        else:
            exchange = _Exchange(scope, receive, send, self._max_body_bytes, request_id, closing=self._door.draining)
            receive_from = exchange.receive
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                self._check_draining(scope)
                exchange.check_announced()
                await self._app(scope, receive_from, exchange.send)
            except ClientDisconnect:
                log.info("client_gone")
            except AntiphonError as error:
                scope["state"]["error"] = error
                await exchange.refuse(error)
            except Exception as error:
                # The supervisor of a request: whatever broke, its client gets an answer and the log the trace.
                scope["state"]["error"] = error
                log.exception("request_failed")
                await exchange.fail()

    def _check_draining(self, scope: Scope) -> None:
        if self._door.draining and scope["path"] not in self._open_paths:
            raise AtCapacity("this process is about to end: ask another one", code="draining")

    def _request_id(self, scope: Scope) -> str:
        given = Headers(scope=scope).get("x-req-id", "")
        return given if REQUEST_ID.fullmatch(given) else ulid(self._clock.now())


@dataclass(frozen=True, slots=True)
class _Refusal:
    """An error as an answer."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]


def _refusal(error: AntiphonError, request_id: str) -> _Refusal:
    what, wait_s = meaning(error), retry_after_s(error)
    headers = error_headers(what.type, error.message)
    if wait_s is not None:
        headers["Retry-After"] = str(max(1, math.ceil(wait_s)))
    if what.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="antiphon"'
    if what.status >= 500:
        log.warning("request_refused", code=error.code, status=what.status)
    body = error_body(what.type, error.code, error.message, request_id, param=error.param, wait_s=wait_s)
    return _Refusal(what.status, headers, body)


def _failure(request_id: str) -> _Refusal:
    """Something broke, and nothing is told of what."""
    message = "something broke here: the log has it under this request id"
    body = error_body(SERVER_ERROR.type, "internal", message, request_id)
    return _Refusal(SERVER_ERROR.status, error_headers(SERVER_ERROR.type, message), body)


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


class _Handshake:
    """One WebSocket: before it is accepted it can be refused like any request."""

    def __init__(self, scope: Scope, send: Send, request_id: str) -> None:
        self._scope, self._send = scope, send
        self._request_id = request_id
        self._accepted = self._over = False

    def check_announced(self) -> None:
        """A handshake has no body."""

    async def send(self, message: Message) -> None:
        """Give the acceptance the request's id."""
        kind = message["type"]
        if kind == "websocket.accept":
            self._accepted = True
            extra = {"X-Req-Id": self._request_id, **self._scope["state"].get("limit_headers", {})}
            message = {**message, "headers": [*message.get("headers", ()), *_raw(extra)]}
        self._over = self._over or kind in ("websocket.close", "websocket.http.response.body")
        await self._send(message)

    async def refuse(self, error: AntiphonError) -> None:
        """Answer the handshake with an error of ours; later on all that is left is to close."""
        await self._end(_refusal(error, self._request_id), error.code)

    async def fail(self) -> None:
        """Say that something broke."""
        await self._end(_failure(self._request_id), "internal")

    async def _end(self, refusal: _Refusal, code: str) -> None:
        if self._over:
            return
        if self._accepted:
            await self._send({"type": "websocket.close", "code": CLOSE_FAILED, "reason": code[:CLOSE_REASON_BYTES]})
            return
        response = JSONResponse(refusal.body, refusal.status, headers=refusal.headers)
        limits = self._scope["state"].get("limit_headers", {})
        headers = [*response.raw_headers, *_raw({"X-Req-Id": self._request_id, **limits})]
        await self._send({"type": "websocket.http.response.start", "status": refusal.status, "headers": headers})
        await self._send({"type": "websocket.http.response.body", "body": response.body})


class _Exchange:
    """One request and its answer."""

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, max_body_bytes: int, request_id: str, *, closing: bool
    ) -> None:
        self._request_id = request_id
        self._closing = closing
        self._scope = scope
        self._receive = receive
        self._send = send
        self._max_body_bytes = max_body_bytes
        self._read_bytes = 0
        self._patience_s = BODY_IDLE_S
        self._complete = self._started = self._stalled = False

    def check_announced(self) -> None:
        """Refuse a body that is announced as too large, before reading any of it."""
        announced = Headers(scope=self._scope).get("content-length")
        if announced is None:
            return
        if not announced.isascii() or not announced.isdigit():
            raise BadInput("Content-Length must be a number", code="header_invalid", param="Content-Length")
        if len(announced) > 18 or int(announced) > self._max_body_bytes:
            raise self._too_large()

    async def receive(self) -> Message:
        """Count what is read, and how long it takes to come: a chunked body announces nothing, and one may drip."""
        if self._complete:
            return await self._receive()
        loop = asyncio.get_running_loop()
        asked_s = loop.time()
        try:
            async with asyncio.timeout_at(asked_s + self._patience_s):
                message = await self._receive()
        except TimeoutError as error:
            self._stalled = True
            raise TimedOut("the body stopped arriving, or arrives too slowly", code="body_timeout") from error
        size = len(message.get("body", b""))
        behind_s = loop.time() - asked_s - size / SLOWEST_BYTES_PER_S
        self._patience_s = min(BODY_IDLE_S, self._patience_s - behind_s)
        self._read_bytes += size
        self._complete = not message.get("more_body", False)
        if self._read_bytes > self._max_body_bytes:
            raise self._too_large()
        return message

    async def send(self, message: Message) -> None:
        """Give every answer the request's id, and what else is told of it."""
        if message["type"] == "http.response.start":
            self._started = True
            state = self._scope["state"]
            told = {"X-Req-Id": self._request_id, **state.get("limit_headers", {})}
            if (account := state.get("answer_headers")) is not None:
                told.update(account())
            if self._closing or self._unread:
                # What is left of the body is of no use: say so, and the server closes the connection.
                told["Connection"] = "close"
            message = {**message, "headers": [*message.get("headers", ()), *_raw(told)]}
        elif self._unread and message["type"] == "http.response.body" and not message.get("more_body", False):
            await self._send({**message, "more_body": True})
            await self._linger()
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)

    async def refuse(self, error: AntiphonError) -> None:
        """Answer with an error of ours."""
        await self._respond(_refusal(error, self._request_id))

    async def fail(self) -> None:
        """Answer that something broke, and nothing of what."""
        await self._respond(_failure(self._request_id))

    async def _respond(self, refusal: _Refusal) -> None:
        if self._started:
            return  # too late for another status; the server closes the broken answer
        response = JSONResponse(refusal.body, refusal.status, headers=refusal.headers)
        await self.send({"type": "http.response.start", "status": refusal.status, "headers": response.raw_headers})
        await self.send({"type": "http.response.body", "body": response.body})

    async def _linger(self) -> None:
        """Read on: a connection closed on unread data is reset, and the answer on its way is lost."""
        left_bytes = self._worth_reading_bytes()
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                while left_bytes > 0:
                    async with asyncio.timeout(LINGER_IDLE_S):
                        message = await self._receive()
                    left_bytes -= len(message.get("body", b""))
                    if message["type"] == "http.disconnect" or not message.get("more_body", False):
                        return

    def _worth_reading_bytes(self) -> int:
        """What may still come of a body whose end is in sight; of an endless one that is too large only a little."""
        if self._stalled:
            return 0
        announced = Headers(scope=self._scope).get("content-length", "")
        if announced.isdecimal() and len(announced) <= 18:
            endless = int(announced) > LINGER_CAPS * self._max_body_bytes
            return LINGER_BYTES if endless else int(announced) - self._read_bytes
        return max(LINGER_BYTES, self._max_body_bytes - self._read_bytes)

    @property
    def _unread(self) -> bool:
        """Whether some of the body may be still to come."""
        headers = Headers(scope=self._scope)
        has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        return has_body and not self._complete

    def _too_large(self) -> TooLong:
        limit = f"{self._max_body_bytes / MIB:g} MiB ({self._max_body_bytes} bytes)"
        return TooLong(f"the body is larger than {limit}: send it in parts", code="upload_too_large")
