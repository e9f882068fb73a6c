"""The data that the benchmark makes is what the product itself would have written."""

import psycopg
import pytest
from sqlalchemy import exists, func, select, text

from benchmarks.db import course, dataset, report, sizes
from benchmarks.db.dataset import Size
from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.db import tables
from pythonmastery_ext.db.engine import Database, psycopg_dsn
from pythonmastery_ext.grading.client import Outcome
from pythonmastery_ext.progress import counters, service
from pythonmastery_ext.progress.outside import Outside
from tests.conftest import fresh_database

SIZE = Size(attempts=400, users=6, problems=3, months=4)
COUNTERS = ("problem_progress", "user_progress", "user_stats", "learner_day")


def answers() -> list[course.Graded]:
    """Verdicts in the grader's form: all of a problem's tests right, or the first one wrong."""
    return [
        course.Graded(problem.slug, kind, "answer = 1", outcome(problem, kind, wrong))
        for problem in course.models(1)
        for kind in ("submit", "check")
        for wrong in (0, 1, 2)
    ]


def outcome(problem, kind, wrong):
    chosen = problem.samples if kind == "check" else problem.tests
    results = [
        {
            "key": test.key,
            "name": test.name,
            "visible": test.visible,
            "status": "failed" if number < wrong else "passed",
            "points": 0 if number < wrong else test.weight,
            "max_points": test.weight,
        }
        for number, test in enumerate(chosen)
    ]
    points = sum(result["points"] for result in results)
    status = "passed" if not wrong else "partial" if points else "failed"
    return Outcome(status=status, points=points, tests=results, execution_time_ms=1.5)


@pytest.fixture(scope="module")
def made(postgres_url, template):
    with fresh_database(postgres_url, template) as url:
        dataset.generate(url, SIZE, answers(), course.models(1), lambda _: None)
        yield url


@pytest.fixture
async def db(made):
    database = Database(made)
    yield database
    await database.close()


def test_as_many_attempts_as_asked_for_in_all_its_months(made):
    with psycopg.connect(psycopg_dsn(made)) as connection:
        found = connection.execute(
            "select count(*), count(distinct date_trunc('month', submitted_at)), count(status)"
            " from problem_attempt"
        ).fetchone()
    assert found == (SIZE.attempts, SIZE.months, SIZE.attempts)


@pytest.mark.parametrize("table", sorted(tables.metadata().tables.values(), key=str), ids=str)
async def test_no_row_refers_to_nothing(db, table):
    async with db.transaction() as session:
        for key in table.foreign_keys:
            parent = key.column.table.alias()
            there = exists().where(parent.c[key.column.name] == key.parent)
            lost = select(func.count()).where(key.parent.is_not(None), ~there)
            assert await session.scalar(lost) == 0, key.target_fullname


async def test_xp_is_what_the_verdicts_would_have_given(db):
    async with db.transaction() as session:
        pairs = select(ProblemAttempt.user_id, ProblemAttempt.problem_id).distinct()
        rows = (await session.execute(pairs)).all()
        before = await state(session, ("problem_progress",))
        for user, problem in rows:
            await service.recount(session, user, problem, Outside())
        session.expire_all()
        assert await state(session, ("problem_progress",)) == before
        await session.rollback()
    assert len(rows) > SIZE.users


async def test_counters_are_what_a_recount_gives(db):
    async with db.transaction() as session:
        before = await state(session, COUNTERS)
        await counters.mend_all(session)
        assert await state(session, COUNTERS) == before
        assert before["user_stats"]


async def test_the_id_of_an_attempt_holds_its_time(db):
    async with db.transaction() as session:
        wrong = await session.scalar(
            text(
                "select count(*) from problem_attempt"
                " where uuid_extract_timestamp(id) <> submitted_at"
            )
        )
    assert wrong == 0


def test_sizes_are_told_for_each_attempt(made):
    found = sizes.sizes(made)
    assert found.attempts == SIZE.attempts
    assert 0 < found.each("problem_attempt") < found.whole
    assert [line[0] for line in report._sizes(found)[1]][-1] == "everything"


async def state(session, names):
    known = tables.metadata().tables
    return {
        name: sorted((await session.execute(select(known[name]))).all(), key=repr) for name in names
    }
