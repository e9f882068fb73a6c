"""Months of the partitioned tables, made before they are needed.

There is no DEFAULT partition: rows in it would block the month that they belong to.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.db import failures

#: Each parent table and the column it is partitioned by.
PARENTS = {
    "problem_attempt": "submitted_at",
    "ai_interaction": "created_at",
    "learning_analytics": "created_at",
}
MONTHS_AHEAD = 3
LOCK_TRIES = 5
#: Any number will do, as long as nothing else of ours uses it.
ADVISORY_LOCK = 7_281_944_301

EXISTING = text("""
    select parent.relname, child.relname
    from pg_inherits
    join pg_class parent on parent.oid = inhparent
    join pg_class child on child.oid = inhrelid
    where parent.relnamespace = to_regnamespace(current_schema())
      and parent.relname = any(:parents)
""")

#: An older schema lacks some, and is still served while it waits to be upgraded.
TABLES = text("""
    select relname from pg_class
    where relkind = 'p' and relnamespace = to_regnamespace(current_schema())
""")


class Month(NamedTuple):
    year: int
    month: int

    @classmethod
    def of(cls, moment: datetime) -> "Month":
        """The month in UTC, wherever the reader's clock is."""
        utc = moment.astimezone(UTC)
        return cls(utc.year, utc.month)

    def next(self) -> "Month":
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def start(self) -> str:
        return f"{self.year:04}-{self.month:02}-01 00:00:00+00"

    def table(self, parent: str) -> str:
        return f"{parent}_{self.year:04}_{self.month:02}"


async def ensure(
    db: AsyncSession, months_ahead: int = MONTHS_AHEAD, now: datetime | None = None
) -> list[str]:
    """Makes the partitions that are missing for this month and the next ones; returns their names.

    Commit soon after it: an attached partition holds back writers of the tables it refers to.
    """
    wanted = list(_wanted(months_ahead, now))
    if not await _missing(db, wanted):
        return []
    await db.execute(text("select pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
    missing = await _missing(db, wanted)
    for parent, month in missing:
        await make(db, parent, month)
    return [month.table(parent) for parent, month in missing]


async def months_ahead(db: AsyncSession, now: datetime | None = None) -> int:
    """Whole months after this one for which every table is ready; -1 if this month is missing."""
    existing = await _existing(db)
    month, ahead = Month.of(now or datetime.now(UTC)), -1
    while all(month.table(parent) in existing for parent in PARENTS):
        month, ahead = month.next(), ahead + 1
    return ahead


def _wanted(months_ahead: int, now: datetime | None) -> Iterator[tuple[str, Month]]:
    month = Month.of(now or datetime.now(UTC))
    for _ in range(months_ahead + 1):
        for parent in PARENTS:
            yield parent, month
        month = month.next()


async def _existing(db: AsyncSession) -> set[str]:
    rows = await db.execute(EXISTING, {"parents": list(PARENTS)})
    return {child for _, child in rows}


async def _missing(db: AsyncSession, wanted: list[tuple[str, Month]]) -> list[tuple[str, Month]]:
    existing, tables = await _existing(db), set(await db.scalars(TABLES))
    return [
        (parent, month)
        for parent, month in wanted
        if parent in tables and month.table(parent) not in existing
    ]


async def make(db: AsyncSession, parent: str, month: Month) -> None:
    """LIKE and ATTACH instead of PARTITION OF, which would wait for every reader of the parent."""
    table = month.table(parent)
    statements = (
        "set local lock_timeout = '2s'",
        # A table of this name that is not attached was left by somebody's hand; keep its rows.
        f"create table if not exists {table} (like {parent} including all)",
        f"alter table {parent} attach partition {table}"
        f" for values from ('{month.start}') to ('{month.next().start}')",
    )
    for attempt in range(1, LOCK_TRIES + 1):
        try:
            async with db.begin_nested():
                for statement in statements:
                    await db.execute(text(statement))
            return
        except OperationalError as exc:
            if attempt == LOCK_TRIES or not failures.lock_was_held(exc):
                raise
            await asyncio.sleep(0.1 * attempt)
