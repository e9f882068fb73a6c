"""The buckets of everybody as a list, for admins."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, String, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.db.paging import Ask, Page, Sortable, paged
from pythonmastery_ext.limits.models import RateLimit
from pythonmastery_ext.limits.schema import LimitOut
from pythonmastery_ext.limits.service import LEFT, shown

KEY: ColumnElement[str] = func.concat(
    cast(RateLimit.user_id, String), ":", RateLimit.action, type_=String
)
SORTS: Mapping[str, Sortable] = {
    "used": RateLimit.last_used,
    "refused": RateLimit.refused,
    "login": User.username,
}


async def page(
    db: AsyncSession, ask: Ask, *, refused: bool = False, user: int | None = None
) -> Page[LimitOut]:
    """`refused`: only those that turned something away."""
    query = select(RateLimit, User.username, LEFT.label("open")).join(
        User, User.id == RateLimit.user_id
    )
    if refused:
        query = query.where(RateLimit.refused > 0)
    if user is not None:
        query = query.where(RateLimit.user_id == user)
    return await paged(
        db, query, SORTS, KEY, ask, lambda row: shown(row.RateLimit, row.username, row.open)
    )
