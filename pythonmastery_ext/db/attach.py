"""Brings an archived month back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import exc as alchemy
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.db import archive_file, partitions
from pythonmastery_ext.db.archive import COLUMNS, PATIENT
from pythonmastery_ext.db.archive_file import Manifest
from pythonmastery_ext.db.engine import Database, driver_connection
from pythonmastery_ext.db.partitions import PARENTS, Month
from pythonmastery_ext.db.problems import FileDamaged, FileOfOtherKind, MonthPresent

#: What the rows of this table refer to, and whether that has the time of its own beginning.
REFERENCES = text("""
    select own.attname, referred.relname, other.attname,
        exists (select from pg_attribute where attrelid = confrelid and attname = 'created_at')
    from pg_constraint
    join pg_class referred on referred.oid = confrelid
    join pg_attribute own on own.attrelid = conrelid and own.attnum = conkey[1]
    join pg_attribute other on other.attrelid = confrelid and other.attnum = confkey[1]
    where conrelid = to_regclass(:name) and contype = 'f'
""")


THERE = sql.SQL(
    "(a.{own} is null or exists (select from {table} t where t.{other} = a.{own} and {older}))"
)
#: A day for clocks that differ.
OLDER = sql.SQL("t.created_at <= a.{time} + interval '1 day'")


#: Rows that are not what the columns want, or not of the month.
UNFIT = (psycopg.DataError, psycopg.IntegrityError, alchemy.DataError, alchemy.IntegrityError)


@dataclass(frozen=True)
class Attached:
    manifest: Manifest
    #: Rows that are in the database again.
    rows: int
    #: Columns of the file that the schema no longer has.
    dropped: list[str]


#: Told in the transaction that brings the rows back, with how many, for the audit log.
Record = Callable[[AsyncSession, Manifest, int], Awaitable[object]]


async def attach(db: Database, file: Path, record: Record) -> Attached:
    """All of it or nothing. FileDamaged, FileOfOtherKind, MonthPresent."""
    manifest = archive_file.checked(file)
    month = _month(file, manifest)
    async with db.transaction() as session:
        for setting in PATIENT:
            await session.execute(text(setting))
        if await session.scalar(text("select to_regclass(:name)"), {"name": manifest.table}):
            raise MonthPresent(table=manifest.table)
        columns = set(await session.scalars(COLUMNS, {"name": manifest.parent}))
        known = [name for name in manifest.columns if name in columns]
        try:
            await _load(session, manifest, file, known)
            rows = await _fill(session, manifest, known)
            await partitions.make(session, manifest.parent, month)
        except UNFIT as exc:
            told = exc.orig if isinstance(exc, alchemy.DBAPIError) else exc
            raise FileDamaged(file=file, reason=str(told).splitlines()[0]) from exc
        await record(session, manifest, rows)
    return Attached(manifest, rows, [name for name in manifest.columns if name not in columns])


def _month(file: Path, manifest: Manifest) -> Month:
    """A file that anybody may have made names tables, so its names are made again."""
    columns = manifest.columns
    try:
        made = Month.of(datetime.strptime(manifest.begins[:7], "%Y-%m").replace(tzinfo=UTC))
        plain = all(name.isidentifier() and name.isascii() for name in columns)
        once = 0 < len(columns) == len(set(columns))
        if (
            not (plain and once and isinstance(columns, list) and manifest.parent in PARENTS)
            or manifest.table != made.table(manifest.parent)
            or (manifest.begins, manifest.ends) != (made.start, made.next().start)
        ):
            raise ValueError(manifest)
    except (AttributeError, TypeError, ValueError) as exc:
        raise FileOfOtherKind(file=file, command="pythonmastery db archive") from exc
    return made


async def _load(session: AsyncSession, manifest: Manifest, file: Path, known: list[str]) -> None:
    """As it was written, into a table of its own: what it refers to may be gone meanwhile."""
    connection = await driver_connection(session)
    await connection.execute(
        sql.SQL(
            "create temp table archived on commit drop as select {} from {} with no data"
        ).format(_names(known), sql.Identifier(manifest.parent))
    )
    for name in manifest.columns:
        if name not in known:
            await connection.execute(
                sql.SQL("alter table archived add column {} text").format(sql.Identifier(name))
            )
    async with (
        connection.cursor() as cursor,
        cursor.copy(
            sql.SQL("copy archived ({}) from stdin").format(_names(manifest.columns))
        ) as copy,
    ):
        for block in archive_file.blocks(file):
            await copy.write(block)


async def _fill(session: AsyncSession, manifest: Manifest, known: list[str]) -> int:
    """Without rows whose learner or problem is gone, or is another one under the same number."""
    time = PARENTS[manifest.parent]
    conditions: list[sql.Composable] = [sql.SQL("true")]
    found = await session.execute(REFERENCES, {"name": manifest.parent})
    for own, table, other, dated in found:
        older = OLDER.format(time=sql.Identifier(time)) if dated else sql.SQL("true")
        conditions.append(
            THERE.format(
                own=sql.Identifier(own),
                table=sql.Identifier(table),
                other=sql.Identifier(other),
                older=older,
            )
        )
    await session.execute(
        text(f"create table {manifest.table} (like {manifest.parent} including all)")
    )
    connection = await driver_connection(session)
    filled = await connection.execute(
        sql.SQL("insert into {} ({names}) select {names} from archived a where {}").format(
            sql.Identifier(manifest.table), sql.SQL(" and ").join(conditions), names=_names(known)
        )
    )
    return filled.rowcount


def _names(columns: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
