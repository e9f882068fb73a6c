"""Wakes the open event streams of a learner when something was recorded for them."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.audit import service
from pythonmastery_ext.audit.models import AuditEvent
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import DatabaseAway, TooManyStreams
from pythonmastery_ext.identity import Learner

#: Makes the data of one kind of event; None if what it was about is gone.
Render = Callable[[AsyncSession, Learner, AuditEvent], Awaitable[BaseModel | None]]

STREAMS_PER_LEARNER = 20
#: Seconds after which a stream looks by itself: a notification is only a wake-up.
LOOK_AGAIN = 20.0
#: Seconds between tries while the database is away.
PAUSE = 1.0


@dataclass(frozen=True)
class Event:
    name: str
    data: BaseModel | None
    #: Where to resume; None for what is not recorded.
    id: int | None


@dataclass(eq=False)
class Subscription:
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    course_changed: bool = False


class EventStream:
    """One LISTEN connection for all streams of the process."""

    def __init__(self, db: Database, renders: Mapping[str, Render]) -> None:
        self._db = db
        self._renders = renders
        self._subscriptions: dict[int, set[Subscription]] = defaultdict(set)
        self._listener: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._listener = asyncio.create_task(self._listen(), name="pythonmastery events")

    async def stop(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)

    async def _listen(self) -> None:
        async for _, payload in self._db.notifications(service.CHANNEL):
            if payload.isdecimal():
                self._wake(self._subscriptions.get(int(payload), set()))
            else:
                # A new connection, after which everybody reads again, or word to everybody.
                everybody = set().union(*self._subscriptions.values())
                self._wake(everybody, course_changed=payload == service.EVERYBODY)

    def _wake(self, subscriptions: set[Subscription], course_changed: bool = False) -> None:
        for subscription in subscriptions:
            subscription.course_changed |= course_changed
            subscription.woken.set()

    @contextmanager
    def subscribe(self, learner: Learner) -> Iterator[Subscription]:
        own = self._subscriptions[learner.id]
        if len(own) >= STREAMS_PER_LEARNER:
            raise TooManyStreams(retry_after=30)
        subscription = Subscription()
        own.add(subscription)
        try:
            yield subscription
        finally:
            own.discard(subscription)
            if not own:
                del self._subscriptions[learner.id]

    async def newest(self, learner: Learner) -> int:
        async with self._db.transaction() as db:
            return await service.newest(db, learner.id)

    async def follow(
        self, learner: Learner, subscription: Subscription, last: int
    ) -> AsyncIterator[Event]:
        """Events after `last`, for ever; a database that goes away only delays them."""
        while True:
            subscription.woken.clear()
            try:
                batch = await self._read(learner, last)
            except DatabaseAway:
                await asyncio.sleep(PAUSE)
                continue
            for event in batch:
                last = event.id or last
                yield event
            if subscription.course_changed:
                subscription.course_changed = False
                yield Event("course.changed", None, None)
            if not batch:
                await self._wait(subscription)

    async def _read(self, learner: Learner, last: int) -> list[Event]:
        async with self._db.transaction() as db:
            found = []
            for row in await service.after(db, learner.id, last):
                if service.XP in row.data and row.kind != service.PROGRESS:
                    # One act of the service and one event of the log, of which a browser hears
                    # twice; it resumes after the second.
                    told = await self._renders[service.PROGRESS](db, learner, row)
                    found.append(Event(service.PROGRESS, told, None))
                told = await self._renders[row.kind](db, learner, row)
                found.append(Event(row.kind, told, row.id))
            return found

    async def _wait(self, subscription: Subscription) -> None:
        try:
            async with asyncio.timeout(LOOK_AGAIN):
                await subscription.woken.wait()
        except TimeoutError:
            return
