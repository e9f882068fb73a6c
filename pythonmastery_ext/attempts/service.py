"""Submitting exactly once, and recording the verdict exactly once."""

from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import ScalarSelect, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.attempts import history
from pythonmastery_ext.attempts.models import ProblemAttempt, SubmissionKey
from pythonmastery_ext.attempts.schema import AttemptIn, AttemptOut
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.curriculum import service as curriculum
from pythonmastery_ext.db.ids import new_id
from pythonmastery_ext.errors import (
    CodeEmpty,
    CodeNotText,
    CodeTooLarge,
    KeyReused,
    TooManyWaiting,
)
from pythonmastery_ext.grading import queue
from pythonmastery_ext.grading.client import Outcome
from pythonmastery_ext.hints.models import UnlockedHint

MAX_CODE_BYTES = 64 * 1024
#: Seconds to wait before another try when too many attempts are waiting.
WAIT = 2
#: For how long the same key gives the same attempt.
KEEP_KEYS = timedelta(days=30)


def check_code(code: str) -> None:
    """Lone surrogates never come this far: a body with one is refused when it is read."""
    if "\0" in code:
        raise CodeNotText
    if len(code.encode()) > MAX_CODE_BYTES:
        raise CodeTooLarge
    if not code.strip():
        raise CodeEmpty


async def submit(
    db: AsyncSession, learner: int, slug: str, draft: AttemptIn, max_waiting: int
) -> tuple[AttemptOut, bool]:
    """The attempt, and whether it was made now; the same key and body give the stored one.

    May be repeated as a whole: the learner's key decides what was done already.
    """
    check_code(draft.code)
    await audit.lock(db, learner)
    stored = await _stored(db, learner, slug, draft)
    if stored is not None:
        return await history.one(db, learner, stored), False
    opened = await curriculum.opened(db, learner, slug)
    await _check_waiting(db, learner, max_waiting)
    await curriculum.begin(db, learner, opened.problem.id, opened.version.max_points)
    attempt, moment = new_id()
    await db.execute(
        upsert(SubmissionKey)
        .values(
            user_id=learner,
            key=draft.key,
            attempt_id=attempt,
            submitted_at=moment,
            body_sha=_body_sha(slug, draft),
        )
        .on_conflict_do_nothing()
    )
    made = ProblemAttempt(
        id=attempt,
        submitted_at=moment,
        user_id=learner,
        problem_id=opened.problem.id,
        version_id=opened.version.id,
        kind=draft.kind,
        code_submission=draft.code,
        max_points=_max_points(opened, draft),
        xp_gained=0,
    )
    await _insert(db, made)
    await queue.defer(db, attempt)
    await audit.record(
        db,
        "attempt.submitted",
        actor=learner,
        learner=learner,
        target=str(attempt),
        data={"problem": slug, "kind": draft.kind},
        streamed=True,
    )
    return await history.shown(db, made, slug, opened.version.version), True


async def _insert(db: AsyncSession, made: ProblemAttempt) -> None:
    """Not by the session, which would read the row again; fills in how many hints were open."""
    row = {name: value for name, value in vars(made).items() if not name.startswith("_")}
    hints = _hints_used(made.user_id, made.problem_id)
    made.hints_used = (
        await db.execute(
            insert(ProblemAttempt)
            .values(row | {"hints_used": hints})
            .returning(ProblemAttempt.hints_used)
        )
    ).scalar_one()


def _max_points(opened: curriculum.Opened, draft: AttemptIn) -> int:
    """A check runs the sample tests only, so only their points can be had."""
    tests = opened.content.samples if draft.kind == "check" else opened.content.tests
    return sum(test.weight for test in tests)


def _body_sha(slug: str, draft: AttemptIn) -> bytes:
    return sha256("\0".join((slug, draft.kind, draft.code)).encode()).digest()


async def _stored(db: AsyncSession, learner: int, slug: str, draft: AttemptIn) -> UUID | None:
    row = await db.get(SubmissionKey, {"user_id": learner, "key": draft.key})
    if row is None:
        return None
    if row.body_sha != _body_sha(slug, draft):
        raise KeyReused
    return row.attempt_id


async def _check_waiting(db: AsyncSession, learner: int, most: int) -> None:
    """Under the learner's lock, so that many requests at once cannot slip through together."""
    waiting = await db.scalar(
        select(func.count()).where(
            ProblemAttempt.user_id == learner, ProblemAttempt.status.is_(None)
        )
    )
    if (waiting or 0) >= most:
        raise TooManyWaiting(
            f"You already have {waiting} attempts waiting; "
            "send the next one when one of them is graded.",
            retry_after=WAIT,
        )


def _hints_used(learner: int, problem: int) -> ScalarSelect[int]:
    """Counted by the statement that writes it: each way to the database keeps a class waiting."""
    return (
        select(func.count())
        .where(UnlockedHint.user_id == learner, UnlockedHint.problem_id == problem)
        .scalar_subquery()
    )


async def record_verdict(
    db: AsyncSession, attempt: ProblemAttempt, outcome: Outcome
) -> ProblemAttempt | None:
    """The graded row; None if the attempt has its verdict already, and nothing may be counted."""
    return await db.scalar(
        update(ProblemAttempt)
        .where(
            ProblemAttempt.id == attempt.id,
            ProblemAttempt.submitted_at == attempt.submitted_at,
            ProblemAttempt.status.is_(None),
        )
        .values(
            status=outcome.status,
            execution_time=outcome.execution_time_ms,
            memory_usage=outcome.memory_bytes,
            test_results=outcome.tests,
            error_messages=outcome.details,
            points=outcome.points,
            graded_at=func.clock_timestamp(),
        )
        .returning(ProblemAttempt)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
