"""A learner at a real course in a real database, and the walk of a question without the web."""

from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from pythonmastery_ext.accounts.service import learner_for
from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.config import Settings
from pythonmastery_ext.curriculum.course import read_course
from pythonmastery_ext.curriculum.loader import load_course
from pythonmastery_ext.curriculum.models import Problem, ProblemVersion, Section
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.db.ids import new_id
from pythonmastery_ext.identity import Person
from pythonmastery_ext.tutor import consent, service
from pythonmastery_ext.tutor.models import AIInteraction
from pythonmastery_ext.tutor.schema import TutorMessageIn, TutorMessageOut
from pythonmastery_ext.tutor.tutor import Answer, Tutor

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PROBLEM = "overdue-by-customer"
OTHER = "split-tip"
NAME = "Wilhelmina Quandt"


@dataclass
class Classroom:
    db: Database
    learner: int
    other: int

    async def ask(
        self, tutor: Tutor, stop_after: int | None = None, learner: int | None = None, **fields: Any
    ) -> TutorMessageOut:
        """The stored answer; the reader goes away after `stop_after` pieces."""
        draft = service.checked(TutorMessageIn(**{"message": "What now?", **fields}))
        asked, _ = await self.db.retry(service.asking(learner or self.learner, draft, tutor))
        answer, count = Answer(), 0
        texts = tutor.answer(asked.prompt, asked.context, answer, agreed=asked.agreed)
        async with aclosing(texts):
            async for _ in texts:
                count += 1
                if count == stop_after:
                    break
        return await self.db.retry(service.answering(asked, answer, 12.5, tutor.model))

    async def row(self, message: UUID) -> AIInteraction:
        async with self.db.transaction() as db:
            rows = await db.scalars(select(AIInteraction).where(AIInteraction.id == message))
            return rows.one()

    async def attempt(self, slug: str = PROBLEM, **fields: Any) -> None:
        """An attempt as a worker leaves it."""
        made, moment = new_id()
        async with self.db.transaction() as db:
            problem = (await db.scalars(select(Problem).where(Problem.slug == slug))).one()
            values = {
                "id": made,
                "submitted_at": moment,
                "user_id": self.learner,
                "problem_id": problem.id,
                "version_id": problem.version_id,
                "kind": "submit",
                "code_submission": "pass",
                "status": "failed",
                "graded_at": datetime.now(UTC),
                "max_points": 10,
            }
            db.add(ProblemAttempt(**{**values, **fields}))

    async def secrets(self, slug: str = PROBLEM) -> list[str]:
        """Lines of hidden tests and of the solution that the statement does not hold."""
        async with self.db.transaction() as db:
            problem = (await db.scalars(select(Problem).where(Problem.slug == slug))).one()
            version = await db.get_one(ProblemVersion, problem.version_id)
        cells = [test for test in version.content["tests"] if test["visible"] == "hidden"]
        lines = [line for cell in cells for line in cell["source"].splitlines()]
        lines += version.content["solution"]["source"].splitlines()[2:]
        kept = (line.strip() for line in lines)
        return [line for line in kept if len(line) > 12 and line not in problem.description]


async def make(db: Database) -> Classroom:
    async with db.transaction() as session:
        await load_course(session, read_course(NOTEBOOKS))
        # Every section open: what is locked is a matter of its own test.
        for section in await session.scalars(select(Section)):
            section.prerequisites = []
        learner = await learner_for(session, Person("wilhelmina", NAME))
        other = await learner_for(session, Person("somebody-else"))
        for each in (learner, other):
            await consent.decide(session, each.id, consent.VERSION, agreed=True)
    return Classroom(db, learner.id, other.id)


def settings(**fields: Any) -> Settings:
    return Settings(role="local", course_dir=str(NOTEBOOKS), **fields)
