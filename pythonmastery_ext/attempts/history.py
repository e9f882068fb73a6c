"""Reading attempts back. Every query names its time, so that it touches few partitions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.attempts.results import ONLY_OF_SAMPLES, unpacked
from pythonmastery_ext.attempts.schema import AttemptOut, AttemptPage, AttemptSummary
from pythonmastery_ext.audit.models import AuditEvent
from pythonmastery_ext.curriculum import catalog
from pythonmastery_ext.curriculum.models import Problem, ProblemVersion
from pythonmastery_ext.curriculum.service import problem_id
from pythonmastery_ext.db.ids import time_of
from pythonmastery_ext.errors import UnknownAttempt
from pythonmastery_ext.grading.client import FOR_AUTHORS
from pythonmastery_ext.identity import Learner

LARGEST_PAGE = 100


def _rows(learner: int) -> Select[ProblemAttempt, str, str]:
    return (
        select(ProblemAttempt, Problem.slug, ProblemVersion.version)
        .join(Problem, Problem.id == ProblemAttempt.problem_id)
        .join(ProblemVersion, ProblemVersion.id == ProblemAttempt.version_id)
        .where(ProblemAttempt.user_id == learner)
    )


def attempt_time(attempt: UUID) -> datetime:
    """UnknownAttempt for an id that we never made."""
    try:
        return time_of(attempt)
    except (ValueError, OverflowError) as error:
        raise UnknownAttempt from error


async def one(db: AsyncSession, learner: int, attempt: UUID) -> AttemptOut:
    """UnknownAttempt also for somebody else's."""
    row = (
        await db.execute(
            _rows(learner)
            .where(
                ProblemAttempt.id == attempt,
                ProblemAttempt.submitted_at == attempt_time(attempt),
            )
            .execution_options(populate_existing=True)
        )
    ).one_or_none()
    if row is None:
        raise UnknownAttempt
    return await shown(db, *row)


async def shown(db: AsyncSession, found: ProblemAttempt, slug: str, version: str) -> AttemptOut:
    """As its owner sees it."""
    details = found.error_messages or {}
    tests = await results(db, found)
    return AttemptOut.model_validate(
        {
            **_summary(found, slug, version),
            "code": found.code_submission,
            "tests": [_visible_part(test) for test in tests],
            "error": details.get("error"),
            "stdout": details.get("stdout"),
            "execution_time_ms": found.execution_time,
            "memory_bytes": found.memory_usage,
            "xp_gained": found.xp_gained,
            "queue_position": None if found.status else await _ahead(db, found.submitted_at),
        }
    )


async def for_authors(db: AsyncSession, attempt: UUID) -> str | None:
    """Why the tests could not be run, which may tell of hidden ones."""
    found: str | None = await db.scalar(
        select(ProblemAttempt.error_messages[FOR_AUTHORS].astext).where(
            ProblemAttempt.id == attempt, ProblemAttempt.submitted_at == attempt_time(attempt)
        )
    )
    return found


async def results(db: AsyncSession, found: ProblemAttempt) -> list[dict[str, Any]]:
    """Of each test, in the form of TestResultOut."""
    if not found.test_results:
        return []
    content = await catalog.graded(db, found.version_id)
    return unpacked(found.test_results, content, found.kind, found.memory_usage)


def _summary(attempt: ProblemAttempt, slug: str, version: str) -> dict[str, Any]:
    details = attempt.error_messages or {}
    return {
        "id": attempt.id,
        "problem": slug,
        "version": version,
        "kind": attempt.kind,
        "status": attempt.status or "waiting",
        "reason": details.get("reason"),
        "message": details.get("message"),
        "points": attempt.points,
        "max_points": attempt.max_points,
        "hints_used": attempt.hints_used,
        "submitted_at": attempt.submitted_at,
        "graded_at": attempt.graded_at,
    }


def _visible_part(test: dict[str, Any]) -> dict[str, Any]:
    if test.get("visible") == "sample":
        return test
    return {name: value for name, value in test.items() if name not in ONLY_OF_SAMPLES}


async def _ahead(db: AsyncSession, moment: datetime) -> int:
    found = await db.scalar(select(func.attempts_ahead(moment)))
    return found or 0


async def page(
    db: AsyncSession, learner: int, slug: str, before: UUID | None, limit: int
) -> AttemptPage:
    """Newest first; `before` is the last id of the page before this one."""
    conditions = [ProblemAttempt.problem_id == await problem_id(db, slug)]
    if before is not None:
        moment = attempt_time(before)
        conditions += [
            ProblemAttempt.submitted_at <= moment,
            tuple_(ProblemAttempt.submitted_at, ProblemAttempt.id) < tuple_(moment, before),
        ]
    rows = (
        await db.execute(
            _rows(learner)
            .where(and_(*conditions))
            .order_by(ProblemAttempt.submitted_at.desc(), ProblemAttempt.id.desc())
            .limit(limit + 1)
        )
    ).all()
    shown = rows[:limit]
    return AttemptPage(
        attempts=[AttemptSummary.model_validate(_summary(*row)) for row in shown],
        before=str(shown[-1][0].id) if len(rows) > limit else None,
    )


async def render(db: AsyncSession, learner: Learner, event: AuditEvent) -> AttemptOut | None:
    """The attempt of an event, as it is now; None if it was deleted since."""
    try:
        return await one(db, learner.id, UUID(event.target))
    except UnknownAttempt:
        return None
