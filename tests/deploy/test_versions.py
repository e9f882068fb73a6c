"""Programs and databases of different versions, as in an upgrade and on the way back from one."""

import asyncio
import logging

import psycopg

from pythonmastery_ext import cli
from pythonmastery_ext.db import revision
from pythonmastery_ext.db.engine import psycopg_dsn
from pythonmastery_ext.worker_command import schema_fits


def be_at(url: str, name: str) -> None:
    with psycopg.connect(psycopg_dsn(url)) as connection:
        connection.execute("update alembic_version set version_num = %s", [name])


class Upgrade(logging.Handler):
    """An operator who does what the log says."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def emit(self, record: logging.LogRecord) -> None:
        be_at(self.url, revision.newest())


def test_the_version_before_starts_on_the_newer_schema_and_says_that_it_is_older(
    database_url, caplog
):
    be_at(database_url, "9999")
    with caplog.at_level(logging.WARNING):
        revision.ensure(database_url)
    assert "schema of the database is 9999, and this program, which is older" in caplog.text


def test_the_command_before_its_start_is_content_with_the_newer_schema(
    database_url, capsys, monkeypatch
):
    be_at(database_url, "9999")
    monkeypatch.setenv("PYTHONMASTERY_DATABASE_URL", database_url)
    assert cli.main(["db", "upgrade"]) == 0
    assert "bring this program up to date" in capsys.readouterr().out
    assert revision.status(database_url).current == "9999"


async def test_a_worker_newer_than_the_schema_waits_for_it_and_says_so(
    database_url, caplog, monkeypatch
):
    monkeypatch.setattr("pythonmastery_ext.worker_command.SCHEMA_SECONDS", 0.05)
    be_at(database_url, "0001")
    fit, log = asyncio.Event(), logging.getLogger("pythonmastery_ext.worker_command")
    upgrade = Upgrade(database_url)
    log.addHandler(upgrade)
    with caplog.at_level(logging.WARNING):
        await schema_fits(database_url, fit, asyncio.Event())
    log.removeHandler(upgrade)
    assert f"is 0001, and this program needs {revision.newest()}" in caplog.text
    assert fit.is_set()


async def test_a_worker_older_than_the_schema_works_and_says_so(database_url, caplog):
    be_at(database_url, "9999")
    fit = asyncio.Event()
    with caplog.at_level(logging.WARNING):
        await schema_fits(database_url, fit, asyncio.Event())
    assert fit.is_set()
    assert "which is older" in caplog.text


async def test_a_worker_that_waits_can_be_stopped():
    fit, stop = asyncio.Event(), asyncio.Event()
    stop.set()
    await schema_fits("postgresql://nobody@127.0.0.1:1/nothing", fit, stop)
    assert not fit.is_set()
