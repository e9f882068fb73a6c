"""Ids that carry their own time, so that an id alone names the partition its row is in."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import uuid_utils.compat

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
RANDOM_BITS = 80
#: The generator never goes back; after a clock that was wrong it would stay in the future, where
#: no partition is.
LARGEST_LEAD = timedelta(seconds=1)


def new_id(now: datetime | None = None) -> tuple[UUID, datetime]:
    """A UUIDv7 and the instant in it: UTC, whole milliseconds."""
    made = uuid_utils.compat.uuid7()
    if now is None and time_of(made) - datetime.now(UTC) > LARGEST_LEAD:
        now = datetime.now(UTC)
    if now is not None:
        milliseconds = (now - EPOCH) // MILLISECOND
        made = UUID(int=milliseconds << RANDOM_BITS | made.int & ((1 << RANDOM_BITS) - 1))
    return made, time_of(made)


def first_id(moment: datetime) -> UUID:
    """No id of this moment or later is less."""
    return UUID(int=(moment - EPOCH) // MILLISECOND << RANDOM_BITS)


def time_of(made: UUID) -> datetime:
    """The instant inside a UUIDv7; ValueError for any other kind of UUID."""
    if made.version != 7:
        raise ValueError(f"{made} is not a UUIDv7, so it has no time in it")
    return EPOCH + (made.int >> RANDOM_BITS) * MILLISECOND
