"""`antiphon serve`: the API of a stack, until the process is told to end."""

import asyncio
import dataclasses
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import structlog
import typer

from antiphon.app import check_engines
from antiphon.cli.config import print_settings, read_settings
from antiphon.cli.serving import Serving, serve_stack
from antiphon.config import PACKAGED, Stack, load
from antiphon.errors import BadConfiguration, EngineUnavailable
from antiphon.gateway.keys import check_binding
from antiphon.telemetry import configure_logging

log = structlog.get_logger(__name__)

serve = typer.Typer(
    help="Serve conversations and speech-to-text over REST; SIGTERM lets running work end first.\n\n"
    "Example: antiphon serve --port 8080 --data ./data",
    rich_markup_mode=None,
)

HostOption = Annotated[str | None, typer.Option(help="Address to listen on; the stack's without it.")]
PortOption = Annotated[int | None, typer.Option(min=0, max=65535, help="0 takes a free one.")]
StackOption = Annotated[Path | None, typer.Option(help="Stack file; the built-in one without it.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the address as a JSON line.")]


class Role(StrEnum):
    """Which tier of speech-to-text a process is."""

    PRIMARY = "primary"
    FALLBACK = "fallback"


@serve.callback(invoke_without_command=True)
def everything(
    context: typer.Context,
    host: HostOption = None,
    port: PortOption = None,
    stack: StackOption = None,
    data: Annotated[Path | None, typer.Option(help="Folder of the database and temporary audio.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Serve everything in one process, or with a command one service alone."""
    if context.invoked_subcommand is not None:
        if any(value is not None for value in (host, port, stack, data)) or as_json:
            raise typer.BadParameter(f"options go behind the command: antiphon serve {context.invoked_subcommand} …")
        return

    def read() -> Stack:
        return _overridden(load(stack), host, port, data)

    chosen = read()
    check_binding(chosen.server.host, chosen.server.api_keys)
    _run(Serving(read, conversations=True, as_json=as_json), chosen)


@serve.command()
def stt(
    role: Annotated[Role, typer.Option(help="The quick tier that asks, or the thorough one that is asked.")] = (
        Role.PRIMARY
    ),
    host: HostOption = None,
    port: PortOption = None,
    stack: Annotated[Path | None, typer.Option(help="Stack file, over the packaged one of the role.")] = None,
    as_json: JsonOption = False,
    print_config: Annotated[
        bool, typer.Option("--print-config", help="Print all settings and their sources, and end; no secrets.")
    ] = False,
) -> None:
    """Serve speech-to-text alone: POST /v1/transcribe, OpenAI's audio API and /v1/listen.

    Settings come from the environment, then from the file that CONFIG_PATH names (or ./stt_ROLE.env), then from the
    stack file. SIGHUP, or a change of those files, takes over keys, limits, thresholds and the fallback's address.

    Example: antiphon serve stt --role primary --port 8081

    Example: CONFIG_PATH=stt_primary.env antiphon serve stt --role primary

    Example: AUTH_DISABLED=1 antiphon serve stt --role fallback
    """

    def read() -> Stack:
        return _loopback_without_keys(_overridden(load(stack, role=role), host, port), host_given=host is not None)

    if print_config:
        print_settings(read_settings(stack, role), as_json=as_json)
        return
    _run(Serving(read, conversations=False, as_json=as_json), read())


def _run(serving: Serving, stack: Stack) -> None:
    configure_logging(stack.log)
    for warning in [*stack.warnings, *check_engines(stack)]:
        log.warning("settings_doubtful", why=warning)
    try:
        asyncio.run(serve_stack(serving, stack))
    except EngineUnavailable as missing:
        # Nothing that waiting would help: what is configured cannot run here.
        raise BadConfiguration(missing.message, param=missing.param) from missing


def _overridden(stack: Stack, host: str | None, port: int | None, data: Path | None = None) -> Stack:
    server = dataclasses.replace(
        stack.server,
        host=stack.server.host if host is None else host,
        port=stack.server.port if port is None else port,
    )
    conversations = stack.conversations
    if data is not None:
        conversations = dataclasses.replace(conversations, data_dir=str(data))
    return dataclasses.replace(stack, server=server, conversations=conversations)


def _loopback_without_keys(stack: Stack, *, host_given: bool) -> Stack:
    """The stack as it may be served: without keys only where that is wanted, and then on this machine alone (X-16).

    Raises:
        BadConfiguration: there are no keys and nobody said that none are wanted, or it should listen elsewhere.
    """
    server = stack.server
    if server.api_keys:
        return stack
    if not server.auth_disabled:
        raise BadConfiguration(
            "`server.api_keys` (API_KEYS) is empty: set keys, or AUTH_DISABLED=1 to serve this machine alone",
            param="server.api_keys",
        )
    set_by = next(value.source for value in stack.values if value.key == "server.host")
    if not host_given and set_by.startswith(PACKAGED):
        stack = dataclasses.replace(stack, server=dataclasses.replace(server, host="127.0.0.1"))
    check_binding(stack.server.host, ())
    return stack
