"""Caches of this process, dropped in all processes by the transaction that changes what they hold.

    BOARDS: Cache[str, Board] = Cache("leaderboard", most=50, seconds=30)

    board = await BOARDS.get("all", lambda: read_board(db))    # whoever reads
    await invalidate(db, "leaderboard")                        # whoever changes

`invalidate` sends its word in the changing transaction, so it arrives after the commit or not at
all. A process that does not hear these words (`CACHES.follow`) keeps and serves nothing.
"""

import asyncio
import json
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from sqlalchemy import event, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.db.listener import Listener

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

#: PostgreSQL channel; the payload is a JSON list: name of a cache, and a key or null for all keys.
CHANNEL = "pythonmastery_cache"
#: Seconds to wait for somebody else who makes the same value, before making it oneself.
PATIENCE = 1.0
#: Key of a session's `info`: what its transaction changes.
CHANGES = "pythonmastery changed caches"


@dataclass(frozen=True, kw_only=True)
class CacheStats:
    name: str
    size: int
    most: int
    hits: int
    #: Also values that were not kept because no word of a change would have been heard.
    misses: int
    #: Words of changes heard, own changes ended, connections lost.
    drops: int
    #: Seconds; None if nothing could be served. What is too old goes when it is asked for.
    oldest: float | None


class Caches:
    """All caches of a process, and the connection that tells them what to drop."""

    def __init__(self) -> None:
        self._named: dict[str, Cache[Any, Any]] = {}
        self._listener = Listener(CHANNEL, self._heard, self.drop)

    def add(self, cache: "Cache[Any, Any]") -> None:
        if cache.name in self._named:
            raise ValueError(f"there is a cache named {cache.name!r} already")
        self._named[cache.name] = cache

    def named(self, name: str) -> "Cache[Any, Any] | None":
        """None in a process that has not imported what uses it."""
        return self._named.get(name)

    @property
    def sure(self) -> bool:
        """Whether values may be kept and served: each change is heard of within seconds."""
        return self._listener.sure

    def follow(self, db: Database) -> None:
        """Turns the caches on, for readers of this database only; off again by `stop`."""
        self._listener.follow(db)

    async def stop(self) -> None:
        await self._listener.stop()

    def stats(self) -> list[CacheStats]:
        return [cache.stats() for cache in self._named.values()]

    def drop(self) -> None:
        for cache in self._named.values():
            cache.drop()

    def _heard(self, payload: str) -> None:
        # Anybody who may connect may notify: what is no word of ours drops nothing.
        with suppress(ValueError, TypeError):
            name, key = json.loads(payload)
            cache = self.named(name)
            if cache is not None:
                cache.drop(key)


#: Those of this process.
CACHES = Caches()


@dataclass(eq=False)
class _Making:
    done: asyncio.Event = field(default_factory=asyncio.Event)
    #: What it reads was changed meanwhile.
    spoilt: bool = False


class Cache(Generic[K, V]):
    """At most `most` values, the least used go first, none older than `seconds`.

    Values are shared by many callers: frozen ones, and no rows of a session. A key is text or a
    whole number and says all that its value depends on, so that nobody is served what only
    another learner may see.
    """

    def __init__(self, name: str, *, most: int, seconds: float, among: Caches = CACHES) -> None:
        self.name = name
        self._most = most
        self._seconds = seconds
        self._among = among
        #: Value and when its making began; the one that was used last stands last.
        self._kept: OrderedDict[K, tuple[V, float]] = OrderedDict()
        self._making: dict[K, _Making] = {}
        #: Key, or None for all, → the open transactions of this process that change it.
        self._changing: defaultdict[K | None, WeakSet[Session]] = defaultdict(WeakSet)
        self._hits = self._misses = self._drops = 0
        among.add(self)

    async def get(self, key: K, make: Callable[[], Awaitable[V]]) -> V:
        """What is kept, or what `make` reads; of many callers at once one makes it for all."""
        deadline = monotonic() + PATIENCE
        while self._among.sure and not self._is_changing(key):
            found = self._fresh(key)
            if found is not None:
                self._hits += 1
                return found[0]
            making = self._making.get(key)
            if making is None:
                self._misses += 1
                return await self._make(key, make)
            try:
                # Not for ever: the maker may wait for a connection that its waiters hold.
                async with asyncio.timeout(deadline - monotonic()):
                    await making.done.wait()
            except TimeoutError:
                break
        self._misses += 1
        return await make()

    async def _make(self, key: K, make: Callable[[], Awaitable[V]]) -> V:
        making = self._making[key] = _Making()
        began = monotonic()
        try:
            value = await make()
            if not making.spoilt:
                self._keep(key, value, began)
            return value
        finally:
            if self._making.get(key) is making:
                del self._making[key]
            making.done.set()

    def drop(self, key: K | None = None) -> None:
        """One value or all; what is being made right now will not be kept either."""
        self._drops += 1
        if key is None:
            self._kept.clear()
            spoilt, self._making = list(self._making.values()), {}
        else:
            self._kept.pop(key, None)
            spoilt = [self._making.pop(key)] if key in self._making else []
        for making in spoilt:
            making.spoilt = True

    def changing(self, key: K | None, session: Session) -> None:
        """Until `changed` everybody reads past the cache, most of all the session itself."""
        self._changing[key].add(session)

    def changed(self, key: K | None, session: Session) -> None:
        self._changing[key].discard(session)
        if not self._changing[key]:
            del self._changing[key]
        self.drop(key)

    def stats(self) -> CacheStats:
        now = monotonic()
        ages = (now - began for _, began in self._kept.values())
        return CacheStats(
            name=self.name,
            size=len(self._kept),
            most=self._most,
            hits=self._hits,
            misses=self._misses,
            drops=self._drops,
            oldest=max((age for age in ages if age < self._seconds), default=None),
        )

    def _is_changing(self, key: K) -> bool:
        return bool(self._changing) and any(self._changing.get(each) for each in (key, None))

    def _fresh(self, key: K) -> tuple[V, float] | None:
        found = self._kept.get(key)
        if found is None:
            return None
        if monotonic() - found[1] >= self._seconds:
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return found

    def _keep(self, key: K, value: V, began: float) -> None:
        self._kept[key] = value, began
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)


async def invalidate(session: AsyncSession, name: str, key: int | str | None = None) -> None:
    """In the transaction that changes what the cache holds, before anything is read of it there.

    None drops all keys. Other processes drop when they hear of the commit, this one as it ends.
    """
    for word in announce(session, name, key):
        await session.execute(select(func.pg_notify(*word)))


def announce(
    session: AsyncSession, name: str, key: int | str | None = None
) -> list[tuple[str, str]]:
    """As `invalidate`, for a statement that sends the words itself: channel and payload of each."""
    cache = CACHES.named(name)
    if cache is not None:
        cache.changing(key, session.sync_session)
        session.info.setdefault(CHANGES, []).append((cache, key))
    return [(CHANNEL, json.dumps([name, key]))]


@event.listens_for(Session, "after_transaction_end")
def _ended(session: Session, transaction: SessionTransaction) -> None:
    """Committed, rolled back or lost: in each case what is kept may be wrong."""
    if transaction.parent is None:
        for cache, key in session.info.pop(CHANGES, ()):
            cache.changed(key, session)
