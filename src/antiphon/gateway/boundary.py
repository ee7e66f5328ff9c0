"""What every request passes first: an id, a limit on its body, and one place where errors become answers."""

import asyncio
import math
import re
from contextlib import suppress
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from antiphon.clock import SystemClock
from antiphon.errors import AntiphonError, BadInput, TimedOut, TooLong
from antiphon.gateway.errors import SERVER_ERROR, error_body, error_headers, meaning, retry_after_s
from antiphon.storage.ids import ulid

log = structlog.get_logger(__name__)

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
BODY_IDLE_S = 30.0
LINGER_S = 1.0
LINGER_BYTES = 64 * 1024


class RequestBoundary:
    """Pure ASGI middleware, the outermost."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes
        self._clock = SystemClock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, self._max_body_bytes, self._request_id(scope))
        with structlog.contextvars.bound_contextvars(request_id=exchange.request_id):
            try:
                exchange.check_announced()
                await self._app(scope, exchange.receive, exchange.send)
            except ClientDisconnect:
                log.info("client_gone")
            except AntiphonError as error:
                await exchange.refuse(error)
            except Exception:
                # The supervisor of a request: whatever broke, its client gets an answer and the log the trace.
                log.exception("request_failed")
                await exchange.fail()

    def _request_id(self, scope: Scope) -> str:
        given = Headers(scope=scope).get("x-req-id", "")
        return given if REQUEST_ID.fullmatch(given) else ulid(self._clock.now())


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, max_body_bytes: int, request_id: str) -> None:
        self.request_id = request_id
        self._scope = scope
        self._receive = receive
        self._send = send
        self._max_body_bytes = max_body_bytes
        self._read_bytes = 0
        self._complete = False
        self._started = False
        scope.setdefault("state", {})["request_id"] = request_id

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
        """Count what is read: a chunked body announces nothing."""
        if self._complete:
            return await self._receive()
        try:
            async with asyncio.timeout(BODY_IDLE_S):
                message = await self._receive()
        except TimeoutError as error:
            raise TimedOut("the body stopped arriving", code="body_timeout") from error
        self._read_bytes += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._read_bytes > self._max_body_bytes:
            raise self._too_large()
        return message

    async def send(self, message: Message) -> None:
        """Give every answer the request's id."""
        if message["type"] == "http.response.start":
            self._started = True
            headers = MutableHeaders(scope=message)
            headers["X-Req-Id"] = self.request_id
            if not self._complete and self._has_body():
                # What is left of the body is not worth reading: say so, and the server closes the connection.
                headers["Connection"] = "close"
        await self._send(message)

    async def refuse(self, error: AntiphonError) -> None:
        """Answer with an error of ours."""
        what, wait_s = meaning(error), retry_after_s(error)
        headers = error_headers(what.type, error.message)
        if wait_s is not None:
            headers["Retry-After"] = str(math.ceil(wait_s))
        if what.status == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="antiphon"'
        if what.status >= 500:
            log.warning("request_refused", code=error.code, status=what.status)
        body = error_body(what.type, error.code, error.message, self.request_id, param=error.param, wait_s=wait_s)
        await self._respond(what.status, body, headers)

    async def fail(self) -> None:
        """Answer that something broke, and nothing of what."""
        message = "something broke here: the log has it under this request id"
        body = error_body(SERVER_ERROR.type, "internal", message, self.request_id)
        await self._respond(SERVER_ERROR.status, body, error_headers(SERVER_ERROR.type, message))

    async def _respond(self, status: int, body: dict[str, Any], headers: dict[str, str]) -> None:
        if self._started:
            return  # too late for another status; the server closes the broken answer
        response = JSONResponse(body, status, headers=headers)
        await self.send({"type": "http.response.start", "status": status, "headers": response.raw_headers})
        await self.send({"type": "http.response.body", "body": response.body, "more_body": True})
        if not self._complete and self._has_body():
            await self._linger()
        await self.send({"type": "http.response.body", "body": b""})

    async def _linger(self) -> None:
        """Read on for a moment: a connection closed on unread data is reset, and the answer on its way is lost."""
        left_bytes = LINGER_BYTES
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                while left_bytes > 0:
                    message = await self._receive()
                    left_bytes -= len(message.get("body", b""))
                    if message["type"] == "http.disconnect" or not message.get("more_body", False):
                        return

    def _has_body(self) -> bool:
        headers = Headers(scope=self._scope)
        return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers

    def _too_large(self) -> TooLong:
        return TooLong(f"the body has more than {self._max_body_bytes} bytes", code="upload_too_large")
