"""Ids sort by time, and stored times stay aware."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from antiphon.storage.ids import RECORD_ID, record_id, ulid
from antiphon.storage.types import UtcDateTime

MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(9000, 1, 1), timezones=st.just(UTC))


@given(MOMENTS)
def test_a_record_id_fits_its_own_pattern_and_no_path(moment: datetime) -> None:
    made = record_id(moment)
    assert RECORD_ID.fullmatch(made)
    assert made.isalnum()


@given(MOMENTS, st.integers(1, 10**9))
def test_a_later_id_sorts_behind(moment: datetime, later_ms: int) -> None:
    assert ulid(moment) < ulid(min(moment + timedelta(milliseconds=later_ms), datetime(9999, 1, 1, tzinfo=UTC)))


def test_ids_of_one_moment_differ() -> None:
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    assert len({ulid(moment) for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "text", ["", "../../etc/passwd", "A" * 26, "0" * 25, "0" * 27, "8" + "0" * 25, "0" * 25 + "\n"]
)
def test_what_is_no_id_is_not_taken_for_one(text: str) -> None:
    assert not RECORD_ID.fullmatch(text)


def test_times_come_back_aware_and_in_utc_from_a_database_that_knows_no_zones() -> None:
    engine = sa.create_engine("sqlite://")
    table = sa.Table("t", sa.MetaData(), sa.Column("at", UtcDateTime()))
    table.create(engine)
    moment = datetime(2026, 11, 23, 9, 30, tzinfo=timezone(timedelta(hours=2)))
    with engine.begin() as connection:
        connection.execute(table.insert().values(at=moment))
        found = connection.execute(sa.select(table.c.at)).scalar_one()
    engine.dispose()
    assert found == moment
    assert found.tzinfo is UTC


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), sqlite.dialect())
