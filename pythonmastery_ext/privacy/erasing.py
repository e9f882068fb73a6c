"""Erasing a person: lock, delete in batches, look that nothing is left.

Each step may be done again from its beginning, so a kill at any moment only delays the end.
"""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts.models import Session, User
from pythonmastery_ext.accounts.people import forget
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.db.cache import CACHES, invalidate
from pythonmastery_ext.db.encryption import Keyring
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.privacy.erased import Entry, ErasureList, github_mark, username_mark
from pythonmastery_ext.privacy.models import OPEN, DataRequest
from pythonmastery_ext.privacy.owned import ANALYTICS, KEPT, MADE_ANEW, PERSON_COLUMNS, STAYS

BATCH = 5000
#: Leaves of partitioned tables and months that were detached from them; what the database has
#: counts, not what the models know.
HOLDERS = text("""
    select table_.relname as name, owner.attname as owner,
        coalesce(parent.relname, table_.relname) as root
    from pg_class table_
    join pg_attribute owner on owner.attrelid = table_.oid
        and owner.attname = any(:owners) and not owner.attisdropped
    left join pg_inherits link on link.inhrelid = table_.oid
    left join pg_class parent on parent.oid = link.inhparent
    where table_.relnamespace = to_regnamespace(current_schema()) and table_.relkind = 'r'
    order by table_.relname
""")
#: By place on the disk, which names a row within one leaf and costs no second look at an index.
DELETE = """
    delete from {table} where ctid = any(array(
        select ctid from {table} where {owner} = :user limit :batch))
"""
ANONYMISE = """
    update {table} set user_id = null, id = gen_random_uuid(),
        created_at = date_trunc('day', created_at, 'UTC'){rest}
    where user_id = :user
"""
REST = text("""
    select quote_ident(attname) from pg_attribute
    where attrelid = to_regclass(:table) and attnum > 0 and not attisdropped
      and not attname = any(:known)
""")
LEFT = "select exists (select from {table} where {owner} = :user)"


class StillThere(Exception):
    """Rows of an erased person are still there; the message names the tables."""


class Eraser:
    def __init__(self, db: Database, keyring: Keyring, folder: Path) -> None:
        self._db = db
        self._keyring = keyring
        self._list = ErasureList(folder)

    async def carry_out(self, request: int) -> None:
        """To the end, from whatever was reached; StillThere."""
        found = await self._db.retry(self._lock(request))
        if found.state not in OPEN:
            return
        if found.state == "locked":
            await asyncio.to_thread(self._list.add, Entry.of(found))
            await self._delete(found.user_id)
            await self._reached(found, "deleted")
        left = await self.left(found.user_id)
        if left:
            await self._reached(found, "locked")
            raise StillThere(f"rows of {found.user_id} are left in {', '.join(left)}")
        await self._reached(found, "done")

    def _lock(self, request: int) -> Any:
        """Nobody signs in to the account from here on, and its sessions end."""

        async def work(db: AsyncSession) -> DataRequest:
            found = await db.get_one(DataRequest, request, with_for_update=True)
            if found.state != "cooling":
                return found
            await audit.lock(db, found.user_id)
            user = await db.get(User, found.user_id)
            if user is not None:
                user.locked_at = datetime.now(UTC)
                found.account_at = user.created_at
                found.username_mark = username_mark(self._keyring, user.username)
                found.github_mark = github_mark(self._keyring, user.github_id)
                await db.execute(delete(Session).where(Session.user_id == user.id))
                await forget(db, user.username)
            found.state, found.begun_at = "locked", datetime.now(UTC)
            await note(db, found, "privacy.erasure.begun")
            return found

        return work

    async def _delete(self, user: int) -> None:
        for table, owner, root in await self._holders():
            if root != ANALYTICS:
                await self._empty(table, owner, user)
        await self._db.retry(lambda db: _forget(db, user))

    async def _empty(self, table: str, owner: str, user: int) -> None:
        statement = text(DELETE.format(table=table, owner=owner))
        count = BATCH
        while count == BATCH:
            count = await self._db.retry(
                lambda db: _count(db, statement, {"user": user, "batch": BATCH})
            )

    async def left(self, user: int) -> list[str]:
        """Tables with rows of this person; must be none in the end."""
        async with self._db.transaction() as db:
            found = [
                table
                for table, owner, _ in [*await self._holders(), ("app_user", "id", "")]
                if await db.scalar(text(LEFT.format(table=table, owner=owner)), {"user": user})
            ]
        return sorted(set(found))

    async def _holders(self) -> list[tuple[str, str, str]]:
        async with self._db.transaction() as db:
            return await _holders(db)

    async def _reached(self, request: DataRequest, state: str) -> None:
        async with self._db.transaction() as db:
            await db.execute(
                update(DataRequest)
                .where(DataRequest.id == request.id)
                .values(state=state, finished_at=func.now() if state == "done" else None)
                .execution_options(synchronize_session=False)
            )
            if state == "done":
                await note(db, request, "privacy.erasure.done")
            for cache in CACHES.stats():
                await invalidate(db, cache.name, None)


async def _holders(db: AsyncSession) -> list[tuple[str, str, str]]:
    """Table, column that says whose, and what it is a part of; not what is kept."""
    rows = await db.execute(HOLDERS, {"owners": list(PERSON_COLUMNS)})
    return [(row.name, row.owner, row.root) for row in rows if row.root not in KEPT]


async def _count(db: AsyncSession, statement: Any, values: dict[str, Any]) -> int:
    return int((await db.execute(statement, values)).rowcount)  # type: ignore[attr-defined]


async def _anonymise(db: AsyncSession, table: str, user: int) -> None:
    """The person goes, the time becomes the day, and of the rest stays what is on the list."""
    others = await db.scalars(REST, {"table": table, "known": [*STAYS, *MADE_ANEW]})
    rest = "".join(f", {name} = null" for name in others)
    await db.execute(text(ANONYMISE.format(table=table, rest=rest)), {"user": user})


async def _forget(db: AsyncSession, user: int) -> None:
    """The row of the person last, with what was added while the rest was deleted.

    Under the learner's lock: a verdict comes before it, or finds no attempt any more. With the row
    locked nobody adds more, and months that were made or brought back meanwhile are seen.
    """
    await audit.lock(db, user)
    await db.execute(select(User.id).where(User.id == user).with_for_update())
    for table, _, root in await _holders(db):
        if root == ANALYTICS:
            await _anonymise(db, table, user)
    await db.execute(
        delete(DataRequest).where(DataRequest.user_id == user, DataRequest.kind == "export")
    )
    username = await db.scalar(delete(User).where(User.id == user).returning(User.username))
    if username is not None:
        await forget(db, username)


async def note(db: AsyncSession, request: DataRequest, kind: str, actor: int | None = None) -> None:
    await audit.record(
        db,
        kind,
        actor=actor,
        learner=request.user_id,
        target=f"privacy/requests/{request.id}",
        data={},
        streamed=False,
    )
