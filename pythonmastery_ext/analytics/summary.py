"""One learner's figures of the nightly view, and how they worked in the last days."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.analytics.models import LearningAnalytics, ViewRefresh
from pythonmastery_ext.analytics.views import USER_PERFORMANCE_SUMMARY as SEEN
from pythonmastery_ext.curriculum.models import Problem

#: What is older lies in other partitions.
RECENT = timedelta(days=30)
#: Submissions that are shown.
NEWEST = 30


@dataclass(frozen=True, kw_only=True)
class Summary:
    """As of the view's last refresh; what came since is not in it."""

    total_attempts: int
    #: 0 to 1; null before the first attempt that counts.
    success_rate: float | None
    #: Milliseconds.
    avg_execution_time: float | None
    max_streak: int
    total_xp: int
    refreshed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Worked:
    """A learner at a problem as it stood after one submission."""

    at: datetime
    slug: str
    title: str
    minutes: int
    completion: float
    errors: int
    help: int
    quality: int | None
    engagement: str


async def summary(db: AsyncSession, learner: int) -> Summary | None:
    """In nobody's name: no row policy can guard a view. None before it was refreshed for them."""
    query = select(
        SEEN.c.total_attempts,
        SEEN.c.success_rate,
        SEEN.c.avg_execution_time,
        func.coalesce(SEEN.c.max_streak, 0).label("max_streak"),
        func.coalesce(SEEN.c.total_xp, 0).label("total_xp"),
        ViewRefresh.refreshed_at,
    ).where(SEEN.c.user_id == learner, ViewRefresh.name == SEEN.name)
    row = (await db.execute(query)).one_or_none()
    return None if row is None else Summary(**row._mapping)


async def worked(db: AsyncSession, learner: int) -> list[Worked]:
    """Newest first; by `idx_user_performance` of the partitions of the last days."""
    rows = await db.execute(
        select(
            LearningAnalytics.created_at.label("at"),
            Problem.slug,
            Problem.title,
            (LearningAnalytics.session_duration // 60).label("minutes"),
            LearningAnalytics.completion_rate.label("completion"),
            LearningAnalytics.errors_made.label("errors"),
            LearningAnalytics.help_requests.label("help"),
            LearningAnalytics.code_quality_score.label("quality"),
            LearningAnalytics.engagement_level.label("engagement"),
        )
        .join(Problem, Problem.id == LearningAnalytics.problem_id)
        .where(
            LearningAnalytics.user_id == learner,
            LearningAnalytics.created_at >= func.now() - RECENT,
        )
        .order_by(LearningAnalytics.created_at.desc(), LearningAnalytics.id.desc())
        .limit(NEWEST)
    )
    return [Worked(**row._mapping) for row in rows]
