"""Everybody who joined sees the best, their own neighbours, and their rank if they have one."""

import pytest
from sqlalchemy import func, update

from pythonmastery_ext.accounts.models import User, UserProfile
from pythonmastery_ext.db.encryption import Keyring
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.db.keyfile import KeyFile
from pythonmastery_ext.progress import board
from pythonmastery_ext.progress.models import UserStats
from tests.conftest import SESSION_DIR
from tests.db.rows import a_user

KEYRING = Keyring(KeyFile(SESSION_DIR / "keys.json").keys)
#: From the best on; two of them have the same, and the one who came first is before the other.
XP = (90, 80, 70, 70, 50, 40, 30, 20, 10)


@pytest.fixture
async def learners(db: Database) -> list[int]:
    """Those of XP, and one each who has not joined, is locked, and has no counters yet."""
    async with db.transaction() as session:
        names = [f"learner-{number}" for number in range(len(XP) + 3)]
        ids = [(await a_user(session, name)).id for name in names]
        for learner, points in zip(ids, (*XP, 85, 75), strict=False):
            session.add(UserStats(user_id=learner, xp=points))
        for learner in ids:
            joined = learner != ids[len(XP)]
            session.add(UserProfile(user_id=learner, leaderboard_opt_in=joined))
        await session.execute(
            update(User).where(User.id == ids[len(XP) + 1]).values(locked_at=func.now())
        )
    return ids


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The two best, one neighbour on each side, and ranks up to the fifth."""
    for name, number in {"TOP": 2, "NEIGHBOURS": 1, "LAST_RANK": 5}.items():
        monkeypatch.setattr(board, name, number)


async def seen(db: Database, learner: int) -> list[tuple[int | None, int, bool]]:
    async with db.transaction() as session:
        found = await board.leaderboard(session, KEYRING, learner)
    return [(place.rank, place.xp, place.you) for place in found.places]


@pytest.mark.usefixtures("small")
async def test_the_best_and_ones_neighbours_are_shown_wherever_one_is(
    db: Database, learners: list[int]
):
    best = [(1, 90, False), (2, 80, False)]
    for place, points in enumerate(XP):
        found = await seen(db, learners[place])
        ranked = list(enumerate(XP, 1))
        near = ranked[max(0, place - 1) : place + 2] if place >= 2 else []
        expected = [*ranked[:2], *(one for one in near if one not in ranked[:2])]
        assert found == [
            (rank if rank <= 5 else None, xp, rank == place + 1) for rank, xp in expected
        ], points
    nobody = await seen(db, learners[-1])
    assert nobody[:2] == best


@pytest.mark.usefixtures("small")
async def test_who_has_not_joined_sees_nobody_and_is_seen_by_nobody(
    db: Database, learners: list[int]
):
    assert await seen(db, learners[len(XP)]) == []
    shown = {xp for learner in learners for _, xp, _ in await seen(db, learner)}
    assert shown == set(XP)
