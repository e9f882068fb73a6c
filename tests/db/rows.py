"""Rows that other rows need, as few columns as the schema allows."""

from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.analytics.models import LearningAnalytics
from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.curriculum.models import Problem, ProblemVersion, Section
from pythonmastery_ext.db.ids import new_id
from pythonmastery_ext.tutor.models import AIInteraction


async def a_user(db: AsyncSession, username: str = "ada") -> User:
    user = User(username=username)
    db.add(user)
    await db.flush()
    return user


async def a_problem(db: AsyncSession) -> ProblemVersion:
    section = Section(
        slug="basics",
        name="Basics",
        description="",
        order_index=1,
        difficulty_level="beginner",
        estimated_hours=1,
    )
    db.add(section)
    await db.flush()
    problem = Problem(
        uid=uuid4(),
        slug="sum",
        section_id=section.id,
        title="Sum",
        description="",
        business_context="",
        starter_code="",
        solution_template="",
        difficulty_score=1,
        minutes=5,
        domain="general",
        order_index=1,
        status="published",
    )
    db.add(problem)
    await db.flush()
    version = ProblemVersion(
        problem_id=problem.id,
        version="1.0.0",
        content_sha="0" * 64,
        content={},
        student_notebook={},
        max_points=10,
    )
    db.add(version)
    await db.flush()
    return version


def an_attempt(
    user: User, version: ProblemVersion, at: datetime | None = None, **columns: object
) -> ProblemAttempt:
    made, now = new_id(at)
    values = {"kind": "submit", "code_submission": "1", "max_points": 10, **columns}
    return ProblemAttempt(
        id=made,
        submitted_at=now,
        user_id=user.id,
        problem_id=version.problem_id,
        version_id=version.id,
        **values,
    )


def an_analysis(
    user: User, version: ProblemVersion, at: datetime | None = None
) -> LearningAnalytics:
    made, now = new_id(at)
    return LearningAnalytics(
        id=made,
        created_at=now,
        user_id=user.id,
        problem_id=version.problem_id,
        session_duration=60,
        errors_made=0,
        help_requests=0,
        completion_rate=1.0,
        engagement_level="high",
    )


def a_question(user: User, at: datetime | None = None, **columns: object) -> AIInteraction:
    made, now = new_id(at or datetime.now(UTC))
    values = {
        "message_type": "question",
        "user_message": "Why?",
        "state": "complete",
        "source": "built_in",
        **columns,
    }
    return AIInteraction(id=made, created_at=now, user_id=user.id, **values)
