"""Takes jobs from the queue, has them graded, and owns the verdict's transaction."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import DeleteJobCondition
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext import __version__
from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.chores import CHORES, Chore
from pythonmastery_ext.curriculum import catalog
from pythonmastery_ext.curriculum.cells import ProblemContent
from pythonmastery_ext.db import tables
from pythonmastery_ext.db.direct import last
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.db.ids import time_of
from pythonmastery_ext.db.statement import Statement
from pythonmastery_ext.errors import DatabaseAway
from pythonmastery_ext.grading import queue
from pythonmastery_ext.grading.client import GraderAway, GradingClient, Outcome, our_fault
from pythonmastery_ext.grading.heartbeat import Heartbeat
from pythonmastery_ext.grading.publishing import Profiles, expect_tables
from pythonmastery_ext.grading.reaper import Reaper
from pythonmastery_ext.regrading.jobs import Regrading
from pythonmastery_ext.verdict import service as verdict

log = logging.getLogger(__name__)

#: Times that a worker may begin the same attempt and die of it.
MOST_TRIES = 3
#: Seconds. A worker whose heart has not beaten for STALLED is gone, and its jobs are free again.
HEARTBEAT = 2.0
STALLED = 6.0
REAP_EVERY = 2.0
POLL = 3.0
#: Jobs without an attempt's verdict are given out again after this.
ORPHANED = timedelta(seconds=30)
#: Seconds that running jobs get to end when the worker is stopped.
GRACE = 5.0
#: Whoever has not ended after this did not hear that it is to end: see `Worker.stop`.
UNHEARD = GRACE + 5.0
LONGEST_PAUSE = 5.0

BEGUN = (
    *("id", "submitted_at", "user_id", "problem_id", "version_id", "kind", "code_submission"),
    *("max_points", "hints_used", "tries"),
)
#: Asks of `graded_at` and not of the status, lest it be looked for among all that wait.
BEGIN = Statement(
    """
    update problem_attempt set tries = tries + 1
    where id = :id and submitted_at = :sent and graded_at is null
    returning COLUMNS
""".replace("COLUMNS", ", ".join(BEGUN))
)


class GradingFailed(Exception):
    """The grader broke down in the middle of an attempt."""


class Worker:
    """One worker; any number of them share the queue, in this process or on other machines."""

    def __init__(self, db: Database, grading: GradingClient, *, concurrency: int = 2) -> None:
        # Foreign keys name tables of nouns that a process with only a worker never imports.
        tables.metadata()
        self._db = db
        self._grading = grading
        self._concurrency = concurrency
        self._task: asyncio.Task[None] | None = None
        self._profiles = Profiles(db, grading)
        self._heart = Heartbeat(db, grading, concurrency=concurrency, version=__version__)
        #: Beside cancelling: a cancellation can get lost in a connection that breaks meanwhile.
        self._stopping = asyncio.Event()

    def start(self) -> None:
        self._task = asyncio.create_task(self.run(), name="pythonmastery worker")

    async def stop(self) -> None:
        self._stopping.set()
        if self._task is None:
            return
        while not self._task.done():
            # Lost now and then while the queue is being connected to; then the task goes on.
            self._task.cancel()
            await asyncio.wait([self._task], timeout=UNHEARD)
        await asyncio.gather(self._task, return_exceptions=True)

    async def run(self) -> None:
        """Until stopped; a database that goes away is waited for."""
        failed = 0
        while not self._stopping.is_set():
            try:
                await self._session()
                failed = 0
            except (ConnectorException, psycopg.Error, DatabaseAway, OSError) as error:
                failed += 1
                log.warning("the worker lost the database, will connect again: %s", error)
            except Exception:
                failed += 1
                log.exception("the worker failed, will start again")
            await asyncio.sleep(min(LONGEST_PAUSE, 0.2 * 2**failed))

    async def _session(self) -> None:
        """From connecting to the queue until the connection breaks."""
        # A pool that is opened while the server is away waits longer and longer between its tries.
        await self._db.ping()
        app = queue.worker_app(self._db.direct_url, connections=self._concurrency + 3)
        app.task(name=queue.TASK, queue=queue.QUEUE, retry=queue.KeepTrying())(self.grade)
        Regrading(self._db, self._grading, self._profiles.applied).register(app)
        # Procrastinate watches over its heartbeat only while something periodic is registered.
        for chore in CHORES:
            app.periodic(cron=chore.cron, periodic_id=chore.name)(
                app.task(name=chore.name, queue=queue.QUEUE)(self._doing(chore))
            )
        async with app.open_async():
            ended = asyncio.Event()
            looking = Reaper(self._db, app, stalled=STALLED, orphaned=ORPHANED)
            reaper = asyncio.create_task(looking.run(ended, REAP_EVERY), name="reaper")
            beside = [
                asyncio.create_task(self._profiles.publish(), name="profiles"),
                asyncio.create_task(expect_tables(self._db, self._grading), name="tables"),
                asyncio.create_task(self._heart.run(), name="heartbeat"),
            ]
            try:
                await app.run_worker_async(
                    queues=[queue.QUEUE],
                    concurrency=self._concurrency,
                    fetch_job_polling_interval=POLL,
                    shutdown_graceful_timeout=GRACE,
                    delete_jobs=DeleteJobCondition.ALWAYS,
                    install_signal_handlers=False,
                    update_heartbeat_interval=HEARTBEAT,
                    stalled_worker_timeout=STALLED,
                    worker_middleware=[looking.note],
                )
            finally:
                ended.set()
                for task in (reaper, *beside):
                    task.cancel()
                await asyncio.gather(*beside, return_exceptions=True)
                with suppress(asyncio.CancelledError):
                    await reaper

    async def grade(self, attempt_id: str) -> None:
        """The job. Safe to run twice, also at the same time: the verdict is recorded once."""
        begun = await self._db.retry(_with(_begin, UUID(attempt_id)), brief=True)
        if begun is None:
            return
        attempt, content = begun
        if attempt.tries > MOST_TRIES:
            outcome = our_fault(f"{MOST_TRIES} workers did not survive it")
        else:
            outcome = await self._outcome(attempt, content)
            if outcome.internal and attempt.tries < MOST_TRIES:
                raise GradingFailed(outcome.details.get("message"))
        try:
            await self._db.retry(_with(_finish, attempt, outcome), turn=attempt.user_id, brief=True)
        except DatabaseAway:
            # A disk that is full, say: as little this attempt's doing as a grader that is away.
            await self._db.retry(_with(_give_back, attempt))
            raise

    async def _outcome(self, attempt: ProblemAttempt, content: ProblemContent) -> Outcome:
        try:
            content = await self._profiles.applied(attempt.version_id, content)
            return await self._grading.grade(
                str(attempt.id), attempt.kind, attempt.code_submission, content
            )
        except (GraderAway, asyncio.CancelledError):
            # Not this attempt's doing, so it keeps all its tries; the job is run again later.
            await asyncio.shield(self._db.retry(_with(_give_back, attempt)))
            raise

    def _doing(self, chore: Chore) -> Callable[[int], Awaitable[None]]:
        async def do(timestamp: int) -> None:
            await chore.run(self._db)

        return do


def _with(
    work: Callable[..., Awaitable[Any]], *args: Any
) -> Callable[[AsyncSession], Awaitable[Any]]:
    """A transaction's work with its arguments, as `Database.retry` takes it."""

    async def bound(db: AsyncSession) -> Any:
        return await work(db, *args)

    return bound


async def _begin(
    db: AsyncSession, attempt_id: UUID
) -> tuple[ProblemAttempt, ProblemContent] | None:
    """Counts a try, committed before grading, so that an attempt that kills workers is noticed."""
    given = {"id": attempt_id, "sent": time_of(attempt_id)}
    found = await last(db, BEGIN, given)
    if not found:
        return None
    attempt = ProblemAttempt(**dict(zip(BEGUN, found[0], strict=True)))
    return attempt, await catalog.graded(db, attempt.version_id)


async def _give_back(db: AsyncSession, attempt: ProblemAttempt) -> None:
    await db.execute(
        update(ProblemAttempt)
        .where(
            ProblemAttempt.id == attempt.id,
            ProblemAttempt.submitted_at == attempt.submitted_at,
            ProblemAttempt.tries > 0,
        )
        .values(tries=ProblemAttempt.tries - 1)
    )


async def _finish(db: AsyncSession, attempt: ProblemAttempt, outcome: Outcome) -> None:
    """The verdict and everything that it changes: once, however often the job runs."""
    await verdict.record(db, attempt, outcome)
