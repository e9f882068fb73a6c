"""A worker says every few seconds how it is, so that every process can tell of all workers."""

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import DatabaseAway
from pythonmastery_ext.grading.client import GradingClient
from pythonmastery_ext.grading.models import GraderWorker

log = logging.getLogger(__name__)

#: Seconds between two beats, and after which a worker counts as gone.
BEAT = 5.0
GONE = timedelta(seconds=20)
#: A worker that was killed is forgotten after this.
FORGOTTEN = timedelta(hours=1)


class Heartbeat:
    def __init__(
        self, db: Database, grading: GradingClient, *, concurrency: int, version: str
    ) -> None:
        self._db = db
        self._grading = grading
        self._id = uuid4()
        self._fixed = {
            "host": socket.gethostname()[:255],
            "pid": os.getpid(),
            "version": version,
            "concurrency": concurrency,
        }

    async def run(self) -> None:
        """Until cancelled; then the worker says that it goes."""
        try:
            while True:
                await self._try(self._beat)
                await asyncio.sleep(BEAT)
        finally:
            await asyncio.shield(self._try(self._go))

    async def _try(self, work: Callable[[AsyncSession], Awaitable[None]]) -> None:
        try:
            async with self._db.transaction() as db:
                await work(db)
        except DatabaseAway as error:
            log.debug("nobody can be told how this worker is: %s", error)

    async def _beat(self, db: AsyncSession) -> None:
        status = self._grading.status()
        now = {"state": status.state, "level": status.level, "why": status.why}
        row = insert(GraderWorker).values(id=self._id, **self._fixed, **now)
        again = {**now, "seen_at": func.now()}
        await db.execute(row.on_conflict_do_update(index_elements=["id"], set_=again))
        await db.execute(delete(GraderWorker).where(GraderWorker.seen_at < func.now() - FORGOTTEN))

    async def _go(self, db: AsyncSession) -> None:
        await db.execute(delete(GraderWorker).where(GraderWorker.id == self._id))


async def workers(db: AsyncSession) -> tuple[list[GraderWorker], datetime]:
    """Those of the last hour, and what the database's clock says."""
    found = await db.scalars(select(GraderWorker).order_by(GraderWorker.host, GraderWorker.pid))
    return list(found), (await db.execute(select(func.now()))).scalar_one()
