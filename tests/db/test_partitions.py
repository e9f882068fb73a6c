import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select, table, text

from pythonmastery_ext.db import partitions
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.db.partitions import PARENTS, Month
from tests.db.rows import a_problem, a_question, a_user, an_analysis, an_attempt

FAR = datetime(2031, 11, 30, 23, 59, 59, tzinfo=UTC)


async def make(db: Database, now: datetime, months_ahead: int = 3) -> list[str]:
    async with db.transaction() as session:
        return await partitions.ensure(session, months_ahead, now)


async def test_this_month_and_the_next_three_are_made(db):
    assert await make(db, FAR) == [
        f"{parent}_{month}"
        for month in ("2031_11", "2031_12", "2032_01", "2032_02")
        for parent in PARENTS
    ]
    assert await make(db, FAR) == []


async def test_only_what_is_missing_is_made_when_the_month_changes(db):
    await make(db, FAR)
    made = await make(db, FAR + timedelta(seconds=1))
    assert made == [f"{parent}_2032_03" for parent in PARENTS]


async def test_a_fresh_database_is_three_months_ahead(db):
    async with db.transaction() as session:
        assert await partitions.months_ahead(session) == 3
        assert await partitions.months_ahead(session, FAR) == -1


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (datetime(2031, 12, 1, tzinfo=UTC), "ai_interaction_2031_12"),
        (datetime(2031, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC), "ai_interaction_2031_12"),
        (datetime(2032, 1, 1, tzinfo=UTC), "ai_interaction_2032_01"),
        (datetime(2032, 2, 29, 23, 59, 59, 999_000, tzinfo=UTC), "ai_interaction_2032_02"),
        # Already March where the clock stands, still February in UTC.
        (datetime(2032, 3, 1, 5, tzinfo=timezone(timedelta(hours=14))), "ai_interaction_2032_02"),
    ],
)
async def test_a_row_lies_in_the_month_of_its_time_in_utc(db, moment, month):
    await make(db, FAR)
    async with db.transaction() as session:
        session.add(a_question(await a_user(session), moment))
    async with db.transaction() as session:
        assert await session.scalar(
            text("select tableoid::regclass::text from ai_interaction")
        ) == (month)


def test_a_year_has_twelve_months():
    month = Month(2026, 1)
    for _ in range(12):
        month = month.next()
    assert month == Month(2027, 1)


#: A row of each partitioned table, as it is written today.
ROWS = {
    "problem_attempt": an_attempt,
    "ai_interaction": lambda user, version: a_question(user),
    "learning_analytics": an_analysis,
}


@pytest.mark.parametrize("parent", PARENTS)
async def test_a_missing_month_is_made_when_a_row_needs_it(db, parent):
    now = Month.of(datetime.now(UTC)).table(parent)
    async with db.transaction() as session:
        await session.execute(text(f"drop table {now}"))
        assert await partitions.months_ahead(session) == -1
    tries = []

    async def write(session):
        tries.append(1)
        session.add(ROWS[parent](await a_user(session), await a_problem(session)))

    await db.retry(write)
    assert len(tries) == 2
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(table(parent))) == 1
        assert await partitions.months_ahead(session) == 3


async def test_a_partition_is_attached_while_a_reader_is_open(db):
    async with db.transaction() as reader:
        await reader.execute(text("select count(*) from ai_interaction"))
        assert len(await make(db, FAR)) == 4 * len(PARENTS)


async def test_attaching_waits_for_a_writer_and_then_succeeds(db):
    async with db.transaction() as session:
        user = await a_user(session)

    async def write_slowly():
        async with db.transaction() as writer:
            await writer.execute(
                text("update app_user set email = 'a' where id = :id"), {"id": user.id}
            )
            await asyncio.sleep(2.5)

    writing = asyncio.create_task(write_slowly())
    await asyncio.sleep(0.2)
    assert len(await make(db, FAR, 0)) == len(PARENTS)
    await writing


async def test_two_at_once_make_each_month_once(db):
    made = await asyncio.gather(*(make(db, FAR) for _ in range(4)))
    assert sorted(len(names) for names in made) == [0, 0, 0, 4 * len(PARENTS)]


async def test_a_month_keeps_the_rules_and_indexes_of_its_parent(db):
    await make(db, FAR, 0)
    indexes = text("select count(*) from pg_indexes where tablename = :table")
    async with db.transaction() as session:
        for parent in PARENTS:
            of_parent = await session.scalar(indexes, {"table": parent})
            assert await session.scalar(indexes, {"table": f"{parent}_2031_11"}) == of_parent
        foreign = await session.scalars(
            text(
                "select confrelid::regclass::text from pg_constraint"
                " where conrelid = 'problem_attempt_2031_11'::regclass and contype = 'f'"
            )
        )
        assert sorted(foreign) == ["app_user", "problem", "problem_version"]
