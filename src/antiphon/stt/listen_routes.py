"""`WS /v1/listen`: parse, call, answer."""

from contextlib import suppress

from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketDisconnected

from antiphon.errors import BadInput
from antiphon.events import live as wire
from antiphon.stt.live import Live
from antiphon.stt.live_connection import Caller, Gone

PATH = "/v1/listen"
TICKET = "ticket"
"""A query parameter of the front door, not of this protocol."""
LISTS = frozenset({"hotwords"})


def router(live: Live) -> APIRouter:
    """The route of one process's live streams."""
    routes = APIRouter(tags=["transcription"])

    @routes.websocket(PATH)
    async def listen(websocket: WebSocket) -> None:
        """The protocol is described in docs/live.md.

        Raises:
            AtCapacity: there is no room; as nothing is accepted yet, the front door answers with HTTP.
        """
        live.admit()
        await websocket.accept()
        state = websocket.scope.get("state", {})
        caller = Caller(state.get("key_id"), state.get("still_allowed", lambda: True))
        await live.serve(_Accepted(websocket), _asked(websocket), caller)

    return routes


class _Accepted:
    """The framework's WebSocket as the connection sees it."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket

    async def receive(self) -> str | bytes:
        try:
            message = await self._websocket.receive()
        except (WebSocketDisconnected, RuntimeError) as error:
            raise Gone from error
        if message["type"] == "websocket.disconnect":
            raise Gone(message.get("code") or 1006)
        data: str | bytes | None = message.get("bytes")
        return data if data is not None else str(message.get("text") or "")

    async def send(self, text: str) -> None:
        try:
            await self._websocket.send_text(text)
        except (WebSocketDisconnect, WebSocketDisconnected, RuntimeError, OSError) as error:
            raise Gone from error

    async def close(self, code: int, reason: str) -> None:
        with suppress(WebSocketDisconnect, WebSocketDisconnected, RuntimeError, OSError):
            await self._websocket.close(code, reason)


def _asked(websocket: WebSocket) -> wire.Start | BadInput | None:
    """What the query of the URL asks for; None where it says nothing."""
    query = websocket.query_params
    names = [name for name in query if name != TICKET]
    if not names:
        return None
    try:
        return wire.start_of({name: query.getlist(name) if name in LISTS else query[name] for name in names})
    except BadInput as error:
        return error
