"""Keeps roles and people in step with the hub, where others change them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import monotonic

from sqlalchemy import or_, select

from pythonmastery_ext.accounts import people as accounts
from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.config import Settings
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import Unavailable, UnknownUser
from pythonmastery_ext.hub.client import HubClient
from pythonmastery_ext.hub.people import leave

log = logging.getLogger(__name__)

#: Seconds between looks.
ROLES_EVERY = 10.0
PEOPLE_EVERY = 3600.0
#: Whoever is gone begins to be erased by itself only while so few are gone at once; a hub that was
#: set up anew knows nobody.
FEW = 5
SHARE = 0.02


class Follower:
    """Of one process; several do no harm, each act is done once."""

    db: Database

    def __init__(self, hub: HubClient, wait: timedelta) -> None:
        self.hub = hub
        self._wait = wait
        self._tasks: list[asyncio.Task[None]] = []
        #: Why people who have left are not erased, in a sentence for an admin.
        self.trouble: str | None = None

    def start(self, db: Database) -> None:
        """Again after a failed start too."""
        self.db = db
        if self._tasks:
            return
        for name, every, work in (
            ("roles", ROLES_EVERY, self.follow_roles),
            ("people", PEOPLE_EVERY, self.follow_people),
        ):
            going_on = _repeat(name, every, work)
            self._tasks.append(asyncio.create_task(going_on, name=f"pythonmastery hub {name}"))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.hub.close()

    async def follow_roles(self) -> None:
        """So that tokens of sessions lose with their owner what the hub takes from them."""
        wanted = await self.hub.roles()
        async with self.db.transaction() as db:
            more = or_(User.role != "student", User.username.in_(wanted))
            rows = (await db.execute(select(User.username, User.role).where(more))).all()
        for name, role in rows:
            now = wanted.get(name, "student")
            if now != role:
                await self._change(name, now)

    async def _change(self, name: str, role: str) -> None:
        try:
            async with self.db.transaction() as db:
                await accounts.set_role(db, name, role, actor=None, force=True)
        except UnknownUser:
            log.info("somebody was renamed or erased while their role changed")

    async def follow_people(self) -> None:
        """Whom the hub no longer knows is erased after the usual wait."""
        async with self.db.transaction() as db:
            here = set(await db.scalars(select(User.username).where(User.locked_at.is_(None))))
        gone = here - await self.hub.names()
        if len(gone) > max(FEW, SHARE * len(here)):
            self.trouble = (
                f"{len(gone)} of {len(here)} people are not at the hub any more. So many at once "
                "look like a mistake, so nobody of them is erased: bring them back to the hub, or "
                "erase them with `pythonmastery privacy erase`."
            )
            log.error(self.trouble)
            return
        self.trouble = None
        for name in sorted(gone):
            # Asked once more: people come while others are counted.
            if not await self.hub.knows(name):
                async with self.db.transaction() as db:
                    await leave(db, name, self._wait)


def follower(settings: Settings) -> Follower | None:
    """For an authority with a token of its own at the hub."""
    if settings.role != "authority" or not settings.hub_token:
        return None
    hub = HubClient(settings.hub_api_url, settings.hub_token)
    return Follower(hub, timedelta(days=settings.erasure_days))


async def _repeat(name: str, every: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        began = monotonic()
        try:
            await work()
        except Unavailable as error:
            log.warning("the hub's %s are not followed now: %s", name, error)
        except Exception:
            log.exception("following the hub's %s failed", name)
        await asyncio.sleep(max(1.0, every - (monotonic() - began)))
