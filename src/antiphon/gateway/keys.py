"""Bearer keys: who may call, and what is asked of callers where there are none."""

import hashlib
import hmac
from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from antiphon.errors import BadConfiguration, BadInput, NotAllowed


class BearerKeys:
    """Pure ASGI middleware that lets only holders of a key pass; without keys it lets everybody."""

    def __init__(self, app: ASGIApp, *, keys: Collection[str], open_paths: Collection[str]) -> None:
        self._app = app
        # Digests: all of one length, so that comparing them tells nothing of a key's own length.
        self._digests = [hashlib.sha256(key.encode()).digest() for key in keys]
        self._open_paths = frozenset(open_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request pass, or refuse it.

        Raises:
            NotAllowed: no key, or a wrong one.
        """
        if self._digests and scope["type"] != "lifespan" and scope["path"] not in self._open_paths:
            self._check(Headers(scope=scope).get("authorization", ""))
        await self._app(scope, receive, send)

    def _check(self, authorization: str) -> None:
        scheme, _, key = authorization.partition(" ")
        given = hashlib.sha256(key.strip().encode("utf-8", "surrogateescape")).digest()
        # Every key is compared, each in constant time.
        known = sum(hmac.compare_digest(given, digest) for digest in self._digests)
        if scheme.lower() != "bearer" or not known:
            raise NotAllowed("a valid key is needed: Authorization: Bearer KEY", code="unauthorized")


class LocalCallers:
    """Pure ASGI middleware for a server without keys: takes calls from programs of this machine alone.

    A web page that somebody here has open is none: it may not post to us across origins, nor under a name of its own
    that resolves to this machine.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request pass, or refuse it.

        Raises:
            NotAllowed: it was sent by a page of another origin, or to a name that is not this machine's.
        """
        if scope["type"] != "lifespan":
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
