"""A whole class that submits at once: how long each of them waits for the acknowledgement."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from uuid import uuid4

import psycopg

from benchmarks.db import course
from benchmarks.db.load import followed
from benchmarks.db.reads import Timed
from pythonmastery_ext.attempts import service
from pythonmastery_ext.attempts.schema import AttemptIn
from pythonmastery_ext.db.cache import CACHES
from pythonmastery_ext.db.engine import Database, psycopg_dsn

STUDENTS, ROUNDS, GOAL = 200, 5, 150
#: A problem that is open to everybody.
FIRST = """
    select problem.slug from problem join section on section.id = problem.section_id
    where section.order_index = 1 order by problem.id limit 1
"""
CLASS = "select id from app_user where username like 'learner-%%' order by hashint8(id) limit %s"
CLEAN = (
    "delete from procrastinate_jobs",
    "delete from problem_attempt where status is null",
    "delete from submission_key where submitted_at > now() - interval '1 hour'",
)


async def measured(url: str, graded: Path) -> Timed:
    """In one process with the service's own pool; a round to warm up."""
    with psycopg.connect(psycopg_dsn(url), autocommit=True) as plain:
        ((slug,),) = plain.execute(FIRST)
        learners = [learner for (learner,) in plain.execute(CLASS, [STUDENTS])]
        answers = course.answers(graded)[slug.rpartition("-")[0]]
        db = Database(url)
        await followed(db)
        note = f"{len(learners)} learners at one problem, {ROUNDS} times, in one process"
        found = Timed("a whole class submits at once", GOAL, note, statements=2)
        for number in range(ROUNDS + 1):
            waited = await asyncio.gather(
                *(_submit(db, learner, slug, next(answers).code) for learner in learners)
            )
            found.ours += waited if number else []
            for statement in CLEAN:
                plain.execute(statement)
        await CACHES.stop()
        await db.close()
    return found


async def _submit(db: Database, learner: int, slug: str, code: str) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    draft = AttemptIn(key=uuid4(), code=f"{code}\n# {uuid4()}")
    await db.retry(
        lambda session: service.submit(session, learner, slug, draft, 3),
        as_learner=learner,
        turn=learner,
        brief=True,
    )
    return (time.perf_counter() - began) * 1000
