"""Fills a database as years of use would have, inside the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import text

from benchmarks.db import course
from pythonmastery_ext.curriculum.cells import ProblemContent
from pythonmastery_ext.curriculum.course import CourseSource
from pythonmastery_ext.curriculum.loader import load_course
from pythonmastery_ext.db import migrate, partitions, tables
from pythonmastery_ext.db.engine import Database, psycopg_dsn
from pythonmastery_ext.db.partitions import Month
from pythonmastery_ext.progress import counters, xp

SQL = Path(__file__).parent / "sql"
#: However busy the machine is with other work.
PATIENT = text("set local idle_in_transaction_session_timeout = 0")
#: The generator's own sessions: nothing of it has to outlive a power failure.
LOADING = (
    "set synchronous_commit = off",
    "set session_replication_role = replica",
    "set work_mem = '256MB'",
    "set maintenance_work_mem = '512MB'",
    "set timezone = 'UTC'",
)
LARGE = ("problem_attempt", "learning_analytics", "audit_event")
#: What learners write around their code, of which an attempt has more or less.
REMARKS = """

# First I tried it with a loop, but the last one was left out.
# print(total, rows)
# Also ask what happens when the list is empty, and when two of them are the same
def check(value):
    # a number may come as text, so look at it before it is used
    if value is None:
        return 0
    return value

# result = [check(each) for each in rows if each]
# print(result)   # shows [0, 1, 1] and I do not know why yet
"""
ANSWER = "Look at the first case that fails. " + "What is the value before the last line? " * 18
ERRORS = ["KeyError", "TypeError", "IndexError", "ValueError", "NameError", "ZeroDivisionError"]


@dataclass(frozen=True, kw_only=True)
class Size:
    attempts: int
    users: int
    problems: int = 300
    months: int = 24

    @classmethod
    def of(cls, attempts: int) -> Size:
        """A thousand attempts for each learner, as in two years of a course."""
        return cls(attempts=attempts, users=max(20, attempts // 1000))


def generate(
    url: str,
    size: Size,
    graded: list[course.Graded],
    originals: list[ProblemContent],
    say: Callable[[str], None],
) -> None:
    """A database of ours with everything in it; empty before."""
    tables.metadata()
    migrate.upgrade(url)
    now = datetime.now(UTC)
    asyncio.run(_prepare(url, size, course.large_course(size.problems, originals), now))
    with _session(url) as db:
        _setup(db, size, course.rows(graded, {each.slug: each for each in originals}), now)
        say("deciding who does what, and when")
        _run(db, "plan")
        base, taken = list(xp.BASE), [sum(xp.HINT_COST[:n]) for n in range(len(xp.HINT_COST) + 1)]
        _run(db, "earned", base=base, taken=taken, first=xp.FIRST_TIME)
        say("attempts")
        with _without_indexes(db, LARGE):
            _by_month(url, "attempts", size, now, remarks=REMARKS)
            say("what goes with them")
            _run(db, "around", remarks=REMARKS, answer=ANSWER, errors=ERRORS)
            _by_month(url, "analytics", size, now)
            say("the record of what happened")
            _by_month(url, "audit", size, now)
            _run(db, "seals")
            say("indexes")
        db.execute("analyze")
        _run(db, "begun")
        say("counters")
        asyncio.run(_count(url))
        _run(db, "learning")
        db.execute("drop schema bench cascade")
        say("vacuum")
        db.execute("vacuum (analyze)")
        db.execute("checkpoint")


async def _prepare(url: str, size: Size, content: CourseSource, now: datetime) -> None:
    db = Database(url)
    month = Month.of(now)
    for _ in range(size.months - 1):
        month = Month(month.year - (month.month == 1), (month.month - 2) % 12 + 1)
    async with db.transaction() as session:
        first = datetime.fromisoformat(month.start)
        await partitions.ensure(session, size.months + 2, first)
    async with db.transaction() as session:
        await session.execute(PATIENT)
        report = await load_course(session, content)
        assert not report.errors, report.errors
    await db.close()


async def _count(url: str) -> None:
    """Every counter, by what the product does after a restore."""
    db = Database(url)
    async with db.transaction() as session:
        await session.execute(PATIENT)
        await session.execute(text("set local work_mem = '512MB'"))
        await counters.mend_all(session)
    await db.close()


def _setup(
    db: psycopg.Connection[Any], size: Size, outcomes: Iterator[tuple[Any, ...]], now: datetime
) -> None:
    _run(db, "setup")
    db.execute(
        "insert into bench.size values (%s, %s, %s, %s, %s)",
        [size.attempts, size.users, size.problems, size.months, now],
    )
    with db.cursor() as cursor:
        cursor.executemany(
            "insert into bench.outcome (model, kind, number, code, status, points, tests, first,"
            " details, execution_time, memory_usage, max_points, counts)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [_outcome(row) for row in outcomes],
        )
    db.execute(
        "insert into app_user (username, created_at)"
        " select 'learner-' || n, %s from generate_series(1, %s) n",
        [now, size.users],
    )


def _outcome(row: tuple[Any, ...]) -> tuple[Any, ...]:
    model, kind, number, code, status, points, tests, kept, details, took, memory = row
    most = sum(test["max_points"] for test in tests)
    counts = kind == "submit" and status != "error" and details.get("reason") != "syntax_error"
    values = (model, kind, number, code, status, points, Jsonb(kept), Jsonb((tests or [None])[0]))
    return (*values, Jsonb(details), took, memory, most, counts)


@contextmanager
def _session(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(psycopg_dsn(url), autocommit=True) as connection:
        for setting in LOADING:
            connection.execute(setting)
        yield connection


def _run(db: psycopg.Connection[Any], name: str, **values: Any) -> None:
    """Each statement of a file; values are filled in by the client, since files have many."""
    source = (SQL / f"{name}.sql").read_text(encoding="utf-8")
    with psycopg.ClientCursor(db) as cursor:
        cursor.execute(cast(LiteralString, source), values or None)


def _by_month(url: str, name: str, size: Size, now: datetime, **values: Any) -> None:
    """Two months at a time, one for each core that is left."""

    def one(month: Month) -> None:
        with _session(url) as db:
            _run(db, name, since=month.start, until=month.next().start, **values)

    month = Month.of(now)
    months = []
    for _ in range(size.months):
        months.append(month)
        month = Month(month.year - (month.month == 1), (month.month - 2) % 12 + 1)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, reversed(months)))


@contextmanager
def _without_indexes(db: psycopg.Connection[Any], names: tuple[str, ...]) -> Iterator[None]:
    """Built once at the end they take a third of the time; keys stay."""
    found = db.execute(
        "select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index"
        " where indrelid = any(%s::regclass[]) and not indisunique",
        [list(names)],
    ).fetchall()
    for index, _ in found:
        db.execute(f"drop index {index}")
    yield
    for _, statement in found:
        db.execute(statement.replace(" ON ONLY ", " ON "))
