"""Sessions of everybody that can still be used, for admins."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts.models import Session, User
from pythonmastery_ext.accounts.sessions import ACTIVE
from pythonmastery_ext.db.paging import Ask, Page, Sortable, paged

SORTS: Mapping[str, Sortable] = {
    "made": Session.created_at,
    "ends": Session.expires_at,
    "used": func.coalesce(Session.last_used_at, Session.created_at),
    "login": User.username,
}


@dataclass(frozen=True, kw_only=True)
class Open:
    """A session; its label is the owner's own words, and its token is known to nobody."""

    id: int
    user_id: int
    username: str
    label: str
    kind: str
    scopes: list[str]
    made: datetime
    ends: datetime
    used: datetime | None


async def page(db: AsyncSession, ask: Ask, owner: int | None = None) -> Page[Open]:
    """Of all people, or of one."""
    query = (
        select(
            Session.id,
            Session.user_id,
            User.username,
            Session.label,
            Session.kind,
            Session.scopes,
            Session.created_at.label("made"),
            Session.expires_at.label("ends"),
            Session.last_used_at.label("used"),
        )
        .join(User, User.id == Session.user_id)
        .where(ACTIVE)
    )
    if owner is not None:
        query = query.where(Session.user_id == owner)
    return await paged(db, query, SORTS, Session.id, ask, _open)


def _open(row: Row[Any]) -> Open:
    return Open(**{name: getattr(row, name) for name in Open.__dataclass_fields__})
