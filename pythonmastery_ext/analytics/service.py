"""Analytics of each submission, and the views user_performance_summary and
problem_difficulty_stats."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.analytics import quality
from pythonmastery_ext.analytics.models import LearningAnalytics, ViewRefresh
from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.attempts.results import went
from pythonmastery_ext.curriculum.models import Problem
from pythonmastery_ext.progress.counting import Graded, counts
from pythonmastery_ext.progress.models import ProblemProgress
from pythonmastery_ext.progress.worked import SKEW, Work

VIEWS = ("user_performance_summary", "problem_difficulty_stats")
#: Views are made anew once a day, or as soon after it as somebody is there.
FRESH_FOR = timedelta(hours=20)

#: From the attempts themselves; a verdict knows what went before and writes the same by `row`.
#: Pauses longer than ten minutes were spent elsewhere. Low
#: engagement is sending guesses: four tries or more with less than 20 seconds of work for each.
#: High is staying with it: five tries and questions, and five minutes of work.
RECORD = text("""
    with tried as (
        select submitted_at, status, graded_at,
               extract(epoch from submitted_at - coalesce(
                   lag(submitted_at) over (order by submitted_at, id),
                   cast(:opened as timestamptz))) as pause,
               min(graded_at) filter (where kind = 'submit' and status = 'passed') over ()
                   as solved_at
        from problem_attempt
        where user_id = :learner and problem_id = :problem
          and submitted_at between :since and :until
          and status <> 'error' and graded_at <= :moment
    ), summed as (
        select count(*) as tries,
               coalesce(sum(least(greatest(pause, 0), 600)), 0)::int as seconds,
               count(*) filter (
                   where status <> 'passed' and (solved_at is null or graded_at < solved_at)
               ) as errors
        from tried
    ), helped as materialized (
        select (select count(*) from unlocked_hint
                where user_id = :learner and problem_id = :problem and opened_at <= :moment)
             + (select count(*) from ai_interaction
                where user_id = :learner and problem_id = :problem
                  and created_at between :since and :moment) as requests
    )
    insert into learning_analytics (
        id, created_at, user_id, problem_id, session_duration, errors_made, help_requests,
        completion_rate, code_quality_score, engagement_level
    )
    select :id, :moment, :learner, :problem, seconds, errors, requests, :completion, :quality,
           case when tries >= 4 and seconds < 20 * tries then 'low'
                when tries + requests >= 5 and seconds >= 300 then 'high'
                else 'medium' end
    from summed, helped
    on conflict (id, created_at) do update set
        session_duration = excluded.session_duration, errors_made = excluded.errors_made,
        help_requests = excluded.help_requests, completion_rate = excluded.completion_rate,
        code_quality_score = excluded.code_quality_score,
        engagement_level = excluded.engagement_level
""")


async def record(db: AsyncSession, attempt: ProblemAttempt, at: ProblemProgress) -> None:
    """One row for a submission that counts."""
    passed, graded_at = attempt.status == "passed", attempt.graded_at
    if graded_at is None:
        raise ValueError(f"attempt {attempt.id} has no verdict")
    await db.execute(
        RECORD,
        {
            "id": attempt.id,
            "moment": graded_at,
            "learner": attempt.user_id,
            "problem": attempt.problem_id,
            "opened": at.opened_at,
            # Both ends are known, so that only the months between them are looked at.
            "since": at.opened_at - SKEW,
            "until": graded_at + SKEW,
            "completion": completion(attempt.test_results or (), attempt.status),
            "quality": await _quality(db, attempt) if passed else None,
        },
    )


@dataclass(frozen=True)
class Row:
    """What one submission gives: columns of LearningAnalytics."""

    session_duration: int
    errors_made: int
    help_requests: int
    completion_rate: float
    code_quality_score: int | None
    engagement_level: str


def row(work: Work, requests: int, attempt: Graded, reference: str) -> Row:
    """As RECORD says it, from what is kept of the work before; `requests`: for help."""
    seconds, passed = round(work.worked.total_seconds()), attempt.status == "passed"
    return Row(
        session_duration=seconds,
        errors_made=work.errors,
        help_requests=requests,
        completion_rate=completion(attempt.tests, attempt.status),
        code_quality_score=quality.score(attempt.code, reference) if passed else None,
        engagement_level=_engagement(work.tries, requests, seconds),
    )


def _engagement(tries: int, requests: int, seconds: int) -> str:
    if tries >= 4 and seconds < 20 * tries:
        return "low"
    return "high" if tries + requests >= 5 and seconds >= 300 else "medium"


def completion(kept: Sequence[Any], status: str | None) -> float:
    tests = went(kept)
    if not tests:
        return float(status == "passed")
    return round(tests.count("passed") / len(tests), 4)


async def _quality(db: AsyncSession, attempt: ProblemAttempt) -> int | None:
    query = select(Problem.solution_template).where(Problem.id == attempt.problem_id)
    reference = await db.scalar(query)
    return quality.score(attempt.code_submission, reference) if reference else None


async def recount(db: AsyncSession, learner: int, problem: int) -> None:
    """After verdicts of a learner at a problem were replaced."""
    at = await db.get_one(ProblemProgress, {"user_id": learner, "problem_id": problem})
    attempts = await db.scalars(
        select(ProblemAttempt)
        .where(ProblemAttempt.user_id == learner, ProblemAttempt.problem_id == problem)
        .where(ProblemAttempt.status.is_not(None), ProblemAttempt.kind == "submit")
        .execution_options(populate_existing=True)
    )
    for attempt in attempts:
        if counts(attempt):
            await record(db, attempt, at)
        else:
            await db.execute(delete(LearningAnalytics).where(LearningAnalytics.id == attempt.id))


async def replaced(db: AsyncSession, number: UUID, submitted_at: datetime) -> None:
    """After an attempt's verdict was, where earlier ones are archived: their work stays known."""
    key = {"id": number, "submitted_at": submitted_at}
    attempt = await db.get_one(ProblemAttempt, key, populate_existing=True)
    mine = (LearningAnalytics.id == number) & (LearningAnalytics.created_at == attempt.graded_at)
    if not counts(attempt):
        await db.execute(delete(LearningAnalytics).where(mine))
        return
    passed = attempt.status == "passed"
    await db.execute(
        update(LearningAnalytics)
        .where(mine)
        .values(
            completion_rate=completion(attempt.test_results or (), attempt.status),
            code_quality_score=await _quality(db, attempt) if passed else None,
        )
    )


async def refresh(db: AsyncSession) -> dict[str, int]:
    """Makes both views anew while others read them; milliseconds for each."""
    await db.execute(text("set local statement_timeout = 0"))
    took = {}
    for view in VIEWS:
        began = monotonic()
        await db.execute(text(f"refresh materialized view concurrently {view}"))
        took[view] = round(1000 * (monotonic() - began))
        made = insert(ViewRefresh).values(
            name=view, refreshed_at=func.now(), milliseconds=took[view]
        )
        await db.execute(
            made.on_conflict_do_update(
                index_elements=[ViewRefresh.name],
                set_={
                    "refreshed_at": made.excluded.refreshed_at,
                    "milliseconds": made.excluded.milliseconds,
                },
            )
        )
    return took


async def refresh_if_old(db: AsyncSession) -> bool:
    query = select(func.now(), func.min(ViewRefresh.refreshed_at), func.count())
    now, oldest, made = (await db.execute(query)).one()
    if made == len(VIEWS) and now - oldest < FRESH_FOR:
        return False
    await refresh(db)
    return True
