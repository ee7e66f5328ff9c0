"""Bringing a database's schema up to date, from the history that the package carries."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError

from antiphon.errors import StorageFailed

MIGRATIONS = Path(__file__).with_name("migrations")


def configuration() -> Config:
    """Where alembic finds the history."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def head() -> str:
    """The newest revision this version knows."""
    return ScriptDirectory.from_config(configuration()).get_current_head() or ""


def upgrade(connection: sa.Connection) -> None:
    """Run all migrations that are missing, within the caller's transaction.

    Raises:
        StorageFailed: the schema is of a newer version of Antiphon.
    """
    config = configuration()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StorageFailed(
            "the database was made by a newer version: upgrade Antiphon or restore a backup", code="storage_newer"
        ) from error
