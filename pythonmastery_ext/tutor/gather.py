"""Queries for what the tutor may know of a learner at a problem: only what they have seen."""

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.attempts.history import results
from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.attempts.schema import ErrorDetail, TestResultOut
from pythonmastery_ext.curriculum import service as curriculum
from pythonmastery_ext.hints.service import Ladder
from pythonmastery_ext.tutor.context import (
    Exchange,
    HintsSeen,
    SeenVerdict,
    TutorContext,
    as_seen,
)
from pythonmastery_ext.tutor.models import AIInteraction
from pythonmastery_ext.tutor.prompt import HISTORY
from pythonmastery_ext.tutor.schema import TutorMessageIn


async def context(
    db: AsyncSession, learner: int, draft: TutorMessageIn, ladder: Ladder | None
) -> TutorContext:
    problem = ladder.opened.problem if ladder else None
    general = TutorContext(
        message_type=draft.message_type,
        message=draft.message,
        code=draft.code,
        history=await _history(db, learner, problem.id if problem else None),
    )
    if ladder is None or problem is None:
        return general
    progress = await curriculum.progress_at(db, learner, problem.id)
    return replace(
        general,
        title=problem.title,
        statement=ladder.opened.content.statement,
        verdict=await _verdict(db, learner, problem.id),
        hints=_hints(ladder),
        failed_attempts=progress.failed if progress else 0,
        solved=progress is not None and progress.solved_at is not None,
    )


async def _history(db: AsyncSession, learner: int, problem: int | None) -> tuple[Exchange, ...]:
    rows = await db.execute(
        select(AIInteraction.user_message, AIInteraction.ai_response)
        .where(
            AIInteraction.user_id == learner,
            AIInteraction.problem_id.is_not_distinct_from(problem),
            AIInteraction.state.in_(("complete", "cut")),
            AIInteraction.ai_response != "",
        )
        .order_by(AIInteraction.created_at.desc(), AIInteraction.id.desc())
        .limit(HISTORY)
    )
    found = [Exchange(message=asked, answer=said) for asked, said in rows]
    return tuple(reversed(found))


async def _verdict(db: AsyncSession, learner: int, problem: int) -> SeenVerdict | None:
    """Of the newest attempt that is graded, check or submission."""
    attempt = await db.scalar(
        select(ProblemAttempt)
        .where(
            ProblemAttempt.user_id == learner,
            ProblemAttempt.problem_id == problem,
            ProblemAttempt.status.is_not(None),
        )
        .order_by(ProblemAttempt.submitted_at.desc())
        .limit(1)
    )
    if attempt is None or attempt.status is None:
        return None
    told = attempt.error_messages or {}
    tests = [TestResultOut.model_validate(test) for test in await results(db, attempt)]
    return SeenVerdict(
        kind=attempt.kind,
        status=attempt.status,
        reason=told.get("reason"),
        message=told.get("message"),
        tests=tuple(as_seen(test) for test in tests),
        error=ErrorDetail.model_validate(told["error"]) if told.get("error") else None,
        stdout=told.get("stdout"),
        code=attempt.code_submission,
    )


def _hints(ladder: Ladder) -> HintsSeen:
    hints = ladder.all().hints
    following = next((hint for hint in hints if hint.state != "opened"), None)
    available = following is not None and following.state == "available"
    return HintsSeen(
        texts=tuple(hint.text for hint in hints if hint.text),
        next_open=following.order if following and available else None,
        next_unlock=following.unlock if following else None,
        total=len(hints),
    )
