"""A submission and its verdict through the real services, without a grader."""

from pathlib import Path
from uuid import uuid4

from sqlalchemy import select

from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.attempts import service as attempts
from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.attempts.schema import AttemptIn
from pythonmastery_ext.curriculum.course import read_course
from pythonmastery_ext.curriculum.loader import load_course
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.grading.client import Outcome
from pythonmastery_ext.worker import _begin, _finish
from tests.api.course import RIGHT, make_course
from tests.db.rows import a_user


async def a_learner(db: Database, folder: Path) -> int:
    """The id of a learner, in a database with partitions and a course."""
    await db.make_partitions()
    await db.fence()
    course = read_course(make_course(folder))
    async with db.transaction() as session:
        await load_course(session, course)
        return (await a_user(session)).id


async def submit_and_grade(db: Database, learner: int) -> str | None:
    """The status that is stored."""
    draft = AttemptIn(key=uuid4(), kind="submit", code=RIGHT)

    async def submit(session):
        return await attempts.submit(session, learner, "double", draft, 100)

    attempt, made = await db.retry(submit, as_learner=learner)
    assert made
    again, made = await db.retry(submit, as_learner=learner)
    assert (again.id, made) == (attempt.id, False)
    outcome = Outcome(status="passed", points=6, execution_time_ms=1.0, memory_bytes=1000)

    async def grade(session):
        begun = await _begin(session, attempt.id)
        assert begun is not None
        await _finish(session, begun[0], outcome)

    await db.retry(grade)
    async with db.transaction(as_learner=learner) as session:
        mine = select(ProblemAttempt.status).where(ProblemAttempt.id == attempt.id)
        assert await session.scalar(select(User.id)) == learner
        return await session.scalar(mine)
