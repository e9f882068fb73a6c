"""What the same server takes without our code: floors below a submission."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid4

import psycopg

from pythonmastery_ext.db.ids import new_id

Connection = psycopg.AsyncConnection[Any]
CODE = "def total(rows):\n    return sum(row['amount'] for row in rows if row['paid'])\n" * 3


async def connected(dsn: str) -> Connection:
    return await psycopg.AsyncConnection.connect(dsn)


async def bare(db: Connection, learner: int, _slug: str) -> None:
    """One row into a table with a key and nothing else."""
    async with db.transaction():
        await db.execute(
            "insert into bare (id, user_id, code) values (%s, %s, %s)", [uuid4(), learner, CODE]
        )


async def rows(db: Connection, learner: int, slug: str) -> None:
    """The rows of a submission, in one round trip and without a look at anything."""
    attempt, moment = new_id()
    async with db.pipeline(), db.transaction():
        await db.execute(
            "select pg_advisory_xact_lock(hashtextextended('learner/' || %s::text, 0))", [learner]
        )
        await db.execute(
            "insert into submission_key (user_id, key, attempt_id, submitted_at, body_sha)"
            " values (%s, %s, %s, %s, %s)",
            [learner, uuid4(), attempt, moment, hashlib.sha256(CODE.encode()).digest()],
        )
        await db.execute(
            "insert into problem_attempt (id, submitted_at, user_id, problem_id, version_id, kind,"
            " code_submission, max_points)"
            " select %s, %s, %s, p.id, v.id, 'submit', %s, v.max_points"
            " from problem p join problem_version v on v.id = p.version_id where p.slug = %s",
            [attempt, moment, learner, CODE, slug],
        )
        await db.execute(
            "insert into procrastinate_jobs (queue_name, task_name, args) values ('grading',"
            " 'grade', jsonb_build_object('attempt_id', %s::text))",
            [str(attempt)],
        )
        await db.execute(
            "insert into audit_event (actor_id, learner_id, kind, target, streamed)"
            " values (%s, %s, 'attempt.submitted', %s, true)",
            [learner, learner, str(attempt)],
        )


PHASES: Mapping[str, Callable[[Connection, int, str], Awaitable[None]]] = {
    "bare": bare,
    "rows": rows,
}
