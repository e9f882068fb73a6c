"""From nothing to a database that holds the course."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext import __version__
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.config import Settings
from pythonmastery_ext.curriculum.course import read_course
from pythonmastery_ext.curriculum.loader import LoadReport, load_course
from pythonmastery_ext.db import revision
from pythonmastery_ext.db.embedded import EmbeddedPostgres, keep_running
from pythonmastery_ext.db.encryption import EncryptionProblem, Keyring
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.db.keyfile import keyring
from pythonmastery_ext.db.problems import DatabaseProblem, RoleMissing
from pythonmastery_ext.db.server import check_server
from pythonmastery_ext.privacy import sealing
from pythonmastery_ext.privacy import service as privacy

if TYPE_CHECKING:
    from pythonmastery_ext.curriculum.course import CourseSource

log = logging.getLogger(__name__)

#: Settings that decide what learners may do.
RULES = ("max_waiting", "minimum_level", "rate_limits", "tutor_daily_messages")


class Startup:
    """Can be run again after a failure: what is there already is taken as it is."""

    keyring: Keyring

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._say = say
        self._embedded: EmbeddedPostgres | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._database: Database | None = None

    @staticmethod
    def is_known(error: Exception) -> bool:
        """Whether the sentence of the error says all that there is to know."""
        return isinstance(error, DatabaseProblem | EncryptionProblem)

    async def database(self) -> Database:
        """A migrated database with partitions for the next months and the course in it."""
        self.keyring = keyring(self._settings)
        given = self._settings.database_url
        url = await (asyncio.to_thread(check_server, given) if given else self._embedded_url())
        self._say("Bringing the database up to date.")
        direct = self._settings.database_direct_url
        if direct:
            await asyncio.to_thread(check_server, direct)
        await asyncio.to_thread(revision.ensure, direct or url)
        if self._database is None:
            self._database = Database(url, direct_url=direct)
        await self._database.make_partitions()
        await self._database.retry(lambda db: sealing.check(db, self.keyring))
        await sealing.seal_plain(self._database, self.keyring)
        await privacy.replay(self._database, self._settings)
        await self._fence(self._database)
        await self._load_course(self._database)
        await self._database.retry(self._record)
        return self._database

    async def _record(self, db: AsyncSession) -> None:
        """Under which rules learners work from now on."""
        rules = {name: getattr(self._settings, name) for name in RULES}
        await audit.record(
            db,
            "service.started",
            actor=None,
            learner=None,
            target=None,
            data={"version": __version__, "role": self._settings.role, "rules": rules},
            streamed=False,
        )

    async def _fence(self, database: Database) -> None:
        missing = await database.fence()
        if missing is None:
            return
        problem = RoleMissing(statements=missing)
        if self._settings.role == "authority":
            raise problem
        log.warning("%s (Nobody else uses this database, so it works without.)", problem)

    async def _embedded_url(self) -> str:
        self._say("Starting the database.")
        if self._embedded is None:
            self._embedded = EmbeddedPostgres(Path(self._settings.data_dir))
        url = await asyncio.to_thread(self._embedded.start)
        if self._keeper is None:
            self._keeper = asyncio.create_task(
                keep_running(self._embedded), name="pythonmastery database keeper"
            )
        return url

    async def _load_course(self, database: Database) -> None:
        self._say("Reading the course.")
        course = await asyncio.to_thread(read_course, Path(self._settings.course_dir))
        report = await database.retry(lambda db: _load(db, course))
        for error in report.errors:
            log.warning("left out of the course: %s", error)
        log.info(
            "Course: %s added, %s updated, %s unchanged, %s retired.",
            len(report.added),
            len(report.updated),
            len(report.unchanged),
            len(report.retired),
        )

    async def stop(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if self._database is not None:
            await self._database.close()
        if self._embedded is not None:
            await asyncio.to_thread(self._embedded.stop)


async def _load(db: AsyncSession, course: "CourseSource") -> LoadReport:
    report = await load_course(db, course)
    if report.changed:
        await audit.record(
            db,
            "course.loaded",
            actor=None,
            learner=None,
            target=None,
            data={"added": report.added, "updated": report.updated, "retired": report.retired},
            streamed=False,
        )
        await audit.tell_everybody(db)
    return report
