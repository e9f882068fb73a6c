"""A log with sealed events, and somebody who may do anything to it."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from pythonmastery_ext.audit import form
from pythonmastery_ext.db.engine import Database, psycopg_dsn
from tests.audit.writing import EVENTS, record, seal


@pytest.fixture
async def sealed(db: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Two seals, of five events and of three; the first was added to."""
    monkeypatch.setattr(form, "FULL", 5)
    for number in range(1, EVENTS + 1):
        await record(db, number)
        if number == 3:
            assert await seal(db) == 3
    assert await seal(db) == EVENTS - 3
    return db


@pytest.fixture
def intruder(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    """Somebody with all rights on the server, who has switched the triggers off."""
    with psycopg.connect(psycopg_dsn(database_url), autocommit=True) as connection:
        for table in ("audit_event", "audit_seal"):
            connection.execute(f"alter table {table} disable trigger user")
        yield connection
