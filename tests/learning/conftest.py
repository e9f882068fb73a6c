"""A course, learners and verdicts without a grader: the real services, with outcomes made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text, update

from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.attempts import service as attempts
from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.attempts.schema import AttemptIn
from pythonmastery_ext.curriculum.course import read_course
from pythonmastery_ext.curriculum.loader import load_course
from pythonmastery_ext.curriculum.models import Problem
from pythonmastery_ext.db import tables
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.db.ids import new_id
from pythonmastery_ext.grading.client import Outcome
from pythonmastery_ext.hints.models import UnlockedHint
from pythonmastery_ext.progress import counters
from pythonmastery_ext.regrading import ordering
from pythonmastery_ext.regrading import service as regrading
from pythonmastery_ext.worker import _finish
from tests.api.course import make_course

#: Weights of the four tests of each problem of the course.
WEIGHTS = (1, 1, 2, 2)
#: So many of them, the first ones, are all that a check is judged by.
SAMPLES = 2
STATUSES = ("passed", "partial", "failed", "timeout", "error")
PROBLEMS = ("double", "double-again", "double-more")


def outcome(status: str, reason: str | None = None, milliseconds: float = 5.0) -> Outcome:
    passes = {"passed": 4, "partial": 2}.get(status, 0)
    tests = [
        {
            "key": f"t{place}",
            "status": "passed" if place < passes else "failed",
            "points": weight if place < passes else 0,
            "max_points": weight,
        }
        for place, weight in enumerate(WEIGHTS)
    ]
    counted = [] if status == "error" or reason == "syntax_error" else tests
    return Outcome(
        status=status,
        points=sum(test["points"] for test in counted),
        tests=counted,
        details={"reason": reason} if reason else {},
        execution_time_ms=milliseconds,
    )


def judged(kind: str, result: Outcome) -> Outcome:
    """As the grader tells it of an attempt of this kind."""
    tests = result.tests[:SAMPLES] if kind == "check" else result.tests
    return replace(result, tests=tests, points=sum(test["points"] for test in tests))


class Classroom:
    def __init__(self, db: Database) -> None:
        tables.metadata()
        self.db = db

    async def learner(self, name: str = "") -> int:
        async with self.db.transaction() as db:
            user = User(username=name or uuid4().hex)
            db.add(user)
            await db.flush()
            return user.id

    async def problem(self, slug: str) -> int:
        async with self.db.transaction() as db:
            found = await db.scalar(select(Problem.id).where(Problem.slug == slug))
        assert found is not None
        return found

    async def send(
        self, learner: int, slug: str = "double", *, kind: str = "submit", days_ago: int = 0
    ) -> ProblemAttempt:
        """Sent, and not graded yet."""
        draft = AttemptIn(key=uuid4(), kind=kind, code="def double(n):\n    return n * 2\n")
        async with self.db.transaction() as db:
            made, _ = await attempts.submit(db, learner, slug, draft, 1000)
            attempt = await db.scalar(select(ProblemAttempt).where(ProblemAttempt.id == made.id))
            if days_ago:
                await self._earlier(db, attempt, timedelta(days=days_ago))
        return attempt

    async def _earlier(self, db: Any, attempt: ProblemAttempt, ago: timedelta) -> None:
        """As if it had been sent some days before; its partition is made for that.

        A problem is opened once: where that was later, what was worked there is summed anew.
        """
        made, moment = new_id(datetime.now(UTC) - ago)
        await db.execute(
            update(ProblemAttempt)
            .where(ProblemAttempt.id == attempt.id)
            .values(id=made, submitted_at=moment)
            .execution_options(synchronize_session=False)
        )
        await db.execute(
            text(
                "update problem_progress set opened_at = least(opened_at, :at)"
                " where user_id = :u and problem_id = :p"
            ),
            {"at": moment, "u": attempt.user_id, "p": attempt.problem_id},
        )
        await counters.work(db, attempt.user_id, attempt.problem_id)
        db.expunge(attempt)
        attempt.id, attempt.submitted_at = made, moment

    async def verdict(self, attempt: ProblemAttempt, result: Outcome) -> ProblemAttempt:
        told = judged(attempt.kind, result)
        await self.db.retry(lambda db: _finish(db, attempt, told))
        return await self.attempt(attempt.id)

    async def attempt(self, attempt: UUID) -> ProblemAttempt:
        async with self.db.transaction() as db:
            found = await db.scalar(select(ProblemAttempt).where(ProblemAttempt.id == attempt))
        assert found is not None
        return found

    async def submit(
        self, learner: int, slug: str = "double", status: str = "passed", **how: Any
    ) -> ProblemAttempt:
        return await self.verdict(await self.send(learner, slug, **how), outcome(status))

    async def hint(self, learner: int, slug: str, order: int) -> None:
        async with self.db.transaction() as db:
            await db.merge(
                UnlockedHint(
                    user_id=learner,
                    problem_id=await self.problem(slug),
                    hint_order=order,
                    opened_at=datetime.now(UTC),
                )
            )

    async def regrade(self, attempt: UUID, result: Outcome) -> None:
        """Ordered, and then done as its job does it."""
        async with self.db.transaction() as db:
            made = await ordering.order(db, ordering.Selection(attempts=(str(attempt),)), dry=False)
        begun = await self.db.retry(lambda db: regrading.begin(db, made.id, attempt))
        assert begun is not None
        told = judged((await self.attempt(attempt)).kind, result)
        await self.db.retry(lambda db: regrading.finish(db, begun[0], told, "why"))
        await self.db.retry(lambda db: regrading.conclude(db, made.id))

    async def rows(self, query: str, **given: Any) -> list[dict[str, Any]]:
        async with self.db.transaction() as db:
            return [dict(row) for row in (await db.execute(text(query), given)).mappings()]

    async def row(self, query: str, **given: Any) -> dict[str, Any]:
        (row,) = await self.rows(query, **given)
        return row


async def open_course(db: Database, folder: Path) -> None:
    async with db.transaction() as session:
        report = await load_course(session, read_course(make_course(folder)))
    assert not report.errors


@pytest.fixture
async def room(db: Database, tmp_path: Path) -> Classroom:
    await open_course(db, tmp_path / "course")
    return Classroom(db)
