"""The one door to PostgreSQL: transactions, retries and notifications."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import psycopg
from psycopg import sql
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from pythonmastery_ext.db import failures, partitions

T = TypeVar("T")
log = logging.getLogger(__name__)

#: Milliseconds. A statement that needs longer belongs into a job, not into a request.
TIMEOUTS = {
    "statement_timeout": 15_000,
    "lock_timeout": 3_000,
    "idle_in_transaction_session_timeout": 30_000,
}
#: Notice within half a minute that the machine at the other end has vanished.
KEEPALIVE: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0


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
        pool_size: int = 10,
        max_overflow: int = 5,
    ) -> None:
        self.url = sqlalchemy_url(url)
        self._name = application_name
        self._engine = create_async_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=max_overflow,
            pool_timeout=5,
            pool_pre_ping=True,
            pool_recycle=1800,
            # Messages of errors are logged; what a learner wrote is not for the log.
            hide_parameters=True,
            connect_args={
                "application_name": application_name,
                "options": " ".join(f"-c {name}={value}" for name, value in TIMEOUTS.items()),
                **KEEPALIVE,
            },
        )
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Commits at the end, rolls back on an exception; DatabaseAway if the server is lost."""
        try:
            async with self._sessions() as session, session.begin():
                yield session
        except Exception as exc:
            refusal = failures.away(exc)
            if refusal is None or refusal is exc:
                raise
            log.warning("the database is away: %s", exc)
            raise refusal from exc

    async def retry(self, work: Callable[[AsyncSession], Awaitable[T]], attempts: int = 4) -> T:
        """Does `work` in a transaction, again from the start where that can help.

        A commit whose answer was lost may be done twice: `work` must be safe to repeat.
        """
        mended = False
        for attempt in range(1, attempts + 1):
            try:
                async with self.transaction() as session:
                    return await work(session)
            except Exception as exc:
                if failures.lacks_partition(exc) and not mended:
                    mended = True
                    await self.make_partitions()
                elif attempt == attempts or not (failures.away(exc) or failures.collided(exc)):
                    raise
                else:
                    await asyncio.sleep(_pause(attempt))
        raise AssertionError("the last attempt returns or raises")

    async def make_partitions(self) -> list[str]:
        async with self.transaction() as session:
            return await partitions.ensure(session)

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
            psycopg_dsn(self.url),
            autocommit=True,
            application_name=f"{self._name} listener",
            **KEEPALIVE,
        )
        for channel in channels:
            await connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
        return connection

    async def close(self) -> None:
        await self._engine.dispose()


def _pause(failed: int) -> float:
    """Seconds before trying again; uneven, so that many waiters do not come back at once."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 3.0 ** min(failed - 1, 9))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret
