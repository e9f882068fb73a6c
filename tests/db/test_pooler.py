"""Through PgBouncer in transaction mode: each transaction may meet another server session."""

import asyncio
import os
import shutil
import subprocess
import time
from contextlib import aclosing, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, make_url, select, text

from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.db.account import database_account
from pythonmastery_ext.db.engine import Database, psycopg_dsn
from pythonmastery_ext.db.options import TIMEOUTS
from pythonmastery_ext.errors import DatabaseAway
from tests.db.work import a_learner, submit_and_grade
from tests.ports import free_port

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
#: Few, so that every session has to serve everybody.
SESSIONS = 3
#: As docs/operators.md tells it.
CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={server} connect_query='{settings}'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = plain
auth_file = {users}
pool_mode = transaction
default_pool_size = {sessions}
max_client_conn = 200
"""

pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="no PgBouncer here: apt-get install pgbouncer"
)


@pytest.fixture
def pooled(database_url, tmp_path):
    """The same database through a pooler."""
    server = make_url(database_url)
    with running(server, Path(tmp_path)) as port:
        url = server.set(port=port).render_as_string(hide_password=False)
        wait_for(url)
        yield url


@contextmanager
def running(server, folder):
    account, port = database_account(), free_port()
    users, settings = folder / "users", folder / "pgbouncer.ini"
    users.write_text(f'"{server.username}" "{server.password}"\n')
    query = "; ".join(f"set {name} = {value}" for name, value in TIMEOUTS.items())
    settings.write_text(
        CONFIGURATION.format(
            server=server.port, port=port, users="users", sessions=SESSIONS, settings=query
        )
    )
    for place in (users, settings, folder):
        if account.other:
            os.chown(place, account.uid, account.gid)
    # Its files by an open folder: as another user it could not walk to this one.
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    program = subprocess.Popen(
        [PROGRAM, "--quiet", "pgbouncer.ini"],
        preexec_fn=lambda: os.fchdir(fd),
        pass_fds=(fd,),
        **account.popen_options(),
    )
    os.close(fd)
    try:
        yield port
    finally:
        program.kill()
        program.wait()


def wait_for(url):
    deadline = time.monotonic() + 20
    while True:
        try:
            psycopg.connect(psycopg_dsn(url)).close()
            return
        except psycopg.OperationalError:
            assert time.monotonic() < deadline, "PgBouncer did not come up"
            time.sleep(0.05)


async def test_submissions_and_verdicts_go_through_it(database_url, pooled, tmp_path):
    db = Database(pooled, direct_url=database_url)
    learner = await a_learner(db, tmp_path / "course")
    # More at once than there are sessions, and more often than a driver waits before it prepares.
    for _ in range(3):
        done = await asyncio.gather(*(submit_and_grade(db, learner) for _ in range(6)))
        assert done == ["passed"] * 6
    async with db.transaction() as session:
        # What a transaction for a learner has set is gone with it, whoever has the session now.
        assert await session.scalar(select(func.count()).select_from(ProblemAttempt)) == 18
        assert await session.scalar(text("select current_user")) == "pythonmastery"
        assert await session.scalar(text("show statement_timeout")) == "15s"
        assert await session.scalar(text("show lock_timeout")) == "3s"
    await db.close()


async def test_notifications_come_by_the_direct_address(database_url, pooled):
    db = Database(pooled, direct_url=database_url)
    async with aclosing(db.notifications("news")) as notices:
        assert await anext(notices) == ("", "")
        async with db.transaction() as session:
            await session.execute(text("select pg_notify('news', 'hello')"))
        assert await asyncio.wait_for(anext(notices), 20) == ("news", "hello")
    await db.close()


async def test_without_a_direct_address_a_pooler_is_not_mistaken_for_a_server(pooled):
    db = Database(pooled)
    with pytest.raises(DatabaseAway):
        await db.ping()
    await db.close()
