"""Writing to the log and sealing it, as this release does it and as the one before did."""

from psycopg import sql

from pythonmastery_ext.audit import chain, service
from pythonmastery_ext.audit.form import CONTENT, START, Head
from pythonmastery_ext.db.engine import Database

EVENTS = 8


async def record(db: Database, number: int) -> None:
    async with db.transaction() as session:
        await service.record(
            session,
            "hint.opened",
            actor=number,
            learner=number,
            target=f"problem-{number}",
            data={"order": number, "what": "é\u2028 '\"", "at": 1.50},
            streamed=False,
        )


async def seal(db: Database) -> int:
    return await chain.grow(db)


async def chain_as_before(db: Database) -> None:
    """What a worker of the release before seals did."""
    async with db.transaction() as session:
        connection = (await (await session.connection()).get_raw_connection()).driver_connection
        cursor = await connection.execute(
            "select coalesce(max(seq), 0), (select hash from audit_event where seq is not null"
            " order by seq desc limit 1) from audit_event"
        )
        seq, hash_ = await cursor.fetchone()
        head = Head(seq, hash_ or START)
        cursor = await connection.execute(
            sql.SQL("select {} from audit_event where seq is null order by id").format(
                sql.SQL(CONTENT)
            )
        )
        for content in await cursor.fetchall():
            head = head.then(content)
            await connection.execute(
                "update audit_event set seq = %s, hash = %s where id = %s", [*head, content[0]]
            )
