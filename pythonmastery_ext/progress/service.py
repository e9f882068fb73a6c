"""What a verdict that was replaced changes for the learner; `verdict/` has those that are new."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.db.cache import invalidate
from pythonmastery_ext.progress import achievements, counters, counting
from pythonmastery_ext.progress.board import BOARD
from pythonmastery_ext.progress.models import ProblemChange, UserStats
from pythonmastery_ext.progress.outside import Outside, finished
from pythonmastery_ext.progress.standing import STANDING


async def mend(db: AsyncSession, learner: int) -> None:
    """Everything that is summed up of a learner, and what they are given for it."""
    await counters.mend(db, learner)
    stats = await db.get(UserStats, learner, populate_existing=True)
    if stats is not None:
        due = dict(achievements.due(stats)) | await achievements.of_progress(db, learner)
        await achievements.award(db, learner, due)


async def recount(db: AsyncSession, learner: int, problem_id: int, before: Outside) -> None:
    """After a verdict was replaced: as if all attempts had been graded so from the beginning.

    In the order in which they were graded at first, after those that are archived; XP may go down
    with it. What was achieved stays achieved.
    """
    attempts = await finished(db, learner, problem_id)
    place, at = await counting.standing(db, attempts[0])
    had = at.xp
    for name, value in vars(before).items():
        setattr(at, name, value)
    for attempt in attempts:
        counted = counting.counts(attempt)
        worth = counting.earned(place.difficulty, at, attempt)
        attempt.xp_gained = max(0, worth - at.xp) if counted else 0
        if counted and counting.count(at, attempt, attempt.xp_gained):
            at.aided = await counting.was_aided(
                db, learner, problem_id, at.opened_at, attempt.submitted_at
            )
    await db.flush()
    await counters.work(db, learner, problem_id)
    await db.execute(insert(ProblemChange).values(problem_id=problem_id))
    await _changed(db, learner, place.slug, at.xp - had, solved=at.solved_at is not None)
    await mend(db, learner)


async def _changed(db: AsyncSession, learner: int, slug: str, gained: int, *, solved: bool) -> None:
    await invalidate(db, STANDING.name, learner)
    if gained:
        await invalidate(db, BOARD.name)
    await audit.record(
        db,
        "progress.changed",
        actor=None,
        learner=learner,
        target=slug,
        data={"xp": gained, "solved": solved},
        streamed=True,
    )
