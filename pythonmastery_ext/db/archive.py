"""Moves old months out of the database into files, while everybody goes on working.

A month is detached first, then written, read again, and only then dropped. What cannot be written
is attached again. A run that is killed anywhere is begun again by the same command.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.db import archive_file, failures, partitions
from pythonmastery_ext.db.archive_file import Manifest
from pythonmastery_ext.db.engine import Database, driver_connection, psycopg_dsn
from pythonmastery_ext.db.partitions import PARENTS, Month
from pythonmastery_ext.db.problems import MonthTooYoung, StillArchiving, StillInUse, StillWaiting

log = logging.getLogger(__name__)

#: A submission key gives its attempt for this long, so the attempt has to be there.
REST = timedelta(days=31)
#: Seconds for which open transactions that use the month are waited for; nobody waits behind us.
DETACH_SECONDS = 30
#: Dropping needs the tables that the month refers to for a moment. Whoever comes behind us in that
#: queue waits at most this long.
DROP_LOCK = "500ms"
DROP_TRIES = 20
#: Any number will do, as long as nothing else of ours uses it.
ADVISORY_LOCK = 7_281_944_309
#: What it takes to write a large month in one transaction.
PATIENT = (
    "set local statement_timeout = 0",
    "set local idle_in_transaction_session_timeout = 0",
)

MONTHS = text(r"""
    select parent.relname as parent, child.relname as name,
        case when link.inhrelid is null then 'detached'
             when link.inhdetachpending then 'pending' else 'attached' end as state,
        pg_total_relation_size(child.oid) as bytes
    from pg_class parent
    join pg_class child on child.relnamespace = parent.relnamespace and child.relkind = 'r'
        and child.relname ~ ('^' || parent.relname || '_\d{4}_\d{2}$')
    left join pg_inherits link on link.inhrelid = child.oid
    where parent.relnamespace = to_regnamespace(current_schema())
      and parent.relname = any(:parents)
    order by child.relname
""")
COLUMNS = text("""
    select attname from pg_attribute
    where attrelid = to_regclass(:name) and attnum > 0 and not attisdropped
      and attgenerated = '' order by attnum
""")


@dataclass(frozen=True)
class OldMonth:
    parent: str
    table: str
    month: Month
    #: pending and detached: left by a run that was broken off.
    state: Literal["attached", "pending", "detached"]
    bytes: int


#: Told in the transaction that drops the table, for the audit log.
Record = Callable[[AsyncSession, Manifest], Awaitable[object]]


async def months_before(db: AsyncSession, before: Month, now: datetime) -> list[OldMonth]:
    """Oldest first; MonthTooYoung if months are asked for that may still be needed."""
    most = Month.of(now - REST)
    if before > most:
        raise MonthTooYoung(asked=f"{before.start:.7}", most=f"{most.start:.7}")
    found = []
    for parent, name, state, size in await db.execute(MONTHS, {"parents": list(PARENTS)}):
        year, month = name.removeprefix(f"{parent}_").split("_")
        if Month(int(year), int(month)) < before:
            found.append(OldMonth(parent, name, Month(int(year), int(month)), state, size))
    return sorted(found, key=lambda old: (old.month, old.table))


@asynccontextmanager
async def alone(db: Database) -> AsyncIterator[None]:
    """One at a time: two would take each other's months for left over. StillArchiving."""
    async with await _connection(db) as connection:
        taken = await connection.execute("select pg_try_advisory_lock(%s)", [ADVISORY_LOCK])
        if not (await taken.fetchone() or [False])[0]:
            raise StillArchiving
        try:
            yield
        finally:
            # The server ends a session some moments after its client; one that is lost holds none.
            with suppress(psycopg.OperationalError):
                await connection.execute("select pg_advisory_unlock(%s)", [ADVISORY_LOCK])


async def _connection(db: Database) -> psycopg.AsyncConnection[Any]:
    return await psycopg.AsyncConnection.connect(
        psycopg_dsn(db.direct_url), autocommit=True, application_name="pythonmastery archive"
    )


async def waiting(db: AsyncSession, old: OldMonth) -> int:
    """Attempts of the month without a verdict."""
    if old.parent != "problem_attempt":
        return 0
    return await _count(db, sql.SQL("select count(*) from {} where status is null"), old.table)


async def move_out(db: Database, old: OldMonth, folder: Path, record: Record) -> tuple[Path, int]:
    """The file, and its rows. StillWaiting, StillInUse and FileInTheWay change nothing for good."""
    async with db.transaction() as session:
        if count := await waiting(session, old):
            raise StillWaiting(count=count, table=old.table)
    file = archive_file.place(folder, old.table)
    await _detach(db, old)
    try:
        async with db.transaction() as session:
            for setting in PATIENT:
                await session.execute(text(setting))
            # Readers go on. Somebody who is erased now waits, so the file has what the table had.
            await session.execute(text(f"lock table {old.table} in share mode"))
            manifest = await _write(session, old, file)
            await record(session, manifest)
            await _drop(session, old.table)
    except BaseException:
        await _put_back(db, old)
        raise
    return file, manifest.rows


async def _detach(db: Database, old: OldMonth) -> None:
    """Not possible inside a transaction, and followed by a second half that may be left over."""
    if old.state == "detached":
        return
    how = "finalize" if old.state == "pending" else "concurrently"
    async with await _connection(db) as connection:
        await connection.execute(f"set lock_timeout = '{DETACH_SECONDS}s'")
        try:
            await connection.execute(f"alter table {old.parent} detach partition {old.table} {how}")
        except psycopg.errors.LockNotAvailable as exc:
            raise StillInUse(table=old.table, seconds=DETACH_SECONDS) from exc


async def _put_back(db: Database, old: OldMonth) -> None:
    """Learners see it again; unless it was dropped, and only the answer to that was lost."""
    try:
        async with db.transaction() as session:
            if await session.scalar(text("select to_regclass(:name)"), {"name": old.table}):
                await partitions.make(session, old.parent, old.month)
    except Exception:
        log.warning("%s is hidden from learners until the same command is run again", old.table)
        raise


async def _write(session: AsyncSession, old: OldMonth, file: Path) -> Manifest:
    columns = list(await session.scalars(COLUMNS, {"name": old.table}))
    schema = await session.scalar(text("select version_num from alembic_version"))
    connection = await driver_connection(session)
    unfinished = archive_file.unfinished(file)
    with archive_file.being_written(unfinished) as made:
        with made.open(archive_file.ROWS, "w", force_zip64=True) as out:
            rows = archive_file.Rows(out)
            async with (
                connection.cursor() as cursor,
                cursor.copy(f"copy {old.table} ({', '.join(columns)}) to stdout") as copy,
            ):
                await rows.take(copy)
        manifest = Manifest(
            format=archive_file.FORMAT,
            parent=old.parent,
            table=old.table,
            begins=old.month.start,
            ends=old.month.next().start,
            columns=columns,
            rows=rows.count,
            sha256=rows.sha256,
            schema=str(schema),
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        archive_file.add_manifest(made, manifest)
    await _verify(session, old, unfinished)
    archive_file.keep(unfinished, file, manifest)
    return manifest


async def _verify(session: AsyncSession, old: OldMonth, written: Path) -> None:
    """What is on the disk is what is in the table, before the table goes."""
    manifest = archive_file.checked(written)
    count = await _count(session, sql.SQL("select count(*) from {}"), old.table)
    if manifest.rows != count:
        raise RuntimeError(f"{written} has {manifest.rows} rows and {old.table} has {count}")


async def _count(session: AsyncSession, query: sql.SQL, table: str) -> int:
    connection = await driver_connection(session)
    counted = await connection.execute(query.format(sql.Identifier(table)))
    return int((await counted.fetchone() or [0])[0])


async def _drop(session: AsyncSession, table: str) -> None:
    await session.execute(text(f"set local lock_timeout = '{DROP_LOCK}'"))
    for attempt in range(1, DROP_TRIES + 1):
        try:
            async with session.begin_nested():
                await session.execute(text(f"drop table {table}"))
            return
        except DBAPIError as exc:
            busy = failures.lock_was_held(exc) or failures.collided(exc)
            if attempt == DROP_TRIES or not busy:
                raise
            await asyncio.sleep(0.25)
