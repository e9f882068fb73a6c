"""What one verdict changes for a learner at a problem, and in all. Pure, but for what is read."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.curriculum import service as curriculum
from pythonmastery_ext.curriculum.models import Problem, Section
from pythonmastery_ext.hints.models import UnlockedHint
from pythonmastery_ext.progress import xp
from pythonmastery_ext.progress.models import ProblemProgress
from pythonmastery_ext.progress.streak import Streak, day_of
from pythonmastery_ext.progress.worked import SKEW
from pythonmastery_ext.tutor.models import AIInteraction


@dataclass(frozen=True)
class Place:
    """A problem, as far as counting needs it."""

    id: int
    slug: str
    difficulty: int
    section_id: int
    section: str


@dataclass(frozen=True)
class Graded:
    """An attempt with the verdict that it gets now."""

    id: UUID
    user_id: int
    problem_id: int
    kind: str
    code: str
    status: str
    points: int
    max_points: int
    hints_used: int
    submitted_at: datetime
    graded_at: datetime
    error_messages: dict[str, Any]
    #: As the grader told them.
    tests: list[dict[str, Any]]


@dataclass
class At:
    """Columns of ProblemProgress that submissions move."""

    opened_at: datetime
    submits: int
    failed: int
    best_points: int
    max_points: int
    xp: int
    solved_at: datetime | None
    solved_try: int | None
    aided: bool


@dataclass
class Sums:
    """Columns of UserStats."""

    attempts: int
    passed: int
    solved: int
    first_time: int
    unaided: int
    xp: int
    streak_days: int
    longest_streak: int
    active_days: int
    last_active: date | None


def counts(attempt: Graded | ProblemAttempt) -> bool:
    """Checks are free, our own faults are not the learner's, and a syntax error costs nothing."""
    reason = (attempt.error_messages or {}).get("reason")
    return attempt.kind == "submit" and attempt.status != "error" and reason != "syntax_error"


def earned(difficulty: int, before: At | ProblemProgress, attempt: Graded | ProblemAttempt) -> int:
    """All XP that this problem has brought once this attempt counts; solved once is enough."""
    if before.solved_at is not None:
        return before.xp
    if attempt.status == "passed":
        first = before.submits == 0
        return xp.for_pass(difficulty, attempt.hints_used, first)
    best = max(before.best_points, attempt.points or 0)
    return xp.for_part(difficulty, best, attempt.max_points)


def count(at: At | ProblemProgress, attempt: Graded | ProblemAttempt, gained: int) -> bool:
    """Whether this attempt solved the problem, which happens once."""
    passed = attempt.status == "passed"
    at.submits += 1
    at.failed += 0 if passed else 1
    at.max_points = attempt.max_points
    at.best_points = max(at.best_points, attempt.points or 0)
    at.xp += gained
    if not passed or at.solved_at is not None:
        return False
    at.solved_at, at.solved_try = attempt.graded_at, at.submits
    return True


def add(stats: Sums, attempt: Graded, at: At, gained: int, *, solved: bool) -> bool:
    """Whether it was sent before the last active day, so that the days have to be read again."""
    stats.attempts += 1
    stats.passed += attempt.status == "passed"
    stats.solved += solved
    stats.first_time += solved and at.solved_try == 1
    stats.unaided += solved and not at.aided
    stats.xp += gained
    if not gained:
        return False
    day = day_of(attempt.submitted_at)
    if stats.last_active is not None and day < stats.last_active:
        return True
    before = (stats.streak_days, stats.longest_streak, stats.active_days, stats.last_active)
    after = Streak(*before).on(day)
    stats.streak_days, stats.longest_streak = after.days, after.longest
    stats.active_days, stats.last_active = after.active_days, after.last
    return False


async def standing(db: AsyncSession, attempt: ProblemAttempt) -> tuple[Place, ProblemProgress]:
    """A problem, and where the learner of an attempt stands there."""
    at_problem = (ProblemProgress.problem_id == Problem.id) & (
        ProblemProgress.user_id == attempt.user_id
    )
    query = (
        select(
            Problem.id,
            Problem.slug,
            Problem.difficulty_score,
            Section.id,
            Section.slug,
            ProblemProgress,
        )
        .join(Section, Section.id == Problem.section_id)
        .outerjoin(ProblemProgress, at_problem)
        .where(Problem.id == attempt.problem_id)
        .execution_options(populate_existing=True)
    )
    problem, slug, difficulty, section_id, section, at = (await db.execute(query)).one()
    if at is None:
        await curriculum.begin(db, attempt.user_id, attempt.problem_id, attempt.max_points)
        at = await curriculum.progress_at(db, attempt.user_id, attempt.problem_id)
    return Place(problem, slug, difficulty, section_id, section), at


async def was_aided(
    db: AsyncSession, learner: int, problem: int, opened: datetime, submitted: datetime
) -> bool:
    """By a hint or an answer of the tutor that came before the code was sent."""
    hint = exists().where(
        UnlockedHint.user_id == learner,
        UnlockedHint.problem_id == problem,
        UnlockedHint.opened_at <= submitted,
    )
    tutor = exists().where(
        AIInteraction.user_id == learner,
        AIInteraction.problem_id == problem,
        AIInteraction.created_at.between(opened - SKEW, submitted),
        # Built-in help says no more than Python does, so it does not count.
        AIInteraction.source == "gemini",
        # An answer that is still coming, or was closed before its end, was read all the same.
        or_(AIInteraction.ai_response != "", AIInteraction.state == "streaming"),
    )
    return bool(await db.scalar(select(hint | tutor)))
