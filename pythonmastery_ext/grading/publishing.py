"""Sees to it that every version of a class problem has its profile before it is graded by."""

import logging
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.curriculum import catalog
from pythonmastery_ext.curriculum.cells import ProblemContent
from pythonmastery_ext.curriculum.models import Problem, ProblemProfile, ProblemVersion
from pythonmastery_ext.db.cache import invalidate
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import DatabaseAway
from pythonmastery_ext.grading import profiles
from pythonmastery_ext.grading.client import GraderAway, GradingClient

log = logging.getLogger(__name__)


class Profiles:
    def __init__(self, db: Database, grading: GradingClient) -> None:
        self._db = db
        self._grading = grading
        #: Versions of which none can be recorded, because a right solution does not pass.
        self._without: set[int] = set()

    async def publish(self) -> None:
        """Of all versions that new attempts use, so that no student waits for a recording."""
        try:
            for version, content in await self._db.retry(_missing):
                await self.applied(version, content)
        except (GraderAway, DatabaseAway) as error:
            log.info("profiles will be recorded with the first attempts: %s", error)

    async def applied(self, version: int, content: ProblemContent) -> ProblemContent:
        """The content with its profile. Raises GraderAway."""
        if content.profile is not None or version in self._without:
            return content
        if not profiles.wanted(content):
            return content
        try:
            profile = await self._grading.profile(content)
        except profiles.NoProfile as error:
            log.warning("%s is graded without a profile: %s", content.slug, error)
            if not error.internal:
                self._without.add(version)
            return content
        kept = await self._db.retry(lambda db: _keep(db, version, profile))
        return content.with_profile(kept)


async def _missing(db: AsyncSession) -> list[tuple[int, ProblemContent]]:
    rows = await db.execute(
        select(ProblemVersion.id, ProblemVersion.content)
        .join(Problem, Problem.version_id == ProblemVersion.id)
        .outerjoin(ProblemProfile, ProblemProfile.version_id == ProblemVersion.id)
        .where(ProblemProfile.version_id.is_(None))
    )
    found = [(version, ProblemContent.from_json(content)) for version, content in rows]
    return [(version, content) for version, content in found if profiles.wanted(content)]


async def _keep(db: AsyncSession, version: int, profile: dict[str, Any]) -> dict[str, Any]:
    """The first recording stays, so that attempts at one version are judged alike."""
    await invalidate(db, catalog.GRADED.name, version)
    await db.execute(
        insert(ProblemProfile).values(version_id=version, profile=profile).on_conflict_do_nothing()
    )
    found = await db.get(ProblemProfile, version)
    return found.profile if found is not None else profile
