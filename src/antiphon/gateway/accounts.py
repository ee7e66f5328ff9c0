"""Every request to speech-to-text has an account, and is counted once: those too that never reach the service."""

import asyncio

from starlette.datastructures import QueryParams
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from antiphon.stt import openai_routes as openai
from antiphon.stt import routes as stt
from antiphon.stt.account import Account
from antiphon.stt.metrics import SttMetrics

ENDPOINTS = openai.AUDIO_PATHS | {stt.TRANSCRIBE_PATH}
"""Paths whose answers tell in headers what became of the request, and whose requests are counted by path."""


class RequestAccounts:
    """Pure ASGI middleware around `RequestBoundary`, which makes answers of errors and tells them the account."""

    def __init__(self, app: ASGIApp, *, metrics: SttMetrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request: its route finds the account in `request.state.account`."""
        if scope["type"] != "http" or scope["path"] not in ENDPOINTS:
            await self._app(scope, receive, send)
            return
        account = Account(endpoint=scope["path"], language_checked=not _names_language(scope))
        state = scope.setdefault("state", {})
        state["account"], state["answer_headers"] = account, account.headers
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            if not account.counted:
                # It never reached the service, which counts what it has heard.
                error = state.get("error") if status else asyncio.CancelledError()
                self._metrics.ended(account, (), error, str(status or ""))


def _names_language(scope: Scope) -> bool:
    """Whether the URL says what language is spoken; a form's word on it comes later."""
    query = scope.get("query_string", b"")
    return bool(query) and bool(QueryParams(query).get("language", "").strip())
