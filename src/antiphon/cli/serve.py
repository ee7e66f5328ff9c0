"""`antiphon serve`: the API of a stack, until the process is told to end."""

import asyncio
import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer

from antiphon.app import App
from antiphon.cli.listening import address, listen, serve_until_told
from antiphon.config import Stack, load
from antiphon.gateway.asgi import DOCS_PATH, Services, build
from antiphon.gateway.keys import check_binding
from antiphon.telemetry import LoopWatch, configure_logging


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; the stack's without it.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="0 takes a free one.")] = None,
    stack: Annotated[Path | None, typer.Option(help="Stack file; the built-in one without it.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of the database and temporary audio.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the address as a JSON line.")] = False,
) -> None:
    """Serve conversations over REST; SIGTERM lets running calls end first.

    Example: antiphon serve --port 8080 --data ./data
    """
    chosen = _overridden(load(stack), host, port, data)
    configure_logging(chosen.log)
    server = chosen.server
    check_binding(server.host, server.api_keys)
    asyncio.run(_serve(chosen, as_json=as_json))


def _overridden(stack: Stack, host: str | None, port: int | None, data: Path | None) -> Stack:
    server = dataclasses.replace(
        stack.server,
        host=stack.server.host if host is None else host,
        port=stack.server.port if port is None else port,
    )
    conversations = stack.conversations
    if data is not None:
        conversations = dataclasses.replace(conversations, data_dir=str(data))
    return dataclasses.replace(stack, server=server, conversations=conversations)


async def _serve(stack: Stack, *, as_json: bool) -> None:
    server = stack.server
    # Taken first: a port in use is found out before any engine is loaded.
    listener = listen(server.host, server.port)
    async with App(stack) as app, LoopWatch(app.registry):
        api = build(Services(await app.start_conversations()), server, app.registry)
        _announce(address(listener), as_json=as_json)
        await serve_until_told(api, listener, drain_s=server.drain_timeout_s)


def _announce(url: str, *, as_json: bool) -> None:
    """Say where we are; the socket listens already, so whoever reads this may call at once."""
    docs = url + DOCS_PATH
    typer.echo(json.dumps({"url": url, "docs": docs}) if as_json else f"serving {url} (docs: {docs})")
