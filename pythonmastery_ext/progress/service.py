"""What a verdict changes for the learner, in the verdict's transaction."""

from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.db.cache import invalidate
from pythonmastery_ext.progress import achievements, counters, counting
from pythonmastery_ext.progress.board import BOARD
from pythonmastery_ext.progress.counting import Place
from pythonmastery_ext.progress.models import (
    LearnerDay,
    ProblemChange,
    ProblemProgress,
    UserStats,
)
from pythonmastery_ext.progress.standing import STANDING
from pythonmastery_ext.progress.streak import day_of

#: From the problems themselves, so that a changed course cannot leave a wrong sum behind. XP is
#: never taken back: problems that have left the course still count there.
SECTION = text("""
    with noted as (
        insert into problem_change (problem_id) values (:problem)
    ), others as (
        update user_progress set streak_days = :longest
        where user_id = :learner and section_id <> :section and streak_days <> :longest
    )
    insert into user_progress as held (
        user_id, section_id, completion_percentage, xp_earned, streak_days, last_activity
    )
    select cast(:learner as bigint), cast(:section as bigint),
           coalesce(round(
               100.0 * count(at.solved_at) filter (where p.status = 'published')
               / nullif(count(*) filter (where p.status = 'published'), 0), 2
           ), 0),
           coalesce(sum(at.xp), 0), cast(:longest as integer), cast(:moment as timestamptz)
    from problem p
    left join problem_progress at on at.problem_id = p.id and at.user_id = :learner
    where p.section_id = :section
    on conflict (user_id, section_id) do update set
        completion_percentage = excluded.completion_percentage,
        xp_earned = excluded.xp_earned, streak_days = excluded.streak_days,
        last_activity = greatest(held.last_activity, excluded.last_activity)
    returning completion_percentage
""")


@dataclass(frozen=True)
class Counted:
    """What a submission that counts has changed."""

    at: ProblemProgress
    #: XP that it brought.
    gained: int
    #: By this submission, for the first time.
    solved: bool


async def record(db: AsyncSession, attempt: ProblemAttempt) -> Counted | None:
    """Counts a graded attempt, under the learner's lock; None if it does not count."""
    if not counting.counts(attempt):
        return None
    place, at, stats = await counting.standing(db, attempt)
    gained = max(0, counting.earned(place, at, attempt) - at.xp)
    solved = await counting.count(db, at, attempt, gained)
    attempt.xp_gained = gained
    late = stats is not None and counting.add(stats, attempt, at, gained, solved=solved)
    await db.flush()
    if gained:
        await _mark_day(db, attempt, gained)
    if stats is None or late:
        await counters.mend(db, attempt.user_id)
        stats = await db.get_one(UserStats, attempt.user_id, populate_existing=True)
    completed = await _section(db, attempt, place, stats.longest_streak)
    await _changed(db, attempt.user_id, place.slug, gained, solved=attempt.status == "passed")
    if gained:
        await _award(db, stats, place, at, completed)
    return Counted(at, gained, solved)


async def recount(db: AsyncSession, learner: int, problem_id: int) -> None:
    """After a verdict was replaced: as if all attempts had been graded so from the beginning.

    In the order in which they were graded at first; XP may go down with it. What was achieved
    stays achieved.
    """
    attempts = list(
        await db.scalars(
            select(ProblemAttempt)
            .where(
                ProblemAttempt.user_id == learner,
                ProblemAttempt.problem_id == problem_id,
                ProblemAttempt.status.is_not(None),
            )
            .order_by(ProblemAttempt.graded_at, ProblemAttempt.id)
            .options(defer(ProblemAttempt.code_submission), defer(ProblemAttempt.test_results))
            .execution_options(populate_existing=True)
        )
    )
    place, at, _ = await counting.standing(db, attempts[0])
    had = at.xp
    at.submits = at.failed = at.best_points = at.xp = 0
    at.solved_at, at.solved_try, at.aided = None, None, False
    for attempt in attempts:
        counted = counting.counts(attempt)
        attempt.xp_gained = max(0, counting.earned(place, at, attempt) - at.xp) if counted else 0
        if counted:
            await counting.count(db, at, attempt, attempt.xp_gained)
    await db.flush()
    await counters.mend(db, learner)
    stats = await db.get(UserStats, learner, populate_existing=True)
    await db.execute(insert(ProblemChange).values(problem_id=problem_id))
    await _changed(db, learner, place.slug, at.xp - had, solved=at.solved_at is not None)
    if stats is not None:
        due = dict(achievements.due(stats)) | await achievements.of_progress(db, learner)
        await achievements.award(db, learner, due)


async def _mark_day(db: AsyncSession, attempt: ProblemAttempt, gained: int) -> None:
    row = insert(LearnerDay).values(
        user_id=attempt.user_id, day=day_of(attempt.submitted_at), xp=gained
    )
    await db.execute(
        row.on_conflict_do_update(
            index_elements=[LearnerDay.user_id, LearnerDay.day],
            set_={"xp": LearnerDay.xp + row.excluded.xp},
        )
    )


async def _section(
    db: AsyncSession, attempt: ProblemAttempt, place: Place, longest_streak: int
) -> float:
    """How much of the section is solved, in percent."""
    completed = await db.scalar(
        SECTION,
        {
            "learner": attempt.user_id,
            "problem": place.id,
            "section": place.section_id,
            "longest": longest_streak,
            "moment": attempt.graded_at,
        },
    )
    return float(completed or 0)


async def _award(
    db: AsyncSession, stats: UserStats, place: Place, at: ProblemProgress, completed: float
) -> None:
    given = dict(achievements.due(stats))
    if at.solved_try is not None:
        given.update(achievements.unstuck(place.slug, at.solved_try))
    given.update(achievements.section_done(place.section, completed))
    await achievements.award(db, stats.user_id, given)


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
