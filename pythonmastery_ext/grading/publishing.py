"""What the problems need before anybody sends an attempt: profiles, and libraries in memory."""

import asyncio
import logging
from typing import Any

from sqlalchemy import Text, cast, or_, select
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


#: Seconds after a worker's start, in which JupyterLab starts too.
TABLES_AFTER = 10.0


async def expect_tables(db: Database, grading: GradingClient) -> None:
    """Where a problem uses numpy or pandas, which take seconds to load for the first attempt."""
    await asyncio.sleep(TABLES_AFTER)
    try:
        if await db.retry(_use_tables):
            await grading.expect_tables()
    except (GraderAway, DatabaseAway) as error:
        log.info("numpy and pandas will be loaded with the first attempt: %s", error)


async def _use_tables(db: AsyncSession) -> bool:
    content = cast(ProblemVersion.content, Text)
    named = or_(*(content.contains(f"import {name}") for name in ("numpy", "pandas")))
    current = select(Problem.id).join(ProblemVersion, Problem.version_id == ProblemVersion.id)
    return bool(await db.scalar(select(current.where(named).exists())))


class Profiles:
    """Sees to it that every version of a class problem has its profile before it is graded by."""

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
