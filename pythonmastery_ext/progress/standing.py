"""How far a learner is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.audit.models import AuditEvent
from pythonmastery_ext.curriculum import catalog
from pythonmastery_ext.curriculum.models import Problem
from pythonmastery_ext.db.cache import Cache
from pythonmastery_ext.identity import Learner
from pythonmastery_ext.progress import achievements, streak, xp
from pythonmastery_ext.progress.models import (
    Achievement,
    LearnerDay,
    ProblemProgress,
    ProblemStats,
    UserProgress,
    UserStats,
)
from pythonmastery_ext.progress.schema import (
    AchievementOut,
    AchievementsOut,
    PopularOut,
    PopularProblem,
    ProgressOut,
    SectionProgress,
    StatsOut,
)

#: Seconds; each change drops what it changes sooner.
KEEP = 600.0
MOST_POPULAR = 20


@dataclass(frozen=True)
class Standing:
    """What a learner has, without the course, which has a cache of its own."""

    solved: frozenset[int]
    #: Section id → XP, and when something was last sent there.
    sections: Mapping[int, tuple[int, datetime | None]]


#: By the learner's id.
STANDING: Cache[int, Standing] = Cache("progress", most=5000, seconds=KEEP)
#: By how many there are in it.
POPULAR: Cache[int, PopularOut] = Cache(catalog.POPULAR, most=4, seconds=60)


async def progress(db: AsyncSession, learner: int) -> ProgressOut:
    tree = await catalog.tree(db)
    standing = await STANDING.get(learner, lambda: _standing(db, learner))
    sections = []
    for section in tree.sections:
        problems = tree.problems[section.id]
        solved = sum(problem.id in standing.solved for problem, _ in problems)
        points, last_activity = standing.sections.get(section.id, (0, None))
        sections.append(
            SectionProgress(
                section=section.slug,
                completion_percentage=round(100 * solved / len(problems), 2) if problems else 0.0,
                xp=points,
                solved=solved,
                total=len(problems),
                last_activity=last_activity,
            )
        )
    points = sum(points for points, _ in standing.sections.values())
    level = xp.level(points)
    return ProgressOut(
        xp=points,
        level=level,
        next_level_xp=xp.level_begins(level + 1),
        solved=sum(section.solved for section in sections),
        total=sum(section.total for section in sections),
        sections=sections,
    )


async def _standing(db: AsyncSession, learner: int) -> Standing:
    solved = await db.scalars(
        select(ProblemProgress.problem_id).where(
            ProblemProgress.user_id == learner, ProblemProgress.solved_at.is_not(None)
        )
    )
    rows = await db.execute(
        select(UserProgress.section_id, UserProgress.xp_earned, UserProgress.last_activity).where(
            UserProgress.user_id == learner
        )
    )
    return Standing(frozenset(solved), {section: (points, last) for section, points, last in rows})


async def render(db: AsyncSession, learner: Learner, _event: AuditEvent) -> ProgressOut:
    return await progress(db, learner.id)


async def stats(db: AsyncSession, learner: int) -> StatsOut:
    row = await db.get(UserStats, learner)
    today = datetime.now(UTC).date()
    since = today - timedelta(days=streak.WINDOW - 1)
    recent = await db.scalar(
        select(func.count()).where(LearnerDay.user_id == learner, LearnerDay.day >= since)
    )
    if row is None:
        return StatsOut()
    kept = streak.Streak(row.streak_days, row.longest_streak, row.active_days, row.last_active)
    return StatsOut(
        attempts=row.attempts,
        passed=row.passed,
        solved=row.solved,
        first_time=row.first_time,
        unaided=row.unaided,
        xp=row.xp,
        level=xp.level(row.xp),
        streak_days=kept.running(today) or None,
        active_today=row.last_active == today,
        longest_streak=row.longest_streak,
        active_days=row.active_days,
        active_of_last_30=recent or 0,
    )


async def earned(db: AsyncSession, learner: int) -> AchievementsOut:
    rows = await db.scalars(
        select(Achievement).where(Achievement.user_id == learner).order_by(Achievement.id)
    )
    mine = [shown for row in rows if (shown := _achievement(row)) is not None]
    have = {one.type.partition(":")[0] for one in mine}
    ahead = [
        AchievementOut(type=kind, title=told.title, description=told.description)
        for kind, told in achievements.TOLD.items()
        if kind not in have
    ]
    return AchievementsOut(earned=mine, ahead=ahead)


def _achievement(row: Achievement) -> AchievementOut | None:
    told = achievements.told(row.achievement_type)
    if told is None:
        return None
    return AchievementOut(
        type=row.achievement_type,
        title=told.title,
        description=told.description,
        earned_at=row.earned_at,
        section=row.details.get("section"),
        problem=row.details.get("problem"),
    )


async def render_achievement(
    db: AsyncSession, learner: Learner, event: AuditEvent
) -> AchievementOut | None:
    row = await db.scalar(
        select(Achievement).where(
            Achievement.user_id == learner.id, Achievement.achievement_type == event.target
        )
    )
    return None if row is None else _achievement(row)


async def popular(db: AsyncSession) -> PopularOut:
    return await POPULAR.get(MOST_POPULAR, lambda: _popular(db))


async def _popular(db: AsyncSession) -> PopularOut:
    rows = await db.execute(
        select(Problem.slug, Problem.title, ProblemStats.learners, ProblemStats.solved)
        .join(ProblemStats, ProblemStats.problem_id == Problem.id)
        .where(
            Problem.status == "published",
            Problem.withheld_at.is_(None),
            ProblemStats.learners > 0,
        )
        .order_by(ProblemStats.learners.desc(), Problem.slug)
        .limit(MOST_POPULAR)
    )
    return PopularOut(problems=[PopularProblem.model_validate(row) for row in rows])
