"""A submission and its verdict as few statements, which do what many would."""

from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import event, select, text

from pythonmastery_ext.attempts import history
from pythonmastery_ext.attempts import service as attempts
from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.attempts.schema import AttemptIn
from pythonmastery_ext.db import direct, liveness, migrate
from pythonmastery_ext.db.engine import Database, psycopg_dsn
from pythonmastery_ext.db.opening import WEB
from pythonmastery_ext.db.statement import Statement
from pythonmastery_ext.grading import queue
from pythonmastery_ext.grading.client import Outcome
from pythonmastery_ext.worker import _begin, _finish
from tests.db.work import a_learner

JOBS = text("""
    select to_jsonb(job) - 'id' - 'args' as job, args ->> 'attempt_id' as attempt
    from procrastinate_jobs job order by id
""")
#: As the grader tells them of the problem `double`; the last one has more to say.
TESTS = [
    ("t-two", "Two", "sample", "passed", 1, {"time_ms": 0.5, "memory_bytes": 4096}),
    ("t-five", "Five", "sample", "failed", 1, {"message": "No.", "call": "double(5)"}),
    ("t-zero", "Zero", "hidden", "error", 2, {"time_ms": 1.0, "memory_bytes": 1 << 20}),
    ("t-large", "Large", "hidden", "not_run", 2, {}),
]
RESULTS = [
    {"key": key, "name": name, "visible": visible, "status": status, "max_points": weight}
    | {"points": weight if status == "passed" else 0, **more}
    for key, name, visible, status, weight, more in TESTS
]


async def send(db: Database, learner: int, key=None):
    draft = AttemptIn(key=key or uuid4(), kind="submit", code="def double(n): ...")
    sent, _ = await db.retry(
        lambda session: attempts.submit(session, learner, "double", draft, 100),
        as_learner=learner,
        turn=learner,
    )
    return sent.id


async def grade(db: Database, attempt) -> None:
    outcome = Outcome(status="partial", points=1, tests=RESULTS, memory_bytes=1 << 20)
    begun, _ = await db.retry(lambda session: _begin(session, attempt))
    await db.retry(lambda session: _finish(session, begun, outcome), turn=begun.user_id)


@pytest.fixture
async def learner(db: Database, tmp_path: Path) -> int:
    return await a_learner(db, tmp_path)


async def test_the_job_of_a_submission_is_what_procrastinate_writes(db: Database, learner: int):
    attempt = await send(db, learner)
    await db.retry(lambda session: queue.defer(session, attempt))
    async with db.transaction() as session:
        own, deferred = await session.execute(JOBS)
    assert own == deferred
    assert own.attempt == str(attempt)


async def test_results_are_kept_short_and_told_whole(db: Database, learner: int):
    attempt = await send(db, learner)
    await grade(db, attempt)
    async with db.transaction() as session:
        row = await session.scalar(select(ProblemAttempt).where(ProblemAttempt.id == attempt))
        told = await history.results(session, row)
        shown = await history.one(session, learner, attempt)
    assert len(str(row.test_results)) < len(str(RESULTS)) / 3
    assert told == RESULTS
    assert [test.status for test in shown.tests] == ["passed", "failed", "error", "not_run"]


async def test_code_that_is_gone_back_to_finds_results_as_it_knows_them(db: Database, learner: int):
    attempt = await send(db, learner)
    await grade(db, attempt)
    url = db.url
    await db.close()
    migrate.downgrade(url, "0009")
    with psycopg.connect(psycopg_dsn(url)) as connection:
        (kept,) = connection.execute(
            "select test_results from problem_attempt where id = %s", [attempt]
        ).fetchone()
    assert kept == RESULTS


@pytest.mark.parametrize(("work", "most"), [(send, 4), (grade, 6)])
async def test_a_hot_path_is_a_few_statements(db: Database, learner: int, work, most: int):
    for _ in range(2):
        # The first of a learner has its counters made.
        await grade(db, await send(db, learner))
    subject = learner if work is send else await send(db, learner)
    said: list[str] = []
    event.listen(
        db._engine.sync_engine, "before_cursor_execute", lambda *args: said.append(args[2])
    )
    await work(db, subject)
    assert len(said) <= most, "\n".join(said)


WHO = "select current_user::text, current_setting('pm.uid', true), :seven"


async def directly(session, given):
    return await direct.rows(session, Statement(WHO), given)


async def by_sqlalchemy(session, given):
    return [tuple(row) for row in await session.execute(text(WHO), given)]


@pytest.mark.parametrize("first", [directly, by_sqlalchemy])
@pytest.mark.parametrize("then", [directly, by_sqlalchemy])
async def test_the_fence_stands_before_the_first_statement_of_any_kind(db: Database, first, then):
    async with db.transaction(as_learner=3, turn=3) as session:
        for say in (first, then):
            assert await say(session, {"seven": 7}) == [(WEB, "3", 7)]
    async with db.transaction() as session:
        ((owner, person, _),) = await then(session, {"seven": 7})
    assert owner != WEB
    assert not person


async def test_a_statement_that_fails_takes_the_transaction_with_it(db: Database, learner: int):
    with pytest.raises(psycopg.errors.DivisionByZero):
        async with db.transaction(as_learner=learner) as session:
            await direct.rows(session, Statement("select 1 / :none"), {"none": 0})
    async with db.transaction() as session:
        assert (await by_sqlalchemy(session, {"seven": 7}))[0][1] in (None, "")


async def test_a_connection_that_the_server_ended_is_noticed_without_asking(db: Database):
    async with db.transaction() as session:
        raw = await (await session.connection()).get_raw_connection()
        connection = raw.driver_connection
        pid = (await session.execute(text("select pg_backend_pid()"))).scalar()
    assert not liveness.has_news(connection.fileno())
    with psycopg.connect(psycopg_dsn(db.url), autocommit=True) as other:
        other.execute("select pg_terminate_backend(%s, 5000)", [pid])
    assert liveness.has_news(connection.fileno())
    async with db.transaction() as session:
        assert await session.scalar(text("select 1")) == 1
