"""Several statements in one message to the server, and their rows in one back.

The driver's own pipeline goes through the event loop for each statement, which costs as much as it
saves. Here it goes there once: all is written, then read until the server has done it. What the
driver has prepared on a connection stays its own business, so that it forgets it where it should.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg._preparing import Prepare
from psycopg._queries import PostgresRawQuery
from psycopg.abc import PQGen
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.generators import fetch_many, send
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from pythonmastery_ext.db.statement import Statement

#: With its parameters.
Said = tuple[Statement, Mapping[str, Any]]
Rows = list[tuple[Any, ...]]


async def say(driver: AsyncConnection[Any], all_said: Sequence[Said]) -> list[Rows]:
    """Of each statement its rows; the error of the first that fails, after which none is done."""
    asked = [_asked(driver, *said) for said in all_said]
    async with driver.lock:
        answered = await driver.wait(_exchange(driver, asked))
    return [_rows(driver, result) for result in answered]


def _asked(
    driver: AsyncConnection[Any], statement: Statement, given: Mapping[str, Any]
) -> PostgresRawQuery:
    query = PostgresRawQuery(Transformer(driver))
    query.convert(statement.plain, statement.values(given))
    return query


def _exchange(
    driver: AsyncConnection[Any], asked: Sequence[PostgresRawQuery]
) -> PQGen[list[PGresult]]:
    connection = driver.pgconn
    connection.enter_pipeline_mode()
    try:
        sent = [_send(driver, query) for query in asked]
        connection.pipeline_sync()
        yield from send(connection)
        answers: list[PGresult] = []
        for noted, parts in sent:
            results = []
            for _ in range(parts):
                results += yield from fetch_many(connection)
            if noted is not None:
                driver._prepared.validate(*noted, results[-1:])
            answers += next(([bad] for bad in results if _failed(bad)), results[-1:])
        answers += yield from _ended(connection)
    finally:
        if connection.status == ConnStatus.OK:
            connection.exit_pipeline_mode()
    for answer in answers:
        if _failed(answer):
            raise error_from_result(answer, encoding=driver.info.encoding)
    return answers


def _ended(connection: PGconn) -> PQGen[list[PGresult]]:
    """Until the synchronisation: what failed at the server's own commit."""
    bad: list[PGresult] = []
    # From a server that is gone nothing comes.
    while results := (yield from fetch_many(connection)):
        bad += filter(_failed, results)
        if results[-1].status == ExecStatus.PIPELINE_SYNC:
            break
    return bad


def _send(
    driver: AsyncConnection[Any], query: PostgresRawQuery
) -> tuple[tuple[Any, Prepare, bytes] | None, int]:
    """What the driver has to note about it, and how many answers come."""
    connection, parts = driver.pgconn, 1
    # Behind a pooler nothing is prepared.
    prepare, name = driver._prepared.get(query, prepare=bool(query.params))
    if prepare is Prepare.NO:
        connection.send_query_params(
            query.query, query.params, param_types=query.types, param_formats=query.formats
        )
    else:
        if prepare is Prepare.SHOULD:
            connection.send_prepare(name, query.query, param_types=query.types)
            parts = 2
        connection.send_query_prepared(name, query.params, param_formats=query.formats)
    key = driver._prepared.maybe_add_to_cache(query, prepare, name)
    return (key, prepare, name) if key is not None else None, parts


def _failed(result: PGresult) -> bool:
    return result.status in (ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED)


def _rows(driver: AsyncConnection[Any], result: PGresult) -> Rows:
    loaded = Transformer(driver)
    loaded.set_pgresult(result)
    return loaded.load_rows(0, result.ntuples, tuple)
