"""The verdict and everything that it changes: looked up at once, worked out, written at once."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.adaptive import service as adaptive
from pythonmastery_ext.analytics import service as analytics
from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.attempts.results import packed, without_nulls
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.curriculum import catalog
from pythonmastery_ext.curriculum import service as curriculum
from pythonmastery_ext.curriculum.cells import ProblemContent
from pythonmastery_ext.db.cache import announce
from pythonmastery_ext.grading.client import Outcome
from pythonmastery_ext.progress import achievements, counting, worked
from pythonmastery_ext.progress import service as progress
from pythonmastery_ext.progress.board import BOARD
from pythonmastery_ext.progress.counting import At, Graded, Sums
from pythonmastery_ext.progress.standing import STANDING
from pythonmastery_ext.progress.streak import day_of
from pythonmastery_ext.progress.worked import Work
from pythonmastery_ext.verdict.looking import Found, look
from pythonmastery_ext.verdict.writing import write


@dataclass
class Changes:
    """What a verdict changes beside itself."""

    at: At
    work: Work
    #: To the tutor, at this problem.
    questions: int = 0
    sums: Sums | None = None
    section: int | None = None
    gained: int = 0
    #: For the first time.
    solved: bool = False
    #: Everything is summed up from what there is: for the first time, or a day was out of order.
    mend: bool = False
    #: The same for the model.
    relearn: bool = False
    learned: adaptive.Learned | None = None
    row: analytics.Row | None = None
    #: Channel and payload of each notification.
    words: list[tuple[str, str]] = field(default_factory=list)


async def record(db: AsyncSession, attempt: ProblemAttempt, outcome: Outcome) -> None:
    """Once, however often the job runs: an attempt that has its verdict is left alone."""
    await audit.lock(db, attempt.user_id)
    content = await catalog.graded(db, attempt.version_id)
    found = await look(db, attempt, content)
    if found is not None and found.at is None:
        await curriculum.begin(db, attempt.user_id, attempt.problem_id, attempt.max_points)
        found = await look(db, attempt, content)
    if found is None or found.status is not None or found.at is None:
        return
    graded = _graded(attempt, outcome, found.moment)
    changes = Changes(found.at, await _work(db, attempt, graded, found, found.at))
    changes.questions = await _questions(db, attempt, found, found.at)
    if counting.counts(graded):
        await _count(db, graded, found, content, changes)
    changes.words.append((audit.CHANNEL, str(attempt.user_id)))
    written = _verdict(attempt, outcome, content) | _rest(attempt, graded, found, changes)
    more = changes.relearn or changes.mend or changes.gained > 0
    completed = await write(db, attempt, written, more=more)
    if changes.relearn:
        await adaptive.recount(db, attempt.user_id)
    if changes.mend:
        await progress.mend(db, attempt.user_id)
    elif changes.gained:
        await _award(db, graded, found, changes, completed)


def _graded(attempt: ProblemAttempt, outcome: Outcome, moment: datetime) -> Graded:
    return Graded(
        id=attempt.id,
        user_id=attempt.user_id,
        problem_id=attempt.problem_id,
        kind=attempt.kind,
        code=attempt.code_submission,
        status=outcome.status,
        points=outcome.points,
        max_points=attempt.max_points,
        hints_used=attempt.hints_used,
        submitted_at=attempt.submitted_at,
        graded_at=moment,
        error_messages=outcome.details,
        tests=outcome.tests,
    )


async def _work(
    db: AsyncSession, attempt: ProblemAttempt, graded: Graded, found: Found, at: At
) -> Work:
    """With this try, if it was one: our own fault is none."""
    if graded.status == "error":
        return found.work or Work()
    error = graded.status != "passed" and at.solved_at is None
    work, sent = found.work, attempt.submitted_at
    if work is not None and (work.last_sent is None or sent >= work.last_sent):
        work.add(sent, at.opened_at, error=error)
        return work
    # Never summed up, or one that was sent later has been graded before.
    before = await worked.work_before(db, attempt, at.opened_at, at.solved_at)
    return worked.work_of([*before, (sent, attempt.id, error)], at.opened_at)


async def _questions(db: AsyncSession, attempt: ProblemAttempt, found: Found, at: At) -> int:
    if found.questions is not None:
        return found.questions
    return await worked.questions(db, attempt.user_id, attempt.problem_id, at.opened_at)


async def _count(
    db: AsyncSession, graded: Graded, found: Found, content: ProblemContent, changes: Changes
) -> None:
    at, place, learner = changes.at, found.place, graded.user_id
    changes.section = place.section_id
    changes.gained = max(0, counting.earned(place.difficulty, at, graded) - at.xp)
    changes.solved = counting.count(at, graded, changes.gained)
    if changes.solved and not at.aided:
        at.aided = await counting.was_aided(
            db, learner, place.id, at.opened_at, graded.submitted_at
        )
    sums, gained = found.sums, changes.gained
    changes.mend = sums is None or counting.add(sums, graded, at, gained, solved=changes.solved)
    changes.sums = None if changes.mend else sums
    changes.row = analytics.row(
        changes.work, found.hints + changes.questions, graded, content.solution.source
    )
    changes.words += announce(db, STANDING.name, learner)
    if changes.gained:
        changes.words += announce(db, BOARD.name)
    await _learn(db, graded, found, content, changes)


async def _learn(
    db: AsyncSession, graded: Graded, found: Found, content: ProblemContent, changes: Changes
) -> None:
    skills = list(dict.fromkeys([*content.teaches, *content.practises]))
    task = adaptive.task(found.place.difficulty, found.item, found.skills, skills)
    try:
        changes.learned = await adaptive.take(
            db, graded, changes.at, found.model, task, solved=changes.solved
        )
    except adaptive.NoEpisode:
        changes.relearn = True
    if changes.learned is not None:
        changes.words += announce(db, adaptive.SKILL.name, graded.user_id)


def _verdict(attempt: ProblemAttempt, outcome: Outcome, content: ProblemContent) -> dict[str, Any]:
    memory = outcome.memory_bytes
    return {
        "status": outcome.status,
        "took": outcome.execution_time_ms,
        "memory": memory,
        "tests": packed(outcome.tests, content, attempt.kind, memory),
        "details": without_nulls(outcome.details),
        "points": outcome.points,
    }


def _rest(
    attempt: ProblemAttempt, graded: Graded, found: Found, changes: Changes
) -> dict[str, Any]:
    said = {"status": graded.status, "points": graded.points, "tries": attempt.tries}
    if changes.section is not None:
        said |= {audit.XP: changes.gained, "solved": graded.status == "passed"}
    tried, learned = graded.status != "error", changes.learned
    return {
        "moment": graded.graded_at,
        "gained": changes.gained,
        "at": {**vars(changes.at), **vars(changes.work), "questions": changes.questions}
        if tried
        else None,
        "sums": changes.sums and vars(changes.sums),
        "section": changes.section,
        "solves": changes.solved,
        "longest": found.sums.longest_streak if found.sums else 0,
        "day": day_of(graded.submitted_at) if changes.gained else None,
        "episode": learned and learned.episode and vars(learned.episode),
        "model": learned and learned.columns,
        "analytics": changes.row and vars(changes.row),
        "said": said,
        "words": changes.words,
    }


async def _award(
    db: AsyncSession, graded: Graded, found: Found, changes: Changes, completed: float | None
) -> None:
    """Only what the learner does not have yet, which is rare."""
    given = dict(achievements.due(changes.sums)) if changes.sums else {}
    if changes.at.solved_try is not None:
        given.update(achievements.unstuck(found.place.slug, changes.at.solved_try))
    given.update(achievements.section_done(found.place.section, completed or 0))
    new = {kind: told for kind, told in given.items() if kind not in found.achievements}
    await achievements.award(db, graded.user_id, new)
