"""Recording what happened, in the transaction in which it happens."""

from typing import Any

from sqlalchemy import func, insert, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.audit.models import AuditEvent
from pythonmastery_ext.db.opening import HELD

#: PostgreSQL channel; the payload is a learner's id, or EVERYBODY.
CHANNEL = "pythonmastery_events"
EVERYBODY = "*"
#: What a verdict that counts tells beside itself: in its data, under this name, what it brought.
PROGRESS, XP = "progress.changed", "xp"

#: As in the index of a learner's events, in which it stands for the id.
STRETCH_BITS = 16
STRETCH = AuditEvent.id.bitwise_rshift(literal_column(str(STRETCH_BITS)))

LOCK = text("select pg_advisory_xact_lock(hashtextextended('learner/' || :learner, 0))")
NOTIFY = text("select pg_notify(:channel, :payload)")


async def lock(db: AsyncSession, learner: int) -> None:
    """One transaction at a time for this learner.

    Ids are given out before commits, so without it a follower could see event 8, then miss 7.
    Take it first in a transaction that changes what a learner has, so that two never deadlock.
    """
    held = db.info.setdefault(HELD, set())
    if learner not in held:
        await db.execute(LOCK, {"learner": str(learner)})
        held.add(learner)


async def record(
    db: AsyncSession,
    kind: str,
    *,
    actor: int | None,
    learner: int | None,
    target: str | None,
    data: dict[str, Any],
    streamed: bool,
) -> int:
    """The new event's id. A streamed event reaches the learner's browsers after the commit."""
    if streamed:
        if learner is None:
            raise ValueError("a streamed event belongs to a learner")
        await lock(db, learner)
    made = (
        insert(AuditEvent)
        .values(
            actor_id=actor,
            learner_id=learner,
            kind=kind,
            target=target,
            data=data,
            streamed=streamed,
        )
        .returning(AuditEvent.id)
    )
    if not streamed:
        return (await db.execute(made)).scalar_one()
    # One way to the database instead of two: a submission and its verdict record four events.
    event = made.cte("event")
    told = select(event.c.id, func.pg_notify(CHANNEL, str(learner)))
    return int((await db.execute(told)).one().id)


async def signed_in(db: AsyncSession, person: int) -> None:
    """To the pages of those who run the course, by the hub."""
    await _door(db, "panel.signed_in", person)


async def signed_out(db: AsyncSession, person: int) -> None:
    await _door(db, "panel.signed_out", person)


async def _door(db: AsyncSession, kind: str, person: int) -> None:
    await record(db, kind, actor=person, learner=person, target=None, data={}, streamed=False)


async def tell_everybody(db: AsyncSession) -> None:
    """After the commit every open stream says that the course has changed."""
    await db.execute(NOTIFY, {"channel": CHANNEL, "payload": EVERYBODY})


async def newest(db: AsyncSession, learner: int) -> int:
    """Id of the learner's last streamed event; 0 if there is none."""
    found = await db.scalar(
        select(AuditEvent.id)
        .where(AuditEvent.learner_id == learner, AuditEvent.streamed)
        .order_by(STRETCH.desc(), AuditEvent.id.desc())
        .limit(1)
    )
    return found or 0


async def after(db: AsyncSession, learner: int, last: int, limit: int = 100) -> list[AuditEvent]:
    rows = await db.scalars(
        select(AuditEvent)
        .where(AuditEvent.learner_id == learner, AuditEvent.streamed)
        .where(AuditEvent.id > last, last >> STRETCH_BITS <= STRETCH)
        .order_by(STRETCH, AuditEvent.id)
        .limit(limit)
    )
    return list(rows)
