"""Statements that go to the driver as they stand, in a session's transaction.

SQLAlchemy compiles a text, describes its columns and wraps its rows, and the driver looks for
parameters in it: for a submission and its verdict that took more of our processor than all else.

Whoever listens to what an engine executes, as the tests that explain plans do, still hears of each:
then SQLAlchemy sends the same text.
"""

from collections.abc import Mapping
from typing import Any

from psycopg import AsyncConnection, AsyncRawCursor
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from pythonmastery_ext.db.opening import PENDING
from pythonmastery_ext.db.statement import Statement

Given = Mapping[str, Any]


async def rows(db: AsyncSession, statement: Statement, given: Given) -> list[tuple[Any, ...]]:
    driver, opening = await db.run_sync(_taken)
    if driver is None:
        return [tuple(row) for row in await db.execute(statement.text, given)]
    if opening is not None:
        await _rows(driver, *opening)
    return await _rows(driver, statement, given)


def _taken(
    session: Session,
) -> tuple[AsyncConnection[Any] | None, tuple[Statement, Given] | None]:
    """The driver, and what has to be said first; none where somebody listens."""
    if session.get_bind().engine.dispatch.before_cursor_execute:
        return None, None
    opening = session.info.pop(PENDING, None)
    try:
        return session.connection().connection.driver_connection, opening
    except BaseException:
        # Never without it.
        session.info[PENDING] = opening
        raise


async def _rows(
    driver: AsyncConnection[Any], statement: Statement, given: Given
) -> list[tuple[Any, ...]]:
    cursor = AsyncRawCursor(driver)
    # Planned once for a connection; behind a pooler the driver prepares nothing.
    await cursor.execute(statement.plain, statement.values(given), prepare=True)
    return await cursor.fetchall()
