"""Submitting exactly once, and recording the verdict exactly once."""

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.attempts import history
from pythonmastery_ext.attempts.models import SubmissionKey
from pythonmastery_ext.attempts.results import asked
from pythonmastery_ext.attempts.schema import AttemptIn, AttemptOut
from pythonmastery_ext.attempts.sending import SEND, Sent
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.curriculum import service as curriculum
from pythonmastery_ext.db.direct import go_on, last
from pythonmastery_ext.db.ids import new_id
from pythonmastery_ext.errors import (
    CodeEmpty,
    CodeNotText,
    CodeTooLarge,
    KeyReused,
    Refusal,
    TooManyWaiting,
    UnknownProblem,
)

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
    try:
        problem = await curriculum.published(db, slug)
    except UnknownProblem:
        # It has left the course since: what was sent before is still there.
        stored = await db.get(SubmissionKey, {"user_id": learner, "key": draft.key})
        if stored is None:
            raise
        return await _again(db, learner, slug, draft, stored.attempt_id, stored.body_sha), False
    attempt, moment = new_id()
    most = _max_points(problem, draft)
    gate = await curriculum.gate(db, problem.section)
    (told,) = await last(
        db,
        SEND,
        {
            "learner": learner,
            "key": draft.key,
            "problem": problem.problem.id,
            **gate._asdict(),
            "attempt": attempt,
            "moment": moment,
            "most": max_waiting,
            "all_points": problem.version.max_points,
            "body_sha": _body_sha(slug, draft),
            "version": problem.version.id,
            "kind": draft.kind,
            "code": draft.code,
            "max_points": most,
            "slug": slug,
            "opened": "problem.opened",
            "submitted": "attempt.submitted",
            "channel": audit.CHANNEL,
        },
    )
    sent = Sent(*told[:-1])
    if sent.hints_used is None:
        go_on(db)
    if sent.stored is not None and sent.body_sha is not None:
        return await _again(db, learner, slug, draft, sent.stored, sent.body_sha), False
    if sent.hints_used is None:
        raise await _refusal(db, learner, slug, sent)
    return _sent(problem, draft, most, attempt, moment, sent), True


async def _again(
    db: AsyncSession, learner: int, slug: str, draft: AttemptIn, stored: UUID, body_sha: bytes
) -> AttemptOut:
    if body_sha != _body_sha(slug, draft):
        raise KeyReused
    return await history.one(db, learner, stored)


async def _refusal(db: AsyncSession, learner: int, slug: str, sent: Sent) -> Refusal:
    if not sent.open:
        # Says which problems are missing.
        await curriculum.opened(db, learner, slug)
    return TooManyWaiting(
        f"You already have {sent.waiting} attempts waiting; "
        "send the next one when one of them is graded.",
        retry_after=WAIT,
    )


def _sent(
    problem: curriculum.Opened,
    draft: AttemptIn,
    most: int,
    attempt: UUID,
    moment: datetime,
    sent: Sent,
) -> AttemptOut:
    return AttemptOut.model_validate(
        {
            "id": attempt,
            "problem": problem.problem.slug,
            "version": problem.version.version,
            "kind": draft.kind,
            "status": "waiting",
            "reason": None,
            "message": None,
            "points": None,
            "max_points": most,
            "hints_used": sent.hints_used,
            "submitted_at": moment,
            "graded_at": None,
            "code": draft.code,
            "tests": [],
            "error": None,
            "stdout": None,
            "execution_time_ms": None,
            "memory_bytes": None,
            "xp_gained": 0,
            "queue_position": sent.ahead,
        }
    )


def _max_points(opened: curriculum.Opened, draft: AttemptIn) -> int:
    """A check runs the sample tests only, so only their points can be had."""
    return sum(test.weight for test in asked(opened.content, draft.kind))


def _body_sha(slug: str, draft: AttemptIn) -> bytes:
    return sha256("\0".join((slug, draft.kind, draft.code)).encode()).digest()
