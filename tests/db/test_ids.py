from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pythonmastery_ext.db.ids import new_id, time_of


def test_an_id_carries_the_instant_that_is_returned_with_it():
    before = datetime.now(UTC) - timedelta(seconds=1)
    made, at = new_id()
    assert made.version == 7
    assert time_of(made) == at
    assert before < at < datetime.now(UTC) + timedelta(seconds=1)
    assert at.microsecond % 1000 == 0


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_given_instant_is_kept_to_the_millisecond(now: datetime):
    made, at = new_id(now)
    assert time_of(made) == at
    assert timedelta() <= now - at < timedelta(milliseconds=1)
    assert UUID(str(made)).version == 7


def test_the_zone_of_the_given_instant_does_not_matter():
    there = datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    assert new_id(there)[1] == datetime(2025, 12, 31, 23, tzinfo=UTC)


def test_ids_differ_even_at_the_same_instant():
    now = datetime.now(UTC)
    assert len({new_id(now)[0] for _ in range(1000)}) == 1000


def test_an_id_without_a_time_in_it_is_refused():
    with pytest.raises(ValueError, match="not a UUIDv7"):
        time_of(uuid4())
