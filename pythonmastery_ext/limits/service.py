"""What the buckets have counted, for admins; and giving a person a full bucket again."""

from datetime import timedelta

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import InvalidFields, UnknownLimit
from pythonmastery_ext.limits.models import RateLimit
from pythonmastery_ext.limits.schema import LimitOut, LimitPage

LARGEST_PAGE = 100
LARGEST_ID = 2**63 - 1
#: A bucket that nobody has used for so long is full, and what it counted is old.
KEEP = timedelta(days=30)

_ELAPSED = func.greatest(0, func.extract("epoch", func.now() - RateLimit.last_used))
LEFT = func.least(RateLimit.burst, RateLimit.tokens + RateLimit.rate * _ELAPSED)


async def page(db: AsyncSession, after: str, limit: int, *, refused: bool) -> LimitPage:
    """By person and action; `refused`: only those that turned something away."""
    query = (
        select(RateLimit, User.username, LEFT)
        .join(User, User.id == RateLimit.user_id)
        .order_by(RateLimit.user_id, RateLimit.action)
        .limit(limit + 1)
    )
    if refused:
        query = query.where(RateLimit.refused > 0)
    if after:
        query = query.where(tuple_(RateLimit.user_id, RateLimit.action) > tuple_(*_place(after)))
    rows = (await db.execute(query)).all()
    found = [shown(*row) for row in rows[:limit]]
    last = found[-1] if len(rows) > limit else None
    return LimitPage(limits=found, after=f"{last.user_id}:{last.action}" if last else None)


def _place(after: str) -> tuple[int, str]:
    number, _, action = after.partition(":")
    if not is_id(number) or "\0" in action:
        message = "is what the last page gave as `after`"
        raise InvalidFields(fields=[{"field": "after", "message": message}])
    return int(number), action


def is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 20 and int(text) <= LARGEST_ID


def shown(row: RateLimit, username: str, left: float) -> LimitOut:
    return LimitOut(
        user_id=row.user_id,
        username=username,
        action=row.action,
        left=int(left),
        per_minute=round(row.rate * 60, 3),
        burst=row.burst,
        first_seen=row.first_seen,
        last_used=row.last_used,
        used=row.used,
        refused=row.refused,
        last_refused=row.last_refused,
    )


async def reset(db: AsyncSession, admin: int, user: int, action: str) -> LimitOut:
    """Fills the bucket; what it has counted stays. UnknownLimit if there is none."""
    found = await db.execute(
        update(RateLimit)
        .where(RateLimit.user_id == user, RateLimit.action == action)
        .values(tokens=RateLimit.burst, last_used=func.now())
        .returning(RateLimit)
    )
    row = found.scalar_one_or_none()
    if row is None:
        raise UnknownLimit
    await audit.record(
        db,
        "limit.reset",
        actor=admin,
        learner=user,
        target=f"limits/{user}/{action}",
        data={"action": action},
        streamed=False,
    )
    username = await db.scalar(select(User.username).where(User.id == user))
    return shown(row, username or "", row.tokens)


async def prune(db: Database) -> None:
    async with db.transaction() as session:
        await session.execute(delete(RateLimit).where(RateLimit.last_used < func.now() - KEEP))
