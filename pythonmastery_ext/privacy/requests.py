"""What people asked for about their data, for admins: what is open, until when, what was done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.audit.models import AuditEvent
from pythonmastery_ext.db.paging import Ask, Page, Sortable, paged
from pythonmastery_ext.errors import ErasureNotOpen, NotAllowed
from pythonmastery_ext.privacy.models import OPEN, DataRequest

SORTS: Mapping[str, Sortable] = {
    "due": DataRequest.due_at,
    "requested": DataRequest.requested_at,
}
ASKED = "privacy.erasure.requested"


@dataclass(frozen=True, kw_only=True)
class Request:
    id: int
    user_id: int
    #: None: erased.
    username: str | None
    kind: str
    state: str
    requested_at: datetime
    due_at: datetime
    finished_at: datetime | None
    tries: int
    problem: str | None
    #: Whether an admin may stop it: an erasure that has not begun and that its owner did not ask.
    stoppable: bool
    overdue: bool


async def page(
    db: AsyncSession, ask: Ask, *, open_only: bool = False, user: int | None = None
) -> Page[Request]:
    query = select(
        DataRequest.id,
        DataRequest.user_id,
        DataRequest.kind,
        DataRequest.state,
        DataRequest.requested_at,
        DataRequest.due_at,
        DataRequest.finished_at,
        DataRequest.tries,
        DataRequest.problem,
        User.username,
    ).outerjoin(User, User.id == DataRequest.user_id)
    if open_only:
        query = query.where(DataRequest.state.in_(OPEN))
    if user is not None:
        query = query.where(DataRequest.user_id == user)
    found = await paged(db, query, SORTS, DataRequest.id, ask, lambda row: row._mapping)
    own = await _asked_by_owner(db, [row for row in found.rows if row["state"] == "cooling"])
    now = datetime.now(UTC)
    rows = [
        Request(
            **{name: row[name] for name in row if not name.startswith("_")},
            stoppable=row["state"] == "cooling" and row["id"] not in own,
            overdue=row["kind"] == "erase" and row["state"] in OPEN and row["due_at"] < now,
        )
        for row in found.rows
    ]
    return Page(rows, found.after)


async def open_count(db: AsyncSession) -> tuple[int, datetime | None]:
    """How many erasures are open, and when the next one is due."""
    row = (
        await db.execute(
            select(func.count().label("number"), func.min(DataRequest.due_at).label("due")).where(
                DataRequest.kind == "erase", DataRequest.state.in_(OPEN)
            )
        )
    ).one()
    return row.number, row.due


async def stop(db: AsyncSession, request_id: int, *, actor: int) -> DataRequest:
    """Takes back an erasure that the service or an operator asked for.

    ErasureNotOpen, or NotAllowed: what people ask for about themselves is theirs to take back.
    """
    found = await db.get(DataRequest, request_id, with_for_update=True)
    if found is None or found.kind != "erase" or found.state != "cooling":
        raise ErasureNotOpen("There is no erasure of this number that could be stopped.")
    if await _asked_by_owner(db, [{"id": found.id, "user_id": found.user_id}]):
        raise NotAllowed("This person asked for it, so only they can take it back.")
    found.state, found.finished_at = "cancelled", datetime.now(UTC)
    await audit.record(
        db,
        "privacy.erasure.cancelled",
        actor=actor,
        learner=found.user_id,
        target=f"privacy/requests/{found.id}",
        data={},
        streamed=False,
    )
    return found


async def _asked_by_owner(db: AsyncSession, rows: list[Any]) -> set[int]:
    """Those of these requests that the person made, as the audit tells."""
    if not rows:
        return set()
    targets = {f"privacy/requests/{row['id']}": row["id"] for row in rows}
    asked = await db.scalars(
        select(AuditEvent.target).where(
            AuditEvent.learner_id.in_({row["user_id"] for row in rows}),
            AuditEvent.actor_id == AuditEvent.learner_id,
            AuditEvent.kind == ASKED,
            AuditEvent.target.in_(targets),
        )
    )
    return {targets[target] for target in asked if target is not None}
