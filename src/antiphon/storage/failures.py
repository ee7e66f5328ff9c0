"""What a database's refusals mean: one place turns driver errors into `StorageFailed`."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
import structlog

from antiphon.errors import StorageFailed

log = structlog.get_logger(__name__)

CODES = {
    sqlite3.SQLITE_FULL: ("storage_full", "the disk is full: free some space and try again"),
    sqlite3.SQLITE_IOERR: ("storage_failed", "the disk refused: check its space, limits and health"),
    sqlite3.SQLITE_READONLY: ("storage_read_only", "the database cannot be written: check the rights of its folder"),
    sqlite3.SQLITE_CANTOPEN: ("storage_unavailable", "the database cannot be opened: check its folder"),
    sqlite3.SQLITE_BUSY: ("storage_busy", "another process holds the database: try again"),
    sqlite3.SQLITE_CORRUPT: ("storage_damaged", "the database is damaged: restore it from a backup"),
    sqlite3.SQLITE_NOTADB: ("storage_damaged", "the file is not a database: restore it from a backup"),
}
"""SQLite's primary result codes. Source: https://sqlite.org/rescode.html"""

OTHER = ("storage_failed", "the database refused: nothing of this was kept")


def explain(error: BaseException) -> tuple[str, str]:
    """Code and message for a driver's error, found by SQLite's result code or the system's errno."""
    cause: BaseException | None = error
    while cause is not None:
        primary = getattr(cause, "sqlite_errorcode", None)
        if isinstance(primary, int) and primary & 0xFF in CODES:
            return CODES[primary & 0xFF]
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
            return CODES[sqlite3.SQLITE_FULL]
        if isinstance(cause, OSError) and cause.errno in (errno.EROFS, errno.EACCES):
            return CODES[sqlite3.SQLITE_READONLY]
        cause = getattr(cause, "orig", None) or cause.__cause__ or cause.__context__
    return OTHER


def storage_failed(error: BaseException) -> StorageFailed:
    """The error to raise for a driver's error."""
    code, message = explain(error)
    return StorageFailed(message, code=code)


@contextmanager
def mapped() -> Iterator[None]:
    """Turn errors of the database and the disk into `StorageFailed`.

    A broken constraint passes: it says something of the data, and the caller knows what.
    """
    try:
        yield
    except sa.exc.IntegrityError:
        raise
    except (sa.exc.DBAPIError, sa.exc.TimeoutError, sqlite3.Error, OSError) as error:
        failure = storage_failed(error)
        log.warning("storage_failed", code=failure.code, error=type(error).__name__)
        raise failure from error
