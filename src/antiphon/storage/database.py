"""An open database: readers side by side, one writer at a time."""

import asyncio
import errno
import os
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from antiphon.errors import StorageFailed
from antiphon.storage.failures import CODES, mapped
from antiphon.storage.migrate import upgrade

BUSY_TIMEOUT_S = 10.0
PROBE_BYTES = 65_536
PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    # FULL: a commit is on the disk before it is acknowledged, also when the power goes.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
)
WRITE = "antiphon_write"


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite+aiosqlite:///{path}"


class Database:
    """A database with an up-to-date schema.

    SQLite knows one writer at a time. Writers of this process queue for a lock; those of others wait at
    `BEGIN IMMEDIATE`, so that no transaction finds out halfway that it may not write.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._sqlite = engine.dialect.name == "sqlite"
        self._writer = asyncio.Lock()

    @classmethod
    async def open(cls, url: str) -> Self:
        """Open, check and upgrade the database at a SQLAlchemy URL; SQLite files and their folder are made.

        Raises:
            StorageFailed: it cannot be opened, is damaged, or belongs to a newer version.
        """
        with mapped():
            engine = _engine(url)
        database = cls(engine)
        try:
            await database._prepare()
        except BaseException:
            await engine.dispose()
            raise
        return database

    async def _prepare(self) -> None:
        if self._sqlite:
            async with self.reading() as connection:
                await _check_integrity(connection)
        async with self.writing() as connection:
            await connection.run_sync(upgrade)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose reads all see the same moment.

        Raises:
            StorageFailed: the database refused.
        """
        with mapped():
            async with self._engine.connect() as connection, connection.begin():
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is committed at the end, or rolled back when the block raises.

        Raises:
            StorageFailed: the database refused; nothing of the transaction was kept.
            sqlalchemy.exc.IntegrityError: a constraint was broken; nothing was kept.
        """
        with mapped():
            async with self._writer if self._sqlite else nullcontext(), self._engine.connect() as connection:
                await connection.execution_options(**{WRITE: True})
                async with connection.begin():
                    yield connection

    async def check_writable(self) -> None:
        """Write for real: a full disk shows when pages reach it, not when a transaction begins.

        Raises:
            StorageFailed: the database cannot be written now.
        """
        async with self.writing() as connection:
            if self._sqlite:
                # Its first page, as it is, goes through the log to the disk like that of any turn.
                version = (await connection.execute(sa.text("PRAGMA user_version"))).scalar_one()
                await connection.exec_driver_sql(f"PRAGMA user_version = {int(version)}")
            else:
                await connection.execute(sa.text("SELECT 1"))
        if self._sqlite:
            with mapped():
                await asyncio.to_thread(_write_beside, Path(str(self._engine.url.database)))

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()


def _engine(url: str) -> AsyncEngine:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_async_engine(parsed, pool_pre_ping=True)
    if not parsed.database or parsed.database == ":memory:":
        raise StorageFailed("conversations need a database in a file", code="storage_unavailable")
    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    # Without an isolation level the driver leaves BEGIN to us; by default it begins late and without locking.
    engine = create_async_engine(
        parsed, connect_args={"isolation_level": None, "timeout": BUSY_TIMEOUT_S}, pool_size=4, max_overflow=8
    )
    sa.event.listen(engine.sync_engine, "connect", _set_pragmas)
    sa.event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _write_beside(file: Path) -> None:
    """Take room for a few turns beside `file` and give it back: the log may have some of its own left, for a while."""
    with tempfile.TemporaryFile(dir=file.parent, buffering=0) as room:
        written = room.write(bytes(PROBE_BYTES))
        os.fsync(room.fileno())
        if written < PROBE_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _set_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get(WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


async def _check_integrity(connection: AsyncConnection) -> None:
    found = (await connection.execute(sa.text("PRAGMA integrity_check(5)"))).scalars().all()
    if list(found) != ["ok"]:
        code, message = CODES[sqlite3.SQLITE_CORRUPT]
        raise StorageFailed(message, code=code)
