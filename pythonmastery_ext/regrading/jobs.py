"""The job of a regrade: one attempt is graded again, by any worker, after all fresh attempts."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from procrastinate import App
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.curriculum.cells import ProblemContent
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.grading import queue
from pythonmastery_ext.grading.client import GraderAway, GradingClient, Outcome
from pythonmastery_ext.regrading import service
from pythonmastery_ext.regrading.models import RegradeItem

#: As often as a fresh attempt may be begun.
MOST_TRIES = 3
GONE = "The attempt was deleted."

#: Completes the content of a version by what was recorded for it.
Complete = Callable[[int, ProblemContent], Awaitable[ProblemContent]]


class RegradingFailed(Exception):
    """The grader broke down in the middle of an attempt; it is tried again."""


class Regrading:
    def __init__(self, db: Database, grading: GradingClient, complete: Complete) -> None:
        self._db = db
        self._grading = grading
        self._complete = complete

    def register(self, app: App) -> None:
        app.task(name=queue.REGRADE, queue=queue.QUEUE, retry=queue.KeepTrying())(self.grade)

    async def grade(self, regrade: int, item: str) -> None:
        """Safe to run twice, also at the same time."""
        begun = await self._db.retry(lambda db: service.begin(db, regrade, UUID(item)))
        if begun is None:
            return
        found, attempt, content = begun
        outcome, why = None, GONE
        if attempt is not None:
            why = f"{MOST_TRIES} workers did not survive it."
            if found.tries <= MOST_TRIES:
                outcome = await self._outcome(found, attempt, content)
                why = str(outcome.details.get("message") or "It could not be graded.")
                if outcome.internal and found.tries < MOST_TRIES:
                    raise RegradingFailed(why)
        await self._do(service.finish, found, outcome, why)
        await self._do(service.conclude, regrade)

    async def _outcome(self, item: RegradeItem, attempt: Any, content: ProblemContent) -> Outcome:
        try:
            content = await self._complete(item.version_id, content)
            code = attempt.code_submission
            return await self._grading.grade(str(attempt.id), attempt.kind, code, content)
        except (GraderAway, asyncio.CancelledError):
            await asyncio.shield(self._do(service.give_back, item))
            raise

    async def _do(self, work: Callable[..., Awaitable[None]], *args: Any) -> None:
        async def bound(db: AsyncSession) -> None:
            await work(db, *args)

        await self._db.retry(bound)
