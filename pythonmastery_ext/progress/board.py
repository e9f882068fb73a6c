"""The leaderboard: only of those who joined it, and under the names that they chose."""

from dataclasses import dataclass

from sqlalchemy import Select, func, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts import people
from pythonmastery_ext.accounts import service as accounts
from pythonmastery_ext.accounts.models import User, UserProfile
from pythonmastery_ext.db.cache import Cache
from pythonmastery_ext.db.encryption import Keyring
from pythonmastery_ext.progress.models import UserStats
from pythonmastery_ext.progress.schema import BoardPlace, LeaderboardOut

#: Places that are shown to all who joined, and on each side of one's own.
TOP, NEIGHBOURS = 5, 3
#: Further down there are only neighbours.
LAST_RANK = 500
NOBODY = "A learner"


@dataclass(frozen=True)
class Place:
    learner: int
    xp: int
    name: str


#: By how many of the best there are in it.
BOARD: Cache[int, tuple[Place, ...]] = Cache(people.BOARD, most=4, seconds=30)


async def leaderboard(db: AsyncSession, keyring: Keyring, learner: int) -> LeaderboardOut:
    """The best and one's neighbours, for those who joined; nobody is listed who did not."""
    mine = (
        await db.execute(
            select(UserProfile.leaderboard_opt_in, func.coalesce(UserStats.xp, 0))
            .outerjoin(UserStats, UserStats.user_id == UserProfile.user_id)
            .where(UserProfile.user_id == learner)
        )
    ).one_or_none()
    if mine is None or not mine[0]:
        return LeaderboardOut(joined=False, places=[])
    best = await BOARD.get(TOP, lambda: _best(db, keyring))
    ranked: list[tuple[int | None, Place]] = list(enumerate(best, 1))
    if learner not in {place.learner for place in best}:
        around = await _around(db, keyring, (-mine[1], learner))
        ranked += [(rank, place) for rank, place in around if place not in best]
    places = [
        BoardPlace(rank=rank, name=place.name, xp=place.xp, you=place.learner == learner)
        for rank, place in ranked
    ]
    return LeaderboardOut(joined=True, places=places)


def _joined() -> Select[UserStats, User, str]:
    return (
        select(UserStats, User, UserProfile.leaderboard_name)
        .join(User, User.id == UserStats.user_id)
        .join(UserProfile, UserProfile.user_id == UserStats.user_id)
        .where(UserProfile.leaderboard_opt_in, User.locked_at.is_(None))
    )


async def _best(db: AsyncSession, keyring: Keyring) -> tuple[Place, ...]:
    rows = await db.execute(_joined().order_by(-UserStats.xp, UserStats.user_id).limit(TOP))
    return tuple(_place(keyring, *row) for row in rows)


async def _around(
    db: AsyncSession, keyring: Keyring, own: tuple[int, int]
) -> list[tuple[int | None, Place]]:
    """Oneself with the next ones on each side."""
    order = (-UserStats.xp, UserStats.user_id)
    here, joined = tuple_(*order), _joined().with_only_columns(UserStats.user_id)
    better = joined.where(here < own).order_by(*(each.desc() for each in order))
    worse = joined.where(here >= own).order_by(*order).limit(NEIGHBOURS + 1)
    near = union_all(
        better.limit(NEIGHBOURS).subquery().select(), worse.subquery().select()
    ).subquery()
    ahead = select(func.count()).select_from(better.limit(LAST_RANK).subquery()).scalar_subquery()
    found = await db.execute(
        _joined()
        .add_columns(ahead)
        .join(near, near.c.user_id == UserStats.user_id)
        .order_by(*order)
    )
    rows = list(found)
    above = sum((-row.xp, row.user_id) < own for row, *_ in rows)
    return [
        (place if rank < LAST_RANK else None, _place(keyring, *row))
        for place, (*row, rank) in enumerate(rows, rows[0][3] - above + 1 if rows else 1)
    ]


def _place(keyring: Keyring, row: UserStats, user: User, choice: str) -> Place:
    """Under the name that the learner chose; never an address."""
    name = {
        "username": user.username,
        "display_name": accounts.display_name(user, keyring) or user.username,
    }.get(choice, NOBODY)
    return Place(row.user_id, row.xp, name)
