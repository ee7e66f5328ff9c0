"""Bearer keys: who may call, and what is asked of callers where there are none."""

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from antiphon.errors import AtCapacity, BadConfiguration, BadInput, NotAllowed
from antiphon.gateway.door import FrontDoor


class BearerKeys:
    """Pure ASGI middleware that lets only holders of a key pass; without keys it lets everybody."""

    def __init__(self, app: ASGIApp, *, door: FrontDoor, open_paths: Collection[str]) -> None:
        self._app, self._door = app, door
        self._open_paths = frozenset(open_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request pass, or refuse it.

        Raises:
            NotAllowed: no key, or a wrong one.
            AtCapacity: `too_many_failures`: that has happened too often from there.
        """
        if scope["type"] == "websocket":
            # What lives longer than a request asks again, now and then.
            state = scope.setdefault("state", {})
            state["still_allowed"] = lambda: not self._door.keys or state.get("key_id") in self._door.keys
        if scope["type"] != "lifespan" and self._door.keys:
            given = Headers(scope=scope).get("authorization", "")
            holder = self._door.keys.holder(given)
            scope.setdefault("state", {})["key_id"] = holder
            if holder is None and scope["path"] not in self._open_paths:
                raise self._refusal(scope, given)
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope, given: str) -> NotAllowed | AtCapacity:
        # Who gives no key guesses none.
        if given and not (left := self._door.failures.take(self._door.proxies.client(scope))).taken:
            return AtCapacity("too many calls without a valid key", code="too_many_failures", retry_after_s=left.next_s)
        return NotAllowed("a valid key is needed: Authorization: Bearer KEY", code="unauthorized")


class LocalCallers:
    """Pure ASGI middleware for as long as there are no keys: takes calls from programs of this machine alone.

    A web page that somebody here has open is none: it may not post to us across origins, nor under a name of its own
    that resolves to this machine.
    """

    def __init__(self, app: ASGIApp, *, door: FrontDoor) -> None:
        self._app, self._door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request pass, or refuse it.

        Raises:
            NotAllowed: it was sent by a page of another origin, or to a name that is not this machine's.
        """
        if scope["type"] != "lifespan" and not self._door.keys:
            headers = Headers(scope=scope)
            try:
                _check_local(headers.get("host", ""), headers.get("origin"))
            except ValueError as error:
                raise BadInput("Host or Origin is malformed", code="header_invalid", param="Host") from error
        await self._app(scope, receive, send)


def _check_local(host: str, origin: str | None) -> None:
    if not _loopback(urlsplit(f"//{host}").hostname or ""):
        raise NotAllowed("without api_keys only calls to localhost are taken", code="host_not_allowed")
    if origin is not None and urlsplit(origin).netloc != host:
        raise NotAllowed("pages of other origins may not call", code="origin_not_allowed")


def check_binding(host: str, api_keys: Collection[str]) -> None:
    """Refuse to listen beyond this machine without keys.

    Raises:
        BadConfiguration: that is what was asked for.
    """
    if api_keys or _loopback(host):
        return
    raise BadConfiguration(
        f"`server.api_keys` must be set to listen on {host}; without keys only loopback is served", param="api_keys"
    )


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
