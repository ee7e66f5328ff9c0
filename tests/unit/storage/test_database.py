"""The database: durable settings, one writer, errors that say what is wrong."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import antiphon.conversations.tables  # noqa: F401  (registers the tables that are compared)
from antiphon.errors import StorageFailed
from antiphon.storage.database import Database, sqlite_url
from antiphon.storage.migrate import head
from antiphon.storage.types import metadata

INSERT = sa.text("INSERT INTO audit (at, conversation_id, kind, detail) VALUES ('2026-01-01', 'c', :kind, '{}')")
COUNT = sa.text("SELECT count(*) FROM audit")


async def count(database: Database) -> int:
    async with database.reading() as connection:
        return int((await connection.execute(COUNT)).scalar_one())


async def test_the_migrations_make_the_tables_that_the_services_declare(tmp_path: Path) -> None:
    database = await Database.open(sqlite_url(tmp_path / "a.db"))

    def drift(connection: sa.Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))

    async with database.reading() as connection:
        assert await connection.run_sync(drift) == []
        assert (await connection.execute(sa.text("SELECT version_num FROM alembic_version"))).scalar_one() == head()
    await database.close()


async def test_a_commit_is_on_the_disk_and_rows_keep_to_their_owner(tmp_path: Path) -> None:
    database = await Database.open(sqlite_url(tmp_path / "new" / "a.db"))
    async with database.reading() as connection:
        pragmas = {
            name: (await connection.execute(sa.text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    await database.close()


async def test_what_was_written_is_there_after_opening_again(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "a.db")
    database = await Database.open(url)
    async with database.writing() as connection:
        await connection.execute(INSERT, {"kind": "kept"})
    await database.close()
    again = await Database.open(url)
    assert await count(again) == 1
    await again.close()


async def test_a_write_that_raises_leaves_nothing(tmp_path: Path) -> None:
    database = await Database.open(sqlite_url(tmp_path / "a.db"))

    async def stop_halfway() -> None:
        async with database.writing() as connection:
            await connection.execute(INSERT, {"kind": "lost"})
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        await stop_halfway()
    assert await count(database) == 0
    await database.close()


async def test_many_writers_take_turns_also_over_two_connections_to_one_file(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "a.db")
    one, other = await Database.open(url), await Database.open(url)

    async def write(database: Database, kind: str) -> None:
        async with database.writing() as connection:
            before = (await connection.execute(COUNT)).scalar_one()
            await asyncio.sleep(0)
            await connection.execute(INSERT, {"kind": kind})
            assert (await connection.execute(COUNT)).scalar_one() == before + 1

    await asyncio.gather(*(write((one, other)[number % 2], str(number)) for number in range(40)))
    assert await count(one) == 40
    await one.close()
    await other.close()


async def test_a_damaged_file_is_refused_at_start(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database = await Database.open(sqlite_url(path))
    async with database.writing() as connection:
        for number in range(2000):
            await connection.execute(INSERT, {"kind": f"entry {number}"})
    await database.close()
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 4096] = b"\xff" * 4096
    path.write_bytes(content)
    with pytest.raises(StorageFailed) as refused:
        await Database.open(sqlite_url(path))
    assert refused.value.code == "storage_damaged"


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_text("a letter to a friend, long enough to be no header of a database at all. " * 3)
    before = path.read_bytes()
    with pytest.raises(StorageFailed) as refused:
        await Database.open(sqlite_url(path))
    assert refused.value.code == "storage_damaged"
    assert path.read_bytes() == before


async def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    await (await Database.open(sqlite_url(path))).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from the future'")
    connection.close()
    with pytest.raises(StorageFailed) as refused:
        await Database.open(sqlite_url(path))
    assert refused.value.code == "storage_newer"


async def test_a_full_database_says_so_and_recovers(tmp_path: Path) -> None:
    database = await Database.open(sqlite_url(tmp_path / "a.db"))

    async def write_much() -> None:
        async with database.writing() as connection:
            # The limit is the connection's own: it stands for a disk without room.
            pages = (await connection.execute(sa.text("PRAGMA page_count"))).scalar_one()
            await connection.execute(sa.text(f"PRAGMA max_page_count = {pages}"))
            try:
                await connection.execute(INSERT, {"kind": "x" * 200_000})
            finally:
                await connection.execute(sa.text("PRAGMA max_page_count = 1000000"))

    with pytest.raises(StorageFailed) as refused:
        await write_much()
    assert refused.value.code == "storage_full"
    async with database.writing() as connection:
        await connection.execute(INSERT, {"kind": "x" * 200_000})
    assert await count(database) == 1
    await database.close()


async def test_without_a_file_there_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StorageFailed):
        await Database.open("sqlite+aiosqlite://")
