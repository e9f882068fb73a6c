"""The one door to PostgreSQL: transactions, retries and notifications."""

import asyncio
import itertools
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from typing import Any, TypeVar

import psycopg
from psycopg import sql
from sqlalchemy import Row, TextClause, make_url, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from pythonmastery_ext.db import failures, liveness, measures, opening, partitions
from pythonmastery_ext.db.admission import Admission
from pythonmastery_ext.db.opening import Fence
from pythonmastery_ext.db.options import BEHIND_POOLER, KEEPALIVE, WITH_TIMEOUTS

T = TypeVar("T")
log = logging.getLogger(__name__)

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
#: Seconds after which nothing is tried again: somebody waits for an answer meanwhile.
PATIENCE = 8.0


def sqlalchemy_url(url: str) -> str:
    """`postgresql://` or `postgres://` made into the form that names our driver."""
    if url.startswith("postgres://"):
        url = url.replace("postgres://", "postgresql://", 1)
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def psycopg_dsn(url: str) -> str:
    """The same address in the form that libpq reads."""
    plain = make_url(sqlalchemy_url(url)).set(drivername="postgresql")
    return plain.render_as_string(hide_password=False)


async def driver_connection(session: AsyncSession) -> psycopg.AsyncConnection[Any]:
    """The psycopg connection of this session's transaction, for Procrastinate to defer in."""
    raw = await (await session.connection()).get_raw_connection()
    connection = raw.driver_connection
    if not isinstance(connection, psycopg.AsyncConnection):
        raise TypeError(f"expected a psycopg connection, not {type(connection).__name__}")
    return connection


class Database:
    """A pool of connections; make it inside the event loop that will use it."""

    def __init__(
        self,
        url: str,
        *,
        application_name: str = "pythonmastery",
        pool_size: int = 15,
        max_overflow: int = 0,
        direct_url: str = "",
    ) -> None:
        """`direct_url` says that `url` leads to a pooler, where sessions keep nothing.

        No connections beyond `pool_size` by default: under load each of them would be closed after
        one transaction, and to open one takes the server longer than the transaction.
        """
        self.url = sqlalchemy_url(url)
        #: For what needs a session of its own: LISTEN, and Procrastinate's workers.
        self.direct_url = sqlalchemy_url(direct_url or url)
        self._name = application_name
        #: False where the server has no role to act as, and only the queries keep learners apart.
        self.fenced = True
        self._engine = create_async_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=max_overflow,
            # A connection that was used just now has its plans at hand.
            pool_use_lifo=True,
            pool_timeout=5,
            pool_recycle=1800,
            # Messages of errors are logged; what a learner wrote is not for the log.
            hide_parameters=True,
            connect_args={
                "application_name": application_name,
                **(BEHIND_POOLER if direct_url else WITH_TIMEOUTS),
                **KEEPALIVE,
            },
        )
        liveness.watch(self._engine.sync_engine)
        self._most = pool_size + max_overflow
        self._waits = 0
        self._admission = Admission()
        #: The same pool, without a BEGIN and a COMMIT around a single statement.
        self._single = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(
        self,
        *,
        as_learner: int | None = None,
        as_instructor: int | None = None,
        turn: int | None = None,
        brief: bool = False,
    ) -> AsyncIterator[AsyncSession]:
        """Commits at the end, rolls back on an exception; DatabaseAway if the server is lost.

        `as_learner`: sees and changes the rows of this learner only, whatever a query forgets.
        `as_instructor`: reads the work of all learners, and records only what this person does.
        `turn`: holds this learner's lock from the start.
        `brief`: one of a few at a time; `direct.last` may end it, then nothing more can be said.
        """
        self._waits += measures.full(self._engine.pool, self._most)
        place = self._admission.place(turn) if brief else nullcontext()
        async with _told(), place, self._sessions() as session, session.begin():
            fence = Fence.of(as_learner, as_instructor) if self.fenced else None
            opening.begin(session, fence, turn, brief=brief)
            yield session

    async def retry(
        self,
        work: Callable[[AsyncSession], Awaitable[T]],
        attempts: int = 4,
        *,
        as_learner: int | None = None,
        turn: int | None = None,
        brief: bool = False,
    ) -> T:
        """Does `work` in a transaction, again from the start where that can help.

        A commit whose answer was lost may be done twice: `work` must be safe to repeat.
        """

        async def once(brief: bool = brief) -> T:
            try:
                async with self.transaction(
                    as_learner=as_learner, turn=turn, brief=brief
                ) as session:
                    return await work(session)
            except opening.MoreToSay:
                return await once(brief=False)

        return await self._again(once, attempts)

    async def drain(self, batch: Callable[[AsyncSession], Awaitable[int]]) -> int:
        """Does `batch` until nothing is left for it; how much it has done. A transaction each."""
        done = 0
        while count := await self.retry(batch):
            done += count
        return done

    async def at_once(
        self, statement: TextClause, parameters: dict[str, Any]
    ) -> Sequence[Row[Any]]:
        """One statement that is a transaction by itself: one round trip, tried again as `retry`."""

        async def once() -> Sequence[Row[Any]]:
            async with _told(), self._single.connect() as connection:
                return (await connection.execute(statement, parameters)).all()

        return await self._again(once)

    async def _again(self, once: Callable[[], Awaitable[T]], attempts: int = 4) -> T:
        mended = False
        begun = time.monotonic()
        for attempt in itertools.count(1):
            tired = attempt >= attempts or time.monotonic() - begun > PATIENCE
            try:
                return await once()
            except Exception as exc:
                if failures.lacks_partition(exc) and not mended:
                    mended = True
                    await self.make_partitions()
                elif tired or not (failures.away(exc) or failures.collided(exc)):
                    raise
                else:
                    await asyncio.sleep(_pause(attempt))
        raise AssertionError("each way out of the loop returns or raises")

    async def make_partitions(self) -> list[str]:
        async with self.transaction() as session:
            return await partitions.ensure(session)

    async def fence(self) -> str | None:
        """Makes the role that learners are served by; what an admin has to run if we may not."""
        async with self.transaction() as session:
            missing: str | None = await session.scalar(text("select pythonmastery_fence()"))
        self.fenced = missing is None
        return missing

    def pool(self) -> measures.PoolFigures:
        return measures.of_pool(self._engine.pool, self._waits)

    async def ping(self) -> None:
        async with self.transaction() as session:
            await session.execute(text("select 1"))

    async def notifications(self, *channels: str) -> AsyncIterator[tuple[str, str]]:
        """(channel, payload) for ever, over a connection of its own, made again when it breaks.

        Yields ("", "") after each connection: what was sent meanwhile is lost, so read it again.
        """
        failed = 0
        while True:
            try:
                async with await self._listen(channels) as connection:
                    failed = 0
                    yield "", ""
                    async for notice in connection.notifies():
                        yield notice.channel, notice.payload
            except psycopg.OperationalError as exc:
                log.warning("not listening to the database, will connect again: %s", exc)
            failed += 1
            await asyncio.sleep(_pause(failed))

    async def _listen(self, channels: tuple[str, ...]) -> psycopg.AsyncConnection[Any]:
        connection = await psycopg.AsyncConnection.connect(
            psycopg_dsn(self.direct_url),
            autocommit=True,
            application_name=f"{self._name} listener",
            **KEEPALIVE,
        )
        for channel in channels:
            await connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
        return connection

    async def close(self) -> None:
        await self._engine.dispose()


@asynccontextmanager
async def _told() -> AsyncIterator[None]:
    """What the driver says of a server that is away, as the refusal that a person can read."""
    try:
        yield
    except Exception as exc:
        refusal = failures.away(exc)
        if refusal is None or refusal is exc:
            raise
        log.warning("the database is away: %s", exc)
        raise refusal from exc


def _pause(failed: int) -> float:
    """Seconds before trying again; uneven, so that many waiters do not come back at once."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 3.0 ** min(failed - 1, 9))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret
