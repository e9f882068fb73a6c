"""What keeps statistics true without a verdict: by the clock, and after a restore."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.adaptive import calibration
from pythonmastery_ext.adaptive import service as adaptive
from pythonmastery_ext.analytics import service
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.db.cache import invalidate
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.progress import achievements, counters
from pythonmastery_ext.progress.board import BOARD
from pythonmastery_ext.progress.models import UserStats
from pythonmastery_ext.progress.standing import POPULAR, STANDING

#: Batches of one run, so that a worker gets on with what else there is; the rest a minute later.
MOST_BATCHES = 40


async def roll_up(db: Database) -> None:
    """Once a minute: the statistics of problems with new verdicts."""

    async def work(session: AsyncSession) -> None:
        if await counters.roll_up(session):
            await invalidate(session, POPULAR.name)

    await db.retry(work)


async def calibrate(db: Database) -> None:
    """Once a minute: problems and skills learn from episodes that have ended."""
    for _ in range(MOST_BATCHES):
        if not await db.retry(calibration.calibrate):
            return


async def refresh_old_views(db: Database) -> None:
    """Each hour, because one's own machine may be off at night; done once a day."""

    async def work(session: AsyncSession) -> None:
        if await service.refresh_if_old(session):
            # Of learners who were erased meanwhile nothing may stay in the sums.
            await session.execute(counters.ALL_CHANGED)

    await db.retry(work)


async def refresh(db: Database) -> dict[str, int]:
    return await db.retry(service.refresh)


async def recompute(db: Database) -> int:
    """All counters, skills, achievements and views from the attempts; how many learners.

    Safe to run at any time, and again when it was stopped: it ends in the same state.
    """

    async def counted(session: AsyncSession) -> list[int]:
        await counters.mend_all(session)
        await audit.record(
            session,
            "counters.recomputed",
            actor=None,
            learner=None,
            target=None,
            data={},
            streamed=False,
        )
        for cache in (STANDING, BOARD, POPULAR):
            await invalidate(session, cache.name)
        return list(await session.scalars(select(UserStats.user_id).order_by(UserStats.user_id)))

    learners = await db.retry(counted)
    for learner in learners:
        await _of_learner(db, learner)
    await db.retry(calibration.forget)
    while await db.retry(calibration.calibrate):
        pass
    await refresh(db)
    return len(learners)


async def _of_learner(db: Database, learner: int) -> None:
    async def work(session: AsyncSession) -> None:
        await audit.lock(session, learner)
        await adaptive.recount(session, learner)
        stats = await session.get(UserStats, learner)
        if stats is not None:
            due = dict(achievements.due(stats))
            due.update(await achievements.of_progress(session, learner))
            await achievements.award(session, learner, due)

    await db.retry(work)
