"""The chain over the audit log: seals, each over some hundred events and the seal before.

Events are written once and never touched again; sealing reads them. What is new is added to the
last seal, until that is full. Ids are given out before commits, so a seal ends at an event before
which none can appear any more: whoever draws an id holds a lock on the table from before that until
the end of the transaction, and whoever seals waits until those are gone who held one when the end
was chosen. Nobody waits for that, and nothing of it depends on the numbers of transactions, which
another server would not know.

Until revision 0016 each event had a hash of its own; the first seal goes on from the last of these.
"""

import asyncio
import logging
from typing import Any

from psycopg import sql
from sqlalchemy import Row, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.audit.form import CONTENT, START, Head, Seal
from pythonmastery_ext.audit.models import AuditSeal
from pythonmastery_ext.db.engine import Database

log = logging.getLogger(__name__)

#: Events that one call seals; a backlog is worked off by many calls.
BATCH = 5000
#: So often the head is written to the log of the service, which is kept elsewhere.
TELL_EVERY = 1000
#: Any number will do, as long as nothing else of ours uses it. As in older releases, so that one of
#: them and this one are never at it together.
ADVISORY_LOCK = 7_281_944_308
#: Seconds for those who were writing when the end was chosen; else it is tried again later.
WRITERS_TAKE = 1.0
LOOK_EVERY = 0.02

#: No row: nothing to do. False: another process is doing it.
LOCK = text("""
    select pg_try_advisory_xact_lock(:key)
    where exists (
        select from audit_event
        where id > coalesce((select last_id from audit_seal order by number desc limit 1), 0)
    )
""")
#: If there is none yet, what it will be: the end of the chain of before, and no events.
LAST = """
    (select number, seq, last_id, hash, marks from audit_seal order by number desc limit 1)
    union all
    (select 1, seq, 0, hash, '' from audit_event
     where seq is not null and not exists (select from audit_seal) order by seq desc limit 1)
"""
WRITERS = """
    select virtualtransaction from pg_locks
    where locktype = 'relation' and relation = 'audit_event'::regclass
        and database = (select oid from pg_database where datname = current_database())
        and mode = 'RowExclusiveLock'
"""
#: What is visible is settled before the statement looks who is writing.
BEGIN = text(
    sql.SQL(
        "select last.*, (select max(id) from audit_event) as newest, array({}) as writing"
        " from (select) as one left join ({}) as last on true"
    )
    .format(sql.SQL(WRITERS), sql.SQL(LAST))
    .as_string()
)
UNSEALED = text(
    sql.SQL(
        "select {} from audit_event where id > :last_id and id <= :end and seq is null"
        " order by id limit :most"
    )
    .format(sql.SQL(CONTENT))
    .as_string()
)


async def head(db: Database) -> Head:
    async with db.transaction() as session:
        return _last((await session.execute(BEGIN)).one()).head


async def grow(db: Database) -> int:
    """Seals what was committed since; how many events. Done by one process at a time."""
    async with db.transaction() as session:
        if not await session.scalar(LOCK, {"key": ADVISORY_LOCK}):
            return 0
        found = (await session.execute(BEGIN)).one()
        if not await _have_ended(session, set(found.writing)):
            return 0
        before = _last(found)
        after = await _seal(session, before, found.newest)
    if after.seq // TELL_EVERY > before.seq // TELL_EVERY:
        log.info("head of the audit log: %s", after)
    return after.seq - before.seq


def _last(found: Row[Any]) -> Seal:
    return Seal(*found[: len(Seal._fields)]) if found.number else Seal(1, 0, 0, START, b"")


async def _have_ended(session: AsyncSession, writing: set[str]) -> bool:
    """Then all that had drawn an id have committed, or never will."""
    tries = round(WRITERS_TAKE / LOOK_EVERY)
    while writing and tries:
        await asyncio.sleep(LOOK_EVERY)
        writing &= set(await session.scalars(text(WRITERS)))
        tries -= 1
    return not writing


async def _seal(session: AsyncSession, last: Seal, end: int) -> Head:
    """Also over no event, to make the first of all seals hang on the chain of before."""
    given = {"last_id": last.last_id, "end": end, "most": BATCH}
    events = [tuple(row) for row in await session.execute(UNSEALED, given)]
    if last.last_id and not events:
        return last.head
    if len(events) == BATCH:
        end = events[-1][0]
    seals = last.with_more(events, end)
    added = insert(AuditSeal)
    changing = {name: added.excluded[name] for name in ("seq", "last_id", "hash", "marks")}
    await session.execute(
        added.on_conflict_do_update(index_elements=["number"], set_=changing),
        [seal._asdict() for seal in seals if seal != last],
    )
    return seals[-1].head
