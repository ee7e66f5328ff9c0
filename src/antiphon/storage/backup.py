"""Copies of a SQLite database that is being written to."""

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import structlog

from antiphon.storage.failures import mapped

log = structlog.get_logger(__name__)

SUFFIX = ".backup.db"


def last_backup(folder: Path) -> datetime | None:
    """When the newest copy in `folder` was begun, in UTC; None where there is none."""
    names = sorted(path.name for path in folder.glob(f"*{SUFFIX}"))
    return datetime.strptime(names[-1].removesuffix(SUFFIX), _STAMP) if names else None


def back_up(database: Path, folder: Path, now: datetime, *, keep: int) -> Path:
    """Copy `database` into `folder` and delete all but the newest `keep` copies: blocking.

    The copy is of one moment, while others go on writing, and has its final name only once it is whole and on the disk.

    Raises:
        StorageFailed: the copy could not be made; earlier ones are untouched.

    Source: https://www.sqlite.org/backup.html
    """
    target = folder / f"{now:{_STAMP}}{SUFFIX}"
    part = target.with_suffix(".part")
    try:
        with mapped():
            folder.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(part)) as copy:
                source.backup(copy)
            with part.open("rb+") as written:
                os.fsync(written.fileno())
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    for old in sorted(folder.glob(f"*{SUFFIX}"))[:-keep]:
        old.unlink(missing_ok=True)
    log.info("database_backed_up", file=target.name, bytes=target.stat().st_size)
    return target


_STAMP = "%Y%m%dT%H%M%S%z"
