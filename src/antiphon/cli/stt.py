"""`antiphon stt`: proves and tunes speech-to-text services."""

import typer

from antiphon.cli.stt_load import load
from antiphon.cli.stt_smoke import smoke
from antiphon.cli.stt_soak import soak
from antiphon.cli.stt_tune import tune

stt = typer.Typer(
    help="Prove and tune speech-to-text services: smoke, load, soak, tune.", no_args_is_help=True, rich_markup_mode=None
)
for _command in (smoke, load, soak, tune):
    stt.command(_command.__name__)(_command)
