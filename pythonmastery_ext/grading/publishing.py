"""Sees to it that every version of a class problem has its profile before it is graded by."""

import logging
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from grader import recorded
from pythonmastery_ext.curriculum import catalog
from pythonmastery_ext.curriculum.cells import ProblemContent
from pythonmastery_ext.curriculum.models import Problem, ProblemProfile, ProblemVersion
from pythonmastery_ext.db.cache import invalidate
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import DatabaseAway
from pythonmastery_ext.grading import profiles
from pythonmastery_ext.grading.client import GraderAway, GradingClient

log = logging.getLogger(__name__)
#: Recorded by an earlier grader, or beside another Python.
_OLD = or_(
    ProblemProfile.profile["version"].as_integer() != recorded.VERSION,
    ProblemProfile.profile["python"].as_string().is_distinct_from(recorded.PYTHON),
)


class Profiles:
    def __init__(self, db: Database, grading: GradingClient) -> None:
        self._db = db
        self._grading = grading
        #: Versions of which none can be recorded, because a right solution does not pass; and those
        #: recorded anew, as the grader's Python may be another one than this one.
        self._tried: set[int] = set()

    async def publish(self) -> None:
        """Of all versions that new attempts use, so that no student waits for a recording."""
        try:
            for version, content in await self._db.retry(_missing_or_old):
                await self.applied(version, content)
        except (GraderAway, DatabaseAway) as error:
            log.info("profiles will be recorded with the first attempts: %s", error)

    async def applied(self, version: int, content: ProblemContent) -> ProblemContent:
        """The content with its profile. Raises GraderAway."""
        known = content.profile
        if version in self._tried or (known is not None and recorded.is_current(known)):
            return content
        if not profiles.wanted(content):
            return content
        if known is not None:
            self._tried.add(version)
        try:
            profile = await self._grading.profile(content)
        except profiles.NoProfile as error:
            which = "without a profile" if known is None else "by the profile it has"
            log.warning("%s is graded %s: %s", content.slug, which, error)
            if not error.internal:
                self._tried.add(version)
            return content
        kept = await self._db.retry(lambda db: _keep(db, version, profile))
        return content.with_profile(kept)


async def _missing_or_old(db: AsyncSession) -> list[tuple[int, ProblemContent]]:
    rows = await db.execute(
        select(ProblemVersion.id, ProblemVersion.content, ProblemProfile.profile)
        .join(Problem, Problem.version_id == ProblemVersion.id)
        .outerjoin(ProblemProfile, ProblemProfile.version_id == ProblemVersion.id)
        .where(or_(ProblemProfile.version_id.is_(None), _OLD))
    )
    found = [
        (version, ProblemContent.from_json(content).with_profile(profile))
        for version, content, profile in rows
    ]
    return [(version, content) for version, content in found if profiles.wanted(content)]


async def _keep(db: AsyncSession, version: int, profile: dict[str, Any]) -> dict[str, Any]:
    """The first recording stays, so that attempts at one version are judged alike, unless it is
    one of another Python or an earlier grader."""
    await invalidate(db, catalog.GRADED.name, version)
    await db.execute(
        insert(ProblemProfile)
        .values(version_id=version, profile=profile)
        .on_conflict_do_update(
            index_elements=[ProblemProfile.version_id], set_={"profile": profile}, where=_OLD
        )
    )
    kept = select(ProblemProfile.profile).where(ProblemProfile.version_id == version)
    return await db.scalar(kept) or profile
