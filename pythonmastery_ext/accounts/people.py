"""Who there is, and who may do what."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.db.cache import Cache, invalidate
from pythonmastery_ext.errors import LastAdmin, UnknownUser
from pythonmastery_ext.identity import Learner

#: By username: who asks is looked up at each request.
PEOPLE: Cache[str, Learner] = Cache("people", most=5000, seconds=300)
#: The cache of `progress` that shows others who has joined, and under which name.
BOARD = "leaderboard"


@dataclass(frozen=True, kw_only=True)
class Found:
    id: int
    username: str
    role: str
    created_at: datetime


async def page(
    db: AsyncSession, *, role: str | None = None, after: str = "", limit: int = 50
) -> list[Found]:
    """By name, those that come after this one."""
    query = select(User.id, User.username, User.role, User.created_at)
    query = query.where(User.username > after).order_by(User.username).limit(limit)
    if role is not None:
        query = query.where(User.role == role)
    return [Found(**row._mapping) for row in await db.execute(query)]


async def named(db: AsyncSession, username: str) -> User:
    user = await db.scalar(select(User).where(User.username == username))
    if user is None:
        raise UnknownUser(f"Nobody named {username} has come here yet.")
    return user


async def set_role(
    db: AsyncSession, username: str, role: str, *, actor: int | None, force: bool = False
) -> str:
    """The role before; LastAdmin unless `force`."""
    # All admins are locked, so that two who take the role from each other do not both succeed.
    rows = await db.scalars(
        select(User)
        .where(or_(User.role == "admin", User.username == username))
        .order_by(User.id)
        .with_for_update()
    )
    locked = {user.username: user for user in rows}
    user = locked.get(username)
    if user is None:
        raise UnknownUser(f"Nobody named {username} has come here yet.")
    before = user.role
    if before == role:
        return before
    if before == "admin" and len(locked) == 1 and not force:
        raise LastAdmin
    await forget(db, username)
    user.role, user.updated_at = role, func.now()
    await db.flush()
    await audit.record(
        db,
        "role.changed",
        actor=actor,
        learner=user.id,
        target=None,
        data={"from": before, "to": role},
        streamed=False,
    )
    return before


async def forget(db: AsyncSession, username: str) -> None:
    """Whoever changes or deletes this person's row says so, and all processes look again."""
    await invalidate(db, PEOPLE.name, username)
    await invalidate(db, BOARD)
