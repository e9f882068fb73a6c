"""A course whose hidden test is wrong at first, learners, and a real worker."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from pythonmastery_ext.accounts.service import learner_for
from pythonmastery_ext.attempts import service
from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.attempts.schema import AttemptIn
from pythonmastery_ext.audit.models import AuditEvent
from pythonmastery_ext.config import Settings
from pythonmastery_ext.curriculum.course import read_course
from pythonmastery_ext.curriculum.loader import load_course
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.grading.client import GradingClient
from pythonmastery_ext.identity import Person
from pythonmastery_ext.progress.models import ProblemProgress, UserProgress
from pythonmastery_ext.worker import Worker
from tests.api.client import until
from tests.api.course import make_course

#: In 1.0.0 the hidden test of zero (2 of 6 points) asks for the wrong thing.
WRONG_TEST, RIGHT_TEST = "assert double(0) == 1", "assert double(0) == 0"
#: Passes only where the wrong test stands.
ODD = "def double(n):\n    return n * 2 or 1\n"


class School:
    """A database with the course, and no server."""

    def __init__(self, db: Database, course: Path, grading: GradingClient) -> None:
        self.db = db
        self.course = course
        self.grading = grading

    async def publish(self, version: str, zero: str) -> None:
        path = self.course / "01-numbers" / "double.ipynb"
        notebook = json.loads(path.read_text())
        notebook["metadata"]["pythonmastery"]["version"] = version
        for cell in notebook["cells"]:
            if cell["id"] == "t-zero":
                cell["source"] = zero
        path.write_text(json.dumps(notebook))
        async with self.db.transaction() as db:
            report = await load_course(db, read_course(self.course))
        assert not report.errors

    async def learner(self, name: str) -> int:
        async with self.db.transaction() as db:
            return (await learner_for(db, Person(name))).id

    async def submit(self, learner: int, *codes: str, kind: str = "submit") -> list[UUID]:
        """Sends them one after the other, each when the one before is graded."""
        made = []
        for code in codes:
            draft = AttemptIn(key=uuid4(), kind=kind, code=code)
            async with self.db.transaction() as db:
                attempt = (await service.submit(db, learner, "double", draft, 100))[0].id
            made.append(attempt)

            async def graded(attempt: UUID = attempt) -> bool:
                return (await self.attempt(attempt)).status is not None

            await until(graded)
        return made

    async def attempt(self, attempt: UUID) -> ProblemAttempt:
        async with self.db.transaction() as db:
            found = await db.scalar(select(ProblemAttempt).where(ProblemAttempt.id == attempt))
        assert found is not None
        return found

    async def standing(self, learner: int, attempts: list[UUID]) -> dict[str, Any]:
        """All that a learner has of these attempts, without ids and times."""
        async with self.db.transaction() as db:
            at = (
                await db.scalars(select(ProblemProgress).where(ProblemProgress.user_id == learner))
            ).one()
            section = (
                await db.scalars(select(UserProgress).where(UserProgress.user_id == learner))
            ).one_or_none()
        rows = [await self.attempt(attempt) for attempt in attempts]
        return {
            "problem": (at.submits, at.failed, at.best_points, at.max_points, at.xp, at.aided),
            "solved": at.solved_at is not None,
            "section": section and (section.xp_earned, section.completion_percentage),
            "attempts": [(r.status, r.points, r.max_points, r.xp_gained) for r in rows],
        }

    async def events(self, learner: int, kind: str) -> list[AuditEvent]:
        async with self.db.transaction() as db:
            query = select(AuditEvent).where(
                AuditEvent.learner_id == learner, AuditEvent.kind == kind
            )
            return list(await db.scalars(query))

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        worker = Worker(self.db, self.grading)
        worker.start()
        yield
        await worker.stop()


@pytest.fixture(scope="session")
async def grading() -> AsyncIterator[GradingClient]:
    """A started grader; nothing of a course is in it."""
    client = GradingClient(Settings())
    await client.start()
    yield client
    await client.close()


@pytest.fixture
async def school(db: Database, tmp_path: Path, grading: GradingClient) -> School:
    made = School(db, make_course(tmp_path / "course"), grading)
    await made.publish("1.0.0", WRONG_TEST)
    return made
