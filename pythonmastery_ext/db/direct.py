"""Statements that go to the driver as they stand, in a session's transaction.

SQLAlchemy compiles a text, describes its columns and wraps its rows, and the driver looks for
parameters in it: for a submission and its verdict that took more of our processor than all else.
What belongs together goes in one message: the beginning, the fence and the lock with the first
statement, the end with the last one.

Whoever listens to what an engine executes, as the tests that explain plans do, still hears of each:
then SQLAlchemy sends the same text.
"""

from collections.abc import Mapping
from typing import Any

from psycopg import AsyncConnection
from psycopg.pq import TransactionStatus
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from pythonmastery_ext.db.message import Rows, Said, say
from pythonmastery_ext.db.opening import BRIEF, PENDING, MoreToSay
from pythonmastery_ext.db.statement import Statement

Given = Mapping[str, Any]
BEGIN: Said = (Statement("begin"), {})
COMMIT: Said = (Statement("commit"), {})


async def rows(db: AsyncSession, statement: Statement, given: Given) -> Rows:
    """What the statement returns; with it goes whatever has to be said before it."""
    driver, opening = await db.run_sync(_taken)
    if driver is None:
        return [tuple(row) for row in await db.execute(statement.text, given)]
    first = [BEGIN, *opening] if _idle(driver) else opening
    return (await say(driver, [*first, (statement, given)]))[len(first)]


async def last(db: AsyncSession, statement: Statement, given: Given) -> Rows:
    """As `rows`; ends the transaction too, if whoever began it allowed that.

    A transaction of one message needs no BEGIN and no COMMIT: the server commits what came between
    two synchronisations, or nothing of it.
    """
    if not db.info.get(BRIEF):
        return await rows(db, statement, given)
    driver, opening = await db.run_sync(_taken)
    if driver is None:
        return [tuple(row) for row in await db.execute(statement.text, given)]
    after = [] if _idle(driver) else [COMMIT]
    found = (await say(driver, [*opening, (statement, given), *after]))[len(opening)]
    if opening or after:
        # Nothing more can be said in this session, where it would be without the fence or the lock.
        await db.commit()
    return found


def go_on(db: AsyncSession) -> None:
    """Called where more has to be said after `last`: then all is done again, and takes longer."""
    if db.info.get(BRIEF):
        raise MoreToSay


def _idle(driver: AsyncConnection[Any]) -> bool:
    return driver.pgconn.transaction_status == TransactionStatus.IDLE


def _taken(session: Session) -> tuple[AsyncConnection[Any] | None, list[Said]]:
    """The driver, and what has to be said first; none where somebody listens."""
    if session.get_bind().engine.dispatch.before_cursor_execute:
        return None, []
    opening = session.info.pop(PENDING, None)
    try:
        driver = session.connection().connection.driver_connection
    except BaseException:
        # Never without it.
        session.info[PENDING] = opening
        raise
    return driver, [] if opening is None else [opening]
