"""While no grader can be started, attempts wait; once one can, they are graded."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from pythonmastery_ext.attempts import service
from pythonmastery_ext.attempts.schema import AttemptIn
from pythonmastery_ext.config import Settings
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.grading.client import GradingClient
from pythonmastery_ext.worker import Worker
from tests.api.client import until
from tests.api.course import RIGHT, WRONG, make_course
from tests.grader.provisioners import registered
from tests.regrading.conftest import School

#: Jobs that were begun and put off.
LATER = text("select count(*) from procrastinate_jobs where attempts > 0 and status = 'todo'")
LOCAL = "jupyter_client.provisioning:LocalProvisioner"


@pytest.fixture
async def school(db: Database, tmp_path: Path) -> School:
    made = School(db, make_course(tmp_path / "course"), GradingClient(Settings()))
    await made.publish("1.0.0", "assert double(0) == 0")
    return made


def settings(school: School) -> Settings:
    return Settings(
        course_dir=str(school.course), grader_provisioner="late", grader_retry_seconds=0.1
    )


async def send(school: School, learner: int, code: str) -> UUID:
    draft = AttemptIn(key=uuid4(), kind="submit", code=code)
    async with school.db.transaction() as db:
        return (await service.submit(db, learner, "double", draft, 100))[0].id


async def test_attempts_wait_for_a_grader_that_cannot_start_yet(school: School) -> None:
    ada = await school.learner("ada")
    grading = GradingClient(settings(school))
    await grading.start()
    worker = Worker(school.db, grading)
    worker.start()
    sent = [await send(school, ada, code) for code in (RIGHT, WRONG)]
    try:
        status = grading.status()
        assert status.state == "broken"
        assert "'late' is not installed" in (status.why or "")

        async def taken_up_and_given_back() -> bool:
            async with school.db.transaction() as db:
                jobs = await db.execute(LATER)
            return jobs.scalar_one() == 2

        await until(taken_up_and_given_back)
        rows = [await school.attempt(one) for one in sent]
        assert [(row.status, row.tries) for row in rows] == [(None, 0), (None, 0)]

        with registered("late", LOCAL):
            await until(lambda: graded(school, sent))
            rows = [await school.attempt(one) for one in sent]
            assert [row.status for row in rows] == ["passed", "failed"]
            assert grading.status().state == "ready"
    finally:
        await worker.stop()
        await grading.close()


async def test_attempts_wait_when_a_grader_that_ran_cannot_be_replaced(school: School) -> None:
    ada = await school.learner("ada")
    grading = GradingClient(settings(school))
    worker = Worker(school.db, grading)
    with registered("late", LOCAL):
        await grading.start()
        worker.start()
        first = await send(school, ada, RIGHT)
        await until(lambda: graded(school, [first]))
    try:
        assert grading._pool is not None
        (kernel,) = grading._pool._all
        await kernel.manager.shutdown_kernel(now=True)
        second = await send(school, ada, WRONG)

        async def broken() -> bool:
            return grading.status().state == "broken"

        await until(broken)
        assert (await school.attempt(second)).status is None
        with registered("late", LOCAL):
            await until(lambda: graded(school, [second]))
        assert (await school.attempt(second)).status == "failed"
    finally:
        await worker.stop()
        await grading.close()


async def graded(school: School, attempts: list[UUID]) -> bool:
    return all([(await school.attempt(one)).status is not None for one in attempts])
