"""What a verdict changes for the learner, in the verdict's transaction."""

from datetime import datetime, timedelta

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.audit.models import AuditEvent
from pythonmastery_ext.curriculum import service as curriculum
from pythonmastery_ext.curriculum.models import Problem
from pythonmastery_ext.hints.models import UnlockedHint
from pythonmastery_ext.identity import Learner
from pythonmastery_ext.progress import xp
from pythonmastery_ext.progress.models import ProblemProgress, UserProgress
from pythonmastery_ext.progress.schema import ProgressOut, SectionProgress
from pythonmastery_ext.tutor.models import AIInteraction

#: Ids carry the clock of the service, rows that of the database.
SKEW = timedelta(minutes=1)


def counts(attempt: ProblemAttempt) -> bool:
    """Checks are free, our own faults are not the learner's, and a syntax error costs nothing."""
    reason = (attempt.error_messages or {}).get("reason")
    return attempt.kind == "submit" and attempt.status != "error" and reason != "syntax_error"


async def record(db: AsyncSession, attempt: ProblemAttempt) -> int:
    """Counts a graded attempt; returns the XP that it brought."""
    if not counts(attempt):
        return 0
    problem = await db.get_one(Problem, attempt.problem_id)
    await curriculum.begin(db, attempt.user_id, problem.id, attempt.max_points)
    before = await db.get_one(
        ProblemProgress,
        {"user_id": attempt.user_id, "problem_id": problem.id},
        with_for_update=True,
        populate_existing=True,
    )
    gained = max(0, _earned(problem, before, attempt) - before.xp)
    await _count(db, before, attempt, gained)
    await db.execute(
        update(ProblemAttempt)
        .where(ProblemAttempt.id == attempt.id, ProblemAttempt.submitted_at == attempt.submitted_at)
        .values(xp_gained=gained)
    )
    await _section(db, attempt.user_id, problem.section_id)
    await _changed(db, attempt.user_id, problem, gained, solved=attempt.status == "passed")
    return gained


async def recount(db: AsyncSession, learner: int, problem_id: int) -> None:
    """After a verdict was replaced: as if all attempts had been graded so from the beginning.

    In the order in which they were graded at first; XP may go down with it.
    """
    problem = await db.get_one(Problem, problem_id)
    attempts = await db.scalars(
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
    await curriculum.begin(db, learner, problem_id, 0)
    row = await db.get_one(
        ProblemProgress,
        {"user_id": learner, "problem_id": problem_id},
        with_for_update=True,
        populate_existing=True,
    )
    had = row.xp
    row.submits = row.failed = row.best_points = row.xp = 0
    row.solved_at, row.aided = None, False
    for attempt in attempts:
        gained = max(0, _earned(problem, row, attempt) - row.xp) if counts(attempt) else 0
        if counts(attempt):
            await _count(db, row, attempt, gained)
        attempt.xp_gained = gained
    await db.flush()
    await _section(db, learner, problem.section_id)
    await _changed(db, learner, problem, row.xp - had, solved=row.solved_at is not None)


async def _changed(
    db: AsyncSession, learner: int, problem: Problem, gained: int, *, solved: bool
) -> None:
    await audit.record(
        db,
        "progress.changed",
        actor=None,
        learner=learner,
        target=problem.slug,
        data={"xp": gained, "solved": solved},
        streamed=True,
    )


def _earned(problem: Problem, before: ProblemProgress, attempt: ProblemAttempt) -> int:
    """All XP that this problem has brought once this attempt counts; solved once is enough."""
    if before.solved_at is not None:
        return before.xp
    if attempt.status == "passed":
        first = before.submits == 0
        return xp.for_pass(problem.difficulty_score, attempt.hints_used, first)
    best = max(before.best_points, attempt.points or 0)
    return xp.for_part(problem.difficulty_score, best, attempt.max_points)


async def _count(
    db: AsyncSession, before: ProblemProgress, attempt: ProblemAttempt, gained: int
) -> None:
    passed = attempt.status == "passed"
    before.submits += 1
    before.failed += 0 if passed else 1
    if before.max_points != attempt.max_points:
        before.max_points = attempt.max_points
    before.best_points = max(before.best_points, attempt.points or 0)
    before.xp += gained
    if passed and before.solved_at is None:
        before.solved_at = attempt.graded_at
        before.aided = before.aided or await _was_aided(db, before, attempt.submitted_at)
    await db.flush()


async def _was_aided(db: AsyncSession, at: ProblemProgress, submitted: datetime) -> bool:
    """By a hint or an answer of the tutor that came before the code was sent."""
    hint = exists().where(
        UnlockedHint.user_id == at.user_id,
        UnlockedHint.problem_id == at.problem_id,
        UnlockedHint.opened_at <= submitted,
    )
    tutor = exists().where(
        AIInteraction.user_id == at.user_id,
        AIInteraction.problem_id == at.problem_id,
        AIInteraction.created_at.between(at.opened_at - SKEW, submitted),
        # Built-in help says no more than Python does, so it does not count.
        AIInteraction.source == "gemini",
        # An answer that is still coming, or was closed before its end, was read all the same.
        or_(AIInteraction.ai_response != "", AIInteraction.state == "streaming"),
    )
    return bool(await db.scalar(select(hint | tutor)))


async def _section(db: AsyncSession, learner: int, section: int) -> None:
    """From the problems themselves, so that a changed course cannot leave a wrong sum behind."""
    row = (
        await db.execute(
            select(
                func.count(Problem.id).label("total"),
                func.count(ProblemProgress.solved_at).label("solved"),
                func.coalesce(func.sum(ProblemProgress.xp), 0).label("xp"),
            )
            .outerjoin(
                ProblemProgress,
                (ProblemProgress.problem_id == Problem.id) & (ProblemProgress.user_id == learner),
            )
            .where(Problem.section_id == section, Problem.status == "published")
        )
    ).one()
    values = {
        "completion_percentage": round(100 * row.solved / row.total, 2) if row.total else 0,
        "xp_earned": int(row.xp),
        "last_activity": func.clock_timestamp(),
    }
    await db.execute(
        insert(UserProgress)
        .values(user_id=learner, section_id=section, **values)
        .on_conflict_do_update(index_elements=["user_id", "section_id"], set_=values)
    )


async def progress(db: AsyncSession, learner: int) -> ProgressOut:
    found = await curriculum.overview(db, learner)
    kept = {
        row.section_id: row
        for row in await db.scalars(select(UserProgress).where(UserProgress.user_id == learner))
    }
    sections = []
    for section in found.sections:
        total, solved = len(found.entries[section.id]), found.solved(section)
        row = kept.get(section.id)
        sections.append(
            SectionProgress(
                section=section.slug,
                completion_percentage=round(100 * solved / total, 2) if total else 0.0,
                xp=row.xp_earned if row else 0,
                solved=solved,
                total=total,
                last_activity=row.last_activity if row else None,
            )
        )
    points = sum(row.xp_earned for row in kept.values())
    level = xp.level(points)
    return ProgressOut(
        xp=points,
        level=level,
        next_level_xp=xp.level_begins(level + 1),
        solved=sum(section.solved for section in sections),
        total=sum(section.total for section in sections),
        sections=sections,
    )


async def render(db: AsyncSession, learner: Learner, _event: AuditEvent) -> ProgressOut:
    return await progress(db, learner.id)
