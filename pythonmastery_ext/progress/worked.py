"""How much somebody has worked at a problem: all tries that have their verdict, checks too."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.tutor.models import AIInteraction

#: Ids carry the clock of the service, rows that of the database.
SKEW = timedelta(minutes=1)
#: What of a pause between two tries counts as work.
LONGEST_PAUSE = timedelta(minutes=10)


#: As `Work` says it, from the attempts.
WORK = text("""
    with tried as (
        select user_id, problem_id, submitted_at, status, graded_at,
               submitted_at - coalesce(
                   lag(submitted_at) over (
                       partition by user_id, problem_id order by submitted_at, id
                   ), opened_at) as pause,
               solved_at
        from problem_attempt join problem_progress using (user_id, problem_id)
        where status <> 'error' and submitted_at >= opened_at - interval '1 minute'
          and opened_at >= :since
          and (cast(:learner as bigint) is null or user_id = :learner)
          and (cast(:problem as bigint) is null or problem_id = :problem)
    ), summed as (
        select user_id, problem_id, count(*) as tries, max(submitted_at) as last_sent,
               sum(least(greatest(pause, '0'), '10 minutes')) as worked,
               count(*) filter (
                   where status <> 'passed' and (solved_at is null or graded_at < solved_at)
               ) as errors
        from tried group by user_id, problem_id
    )
    update problem_progress at
    set tries = summed.tries, errors = summed.errors, worked = summed.worked,
        last_sent = summed.last_sent, questions = coalesce(at.questions, (
            select count(*) from ai_interaction asked
            where asked.user_id = at.user_id and asked.problem_id = at.problem_id
              and asked.created_at >= at.opened_at - interval '1 minute'))
    from summed where (at.user_id, at.problem_id) = (summed.user_id, summed.problem_id)
""")


@dataclass
class Work:
    """All tries at a problem, checks too; kept in ProblemProgress."""

    tries: int = 0
    errors: int = 0
    worked: timedelta = timedelta()
    last_sent: datetime | None = None

    def add(self, sent: datetime, opened: datetime, *, error: bool) -> None:
        """A try that was sent after all others; `error`: failed before the first pass."""
        pause = sent - (self.last_sent or opened)
        self.tries += 1
        self.errors += error
        self.worked += min(max(pause, timedelta()), LONGEST_PAUSE)
        self.last_sent = sent


async def work_before(
    db: AsyncSession, attempt: ProblemAttempt, opened: datetime, solved: datetime | None
) -> list[tuple[datetime, UUID, bool]]:
    """Tries that have their verdict: when sent, id, whether an error."""
    rows = await db.execute(
        select(
            *(ProblemAttempt.submitted_at, ProblemAttempt.id),
            *(ProblemAttempt.status, ProblemAttempt.graded_at),
        ).where(
            ProblemAttempt.user_id == attempt.user_id,
            ProblemAttempt.problem_id == attempt.problem_id,
            ProblemAttempt.submitted_at >= opened - SKEW,
            ProblemAttempt.status.is_not(None),
            ProblemAttempt.status != "error",
        )
    )
    return [
        (sent, number, status != "passed" and (solved is None or graded < solved))
        for sent, number, status, graded in rows
        if graded is not None
    ]


def work_of(tries: Iterable[tuple[datetime, UUID, bool]], opened: datetime) -> Work:
    made = Work()
    for sent, _, error in sorted(tries):
        made.add(sent, opened, error=error)
    return made


async def questions(db: AsyncSession, learner: int, problem: int, opened: datetime) -> int:
    """To the tutor, where they were asked before they were counted."""
    asked = select(func.count()).where(
        AIInteraction.user_id == learner,
        AIInteraction.problem_id == problem,
        AIInteraction.created_at >= opened - SKEW,
    )
    return await db.scalar(asked) or 0
