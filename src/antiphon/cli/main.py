"""The `antiphon` command: puts the subcommands together and turns our errors into messages and exit codes."""

import sys
from importlib import import_module

import typer

from antiphon.cli.config import config
from antiphon.errors import AntiphonError, BadConfiguration, BadInput

EXIT_USAGE, EXIT_DATA, EXIT_FAILED, EXIT_CONFIG = 64, 65, 1, 78
"""After sysexits.h: what was typed, what was given, what broke, what was configured."""

COMMANDS = ("call", "transcribe", "say", "engines", "serve", "receiver")

app = typer.Typer(
    name="antiphon",
    help="A self-hosted voice AI platform: it hears, thinks, speaks and acts on machines you chose.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(config, name="config")
for name in COMMANDS:
    app.command(name)(getattr(import_module(f"antiphon.cli.{name}"), name))


def main() -> None:
    """Run the command line; the exit code tells what went wrong."""
    try:
        app()
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
