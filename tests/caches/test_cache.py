"""A cache by itself: bounded, made once, dropped by the transaction that changes it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count

import psycopg
import pytest
from sqlalchemy import text

from pythonmastery_ext.db import cache as module
from pythonmastery_ext.db import listener
from pythonmastery_ext.db.cache import CACHES, Cache, Caches, invalidate
from pythonmastery_ext.db.engine import Database, psycopg_dsn
from tests.caches.conftest import until

_names = (f"test {number}" for number in count())


def a_cache(caches: Caches = CACHES, most: int = 3, seconds: float = 60.0) -> Cache[str, int]:
    return Cache(next(_names), most=most, seconds=seconds, among=caches)


class Source:
    """A value that changes, and how often it was read."""

    def __init__(self, value: int = 0) -> None:
        self.value = value
        self.reads = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def read(self) -> int:
        self.reads += 1
        seen = self.value
        await self.gate.wait()
        return seen


async def test_a_value_is_made_once_and_then_served(caches: Caches):
    cache, source = a_cache(caches), Source(7)
    assert [await cache.get("a", source.read) for _ in range(3)] == [7, 7, 7]
    stats = cache.stats()
    assert (source.reads, stats.hits, stats.misses, stats.size) == (1, 2, 1, 1)
    assert stats.oldest is not None
    assert stats.oldest >= 0


async def test_what_is_too_old_to_be_served_has_no_age(caches: Caches):
    cache, source = a_cache(caches, seconds=0.0), Source(7)
    await cache.get("a", source.read)
    assert (cache.stats().size, cache.stats().oldest) == (1, None)


async def test_many_callers_at_once_make_one_reading(caches: Caches):
    cache, source = a_cache(caches), Source(7)
    source.gate.clear()
    callers = [asyncio.create_task(cache.get("a", source.read)) for _ in range(50)]
    await until(lambda: source.reads > 0)
    source.gate.set()
    assert await asyncio.gather(*callers) == [7] * 50
    assert source.reads == 1


async def test_a_caller_that_goes_away_while_making_leaves_it_to_the_next(caches: Caches):
    cache, source = a_cache(caches), Source(7)
    source.gate.clear()
    first, second = (asyncio.create_task(cache.get("a", source.read)) for _ in range(2))
    await until(lambda: source.reads > 0)
    first.cancel()
    source.gate.set()
    assert await second == 7
    assert await cache.get("a", source.read) == 7
    assert source.reads == 2


async def test_nobody_waits_for_ever_for_another_caller(
    caches: Caches, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    cache, stuck, source = a_cache(caches), Source(7), Source(8)
    stuck.gate.clear()
    first = asyncio.create_task(cache.get("a", stuck.read))
    await until(lambda: stuck.reads > 0)
    assert await cache.get("a", source.read) == 8
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first


async def test_a_failure_is_told_and_not_kept(caches: Caches):
    async def fail() -> int:
        raise LookupError

    cache = a_cache(caches)
    with pytest.raises(LookupError):
        await cache.get("a", fail)
    assert await cache.get("a", Source(7).read) == 7


async def test_the_least_used_value_makes_room(caches: Caches):
    cache, source = a_cache(caches, most=2), Source()
    for key in ("a", "b", "a", "c", "a"):
        await cache.get(key, source.read)
    assert source.reads == 3
    await cache.get("b", source.read)
    assert (source.reads, cache.stats().size) == (4, 2)


async def test_a_value_that_is_too_old_is_made_again(caches: Caches):
    cache, source = a_cache(caches, seconds=0.0), Source()
    await cache.get("a", source.read)
    await cache.get("a", source.read)
    assert source.reads == 2


async def test_what_was_being_made_while_it_was_dropped_is_not_kept(caches: Caches):
    cache, source = a_cache(caches), Source(1)
    source.gate.clear()
    early = asyncio.create_task(cache.get("a", source.read))
    await until(lambda: source.reads > 0)
    source.value = 2
    cache.drop("a")
    late = asyncio.create_task(cache.get("a", source.read))
    await until(lambda: source.reads > 1)
    source.gate.set()
    assert (await early, await late) == (1, 2)
    assert await cache.get("a", source.read) == 2
    assert source.reads == 2


async def test_without_ears_nothing_is_kept():
    caches = Caches()
    cache, source = a_cache(caches), Source()
    await cache.get("a", source.read)
    await cache.get("a", source.read)
    assert (source.reads, cache.stats().size) == (2, 0)


Change = Callable[[Database, str], Awaitable[None]]


async def commits(db: Database, name: str) -> None:
    async with db.transaction() as session:
        await invalidate(session, name, "a")


async def rolls_back(db: Database, name: str) -> None:
    with suppress(ZeroDivisionError):
        async with db.transaction() as session:
            await invalidate(session, name, "a")
            raise ZeroDivisionError


async def drops_all(db: Database, name: str) -> None:
    async with db.transaction() as session:
        await invalidate(session, name)


@pytest.mark.parametrize("change", [commits, rolls_back, drops_all])
async def test_after_its_own_transaction_a_process_reads_anew_at_once(
    followed: Database, change: Change
):
    cache, source = a_cache(), Source(1)
    await cache.get("a", source.read)
    source.value = 2
    await change(followed, cache.name)
    assert await cache.get("a", source.read) == 2


async def test_a_transaction_reads_its_own_change_and_does_not_show_it(followed: Database):
    cache, source = a_cache(), Source(1)
    await cache.get("a", source.read)
    async with followed.transaction() as session:
        await invalidate(session, cache.name, "a")
        source.value = 2
        assert await cache.get("a", source.read) == 2
        assert await cache.get("b", source.read) == 2
        assert cache.stats().size == 2, "the value of before stays, that of another key is kept"
    assert await cache.get("a", Source(3).read) == 3


async def test_other_processes_hear_of_a_commit_and_not_of_a_rollback(db: Database, caches: Caches):
    cache, source = a_cache(caches), Source()
    await cache.get("a", source.read)
    await rolls_back(db, cache.name)
    await cache.get("a", source.read)
    assert source.reads == 1
    drops = cache.stats().drops
    await commits(db, cache.name)
    await until(lambda: cache.stats().drops > drops)
    await cache.get("a", source.read)
    assert source.reads == 2


async def test_words_that_are_none_of_ours_change_nothing(db: Database, caches: Caches):
    cache, source = a_cache(caches), Source()
    await cache.get("a", source.read)
    async with db.transaction() as session:
        for payload in ("", "no JSON", "[]", "7", '["unknown", "a"]', f'["{cache.name}", []]'):
            notify = text("select pg_notify(:channel, :payload)")
            await session.execute(notify, {"channel": module.CHANNEL, "payload": payload})
    await commits(db, cache.name)
    await until(lambda: cache.stats().size == 0)
    assert caches.sure


async def test_a_lost_connection_drops_everything_and_stops_serving(
    database_url: str, db: Database, caches: Caches
):
    cache, source = a_cache(caches), Source(1)
    await cache.get("a", source.read)
    with psycopg.connect(psycopg_dsn(database_url), autocommit=True) as admin:
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = %s and datname = current_database()",
            [f"{module.CHANNEL} listener"],
        )
    await until(lambda: not caches.sure)
    assert cache.stats().size == 0
    await until(lambda: caches.sure)
    source.value = 2
    assert await cache.get("a", source.read) == 2


async def test_silence_of_the_connection_stops_serving_though_it_looks_open(
    caches: Caches, monkeypatch: pytest.MonkeyPatch
):
    cache, source = a_cache(caches), Source(1)
    await cache.get("a", source.read)
    later = listener.monotonic() + listener.SURE
    monkeypatch.setattr(listener, "monotonic", lambda: later)
    assert not caches.sure
    source.value = 2
    assert await cache.get("a", source.read) == 2
