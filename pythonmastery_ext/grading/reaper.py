"""Frees jobs that nobody works at any more, so that every attempt comes to its verdict."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from procrastinate import App, JobContext
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.worker import Worker

from pythonmastery_ext.audit import chain
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import DatabaseAway
from pythonmastery_ext.grading import queue

log = logging.getLogger(__name__)

#: A job is due by the clock of the database, which ours may be ahead of.
AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)


class Reaper:
    """Looks over the queue beside one worker, for that worker and for all others.

    `stalled`: seconds without a heartbeat after which a worker is gone. `orphaned`: age at which
    an attempt that waits without a job gets a new one.
    """

    def __init__(self, db: Database, app: App, *, stalled: float, orphaned: timedelta) -> None:
        self._db = db
        self._app = app
        self._stalled = stalled
        self._orphaned = orphaned
        self._worker_id: int | None = None
        #: Jobs that this worker is doing.
        self._busy: set[int | None] = set()
        #: Jobs that the queue believes this worker is doing, seen at the last look.
        self._suspects: set[int | None] = set()

    async def note(
        self, call_next: Callable[[], Awaitable[Any]], context: JobContext, worker: Worker
    ) -> Any:
        """A worker middleware for Procrastinate, around each job."""
        self._worker_id = worker.worker_id
        self._busy.add(context.job.id)
        try:
            return await call_next()
        finally:
            self._busy.discard(context.job.id)

    async def run(self, ended: asyncio.Event, every: float) -> None:
        while not ended.is_set():
            try:
                await self._look()
            except (ConnectorException, DatabaseAway) as error:
                log.warning("jobs could not be looked over: %s", error)
            except Exception:
                # Without this loop the jobs of a killed worker would never be done.
                log.exception("jobs could not be looked over, will look again")
            await asyncio.sleep(every)

    async def _look(self) -> None:
        for job in await self._app.job_manager.get_stalled_jobs(
            queue=queue.QUEUE, seconds_since_heartbeat=self._stalled
        ):
            log.warning("job %s was left by a worker that is gone", job.id)
            await self._free(job)
        await self._free_forgotten()
        async with self._db.transaction() as db:
            await queue.mend_schedule(db)
            await queue.defer_orphans(db, self._orphaned)
        await chain.grow(self._db)

    async def _free_forgotten(self) -> None:
        """Jobs of this very worker whose end could not be written down: its heart beats on."""
        if self._worker_id is None:
            return
        doing = await self._app.job_manager.list_jobs_async(
            queue=queue.QUEUE, status="doing", worker_id=self._worker_id
        )
        idle = {job.id: job for job in doing if job.id not in self._busy}
        for number in idle.keys() & self._suspects:
            log.warning("job %s has ended, but the queue was not told; it is run again", number)
            await self._free(idle[number])
        self._suspects = set(idle)

    async def _free(self, job: Job) -> None:
        await self._app.job_manager.retry_job(job, retry_at=AT_ONCE)
