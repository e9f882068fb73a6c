"""The queue of grading jobs: deferred inside the submitter's transaction, run by the workers."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from procrastinate import App, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.db.engine import driver_connection, psycopg_dsn

TASK = "grade"
REGRADE = "regrade"
QUEUE = "grading"
#: Jobs of a regrade wait until no fresh attempt does; the default of a job is 0.
AFTER_ALL = -10
_AT_ONCE = 1000
#: Seconds before a job that could not be graded is tried again; the last one repeats.
PAUSES = (1, 2, 5, 10, 20, 30)

#: Has no connection of its own: jobs are written on the connection of the caller's transaction.
_deferring = App(connector=PsycopgConnector())

#: What `defer` does, for a statement that does more: a row, which Procrastinate's trigger tells the
#: workers of. Goes on with `from`; `attempt` is given.
JOB = f"""
    insert into procrastinate_jobs (queue_name, task_name, args)
    select '{QUEUE}', '{TASK}', jsonb_build_object('attempt_id', cast(:attempt as text))
"""

ORPHANS = text("""
    select attempt.id from problem_attempt attempt
    where attempt.status is null
      and attempt.submitted_at between :since and :until
      and not exists (
        select from procrastinate_jobs job
        where job.queue_name = :queue and job.status in ('todo', 'doing')
          and job.args ->> 'attempt_id' = attempt.id::text
      )
    order by attempt.submitted_at limit 100
    for update of attempt skip locked
""")

#: Due times are written by a worker's clock and read by the database's: a worker that is ahead
#: would make an attempt wait for as long as its clock is wrong.
SCHEDULE = text("""
    update procrastinate_jobs set scheduled_at = now()
    where queue_name = :queue and status = 'todo'
      and scheduled_at > now() + make_interval(secs => :longest)
""")


class KeepTrying(BaseRetryStrategy):
    """A job ends only with a verdict; the attempt counts how often a worker has died of it."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        pause = PAUSES[min(job.attempts, len(PAUSES) - 1)]
        return RetryDecision(retry_in={"seconds": pause})


async def defer(db: AsyncSession, attempt: UUID) -> None:
    """The job exists exactly if the transaction commits; the commit wakes a worker."""
    connection = await driver_connection(db)
    job = _deferring.configure_task(TASK, queue=QUEUE, connection=connection)
    try:
        await job.defer_async(attempt_id=str(attempt))
    except ConnectorException as error:
        # The driver's own error tells whether the transaction is worth another try.
        raise error.__cause__ or error from None


async def defer_regrades(db: AsyncSession, regrade: int, attempts: list[UUID]) -> None:
    """One job for each attempt, in the transaction that orders the regrade."""
    connection = await driver_connection(db)
    job = _deferring.configure_task(REGRADE, queue=QUEUE, priority=AFTER_ALL, connection=connection)
    for start in range(0, len(attempts), _AT_ONCE):
        some: list[dict[str, Any]] = [
            {"regrade": regrade, "item": str(attempt)}
            for attempt in attempts[start : start + _AT_ONCE]
        ]
        try:
            await job.batch_defer_async(*some)
        except ConnectorException as error:
            raise error.__cause__ or error from None


async def defer_orphans(db: AsyncSession, older_than: timedelta) -> int:
    """Gives attempts that wait without a job a new one; returns how many."""
    now = datetime.now(UTC)
    found = await db.scalars(
        ORPHANS, {"since": now - timedelta(days=31), "until": now - older_than, "queue": QUEUE}
    )
    attempts = list(found)
    for attempt in attempts:
        await defer(db, attempt)
    return len(attempts)


async def mend_schedule(db: AsyncSession) -> None:
    """No job waits for its next try longer than the longest pause between tries."""
    await db.execute(SCHEDULE, {"longest": PAUSES[-1] + 5, "queue": QUEUE})


def worker_app(url: str, *, connections: int) -> App:
    """A queue with connections of its own, for a worker."""
    options: dict[str, Any] = {"application_name": "pythonmastery worker", "connect_timeout": 5}
    return App(
        connector=PsycopgConnector(
            conninfo=psycopg_dsn(url),
            kwargs=options,
            min_size=1,
            max_size=connections,
            timeout=5,
        )
    )
