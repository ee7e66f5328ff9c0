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
from antiphon.gateway.boundary import RequestBoundary
from antiphon.gateway.docs import POLICY, docs_page
from antiphon.gateway.errors import error_body, error_headers
from antiphon.gateway.keys import BearerKeys, LocalCallers
from antiphon.gateway.metrics import add_metrics
from antiphon.gateway.settings import ServerSettings
from antiphon.telemetry import new_registry

DOCS_PATH = "/docs"
OPENAPI_PATH = "/openapi.json"
OPEN_PATHS = conversations.HEALTH_PATHS | {DOCS_PATH, OPENAPI_PATH}
ERRORS: dict[int | str, dict[str, Any]] = {"default": {"model": ErrorBody, "description": "Any error"}}


@dataclass(frozen=True, slots=True)
class Services:
    """The services this process offers; whoever made them starts and stops them."""

    conversations: ConversationService


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
    services: Services, settings: ServerSettings | None = None, registry: CollectorRegistry | None = None
) -> FastAPI:
    """The application: routes of all services, docs at /docs, the figures of `registry` at /metrics."""
    chosen = settings or ServerSettings()
    app = Api(
        title="Antiphon",
        version=__version__,
        description="Conversations: turns, the facts learnt in them, and the actions they set in motion.",
        docs_url=None,
        redoc_url=None,
        openapi_url=OPENAPI_PATH,
        responses=ERRORS,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.include_router(conversations.router(services.conversations))
    _add_docs(app)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    # The last one added is the outermost.
    app.add_middleware(BearerKeys, keys=chosen.api_keys, open_paths=OPEN_PATHS)
    if not chosen.api_keys:
        app.add_middleware(LocalCallers)
    app.add_middleware(RequestBoundary, max_body_bytes=int(chosen.max_upload_mb * 1024 * 1024))
    add_metrics(app, registry or new_registry())
    return app


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
