"""The chain over the audit log: each event's hash is made from it and the hash before it.

An event gets its place (`seq`) after it was committed, by one writer at a time: ids are given out
before commits, so an event with a lower id may appear later. Nothing that acts waits for the chain.

Form 1 of an event is the JSON list, in UTF-8 and with separators ", ", of: 1, seq, id, microseconds
since 1970 UTC, actor, learner, kind, target, data as PostgreSQL prints the jsonb, streamed. Its
hash is SHA-256 of the hash before it, 32 zero bytes for the first, and this.
"""

import json
import logging
from hashlib import sha256
from typing import Any, NamedTuple

from psycopg import sql
from sqlalchemy import text

from pythonmastery_ext.db.engine import Database

log = logging.getLogger(__name__)

FORM = 1
START = bytes(32)
#: Events that one call chains; a backlog is worked off by many calls.
BATCH = 5000
#: So often the head is written to the log of the service, which is kept elsewhere.
TELL_EVERY = 1000
#: Any number will do, as long as nothing else of ours uses it.
ADVISORY_LOCK = 7_281_944_308

#: What is hashed, in order, beside the form and seq.
CONTENT = sql.SQL(
    "id, (extract(epoch from created_at) * 1000000)::bigint, actor_id, learner_id, kind, target,"
    " data::text, streamed"
)
#: No row: nothing to do. False: another process is doing it.
LOCK = text("""
    select pg_try_advisory_xact_lock(:key)
    where exists (select from audit_event where seq is null)
""")
HEAD = text("select seq, hash from audit_event where seq is not null order by seq desc limit 1")
UNCHAINED = text(
    sql.SQL("select {} from audit_event where seq is null order by id limit :most")
    .format(CONTENT)
    .as_string()
)
FILL = text("""
    update audit_event event set seq = link.seq, hash = link.hash
    from unnest(cast(:ids as bigint[]), cast(:seqs as bigint[]), cast(:hashes as bytea[]))
        as link (id, seq, hash)
    where event.id = link.id
""")


class Head(NamedTuple):
    """The end of the chain; kept elsewhere it shows later that nothing was cut off."""

    seq: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash.hex()}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """ValueError for what `__str__` never gives."""
        seq, _, digest = text.partition(":")
        head = cls(int(seq), bytes.fromhex(digest))
        if head.seq < 0 or len(head.hash) != len(START):
            raise ValueError(text)
        return head

    def then(self, content: tuple[Any, ...]) -> "Head":
        seq = self.seq + 1
        form = json.dumps([FORM, seq, *content], ensure_ascii=False)
        return Head(seq, sha256(self.hash + form.encode()).digest())


async def head(db: Database) -> Head:
    async with db.transaction() as session:
        row = (await session.execute(HEAD)).one_or_none()
    return Head(*row) if row else Head(0, START)


async def grow(db: Database) -> int:
    """Chains what has been committed since; how many events. Done by one process at a time."""
    async with db.transaction() as session:
        if not await session.scalar(LOCK, {"key": ADVISORY_LOCK}):
            return 0
        row = (await session.execute(HEAD)).one_or_none()
        last = before = Head(*row) if row else Head(0, START)
        links: dict[str, list[Any]] = {"ids": [], "seqs": [], "hashes": []}
        for content in await session.execute(UNCHAINED, {"most": BATCH}):
            last = last.then(tuple(content))
            for column, value in zip(links.values(), (content.id, *last), strict=True):
                column.append(value)
        await session.execute(FILL, links)
    if last.seq // TELL_EVERY > before.seq // TELL_EVERY:
        log.info("head of the audit log: %s", last)
    return last.seq - before.seq
