"""Orders to grade again, for those who gave them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.db.paging import Ask, Page, paged
from pythonmastery_ext.errors import NotFound
from pythonmastery_ext.regrading import service
from pythonmastery_ext.regrading.models import Regrade, RegradeItem

#: Changed verdicts that a page shows; `pythonmastery regrade` tells all.
MOST_SHOWN = 200
SORTS = {"id": Regrade.id}
LEFT = (
    select(func.count())
    .where(RegradeItem.regrade_id == Regrade.id, RegradeItem.state == service.WAITING)
    .correlate(Regrade)
    .scalar_subquery()
)


@dataclass(frozen=True, kw_only=True)
class Ordered:
    id: int
    at: datetime
    #: As `Selection`.
    selection: dict[str, Any]
    dry: bool
    total: int
    left: int
    finished_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Changed:
    attempt: str
    user_id: int
    state: str
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str | None


COLUMNS = (
    Regrade.id,
    Regrade.created_at,
    Regrade.selection,
    Regrade.dry,
    Regrade.total,
    LEFT.label("left"),
    Regrade.finished_at,
)


async def page(db: AsyncSession, ask: Ask) -> Page[Ordered]:
    return await paged(db, select(*COLUMNS), SORTS, Regrade.id, ask, _ordered)


async def one(db: AsyncSession, number: int) -> tuple[Ordered, dict[str, int], list[Changed]]:
    """The order, how many attempts came out how, and those that are not the same; NotFound."""
    row = (await db.execute(select(*COLUMNS).where(Regrade.id == number))).one_or_none()
    if row is None:
        raise NotFound
    counts = await db.execute(
        select(RegradeItem.state, func.count())
        .where(RegradeItem.regrade_id == number)
        .group_by(RegradeItem.state)
    )
    items = await db.scalars(
        select(RegradeItem)
        .where(
            RegradeItem.regrade_id == number,
            RegradeItem.state.in_((service.CHANGED, service.FAILED)),
        )
        .order_by(RegradeItem.attempt_id)
        .limit(MOST_SHOWN)
    )
    changed = [
        Changed(
            attempt=str(item.attempt_id),
            user_id=item.user_id,
            state=item.state,
            before=item.before or {},
            after=item.after or {},
            reason=item.reason,
        )
        for item in items
    ]
    return _ordered(row), {row[0]: row[1] for row in counts}, changed


def _ordered(row: Row[Any]) -> Ordered:
    return Ordered(
        id=row.id,
        at=row.created_at,
        selection=row.selection,
        dry=row.dry,
        total=row.total,
        left=row.left,
        finished_at=row.finished_at,
    )
