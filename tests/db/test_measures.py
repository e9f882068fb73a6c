"""Figures for metrics, from the database and without it."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from pythonmastery_ext.api import ROUTES
from pythonmastery_ext.db import measures
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.db.partitions import Month
from pythonmastery_ext.grading import queue
from pythonmastery_ext.metrics import Metrics
from tests.db.rows import a_problem, a_user, an_attempt


async def read(db):
    async with db.transaction() as session:
        return await measures.read(session)


async def told(db):
    exposition = await Metrics(ROUTES).exposition(SimpleNamespace(db=db))
    return {
        (
            sample.name.removeprefix("pythonmastery_"),
            *map(sample.labels.get, sorted(sample.labels)),
        ): sample.value
        for family in text_string_to_metric_families(exposition.decode())
        for sample in family.samples
    }


async def test_an_idle_service(db):
    found = await told(db)
    assert found["database_up",] == 1
    assert found["partitions_ahead",] == 3
    assert found["oldest_waiting_seconds",] == 0
    assert found["workers",] == 0
    states = {key[1]: value for key, value in found.items() if key[0] == "jobs"}
    assert {"todo", "doing", "failed"} <= set(states)
    assert set(states.values()) == {0}
    assert ("heartbeat_age_seconds",) not in found


async def test_attempts_that_wait_and_attempts_that_are_graded(db):
    now = datetime.now(UTC)
    async with db.transaction() as session:
        user, version = await a_user(session), await a_problem(session)
        session.add(an_attempt(user, version, now - timedelta(seconds=90)))
        waiting = an_attempt(user, version)
        session.add(waiting)
        for seconds in (1, 2, 3):
            sent = now - timedelta(seconds=60)
            graded = {"status": "passed", "graded_at": sent + timedelta(seconds=seconds)}
            session.add(an_attempt(user, version, sent, **graded))
        old = {"status": "failed", "graded_at": now}
        session.add(an_attempt(user, version, now - timedelta(minutes=6), **old))
        await queue.defer(session, waiting.id)
        await session.execute(text("insert into procrastinate_workers default values"))
    found = await told(db)
    assert found["oldest_waiting_seconds",] == pytest.approx(90, abs=30)
    assert found["jobs", "todo", "grade"] == 1
    assert found["workers",] == 1
    assert found["heartbeat_age_seconds",] < 30
    assert found["recent_verdicts", "passed"] == 3
    assert found["recent_verdict_seconds", "0.5", "passed"] == pytest.approx(2, abs=0.01)
    assert found["recent_verdict_seconds", "0.95", "passed"] == pytest.approx(2.9, abs=0.01)
    assert ("recent_verdicts", "failed") not in found


async def test_a_missing_month_shows_before_anybody_needs_it(db):
    async with db.transaction() as session:
        month = Month.of(datetime.now(UTC))
        await session.execute(text(f"drop table {month.table('learning_analytics')}"))
    assert (await read(db)).partitions_ahead == -1


async def test_a_full_pool_is_counted(database_url):
    db = Database(database_url, pool_size=1, max_overflow=1)
    release = asyncio.Event()

    async def hold():
        async with db.transaction() as session:
            await session.execute(text("select 1"))
            await release.wait()

    holders = [asyncio.create_task(hold()) for _ in range(2)]
    while db.pool().in_use < 2:  # noqa: ASYNC110 - nobody tells when a connection is made
        await asyncio.sleep(0.01)
    assert db.pool() == measures.PoolFigures(size=1, in_use=2, overflow=1, waits=0)
    waiting = asyncio.create_task(db.ping())
    while not db.pool().waits:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    release.set()
    await asyncio.gather(waiting, *holders)
    assert db.pool().waits == 1
    assert db.pool().in_use == 0
    await db.close()


async def test_without_a_database_the_rest_is_told():
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")
    found = await told(away)
    assert found["database_up",] == 0
    assert found["pool_connections",] == 15
    assert ("partitions_ahead",) not in found
    assert (
        "pythonmastery_database_up 0.0"
        in (await Metrics(ROUTES).exposition(SimpleNamespace())).decode()
    )
    await away.close()
