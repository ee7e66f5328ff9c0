"""A server on this machine for as long as a test runs, in the test's own event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

from antiphon.gateway.live_socket import LiveSockets


@asynccontextmanager
async def serving(app: ASGIApp, *, ping_s: float = 20.0) -> AsyncIterator[str]:
    """Serve `app` on a free port of loopback; its `http://` address."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        ws=LiveSockets,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
        ws_ping_interval=ping_s,
        ws_ping_timeout=ping_s,
    )
    server = uvicorn.Server(config)
    # The server would take the test runner's signals for its own.
    running = asyncio.create_task(server._serve([listener]), name="test-server")
    try:
        while not server.started:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.005)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        listener.close()
