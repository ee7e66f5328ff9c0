"""Figures of this process for a Prometheus server, among them how requests were answered."""

from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from antiphon.clock import SystemClock

METRICS_PATH = "/metrics"
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


def add_metrics(app: FastAPI, registry: CollectorRegistry) -> None:
    """Answer `GET /metrics` with what `registry` holds, and let it hold how requests were answered."""
    app.add_middleware(RequestMetrics, registry=registry)

    @app.get(METRICS_PATH, include_in_schema=False)
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class RequestMetrics:
    """Pure ASGI middleware that measures requests, by the route they took: a path may name a conversation."""

    def __init__(self, app: ASGIApp, *, registry: CollectorRegistry) -> None:
        self._app = app
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
        status = "none"

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        began_s = self._clock.monotonic_s()
        try:
            await self._app(scope, receive, note)
        finally:
            # Labels come from us, never from the caller: each new value of one would be kept for good.
            method = scope["method"] if scope["method"] in METHODS else "other"
            route = getattr(scope.get("route"), "path", "none")
            self._seconds.labels(method, route, status).observe(self._clock.monotonic_s() - began_s)
