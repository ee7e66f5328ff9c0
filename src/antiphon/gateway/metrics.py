"""Figures of this process for a Prometheus server, among them how requests were answered."""

from collections.abc import Collection, Iterable
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


def add_metrics(app: FastAPI, registry: CollectorRegistry, unlogged: Collection[str] | None = None) -> None:
    """Answer `GET /metrics` with what `registry` holds, and let it hold how requests were answered.

    Args:
        app: the application.
        registry: figures of the process.
        unlogged: paths whose requests are no line of the log; None logs none at all.
    """
    app.add_middleware(RequestMetrics, registry=registry, unlogged=unlogged)

    @app.get(METRICS_PATH, include_in_schema=False)
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class RequestMetrics:
    """Pure ASGI middleware that measures requests, by the route they took: a path may name a conversation."""

    def __init__(self, app: ASGIApp, *, registry: CollectorRegistry, unlogged: Collection[str] | None = None) -> None:
        self._app = app
        self._unlogged = None if unlogged is None else frozenset(unlogged)
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
        status, headers = "none", _NO_HEADERS

        async def note(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = str(message["status"]), message["headers"]
            await send(message)

        began_s = self._clock.monotonic_s()
        try:
            await self._app(scope, receive, note)
        finally:
            # Labels come from us, never from the caller: each new value of one would be kept for good.
            method = scope["method"] if scope["method"] in METHODS else "other"
            route = getattr(scope.get("route"), "path", "none")
            took_s = self._clock.monotonic_s() - began_s
            self._seconds.labels(method, route, status).observe(took_s)
            if self._unlogged is not None and scope["path"] not in self._unlogged:
                self._log(scope, method, route, status, took_s, headers)

    def _log(
        self, scope: Scope, method: str, route: str, status: str, took_s: float, headers: Iterable[tuple[bytes, bytes]]
    ) -> None:
        state = scope.get("state", {})
        told: dict[str, Any] = {"key": state["key_id"]} if state.get("key_id") else {}
        if status[0] in "45":
            told |= {_ERROR_HEADERS[n]: v.decode("latin-1") for n, v in headers if n in _ERROR_HEADERS}
        log.info(
            "request",
            method=method,
            route=route,
            status=status,
            ms=round(took_s * 1000, 1),
            request_id=state.get("request_id"),
            **told,
        )


_NO_HEADERS: list[tuple[bytes, bytes]] = []
_ERROR_HEADERS = {
    b"x-error-type": "error_type",
    b"x-error-message": "error",
    b"x-fallback-error": "fallback_error",
}
"""Headers of an error that are part of its line."""
