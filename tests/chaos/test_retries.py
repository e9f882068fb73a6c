"""Which failures of PostgreSQL are answered by doing the whole transaction again."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import DatabaseAway

RAISE = "do $$ begin raise exception 'asked for' using errcode = '{state}'; end $$"
#: 57P0x: shutting down, crashed, starting up, cut for idling. 08: connection. 40: collisions.
#: 53: too many connections, memory, disk. 25006: not yet the primary. 55P03, 57014: took too long.
AGAIN = [
    *("57P01", "57P02", "57P03", "57P05"),
    *("08000", "08003", "08006", "08001", "08004"),
    *("40001", "40P01"),
    *("53300", "53200", "53100"),
    *("25006", "55P03", "57014"),
]
#: What would fail in the same way a second time.
NEVER = ["22012", "23505", "42P01", "42501", "XX000", "57P04"]
COMMENTS = text("insert into app_user (username) values (:name)")
COUNT = text("select count(*) from app_user")


class Work:
    """Writes a row, then fails as often as it was told to."""

    def __init__(self, state: str, times: int) -> None:
        self._state = state
        self._times = times
        self.calls = 0

    async def __call__(self, session) -> str:
        self.calls += 1
        await session.execute(COMMENTS, {"name": f"try{self.calls}"})
        if self.calls <= self._times:
            await session.execute(text(RAISE.format(state=self._state)))
        return "done"


async def users(db: Database) -> int:
    async with db.transaction() as session:
        return await session.scalar(COUNT) or 0


@pytest.mark.parametrize("state", AGAIN)
async def test_the_whole_transaction_is_done_again_and_counts_once(db: Database, state: str):
    work = Work(state, times=1)
    assert await db.retry(work) == "done"
    assert work.calls == 2
    assert await users(db) == 1


@pytest.mark.parametrize("state", NEVER)
async def test_what_cannot_be_mended_by_another_try_is_tried_once(db: Database, state: str):
    work = Work(state, times=1)
    with pytest.raises(DBAPIError):
        await db.retry(work)
    assert work.calls == 1
    assert await users(db) == 0


async def test_a_server_that_stays_away_is_told_after_a_few_tries(db: Database):
    work = Work("57P03", times=100)
    with pytest.raises(DatabaseAway) as caught:
        await db.retry(work)
    assert caught.value.retry_after
    assert 2 <= work.calls <= 5


async def test_two_that_deadlock_both_succeed(db: Database):
    async with db.transaction() as session:
        for name in ("ada", "ben"):
            await session.execute(COMMENTS, {"name": name})
    tries: Counter[str] = Counter()
    met = asyncio.Barrier(2)

    async def both(session, first: str, second: str) -> None:
        tries[first] += 1
        await lock(session, first)
        if tries.total() <= 2:
            await met.wait()
        await lock(session, second)

    async def lock(session, name: str) -> None:
        await session.execute(
            text("update app_user set role = role where username = :name"), {"name": name}
        )

    await asyncio.gather(
        db.retry(lambda session: both(session, "ada", "ben")),
        db.retry(lambda session: both(session, "ben", "ada")),
    )
    assert sorted(tries.values()) == [1, 2]


async def test_a_connection_that_is_ended_in_the_middle_is_replaced(db: Database):
    calls = 0

    async def work(session) -> int:
        nonlocal calls
        calls += 1
        if calls == 1:
            await session.execute(text("select pg_terminate_backend(pg_backend_pid())"))
        return await session.scalar(text("select 7"))

    assert await db.retry(work) == 7
    assert calls == 2
