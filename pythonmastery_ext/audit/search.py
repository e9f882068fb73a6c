"""Looking for events in the audit log, for admins."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.audit.models import AuditEvent, AuditSeal
from pythonmastery_ext.db.paging import AnySelect, Ask, Page, paged

#: With nothing else to go by, this far back: an index by time finds it, none by target does.
LOOK_BACK = timedelta(days=31)
#: A count of what waits for the chain goes no further; more is as bad.
MOST_WAITING = 10_000
KINDS = text("""
    with recursive kinds as (
        (select kind from audit_event where not streamed order by kind limit 1)
        union all
        select (select kind from audit_event where kind > kinds.kind and not streamed
                order by kind limit 1)
        from kinds where kinds.kind is not null
    )
    select kind from kinds where kind is not null
""")
#: Where events have hashes of their own and no seal was made yet, as it was.
CHAIN = text("""
    with last as (
        select seq, hash, last_id from (
            (select seq, hash, last_id from audit_seal order by number desc limit 1)
            union all
            (select seq, hash, 0 from audit_event where seq is not null order by seq desc limit 1)
        ) as place
        order by seq desc, last_id desc limit 1
    ), waiting as (
        select created_at from audit_event
        where id > coalesce((select last_id from last), 0) and seq is null
        order by id limit :most
    )
    select (select seq from last) as head, (select encode(hash, 'hex') from last) as hash,
        (select count(*) from waiting) as waiting, (select min(created_at) from waiting) as since
""")


LAST_SEALED = select(AuditSeal.last_id).order_by(AuditSeal.number.desc()).limit(1).scalar_subquery()


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is looked for; None: anything."""

    person: int | None = None
    kind: str = ""
    target: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, kw_only=True)
class Event:
    id: int
    at: datetime
    kind: str
    actor_id: int | None
    #: None: the service itself, or somebody whose account was erased.
    actor: str | None
    learner_id: int | None
    learner: str | None
    target: str | None
    data: dict[str, Any]
    chained: bool


@dataclass(frozen=True, kw_only=True)
class Chain:
    """How far the chain goes, and what waits to be put on it."""

    head: int
    hash: str
    waiting: int
    since: datetime | None


async def page(db: AsyncSession, wanted: Wanted, ask: Ask) -> Page[Event]:
    """Newest first, or oldest if asked so."""
    found = _of_person(wanted) if wanted.person is not None else _of_all(wanted)
    # The names are looked up for the page only.
    shown = await paged(
        db, found, {"id": AuditEvent.id}, AuditEvent.id, ask, lambda row: row._mapping
    )
    people = {row[name] for row in shown.rows for name in ("actor_id", "learner_id")} - {None}
    names = await _names(db, people)
    events = [
        Event(
            id=row["id"],
            at=row["created_at"],
            kind=row["kind"],
            actor_id=row["actor_id"],
            actor=names.get(row["actor_id"]),
            learner_id=row["learner_id"],
            learner=names.get(row["learner_id"]),
            target=row["target"],
            data=row["data"],
            chained=row["chained"],
        )
        for row in shown.rows
    ]
    return Page(events, shown.after)


def _columns() -> AnySelect:
    return select(
        AuditEvent.id,
        AuditEvent.created_at,
        AuditEvent.kind,
        AuditEvent.actor_id,
        AuditEvent.learner_id,
        AuditEvent.target,
        AuditEvent.data,
        or_(
            AuditEvent.seq.is_not(None),
            AuditEvent.id <= LAST_SEALED,
        ).label("chained"),
    )


def _of_all(wanted: Wanted) -> AnySelect:
    since = wanted.since
    if wanted.target and not (wanted.kind or since):
        since = (datetime.now(UTC) - LOOK_BACK).date()
    return _narrowed(_columns(), wanted, since)


def _of_person(wanted: Wanted) -> AnySelect:
    """What they did, and what was done to them; each part by an index of its own."""
    mine = _narrowed(
        select(AuditEvent.id).where(AuditEvent.learner_id == wanted.person), wanted, wanted.since
    )
    others = _narrowed(
        select(AuditEvent.id).where(
            AuditEvent.actor_id == wanted.person,
            AuditEvent.actor_id.is_distinct_from(AuditEvent.learner_id),
        ),
        wanted,
        wanted.since,
    )
    either = union_all(mine, others).subquery()
    return _columns().where(AuditEvent.id.in_(select(either.c.id)))


def _narrowed(query: AnySelect, wanted: Wanted, since: date | None) -> AnySelect:
    if wanted.kind:
        query = query.where(AuditEvent.kind == wanted.kind)
    if wanted.target:
        query = query.where(AuditEvent.target == wanted.target)
    if since is not None:
        query = query.where(AuditEvent.created_at >= _midnight(since))
    if wanted.until is not None:
        query = query.where(AuditEvent.created_at < _midnight(wanted.until + timedelta(days=1)))
    return query


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


async def _names(db: AsyncSession, people: set[int]) -> dict[int, str]:
    if not people:
        return {}
    rows = await db.execute(select(User.id, User.username).where(User.id.in_(people)))
    return {row.id: row.username for row in rows}


async def kinds(db: AsyncSession) -> list[str]:
    """Every kind that learners are not told of, without reading all events."""
    return list(await db.scalars(KINDS))


async def chain(db: AsyncSession) -> Chain:
    row = (await db.execute(CHAIN, {"most": MOST_WAITING})).one()
    return Chain(head=row.head or 0, hash=row.hash or "", waiting=row.waiting, since=row.since)
