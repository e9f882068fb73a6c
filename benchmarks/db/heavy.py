"""What takes longer: views, counters, an export, an erasure."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import text

from pythonmastery_ext.analytics import service as analytics
from pythonmastery_ext.config import PythonMastery
from pythonmastery_ext.db.engine import Database, psycopg_dsn
from pythonmastery_ext.db.keyfile import keyring
from pythonmastery_ext.privacy.erasing import Eraser
from pythonmastery_ext.privacy.exporting import export
from pythonmastery_ext.privacy.models import DataRequest
from pythonmastery_ext.progress import counters

BUSIEST = "select user_id, attempts from user_stats order by attempts desc limit 1"
#: Whoever has done as much as half of all others.
ORDINARY = """
    select user_id, attempts from user_stats
    order by attempts offset (select count(*) / 2 from user_stats) limit 1
"""


@dataclass(frozen=True)
class Task:
    what: str
    seconds: float
    #: Seconds.
    goal: float | None = None
    note: str = ""


async def tasks(url: str, folder: Path) -> AsyncIterator[Task]:
    """The order matters: who is erased is no longer counted."""
    db = Database(url, pool_size=2, max_overflow=5)
    secrets = keyring(PythonMastery(role="local", data_dir=str(folder)))
    with psycopg.connect(psycopg_dsn(url), autocommit=True) as plain:
        async with db.transaction() as session:
            took = await analytics.refresh(session)
        for name, milliseconds in took.items():
            yield Task(f"refresh of `{name}`", milliseconds / 1000, note="readers go on")
        yield Task("roll-up of `problem_stats`", await _roll_up(db), note="all problems")
        for who, query, goal in (("ordinary", ORDINARY, 1.0), ("busiest", BUSIEST, 5.0)):
            user, attempts = _one(plain, query)
            note = f"{attempts:,} submissions"
            target = folder / f"{who}.zip"
            began = time.perf_counter()
            await export(db, secrets, user, target)
            size = f"{note}, {target.stat().st_size >> 10:,} KB"
            yield Task(f"export, {who} learner", time.perf_counter() - began, note=size)
            request = await _asked(db, user)
            began = time.perf_counter()
            await Eraser(db, secrets, folder).carry_out(request)
            yield Task(f"erasure, {who} learner", time.perf_counter() - began, goal, note)
    await db.close()


def _one(db: psycopg.Connection[Any], query: str) -> tuple[int, int]:
    row = db.execute(query.encode()).fetchone()
    assert row is not None
    return row[0], row[1]


async def _roll_up(db: Database) -> float:
    async with db.transaction() as session:
        await session.execute(counters.ALL_CHANGED)
    began = time.perf_counter()
    async with db.transaction() as session:
        await session.execute(text("set local statement_timeout = 0"))
        await counters.roll_up(session)
    return time.perf_counter() - began


async def _asked(db: Database, user: int) -> int:
    """An erasure whose time to change one's mind is over."""
    async with db.transaction() as session:
        request = DataRequest(user_id=user, kind="erase", state="cooling", due_at=datetime.now(UTC))
        session.add(request)
        await session.flush()
        return request.id
