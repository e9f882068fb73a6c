"""The leaderboard: only of those who joined it, and under the names that they chose."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts import people
from pythonmastery_ext.accounts import service as accounts
from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.db.cache import Cache
from pythonmastery_ext.db.direct import rows
from pythonmastery_ext.db.encryption import Keyring
from pythonmastery_ext.db.statement import Statement
from pythonmastery_ext.progress.schema import BoardPlace, LeaderboardOut

#: Places that are shown to all who joined, and on each side of one's own.
TOP, NEIGHBOURS = 5, 3
#: Further down there are only neighbours.
LAST_RANK = 500
NOBODY = "A learner"

SHOWN = "s.user_id, s.xp, u.username, u.display_name, u.display_name_sealed, p.leaderboard_name"
LISTED = """
    user_stats s join app_user u on u.id = s.user_id
    join user_profile p on p.user_id = s.user_id and p.leaderboard_opt_in and u.locked_at is null
"""
BEST = "select SHOWN from LISTED order by -s.xp, s.user_id limit :most"
#: Oneself with the next ones on each side. No row: not joined; without a place: nobody is near.
AROUND = """
    with me as materialized (
        select -coalesce(xp, 0) as place
        from user_profile left join user_stats using (user_id)
        where user_id = cast(:learner as bigint) and leaderboard_opt_in
    ), near as materialized (
        (select SHOWN from LISTED
         where (-s.xp, s.user_id) < ((select place from me), :learner)
         order by -s.xp desc, s.user_id desc limit :neighbours)
        union all
        (select SHOWN from LISTED
         where (-s.xp, s.user_id) >= ((select place from me), :learner)
         order by -s.xp, s.user_id limit :neighbours + 1)
    )
    select near.* from me left join near on true order by -xp, user_id
"""
READ_BEST, READ_AROUND = (
    Statement(sql.replace("SHOWN", SHOWN).replace("LISTED", LISTED)) for sql in (BEST, AROUND)
)


@dataclass(frozen=True)
class Place:
    learner: int
    xp: int
    name: str


@dataclass(frozen=True)
class Best:
    """All who have a rank, with the neighbours of the last."""

    places: tuple[Place, ...]
    #: Learner → rank, from 1; up to LAST_RANK.
    ranks: Mapping[int, int]


#: By how many have a rank. One reading serves a whole class, where each would count those ahead.
BOARD: Cache[int, Best] = Cache(people.BOARD, most=1, seconds=30)


async def leaderboard(db: AsyncSession, keyring: Keyring, learner: int) -> LeaderboardOut:
    """The best and one's neighbours, for those who joined; nobody is listed who did not."""
    best = await BOARD.get(LAST_RANK, lambda: _best(db, keyring))
    rank = best.ranks.get(learner)
    if rank is not None:
        near = list(best.places[max(0, rank - 1 - NEIGHBOURS) : rank + NEIGHBOURS])
    else:
        around = await rows(db, READ_AROUND, {"learner": learner, "neighbours": NEIGHBOURS})
        if not around:
            return LeaderboardOut(joined=False, places=[])
        near = [_place(keyring, *row) for row in around if row[0] is not None]
    top = best.places[:TOP]
    shown = top if rank is not None and rank <= TOP else dict.fromkeys([*top, *near])
    places = [
        BoardPlace(
            rank=best.ranks.get(place.learner),
            name=place.name,
            xp=place.xp,
            you=place.learner == learner,
        )
        for place in shown
    ]
    return LeaderboardOut(joined=True, places=places)


async def _best(db: AsyncSession, keyring: Keyring) -> Best:
    found = await rows(db, READ_BEST, {"most": LAST_RANK + NEIGHBOURS})
    places = tuple(_place(keyring, *row) for row in found)
    ranks = {place.learner: rank for rank, place in enumerate(places[:LAST_RANK], 1)}
    return Best(places, ranks)


def _place(
    keyring: Keyring,
    learner: int,
    xp: int,
    username: str,
    plain: str | None,
    sealed: bytes | None,
    choice: str,
) -> Place:
    """Under the name that the learner chose; never an address."""
    if choice == "display_name":
        user: dict[str, Any] = {"id": learner, "display_name": plain, "display_name_sealed": sealed}
        return Place(learner, xp, accounts.display_name(User(**user), keyring) or username)
    return Place(learner, xp, username if choice == "username" else NOBODY)
