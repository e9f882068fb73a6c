"""Counters keep what they counted in months that are no longer in the database."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from pythonmastery_ext import upkeep
from pythonmastery_ext.db import partitions
from pythonmastery_ext.db.partitions import Month
from pythonmastery_ext.progress import counters
from tests.db.rows import a_problem, a_user, an_attempt

NOVEMBER = datetime(2024, 11, 15, tzinfo=UTC)
DECEMBER = datetime(2024, 12, 15, tzinfo=UTC)
COUNTED = text("""
    select to_jsonb(p), to_jsonb(s), (select jsonb_agg(d) from learner_day d) as days
    from problem_progress p join user_stats s using (user_id)
""")


@pytest.fixture
async def learner(db):
    """Solved a problem in December; the months of November and December are there."""
    async with db.transaction() as session:
        await partitions.ensure(session, 1, NOVEMBER)
        user, version = await a_user(session), await a_problem(session)
        await session.execute(text("update app_user set created_at = '2024-01-01'"))
        await session.execute(text("update problem set created_at = '2024-01-01'"))
        await session.execute(text("update problem_version set created_at = '2024-01-01'"))
        passed = {"status": "passed", "graded_at": DECEMBER, "points": 10, "xp_gained": 10}
        session.add(an_attempt(user, version, DECEMBER, **passed))
        await session.flush()
        await session.execute(
            text(
                "insert into problem_progress (user_id, problem_id, opened_at, submits,"
                " best_points, max_points, xp, solved_at, solved_try)"
                " values (:user, :problem, :at, 1, 10, 10, 10, :at, 1)"
            ),
            {"user": user.id, "problem": version.problem_id, "at": DECEMBER},
        )
        await session.execute(
            text("insert into learner_day (user_id, day, xp) values (:user, '2024-12-15', 10)"),
            {"user": user.id},
        )
        await counters.mend_all(session)
    return user


async def counted(db):
    async with db.transaction() as session:
        return [tuple(row) for row in await session.execute(COUNTED)]


async def test_an_archived_month_between_two_others_keeps_its_points(db, learner, tmp_path):
    ((progress, stats, days),) = await counted(db)
    assert (progress["xp"], stats["xp"], days[0]["xp"]) == (10, 10, 10)
    async for _ in upkeep.archive(db, Month(2025, 1), tmp_path):
        pass
    await upkeep.attach(db, tmp_path / "problem_attempt_2024_11.zip")
    async with db.transaction() as session:
        await counters.mend_all(session)
        await counters.mend(session, learner.id)
    assert await counted(db) == [(progress, stats, days)]


def earlier(months):
    """Noon of a day so many months ago."""
    now = datetime.now(UTC)
    years, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    return datetime(years, month + 1, 2, 12, tzinfo=UTC)


async def test_counting_begins_after_the_last_gap(db):
    async with db.transaction() as session:
        for months in (5, 4, 2, 1):
            await partitions.ensure(session, 0, earlier(months))
        assert await session.scalar(counters.OLDEST_MONTH) == earlier(2).replace(day=1, hour=0)
        await partitions.ensure(session, 0, earlier(3))
        assert await session.scalar(counters.OLDEST_MONTH) == earlier(5).replace(day=1, hour=0)


async def test_nothing_is_counted_anew_where_this_month_is_missing(db):
    async with db.transaction() as session:
        await partitions.ensure(session, 0, earlier(1))
        this = Month.of(datetime.now(UTC)).table("problem_attempt")
        for table in (await session.scalars(text(FROM_NOW), {"this": this})).all():
            await session.execute(text(f"alter table problem_attempt detach partition {table}"))
        assert await session.scalar(counters.OLDEST_MONTH) is None


FROM_NOW = """
    select inhrelid::regclass::text from pg_inherits
    where inhparent = 'problem_attempt'::regclass and inhrelid::regclass::text >= :this
"""
