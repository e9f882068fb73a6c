"""Statistics of one problem for those who teach."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.adaptive import readings
from pythonmastery_ext.adaptive.model import Gaussian
from pythonmastery_ext.adaptive.models import ItemDifficulty
from pythonmastery_ext.analytics.models import LearningAnalytics, ViewRefresh
from pythonmastery_ext.analytics.schema import DifficultyOut, ProblemStatsOut
from pythonmastery_ext.analytics.views import PROBLEM_DIFFICULTY_STATS as SEEN
from pythonmastery_ext.curriculum import service as curriculum
from pythonmastery_ext.curriculum.models import Problem
from pythonmastery_ext.progress.models import ProblemStats

#: What is older says little of the problem as it is now, and lies in other partitions.
RECENT = timedelta(days=90)
COUNTS = ("learners", "attempts", "passed", "solved", "first_time", "unaided", "updated_at")


async def stats(db: AsyncSession, slug: str) -> ProblemStatsOut:
    """UnknownProblem."""
    problem = await db.get_one(Problem, await curriculum.problem_id(db, slug))
    row = await db.get(ProblemStats, problem.id)
    counts: dict[str, Any] = {name: getattr(row, name) for name in COUNTS} if row else {}
    seen = (await db.execute(select(SEEN).where(SEEN.c.problem_id == problem.id))).one_or_none()
    return ProblemStatsOut(
        problem=slug,
        difficulty=problem.difficulty_score,
        calibrated=await _calibrated(db, problem.id),
        median_minutes=await _median_minutes(db, problem.id),
        avg_execution_ms=seen.avg_execution_time if seen else None,
        avg_hints_used=seen.avg_hints_used if seen else None,
        viewed_at=await db.scalar(
            select(ViewRefresh.refreshed_at).where(ViewRefresh.name == SEEN.name)
        ),
        **counts,
    )


async def _calibrated(db: AsyncSession, problem: int) -> DifficultyOut | None:
    row = await db.get(ItemDifficulty, problem)
    if row is None:
        return None
    found = readings.on_authors_scale(Gaussian(row.mean, row.variance))
    return DifficultyOut(
        value=round(found.value, 2),
        low=round(found.low, 2),
        high=round(found.high, 2),
        learners=row.responses,
    )


async def _median_minutes(db: AsyncSession, problem: int) -> float | None:
    """Of each learner who has passed all tests, up to the first time."""
    solved = (
        select(func.min(LearningAnalytics.session_duration).label("seconds"))
        .where(
            LearningAnalytics.problem_id == problem,
            LearningAnalytics.created_at >= func.now() - RECENT,
            LearningAnalytics.completion_rate == 1,
        )
        .group_by(LearningAnalytics.user_id)
        .subquery()
    )
    seconds = await db.scalar(select(func.percentile_cont(0.5).within_group(solved.c.seconds)))
    return None if seconds is None else round(seconds / 60, 1)
