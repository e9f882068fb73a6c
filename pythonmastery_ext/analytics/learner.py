"""One learner's work, for those who teach; each look at it is recorded."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.attempts import history
from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.curriculum.models import Problem, Section
from pythonmastery_ext.errors import UnknownUser
from pythonmastery_ext.hints.models import UnlockedHint
from pythonmastery_ext.progress.models import ProblemProgress, UserProgress, UserStats

#: Attempts on a page.
PAGE = 50


@dataclass(frozen=True, kw_only=True)
class InSection:
    slug: str
    name: str
    completion: float
    xp: int
    last_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class AtProblem:
    slug: str
    title: str
    section: str
    tries: int
    best: int
    most: int
    solved_at: datetime | None
    aided: bool
    hints: int
    last_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Tried:
    id: UUID
    at: datetime
    problem: str
    title: str
    kind: str
    status: str
    points: int | None
    most: int
    hints: int


@dataclass(frozen=True, kw_only=True)
class LearnerAtWork:
    id: int
    username: str
    stats: UserStats | None
    sections: list[InSection]
    problems: list[AtProblem]


async def look(db: AsyncSession, learner: int, *, actor: int, attempt: UUID | None = None) -> None:
    """Records that somebody looks at this learner's work; in nobody's name, before it is shown."""
    await audit.record(
        db,
        "learner.viewed",
        actor=actor,
        learner=learner,
        target=None if attempt is None else str(attempt),
        data={},
        streamed=False,
    )


async def at_work(db: AsyncSession, learner: int) -> LearnerAtWork:
    """UnknownUser."""
    username = await db.scalar(select(User.username).where(User.id == learner))
    if username is None:
        raise UnknownUser
    return LearnerAtWork(
        id=learner,
        username=username,
        stats=await db.get(UserStats, learner),
        sections=await _sections(db, learner),
        problems=await _problems(db, learner),
    )


async def _sections(db: AsyncSession, learner: int) -> list[InSection]:
    rows = await db.execute(
        select(
            Section.slug,
            Section.name,
            UserProgress.completion_percentage.label("completion"),
            UserProgress.xp_earned.label("xp"),
            UserProgress.last_activity.label("last_at"),
        )
        .join(UserProgress, UserProgress.section_id == Section.id)
        .where(UserProgress.user_id == learner, ~Section.retired)
        .order_by(Section.order_index, Section.slug)
    )
    return [InSection(**row._mapping) for row in rows]


async def _problems(db: AsyncSession, learner: int) -> list[AtProblem]:
    """All that were opened: no more than the course has."""
    hints = (
        select(UnlockedHint.problem_id, func.count().label("hints"))
        .where(UnlockedHint.user_id == learner)
        .group_by(UnlockedHint.problem_id)
        .subquery()
    )
    rows = await db.execute(
        select(
            Problem.slug,
            Problem.title,
            Section.name.label("section"),
            ProblemProgress.submits.label("tries"),
            ProblemProgress.best_points.label("best"),
            ProblemProgress.max_points.label("most"),
            ProblemProgress.solved_at,
            ProblemProgress.aided,
            func.coalesce(hints.c.hints, 0).label("hints"),
            ProblemProgress.last_sent.label("last_at"),
        )
        .join(Problem, Problem.id == ProblemProgress.problem_id)
        .join(Section, Section.id == Problem.section_id)
        .outerjoin(hints, hints.c.problem_id == Problem.id)
        .where(ProblemProgress.user_id == learner)
        .order_by(Section.order_index, Problem.order_index, Problem.slug)
    )
    return [AtProblem(**row._mapping) for row in rows]


async def attempts(
    db: AsyncSession, learner: int, before: UUID | None
) -> tuple[list[Tried], UUID | None]:
    """Newest first, and where the next page begins; UnknownAttempt."""
    query = (
        select(
            ProblemAttempt.id,
            ProblemAttempt.submitted_at.label("at"),
            Problem.slug.label("problem"),
            Problem.title,
            ProblemAttempt.kind,
            func.coalesce(ProblemAttempt.status, "waiting").label("status"),
            ProblemAttempt.points,
            ProblemAttempt.max_points.label("most"),
            ProblemAttempt.hints_used.label("hints"),
        )
        .join(Problem, Problem.id == ProblemAttempt.problem_id)
        .where(ProblemAttempt.user_id == learner)
    )
    if before is not None:
        moment = history.attempt_time(before)
        query = query.where(
            ProblemAttempt.submitted_at <= moment,
            tuple_(ProblemAttempt.submitted_at, ProblemAttempt.id) < tuple_(moment, before),
        )
    order = ProblemAttempt.submitted_at.desc(), ProblemAttempt.id.desc()
    rows = (await db.execute(query.order_by(*order).limit(PAGE + 1))).all()
    shown = [Tried(**row._mapping) for row in rows[:PAGE]]
    return shown, shown[-1].id if len(rows) > PAGE else None
