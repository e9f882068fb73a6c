"""What was counted of attempts whose month is archived: they cannot be counted once more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.progress import xp
from pythonmastery_ext.progress.counting import counts, standing
from pythonmastery_ext.progress.models import ProblemProgress


@dataclass(frozen=True)
class Outside:
    """Columns of ProblemProgress, as if only those attempts had been sent."""

    submits: int = 0
    failed: int = 0
    best_points: int = 0
    xp: int = 0
    solved_at: datetime | None = None
    solved_try: int | None = None
    aided: bool = False


async def outside(db: AsyncSession, attempt: ProblemAttempt) -> Outside:
    """At the attempt's problem; to be asked before a verdict of it is replaced."""
    place, at = await standing(db, attempt)
    found = await finished(db, attempt.user_id, attempt.problem_id)
    return without(at, found, place.difficulty)


async def finished(db: AsyncSession, learner: int, problem: int) -> list[ProblemAttempt]:
    """The attempts that are there, in the order in which they were graded."""
    query = (
        select(ProblemAttempt)
        .where(
            ProblemAttempt.user_id == learner,
            ProblemAttempt.problem_id == problem,
            ProblemAttempt.status.is_not(None),
        )
        .order_by(ProblemAttempt.graded_at, ProblemAttempt.id)
        .options(defer(ProblemAttempt.code_submission), defer(ProblemAttempt.test_results))
        .execution_options(populate_existing=True)
    )
    return list(await db.scalars(query))


def without(at: ProblemProgress, there: Sequence[ProblemAttempt], difficulty: int) -> Outside:
    """What is left of the counters once those that are there are taken away.

    The best of two equal points may be either's; XP then says how many they were at least.
    """
    counted = [attempt for attempt in there if counts(attempt)]
    passed = sum(attempt.status == "passed" for attempt in counted)
    submits, failed = at.submits - len(counted), at.failed - len(counted) + passed
    if submits <= 0:
        return Outside()
    earned = at.xp - sum(attempt.xp_gained or 0 for attempt in there)
    if submits > failed:
        solved = (at.solved_at, at.solved_try, at.aided)
        return Outside(submits, failed, at.best_points, earned, *solved)
    best = at.best_points
    if best == max((attempt.points or 0 for attempt in counted), default=0):
        best = next(
            points
            for points in range(best + 1)
            if points == best or xp.for_part(difficulty, points, at.max_points) >= earned
        )
    return Outside(submits, failed, best, earned)
