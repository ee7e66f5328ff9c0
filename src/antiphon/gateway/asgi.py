"""One ASGI application over all services."""

import http
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from prometheus_client import CollectorRegistry
from starlette.exceptions import HTTPException

from antiphon import __version__
from antiphon.conversations import routes as conversations
from antiphon.conversations.schemas import ErrorBody
from antiphon.conversations.service import ConversationService
from antiphon.gateway.accounts import RequestAccounts
from antiphon.gateway.boundary import RequestBoundary
from antiphon.gateway.docs import POLICY, docs_page
from antiphon.gateway.door import FrontDoor
from antiphon.gateway.errors import error_body, error_headers
from antiphon.gateway.keys import BearerKeys, LocalCallers
from antiphon.gateway.limits import RateLimit
from antiphon.gateway.metrics import METRICS_PATH, AccessLog, add_metrics
from antiphon.gateway.settings import ServerSettings
from antiphon.stt import listen_routes as listen
from antiphon.stt import openai_routes as openai
from antiphon.stt import routes as stt
from antiphon.stt.live import Live
from antiphon.stt.service import SpeechToText
from antiphon.telemetry import new_registry

DOCS_PATH = "/docs"
OPENAPI_PATH = "/openapi.json"
OPEN_PATHS = conversations.HEALTH_PATHS | stt.HEALTH_PATHS | {DOCS_PATH, OPENAPI_PATH}
"""Paths that answer without a key, as often as they are asked, and while the process drains."""
FIGURES = frozenset({METRICS_PATH, stt.SNAPSHOT_PATH})
ERRORS: dict[int | str, dict[str, Any]] = {"default": {"model": ErrorBody, "description": "Any error"}}


@dataclass(frozen=True, slots=True)
class Services:
    """The services this process offers; whoever made them starts and stops them."""

    conversations: ConversationService | None = None
    stt: SpeechToText | None = None
    live: Live | None = None


class Api(FastAPI):
    """The framework's application, with our own account of its errors."""

    def openapi(self) -> dict[str, Any]:
        """The framework's document without its own 422, which we answer as 400 in our own shape."""
        document = super().openapi()
        for methods in document["paths"].values():
            for operation in methods.values():
                operation["responses"].pop("422", None)
        for name in ("HTTPValidationError", "ValidationError"):
            document.get("components", {}).get("schemas", {}).pop(name, None)
        return document


def build(
    services: Services,
    settings: ServerSettings | None = None,
    registry: CollectorRegistry | None = None,
    door: FrontDoor | None = None,
) -> FastAPI:
    """The application: routes of all services, docs at /docs, the figures of `registry` at /metrics.

    Args:
        services: what is offered.
        settings: who may pass, and how much at once.
        registry: figures of the process.
        door: the part of `settings` that may change later; made of them without it.
    """
    chosen = settings or ServerSettings()
    door = door or FrontDoor(chosen)
    app = Api(
        title="Antiphon",
        version=__version__,
        description="A voice platform: conversations with their facts and actions, and speech-to-text.",
        docs_url=None,
        redoc_url=None,
        openapi_url=OPENAPI_PATH,
        responses=ERRORS,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    if services.conversations is not None:
        app.include_router(conversations.router(services.conversations))
    if services.stt is not None:
        facts = stt.Facts(commit=chosen.commit, keys=lambda: door.keys.last_used)
        app.include_router(stt.router(services.stt, facts))
        app.include_router(openai.router(services.stt))
    if services.live is not None:
        app.include_router(listen.router(services.live))
    _add_docs(app)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    _add_doorkeepers(app, chosen, door)
    if services.stt is not None:
        app.add_middleware(RequestAccounts, metrics=services.stt.metrics)
    lines = AccessLog(door.proxies.address, OPEN_PATHS | FIGURES) if chosen.access_log else None
    add_metrics(app, registry or new_registry(), lines)
    return app


def _add_doorkeepers(app: FastAPI, settings: ServerSettings, door: FrontDoor) -> None:
    """What every request passes; the last one added is the outermost."""
    free = OPEN_PATHS | FIGURES
    app.add_middleware(RateLimit, buckets=door.limits, proxies=door.proxies, open_paths=free)
    app.add_middleware(BearerKeys, door=door, open_paths=free if settings.open_metrics else OPEN_PATHS)
    app.add_middleware(LocalCallers, door=door)
    cap = int(settings.max_upload_mb * 1024 * 1024)
    app.add_middleware(RequestBoundary, max_body_bytes=cap, door=door, open_paths=free)


def _add_docs(app: FastAPI) -> None:
    @app.get(DOCS_PATH, include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(docs_page(app.openapi()), headers={"Content-Security-Policy": POLICY})


async def _http_error(request: Request, error: Exception) -> Response:
    """The framework's own refusals: no such path, a method not taken, a form that cannot be read."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(getattr(error, "headers", None) or {})
    phrase = http.HTTPStatus(status).phrase
    code = {404: "path_not_found", 405: "method_not_allowed", 400: "form_invalid"}.get(status, "http_error")
    return _refusal(request, status, code, phrase, headers=headers)


async def _validation_error(request: Request, error: Exception) -> Response:
    """A parameter that does not fit; its value is not repeated."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    name = str(found[0]["loc"][-1]) if found else None
    return _refusal(request, 400, "parameter_invalid", "a parameter is out of range or malformed", param=name)


def _refusal(
    request: Request,
    status: int,
    code: str,
    message: str,
    *,
    param: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    kind = "not_found_error" if status == 404 else "invalid_request_error" if status < 500 else "server_error"
    body = error_body(kind, code, message, request.state.request_id, param=param)
    return JSONResponse(body, status, headers=error_headers(kind, message) | (headers or {}))
