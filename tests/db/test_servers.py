"""The other versions of PostgreSQL that this machine has, from 15 on.

Debian's are found; PYTHONMASTERY_TEST_POSTGRES names more, as folders with bin/ and with colons
between them.
"""

import os
import re
import subprocess
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from pythonmastery_ext import upkeep
from pythonmastery_ext.config import Settings
from pythonmastery_ext.db import backup, migrate, partitions, programs
from pythonmastery_ext.db.account import database_account
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.db.opening import INSTRUCTOR, WEB
from pythonmastery_ext.db.partitions import Month
from pythonmastery_ext.db.server import check_server
from tests.conftest import admin, with_database
from tests.db.conftest import answers, cluster_folder, until
from tests.db.contents import contents
from tests.db.work import a_learner, submit_and_grade
from tests.ports import free_port

NAMED = [
    Path(name) for name in os.environ.get("PYTHONMASTERY_TEST_POSTGRES", "").split(":") if name
]
SETTINGS = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off")


def version(home):
    shown = subprocess.run([home / "bin/postgres", "--version"], capture_output=True, check=False)
    return int(re.search(rb"\d+", shown.stdout)[0])


def homes():
    """One for each version but the embedded one, which all other tests use."""
    debian = [
        postgres.parent.parent for postgres in Path("/usr/lib").glob("postgresql/*/bin/postgres")
    ]
    found = {version(home): home for home in [*debian, *NAMED]}
    found.pop(version(programs.installed()), None)
    return {number: home for number, home in sorted(found.items()) if number >= 15}


HOMES = homes()


@contextmanager
def cluster(home):
    account, port = database_account(), free_port()
    with cluster_folder() as folder:
        account.own(folder)
        options = {"cwd": "/", "stdout": subprocess.DEVNULL, **account.popen_options()}
        words = ["--username=pythonmastery", "--auth=trust", "--no-sync", "--encoding=UTF8"]
        subprocess.run(
            [home / "bin/initdb", "-D", folder / "data", "--locale=C", *words],
            check=True,
            **options,
        )
        settings = [word for setting in SETTINGS for word in ("-c", setting)]
        server = subprocess.Popen(
            [home / "bin/postgres", "-D", folder / "data", "-p", str(port), *settings],
            stderr=subprocess.DEVNULL,
            **options,
        )
        url = f"postgresql+psycopg://pythonmastery@127.0.0.1:{port}/postgres"
        try:
            until(lambda: answers(url), 60)
            yield url
        finally:
            server.terminate()
            server.wait()


@pytest.mark.skipif(not HOMES, reason="no other PostgreSQL here: apt-get install postgresql-15")
@pytest.mark.parametrize("number", HOMES)
async def test_everything_of_the_database_works_on_it(number, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{HOMES[number] / 'bin'}:{os.environ['PATH']}")
    with cluster(HOMES[number]) as server:
        with admin(server) as connection:
            connection.execute("create database course")
        url = check_server(with_database(server, "course"))
        migrate.upgrade(url)
        assert migrate.check(url) == []
        db = Database(url)
        learner = await a_learner(db, tmp_path / "course")
        assert await submit_and_grade(db, learner) == "passed"
        await a_month_leaves_and_comes_back(db, tmp_path)
        await db.close()
        await a_backup_comes_to_a_new_server(server, url, tmp_path)
        migrate.downgrade(url, "base")


async def a_month_leaves_and_comes_back(db, folder):
    async with db.transaction() as session:
        await partitions.ensure(session, 0, datetime(2024, 11, 1, tzinfo=UTC))
    lines = [line async for line in upkeep.archive(db, Month(2025, 1), folder)]
    assert len(lines) == len(partitions.PARENTS)
    assert "0 rows are back" in await upkeep.attach(db, folder / "ai_interaction_2024_11.zip")


async def a_backup_comes_to_a_new_server(server, url, folder):
    before = contents(url, views=False)
    file = backup.backup(url, folder / "course.dump")
    with admin(server) as connection:
        connection.execute("drop database course")
        for role in (WEB, INSTRUCTOR):
            connection.execute(f"drop role {role}".encode())
        connection.execute("create database course")
    backup.restore(url, file)
    assert contents(url, views=False) == before
    db = Database(url)
    await upkeep.settle(db, Settings(role="local", data_dir=str(folder)))
    assert db.fenced
    async with db.transaction(as_learner=1) as session:
        assert await session.scalar(text("select count(*) from app_user")) == 1
    await db.close()
