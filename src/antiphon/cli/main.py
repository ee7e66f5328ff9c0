"""The `antiphon` command: puts the subcommands together and turns our errors into messages and exit codes."""

import sys
from importlib import import_module
from typing import Annotated

import typer

from antiphon import __version__
from antiphon.errors import AntiphonError, BadConfiguration, BadInput

EXIT_USAGE, EXIT_DATA, EXIT_FAILED, EXIT_CONFIG = 64, 65, 1, 78
"""After sysexits.h: what was typed, what was given, what broke, what was configured."""

COMMANDS = ("call", "transcribe", "say", "engines", "serve", "stt", "receiver")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"antiphon {__version__}")
        raise typer.Exit


def application(arguments: list[str]) -> typer.Typer:
    """The command line; only the subcommand that is called is imported, since all of them take a second."""
    app = typer.Typer(
        name="antiphon",
        help="A self-hosted voice AI platform: it hears, thinks, speaks and acts on machines you chose.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_options)
    called = [name for name in arguments if name in (*COMMANDS, "config")][:1]
    for name in called or (*COMMANDS, "config"):
        command = getattr(import_module(f"antiphon.cli.{name}"), name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """Take the options that belong to no subcommand."""


def main() -> None:
    """Run the command line; the exit code tells what went wrong."""
    try:
        application(sys.argv[1:])()
    except AntiphonError as error:
        print(f"antiphon: {error.message}", file=sys.stderr)
        sys.exit(exit_code(error))
    except BrokenPipeError:
        # The reader of our output has gone (`antiphon … | head`): nothing is left to say, and nobody to say it to.
        sys.stderr.close()
        sys.exit(EXIT_FAILED)


def exit_code(error: AntiphonError) -> int:
    """The exit code that stands for an error."""
    if isinstance(error, BadConfiguration):
        return EXIT_CONFIG
    return EXIT_DATA if isinstance(error, BadInput) else EXIT_FAILED
