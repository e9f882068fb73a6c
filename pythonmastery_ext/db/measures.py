"""How the database and the queue are, read in a few milliseconds, for metrics and for people."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Pool, QueuePool, text
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.db import partitions
from pythonmastery_ext.db.ids import first_id

#: Verdicts of attempts that were sent in this time are counted.
RECENT_MINUTES = 5
#: Their ids are looked for from here on.
LOOK_BACK = timedelta(hours=1)

#: A state that no job is in is told too, and for grading also while the queue is empty: a figure
#: that is missing raises no alarm.
JOBS = text("""
    select task_name, status::text, count(job.id)
    from (select 'grade' as task_name union select task_name from procrastinate_jobs) as task
    cross join unnest(enum_range(null::procrastinate_job_status)) as status
    left join procrastinate_jobs job using (task_name, status)
    group by 1, 2
""")
#: The partial index of waiting attempts is small in each month.
OLDEST_WAITING = text("""
    select extract(epoch from now() - min(submitted_at))::float from problem_attempt
    where status is null
""")
WORKERS = text("""
    select count(*) filter (where last_heartbeat > now() - interval '10 seconds'),
        extract(epoch from now() - max(last_heartbeat))::float
    from procrastinate_workers
""")
#: An id begins with its time, so the key finds the newest.
VERDICTS = text("""
    select status, count(*),
        percentile_cont(array[0.5, 0.95]) within group (
            order by extract(epoch from graded_at - submitted_at)::float
        )
    from problem_attempt
    where status is not null and id >= :first
      and submitted_at > now() - make_interval(mins => :minutes)
    group by status
""")


@dataclass(frozen=True, kw_only=True)
class PoolFigures:
    size: int
    in_use: int
    #: Connections beyond `size`, closed when they are no longer needed.
    overflow: int
    #: Transactions since the start that found every connection taken.
    waits: int


@dataclass(frozen=True, kw_only=True)
class Recent:
    """Verdicts on attempts of the last minutes; seconds from submitting to the verdict."""

    count: int
    median: float
    p95: float


@dataclass(frozen=True, kw_only=True)
class Figures:
    partitions_ahead: int
    #: Task and status → jobs.
    jobs: dict[tuple[str, str], int]
    #: Seconds; 0 if nothing waits.
    oldest_waiting: float
    workers: int
    #: Seconds since the last heartbeat of any worker; None if there never was one.
    heartbeat_age: float | None
    verdicts: dict[str, Recent]


async def read(db: AsyncSession) -> Figures:
    oldest = await db.scalar(OLDEST_WAITING)
    # By our clock, with room for one of the server's that differs.
    recent = {"minutes": RECENT_MINUTES, "first": first_id(datetime.now(UTC) - LOOK_BACK)}
    workers, heartbeat_age = (await db.execute(WORKERS)).one()
    return Figures(
        partitions_ahead=await partitions.months_ahead(db),
        jobs={(task, status): count for task, status, count in await db.execute(JOBS)},
        oldest_waiting=oldest or 0.0,
        workers=workers,
        heartbeat_age=heartbeat_age,
        verdicts={
            status: Recent(count=count, median=seconds[0], p95=seconds[1])
            for status, count, seconds in await db.execute(VERDICTS, recent)
        },
    )


def full(pool: Pool, most: int) -> bool:
    """Whether the next transaction has to wait for a connection."""
    return isinstance(pool, QueuePool) and pool.checkedout() >= most


def of_pool(pool: Pool, waits: int) -> PoolFigures:
    if not isinstance(pool, QueuePool):
        return PoolFigures(size=0, in_use=0, overflow=0, waits=waits)
    return PoolFigures(
        size=pool.size(),
        in_use=pool.checkedout(),
        # Negative while fewer than `size` connections were ever needed.
        overflow=max(0, pool.overflow()),
        waits=waits,
    )
