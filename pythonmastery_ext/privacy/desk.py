"""What an authority does for privacy in the background: exports, erasures, and names in the clear.

It works in the process that has the keys; several processes may do it at once.
"""

import asyncio
import logging
import tempfile
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, update

from pythonmastery_ext.accounts import directory
from pythonmastery_ext.config import Settings
from pythonmastery_ext.db.encryption import Keyring
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import DatabaseAway
from pythonmastery_ext.privacy import copies, sealing, service
from pythonmastery_ext.privacy.erased import ErasureList
from pythonmastery_ext.privacy.erasing import Eraser
from pythonmastery_ext.privacy.exporting import export
from pythonmastery_ext.privacy.models import DataRequest

log = logging.getLogger(__name__)

#: Seconds between looks at what is due.
LOOK = 20.0
#: An export that failed so often is given up; its owner may ask again.
MOST_TRIES = 3
#: Erasures that began so long ago are in the list since some look before.
LISTED = timedelta(hours=1)


class Desk:
    def __init__(self, db: Database, keyring: Keyring, settings: Settings) -> None:
        self._db = db
        self._keyring = keyring
        self._folder = Path(settings.privacy_dir)
        self._erasures = ErasureList(self._folder)
        self._eraser = Eraser(db, keyring, self._folder)
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="pythonmastery privacy")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        """Something was asked for."""
        self._woken.set()

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            await self.look()
            try:
                async with asyncio.timeout(LOOK):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def look(self) -> None:
        """Does what is due; what fails is tried again at the next look."""
        for work in (self._seal, self._export, self._erase, self._list, self._expire):
            try:
                await work()
            except DatabaseAway as error:
                log.warning("exports and erasures wait for the database: %s", error)
                return
            except Exception:
                log.exception("a part of the work for privacy failed, will be tried again")

    async def _seal(self) -> None:
        await sealing.seal_plain(self._db, self._keyring)
        await directory.mark_names(self._db, self._keyring)

    async def _export(self) -> None:
        for request in await self._open("waiting"):
            await self._each(request, self._make)

    async def _make(self, request: DataRequest) -> None:
        with tempfile.TemporaryDirectory(prefix="pythonmastery-") as folder:
            file = Path(folder) / "data.zip"
            await export(self._db, self._keyring, request.user_id, file)
            await copies.keep(self._db, self._keyring, request, file)

    async def _erase(self) -> None:
        now = await self._now()
        begun = await self._open("locked", "deleted")
        due = [request for request in await self._open("cooling") if request.due_at <= now]
        for request in begun + due:
            await self._each(request, lambda found: self._eraser.carry_out(found.id))

    async def _now(self) -> datetime:
        """By the database's clock: a machine whose own is wrong must erase nobody too early."""
        async with self._db.transaction() as db:
            return (await db.execute(select(func.now()))).scalar_one()

    async def _list(self) -> None:
        """What other processes have erased comes into the list here too; a start adds all."""
        async with self._db.transaction() as db:
            entries = await service.recorded(db, within=LISTED)
        for entry in entries:
            await asyncio.to_thread(self._erasures.add, entry)

    async def _expire(self) -> None:
        """Links end, and with them what they lead to."""
        now = await self._now()
        for request in await self._open("ready"):
            if request.due_at <= now:
                await self._set(request, "ready", state="expired", finished_at=now)
        await self._db.retry(copies.tidy)
        # Earlier releases kept the copies in files.
        for path in self._folder.glob("export-*.zip*"):
            path.unlink(missing_ok=True)

    async def _each(
        self, request: DataRequest, work: Callable[[DataRequest], Awaitable[None]]
    ) -> None:
        """One request that fails does not hold up the others."""
        try:
            await work(request)
        except DatabaseAway:
            raise
        except Exception as error:
            log.exception("request %s for one's data failed", request.id)
            tries = request.tries + 1
            given_up = request.kind == "export" and tries >= MOST_TRIES
            state = "failed" if given_up else request.state
            # Its words could hold what the person wrote.
            problem = type(error).__name__
            await self._set(request, request.state, state=state, tries=tries, problem=problem)

    async def _open(self, *states: str) -> list[DataRequest]:
        async with self._db.transaction() as db:
            query = select(DataRequest).where(DataRequest.state.in_(states))
            return list(await db.scalars(query.order_by(DataRequest.id)))

    async def _set(self, request: DataRequest, before: str, **values: object) -> None:
        async with self._db.transaction() as db:
            await db.execute(
                update(DataRequest)
                .where(DataRequest.id == request.id, DataRequest.state == before)
                .values(**values)
                .execution_options(synchronize_session=False)
            )
