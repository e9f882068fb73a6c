"""Recording what came of grading an attempt again: exactly once, however often the job runs.

As everywhere, transactions belong to the caller; each function is one transaction's work.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.adaptive import service as adaptive
from pythonmastery_ext.analytics import service as analytics
from pythonmastery_ext.attempts import history
from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.attempts.results import packed, without_nulls
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.curriculum import catalog
from pythonmastery_ext.curriculum.cells import ProblemContent
from pythonmastery_ext.grading.client import Outcome
from pythonmastery_ext.progress import service as progress
from pythonmastery_ext.progress.outside import Outside, outside
from pythonmastery_ext.regrading.models import Regrade, RegradeItem

WAITING, SAME, CHANGED, FAILED = "waiting", "same", "changed", "failed"


async def begin(
    db: AsyncSession, regrade: int, attempt: UUID
) -> tuple[RegradeItem, ProblemAttempt | None, ProblemContent] | None:
    """Counts a try; None if it has been done. No attempt: it was deleted meanwhile."""
    item = await db.scalar(
        update(RegradeItem)
        .where(_is(regrade, attempt), RegradeItem.state == WAITING)
        .values(tries=RegradeItem.tries + 1)
        .returning(RegradeItem)
    )
    if item is None:
        return None
    key = {"id": item.attempt_id, "submitted_at": item.submitted_at}
    return item, await db.get(ProblemAttempt, key), await catalog.graded(db, item.version_id)


async def give_back(db: AsyncSession, item: RegradeItem) -> None:
    """The try was not the attempt's doing."""
    await db.execute(
        update(RegradeItem)
        .where(_is(item.regrade_id, item.attempt_id), RegradeItem.tries > 0)
        .values(tries=RegradeItem.tries - 1)
    )


def _is(regrade: int, attempt: UUID) -> Any:
    return (RegradeItem.regrade_id == regrade) & (RegradeItem.attempt_id == attempt)


async def finish(db: AsyncSession, done: RegradeItem, outcome: Outcome | None, why: str) -> None:
    """The new verdict and all that it changes; nothing if this was done before.

    An outcome that is no verdict (`error`, or None) changes nothing: the old one stays.
    """
    await audit.lock(db, done.user_id)
    item = await db.scalar(
        select(RegradeItem)
        .where(_is(done.regrade_id, done.attempt_id), RegradeItem.state == WAITING)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if item is None:
        return
    regrade = await db.get_one(Regrade, item.regrade_id)
    key = {"id": item.attempt_id, "submitted_at": item.submitted_at}
    attempt = await db.get(ProblemAttempt, key, with_for_update=True, populate_existing=True)
    item.done_at = func.clock_timestamp()
    if attempt is None or outcome is None or outcome.status == "error":
        item.state, item.reason = FAILED, why
        return
    old, new = await history.results(db, attempt), await catalog.graded(db, item.version_id)
    item.before = kept(attempt, old)
    item.after = {"status": outcome.status, "points": outcome.points}
    item.state = SAME if is_same(attempt, old, outcome) else CHANGED
    if regrade.dry:
        return
    if item.state == SAME:
        attempt.version_id = item.version_id
        attempt.test_results = packed(old, new, attempt.kind, attempt.memory_usage)
    else:
        await _change(db, item, attempt, outcome, new)


async def _change(
    db: AsyncSession,
    item: RegradeItem,
    attempt: ProblemAttempt,
    outcome: Outcome,
    content: ProblemContent,
) -> None:
    learner, problem = attempt.user_id, attempt.problem_id
    archived = await outside(db, attempt)
    attempt.version_id = item.version_id
    _replace(attempt, outcome, _max_points(outcome))
    attempt.test_results = packed(outcome.tests, content, attempt.kind, outcome.memory_bytes)
    await db.flush()
    await _tell(db, item, attempt)
    await progress.recount(db, learner, problem, archived)
    await adaptive.recount(db, learner)
    if archived == Outside():
        await analytics.recount(db, learner, problem)
    else:
        await analytics.replaced(db, item.attempt_id, item.submitted_at)


def kept(attempt: ProblemAttempt, tests: list[dict[str, Any]]) -> dict[str, Any]:
    """A verdict as it stands, whole, so that it can be looked up after it was replaced."""
    return {
        "status": attempt.status,
        "points": attempt.points,
        "max_points": attempt.max_points,
        "xp_gained": attempt.xp_gained,
        "version_id": attempt.version_id,
        "tests": tests,
        "details": attempt.error_messages,
        "execution_time_ms": attempt.execution_time,
        "memory_bytes": attempt.memory_usage,
    }


def is_same(attempt: ProblemAttempt, tests: list[dict[str, Any]], outcome: Outcome) -> bool:
    """For the learner: status, points, and how each test went; not how long it took."""
    reason = (attempt.error_messages or {}).get("reason")
    return (attempt.status, attempt.points, attempt.max_points, reason) == (
        outcome.status,
        outcome.points,
        _max_points(outcome),
        outcome.details.get("reason"),
    ) and _went(tests) == _went(outcome.tests)


def _went(tests: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(test.get("key"), test.get("status"), test.get("points")) for test in tests]


def _max_points(outcome: Outcome) -> int:
    return sum(int(test.get("max_points", 0)) for test in outcome.tests)


def _replace(attempt: ProblemAttempt, outcome: Outcome, maximum: int) -> None:
    """`graded_at` stays: it orders the learner's attempts, and says when a problem was solved."""
    attempt.status = outcome.status
    attempt.points = outcome.points
    attempt.max_points = maximum
    attempt.error_messages = without_nulls(outcome.details)
    attempt.execution_time = outcome.execution_time_ms
    attempt.memory_usage = outcome.memory_bytes


async def _tell(db: AsyncSession, item: RegradeItem, attempt: ProblemAttempt) -> None:
    before = item.before or {}
    data = {
        "regrade": item.regrade_id,
        "before": {name: before.get(name) for name in ("status", "points", "version_id")},
        "after": {**(item.after or {}), "version_id": item.version_id},
    }
    who: dict[str, Any] = {"actor": None, "learner": attempt.user_id, "target": str(attempt.id)}
    await audit.record(db, "attempt.regraded", data=data, streamed=False, **who)
    # In the words that a browser knows: the attempt has a verdict, show it.
    await audit.record(db, "attempt.graded", data=data, streamed=True, **who)


async def conclude(db: AsyncSession, regrade: int) -> None:
    """Marks it finished if nothing is left; in a transaction after the one of the last item."""
    left = exists().where(RegradeItem.regrade_id == regrade, RegradeItem.state == WAITING)
    await db.execute(
        update(Regrade)
        .where(Regrade.id == regrade, Regrade.finished_at.is_(None), ~left)
        .values(finished_at=func.clock_timestamp())
    )


async def left(db: AsyncSession, regrade: int) -> int:
    found = await db.scalar(
        select(func.count()).where(RegradeItem.regrade_id == regrade, RegradeItem.state == WAITING)
    )
    return found or 0


async def outcome(db: AsyncSession, regrade: int) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """How many of each state, and each attempt that is not the same."""
    rows = await db.execute(
        select(RegradeItem.state, func.count())
        .where(RegradeItem.regrade_id == regrade)
        .group_by(RegradeItem.state)
    )
    counts = {SAME: 0, CHANGED: 0, FAILED: 0} | {row[0]: row[1] for row in rows}
    items = await db.scalars(
        select(RegradeItem)
        .where(RegradeItem.regrade_id == regrade, RegradeItem.state.in_((CHANGED, FAILED)))
        .order_by(RegradeItem.submitted_at, RegradeItem.attempt_id)
    )
    names = ("status", "points", "max_points")
    told = [
        {
            "attempt": str(item.attempt_id),
            "before": {name: (item.before or {}).get(name) for name in names},
            "after": item.after,
            "reason": item.reason,
        }
        for item in items
    ]
    return counts, told
