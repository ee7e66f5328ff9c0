"""An application for the time until the real one is there: alive, and not ready (P-9)."""

from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from antiphon.errors import AtCapacity
from antiphon.gateway.accounts import RequestAccounts
from antiphon.gateway.boundary import RequestBoundary
from antiphon.gateway.door import FrontDoor
from antiphon.gateway.settings import ServerSettings
from antiphon.stt.metrics import SttMetrics

ALIVE = "/health"
ASKS = ("/ready", "/started")
RETRY_S = 2.0


class Arriving:
    """An ASGI application that hands everything to `app` once there is one.

    Attributes:
        app: the application that serves; None while it is being made.
    """

    def __init__(self, door: FrontDoor, settings: ServerSettings, metrics: SttMetrics) -> None:
        self.app: ASGIApp | None = None
        self._commit = settings.commit
        cap = int(settings.max_upload_mb * 1024 * 1024)
        boundary = RequestBoundary(self._answer, max_body_bytes=cap, door=door, open_paths=())
        self._meanwhile = RequestAccounts(boundary, metrics=metrics)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await (self.app or self._meanwhile)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        told: dict[str, Any] = {"ok": False, "state": "starting"}
        path = scope["path"]
        if scope["type"] == "http" and path.endswith(ALIVE):
            await JSONResponse(told | {"ok": True, "commit": self._commit})(scope, receive, send)
        elif scope["type"] == "http" and path.endswith(ASKS):
            await JSONResponse(told, 503, headers={"Retry-After": f"{RETRY_S:.0f}"})(scope, receive, send)
        else:
            raise AtCapacity("this process is still starting", code="starting", retry_after_s=RETRY_S)
