"""Figures of this process for a Prometheus server, among them how requests were answered."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from antiphon.clock import SystemClock

log = structlog.get_logger(__name__)

METRICS_PATH = "/metrics"
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


@dataclass(frozen=True, slots=True)
class AccessLog:
    """A line for each request.

    Attributes:
        address: whose request it is.
        unlogged: paths whose requests are no line.
    """

    address: Callable[[Scope], str]
    unlogged: Collection[str]


def add_metrics(app: FastAPI, registry: CollectorRegistry, access_log: AccessLog | None = None) -> None:
    """Answer `GET /metrics` with what `registry` holds, and let it hold how requests were answered.

    Args:
        app: the application.
        registry: figures of the process.
        access_log: which requests are a line of the log; None logs none.
    """
    app.add_middleware(RequestMetrics, registry=registry, access_log=access_log)

    @app.get(METRICS_PATH, include_in_schema=False)
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


@dataclass(slots=True)
class _Passed:
    """What of a request and its answer has passed so far."""

    status: str = "none"
    headers: Iterable[tuple[bytes, bytes]] = ()
    received_bytes: int = 0
    sent_bytes: int = 0
    answered_s: float = 0.0


class RequestMetrics:
    """Pure ASGI middleware that measures requests, by the route they took: a path may name a conversation."""

    def __init__(self, app: ASGIApp, *, registry: CollectorRegistry, access_log: AccessLog | None = None) -> None:
        self._app, self._access_log = app, access_log
        self._clock = SystemClock()
        self._seconds = Histogram(
            "http_request_seconds",
            "Time from a request's head to the end of its answer",
            ("method", "route", "status"),
            registry=registry,
            buckets=BUCKETS_S,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Measure one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        passed, began_s = _Passed(), self._clock.monotonic_s()

        async def note_received() -> Message:
            message = await receive()
            passed.received_bytes += len(message.get("body", b""))
            return message

        async def note_sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                passed.status, passed.headers = str(message["status"]), message["headers"]
            passed.sent_bytes += len(message.get("body", b""))
            if message.get("body") or not passed.answered_s:
                # What comes after the last of the answer, such as reading on, is none of the caller's time.
                passed.answered_s = self._clock.monotonic_s()
            await send(message)

        try:
            await self._app(scope, note_received, note_sent)
        finally:
            # Labels come from us, never from the caller: each new value of one would be kept for good.
            method = scope["method"] if scope["method"] in METHODS else "other"
            route = getattr(scope.get("route"), "path", "none")
            took_s = (passed.answered_s or self._clock.monotonic_s()) - began_s
            self._seconds.labels(method, route, passed.status).observe(took_s)
            if self._access_log is not None and scope["path"] not in self._access_log.unlogged:
                _log(scope, (method, route), passed, took_s, self._access_log.address(scope))


def _log(scope: Scope, asked: tuple[str, str], passed: _Passed, took_s: float, address: str) -> None:
    state = scope.get("state", {})
    told: dict[str, Any] = {"key": state["key_id"]} if state.get("key_id") else {}
    if passed.status[0] in "45":
        told |= {_ERROR_HEADERS[n]: v.decode("latin-1") for n, v in passed.headers if n in _ERROR_HEADERS}
    log.info(
        "request",
        method=asked[0],
        route=asked[1],
        status=passed.status,
        ms=round(took_s * 1000, 1),
        request_id=state.get("request_id"),
        client=address,
        received_bytes=passed.received_bytes,
        sent_bytes=passed.sent_bytes,
        **told,
    )


_ERROR_HEADERS = {
    b"x-error-type": "error_type",
    b"x-error-message": "error",
    b"x-fallback-error": "fallback_error",
}
"""Headers of an error that are part of its line."""
