import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from antiphon.conversations.settings import ConversationSettings
from antiphon.conversations.upkeep import BACKUPS, DATABASE_NAME, TEMPORARY, keep_up
from antiphon.errors import StorageFailed

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> ConversationSettings:
    with closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE kept (word TEXT)")
        database.execute("INSERT INTO kept VALUES ('first')")
        database.commit()
    return ConversationSettings(data_dir=str(tmp_path), backups_kept=3)


def copies(settings: ConversationSettings) -> list[Path]:
    return sorted((Path(settings.data_dir) / BACKUPS).glob("*"))


@pytest.mark.proves("P-23")
def test_the_database_is_copied_once_a_day_while_it_is_written_to(settings: ConversationSettings) -> None:
    with closing(sqlite3.connect(Path(settings.data_dir) / DATABASE_NAME)) as writer:
        writer.execute("INSERT INTO kept VALUES ('uncommitted')")
        keep_up(settings, NOW)
        keep_up(settings, NOW + timedelta(hours=1))
        writer.rollback()
    (copy,) = copies(settings)
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("SELECT word FROM kept").fetchall() == [("first",)]
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_only_the_newest_copies_are_kept(settings: ConversationSettings) -> None:
    for day in range(5):
        keep_up(settings, NOW + timedelta(days=day))
    assert [copy.name[:8] for copy in copies(settings)] == ["20261125", "20261126", "20261127"]


def test_a_copy_that_fails_leaves_the_earlier_ones_alone(settings: ConversationSettings) -> None:
    keep_up(settings, NOW)
    (Path(settings.data_dir) / DATABASE_NAME).write_bytes(b"not a database at all" * 100)
    with pytest.raises(StorageFailed):
        keep_up(settings, NOW + timedelta(days=1))
    assert [copy.name[:8] for copy in copies(settings)] == ["20261123"]


def test_temporary_audio_is_deleted_after_a_day(settings: ConversationSettings) -> None:
    folder = Path(settings.data_dir) / TEMPORARY
    folder.mkdir()
    for name, age_s in (("old.wav", 90_000), ("new.wav", 60)):
        (folder / name).write_bytes(b"")
        os.utime(folder / name, (NOW.timestamp() - age_s,) * 2)
    keep_up(settings, NOW)
    assert [path.name for path in folder.iterdir()] == ["new.wav"]


def test_no_copies_are_made_where_none_are_wanted(settings: ConversationSettings) -> None:
    keep_up(ConversationSettings(data_dir=settings.data_dir, backups_kept=0), NOW)
    assert copies(settings) == []
