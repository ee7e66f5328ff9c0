"""What a database's refusals are called."""

import errno
import sqlite3

import pytest
import sqlalchemy as sa

from antiphon.errors import StorageFailed
from antiphon.storage.failures import mapped


def refused_by_sqlite(code: int) -> sa.exc.OperationalError:
    cause = sqlite3.OperationalError("refused")
    cause.sqlite_errorcode = code
    return sa.exc.OperationalError("INSERT SECRET", {}, cause)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (refused_by_sqlite(sqlite3.SQLITE_FULL), "storage_full"),
        (refused_by_sqlite(sqlite3.SQLITE_READONLY), "storage_read_only"),
        (refused_by_sqlite(sqlite3.SQLITE_READONLY | (4 << 8)), "storage_read_only"),
        (refused_by_sqlite(sqlite3.SQLITE_BUSY), "storage_busy"),
        (refused_by_sqlite(sqlite3.SQLITE_CORRUPT), "storage_damaged"),
        (refused_by_sqlite(sqlite3.SQLITE_INTERRUPT), "storage_failed"),
        (OSError(errno.ENOSPC, "no space"), "storage_full"),
        (OSError(errno.EROFS, "read-only"), "storage_read_only"),
        (sa.exc.TimeoutError("no connection"), "storage_failed"),
    ],
)
def test_a_refusal_has_a_code_and_tells_nothing_of_the_statement(error: Exception, code: str) -> None:
    with pytest.raises(StorageFailed) as failed, mapped():
        raise error
    assert failed.value.code == code
    assert "SECRET" not in failed.value.message


def test_a_broken_constraint_is_for_the_caller_to_explain() -> None:
    with pytest.raises(sa.exc.IntegrityError), mapped():
        raise sa.exc.IntegrityError("INSERT", {}, sqlite3.IntegrityError())
