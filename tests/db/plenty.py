"""A database in which a wrong plan would be slow: a year of a school, made inside the server."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from pythonmastery_ext.curriculum.course import read_section
from pythonmastery_ext.db import partitions
from pythonmastery_ext.db.engine import Database, psycopg_dsn
from tests.content.course import NOTEBOOKS

ROWS = Path(__file__).with_suffix(".sql")
MONTHS = 12
#: Learner, problem and its slug, of which there are rows in every month.
LEARNER, PROBLEM, SLUG = 7, 7, "problem-7"


def a_content() -> dict[str, Any]:
    """Of a real problem, with a hint that asks which tests have failed."""
    section = read_section(NOTEBOOKS / "08-dates-money", [])
    assert section is not None
    content = section.problems[0].to_json()
    content["hints"][0]["unlock"] = {"test_failed": content["tests"][0]["key"]}
    return content


async def fill(url: str) -> None:
    """Into a migrated database without rows; each problem is a copy of one."""
    db = Database(url)
    async with db.transaction() as session:
        past = datetime.now(UTC) - timedelta(days=31 * MONTHS)
        await partitions.ensure(session, MONTHS + 3, past)
    await db.close()
    with psycopg.connect(psycopg_dsn(url), autocommit=True) as connection:
        connection.execute(ROWS.read_bytes())
        connection.execute("update problem_version set content = %s", [Jsonb(a_content())])
        connection.execute("vacuum analyze")
