"""Serving a stack: the port first, then what is served, then whoever calls."""

import asyncio
import json
import socket
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import typer
from starlette.types import ASGIApp

from antiphon.app import App
from antiphon.cli.listening import address, listen, make_server
from antiphon.cli.reloading import contents, reloading
from antiphon.config import Stack
from antiphon.errors import EngineFailed
from antiphon.gateway.asgi import DOCS_PATH, Services, build
from antiphon.gateway.door import FrontDoor
from antiphon.gateway.starting import Arriving
from antiphon.telemetry import LoopWatch


@dataclass(frozen=True, slots=True)
class Serving:
    """What is to be served.

    Attributes:
        read: reads the stack again.
        conversations: whether conversations are offered beside speech-to-text.
        as_json: whether the address is printed for machines.
    """

    read: Callable[[], Stack]
    conversations: bool
    as_json: bool


async def serve_stack(serving: Serving, stack: Stack) -> None:
    """Serve until told to end.

    Raises:
        BadConfiguration: the port cannot be had, or an engine or an option cannot be meant.
        EngineUnavailable: this machine lacks something.
        EngineFailed: `engine_dead`: speech-to-text has stopped working, and only another process may help.
    """
    server, files = stack.server, contents(stack.files)
    # Taken first: a port in use is found out before any engine is loaded.
    listener = listen(server.host, server.port)
    door = FrontDoor(server)
    async with App(stack) as app, LoopWatch(app.registry):
        arriving = Arriving(door, server, app.request_metrics)

        def drain() -> None:
            door.draining = True
            app.drain()

        http = make_server(arriving, server.drain_timeout_s, server.max_connections, drain)
        answering = asyncio.create_task(http.serve([listener]), name="http")
        try:
            arriving.app = await _unless_ended(answering, _made(app, door, conversations=serving.conversations))
            if arriving.app is not None:
                _announce(listener, as_json=serving.as_json)

                def change(new: Stack) -> None:
                    door.change(new.server)
                    app.change(new.stt)

                dead = (await app.start_speech_to_text()).service.readiness.dead
                async with reloading(files, serving.read, change):
                    await _unless_dead(answering, dead)
        except EngineFailed:
            http.fail()
            raise
        finally:
            http.stop()
            await answering


async def _made(app: App, door: FrontDoor, *, conversations: bool) -> ASGIApp:
    """The application, with all that it offers loaded and running."""
    spoken = await app.start_speech_to_text()
    services = Services(
        conversations=await app.start_conversations() if conversations else None, stt=spoken.service, live=spoken.live
    )
    return build(services, app.stack.server, app.registry, door)


async def _unless_dead(answering: asyncio.Task[None], dead: asyncio.Event) -> None:
    """Wait until the server has ended.

    Raises:
        EngineFailed: `engine_dead`: it goes on, but has nothing to answer with.
    """
    dying = asyncio.create_task(dead.wait(), name="engine-dead")
    try:
        await asyncio.wait((answering, dying), return_when=asyncio.FIRST_COMPLETED)
    finally:
        dying.cancel()
    if not answering.done():
        raise EngineFailed("speech-to-text does not work any more: start this process again", code="engine_dead")
    await answering


async def _unless_ended(answering: asyncio.Task[None], made: Coroutine[Any, Any, ASGIApp]) -> ASGIApp | None:
    """What is made; None where the process is told to end before it is done."""
    making = asyncio.create_task(made, name="loading")
    await asyncio.wait((answering, making), return_when=asyncio.FIRST_COMPLETED)
    if making.done():
        return making.result()
    making.cancel()
    await asyncio.gather(making, return_exceptions=True)
    return None


def _announce(listener: socket.socket, *, as_json: bool) -> None:
    """Say where we are."""
    url = address(listener)
    docs = url + DOCS_PATH
    typer.echo(json.dumps({"url": url, "docs": docs}) if as_json else f"serving {url} (docs: {docs})")
