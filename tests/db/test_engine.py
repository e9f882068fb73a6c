import asyncio
import os
import signal
from contextlib import aclosing

import procrastinate
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pythonmastery_ext.db.engine import (
    Database,
    driver_connection,
    psycopg_dsn,
    sqlalchemy_url,
)
from pythonmastery_ext.errors import DatabaseAway, NotFound
from tests.db.conftest import is_alive, postmaster, until
from tests.db.rows import a_user

COUNT = text("select count(*) from app_user")
TERMINATE = text(
    "select count(pg_terminate_backend(pid)) from pg_stat_activity"
    " where application_name = :name and pid <> pg_backend_pid() and datname = current_database()"
)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_addresses_are_understood_in_the_usual_forms(scheme):
    url = f"{scheme}://ada:s%40x@db.example:5433/course?sslmode=require"
    assert (
        sqlalchemy_url(url)
        == "postgresql+psycopg://ada:s%40x@db.example:5433/course?sslmode=require"
    )
    assert psycopg_dsn(url) == "postgresql://ada:s%40x@db.example:5433/course?sslmode=require"


async def test_a_transaction_commits(db):
    async with db.transaction() as session:
        await a_user(session)
    async with db.transaction() as session:
        assert await session.scalar(COUNT) == 1


async def test_an_exception_rolls_back_and_is_not_changed(db):
    with pytest.raises(NotFound):
        await db.retry(refused_after_writing)
    async with db.transaction() as session:
        assert await session.scalar(COUNT) == 0


async def refused_after_writing(session):
    await a_user(session)
    raise NotFound


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("statement_timeout", "15s"),
        ("lock_timeout", "3s"),
        ("idle_in_transaction_session_timeout", "30s"),
        ("application_name", "pythonmastery"),
        ("timezone", "UTC"),
    ],
)
async def test_nothing_waits_for_ever(db, setting, value):
    async with db.transaction() as session:
        assert await session.scalar(text(f"show {setting}")) == value


async def test_a_statement_that_is_wrong_is_not_taken_for_a_lost_server(db):
    with pytest.raises(DBAPIError):
        await db.retry(lambda session: session.execute(text("select * from nothing")))


async def test_what_was_written_does_not_appear_in_the_message_of_an_error(db):
    with pytest.raises(DBAPIError) as caught:
        await db.retry(lambda session: a_user(session, "secret" * 100))
    assert "secret" not in str(caught.value)


async def test_a_job_is_deferred_in_our_transaction(db):
    app = procrastinate.App(connector=procrastinate.PsycopgConnector())

    async def defer_and_fail(session):
        connection = await driver_connection(session)
        await app.configure_task("grade", connection=connection, allow_unknown=True).defer_async()
        assert await session.scalar(text("select count(*) from procrastinate_jobs")) == 1
        raise NotFound

    with pytest.raises(NotFound):
        await db.retry(defer_and_fail)
    async with db.transaction() as session:
        assert await session.scalar(text("select count(*) from procrastinate_jobs")) == 0


async def test_two_transactions_that_collide_are_done_one_after_the_other(db):
    async with db.transaction() as session:
        user = await a_user(session)
    tries = []

    async def rename(session):
        tries.append(1)
        await session.execute(text("set transaction isolation level repeatable read"))
        await session.scalar(COUNT)
        if len(tries) == 1:
            async with db.transaction() as other:
                await other.execute(text("update app_user set email = 'first'"))
        await session.execute(text("update app_user set display_name = email"))

    await db.retry(rename)
    assert len(tries) == 2
    async with db.transaction() as session:
        assert (await session.get(type(user), user.id)).display_name == "first"


async def test_a_lost_connection_is_replaced(db):
    tries = []

    async def count(session):
        tries.append(1)
        await session.scalar(COUNT)
        if len(tries) == 1:
            async with db.transaction() as other:
                await other.execute(TERMINATE, {"name": "pythonmastery"})
        return await session.scalar(COUNT)

    assert await db.retry(count) == 0
    assert len(tries) == 2


async def test_a_server_that_is_gone_is_told_as_such_and_comes_back(server, data_dir):
    db = Database(server.start())
    await db.ping()
    kill(data_dir)
    for _ in range(2):
        with pytest.raises(DatabaseAway) as caught:
            await db.ping()
        assert caught.value.retry_after == 2
        assert caught.value.status == 503
    server.start()
    await db.ping()
    await db.close()


async def test_work_survives_a_restart_of_the_server(server, data_dir):
    db = Database(server.start())
    kill(data_dir)
    reviving = asyncio.create_task(asyncio.to_thread(server.start))
    assert await db.retry(lambda session: session.scalar(text("select 1")), attempts=8) == 1
    await reviving
    await db.close()


async def test_a_server_that_never_was_is_away():
    db = Database("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(DatabaseAway):
        await db.retry(lambda session: session.scalar(text("select 1")), attempts=2)


async def test_too_few_connections_are_told_as_busy(database_url):
    # Takes the five seconds that a request may wait for its turn.
    db = Database(database_url, pool_size=1, max_overflow=0)
    async with db.transaction() as session:
        await session.scalar(COUNT)
        with pytest.raises(DatabaseAway, match="busy"):
            await db.ping()
    await db.close()


async def test_a_lock_that_is_held_too_long_is_told_as_busy(database_url):
    # Takes the three seconds that a statement may wait for a lock.
    db = Database(database_url)
    lock = text("select pg_advisory_xact_lock(5)")
    async with db.transaction() as session:
        await session.execute(lock)
        with pytest.raises(DatabaseAway, match="busy"):
            async with db.transaction() as other:
                await other.execute(lock)
    await db.close()


async def test_notifications_arrive_and_survive_a_lost_connection(db):
    async with asyncio.timeout(30), aclosing(db.notifications("lessons", "other")) as notices:
        assert await anext(notices) == ("", "")
        await notify(db, "first")
        assert await anext(notices) == ("lessons", "first")
        async with db.transaction() as session:
            name = {"name": "pythonmastery listener"}
            assert await session.scalar(TERMINATE, name) == 1
        assert await anext(notices) == ("", "")
        await notify(db, "second")
        assert await anext(notices) == ("lessons", "second")


async def test_a_listener_waits_for_a_server_that_is_away(server, data_dir):
    db = Database(server.start())
    async with asyncio.timeout(30), aclosing(db.notifications("lessons")) as notices:
        assert await anext(notices) == ("", "")
        kill(data_dir)
        waiting = asyncio.create_task(anext(notices))
        await asyncio.to_thread(server.start)
        assert await waiting == ("", "")
    await db.close()


async def test_a_stopped_listener_leaves_no_connection(db):
    async with aclosing(db.notifications("lessons")) as notices:
        await anext(notices)
    with psycopg.connect(psycopg_dsn(db.url)) as connection:
        until(
            lambda: (
                connection.execute("select pg_stat_clear_snapshot()") and not listeners(connection)
            )
        )


def listeners(connection):
    counted = (
        "select count(*) from pg_stat_activity"
        " where application_name like '%listener' and datname = current_database()"
    )
    return connection.execute(counted).fetchone()[0]


async def notify(db, payload):
    async with db.transaction() as session:
        await session.execute(text("select pg_notify('lessons', :payload)"), {"payload": payload})


def kill(data_dir):
    pid = postmaster(data_dir)
    os.kill(pid, signal.SIGKILL)
    until(lambda: not is_alive(pid))
