"""Every row of every table, to be compared."""

from typing import Any

import psycopg
from psycopg import sql

from pythonmastery_ext.db.engine import psycopg_dsn

TABLES = """
    select relname from pg_class
    where relnamespace = 'public'::regnamespace and relkind = any(%s) and not relispartition
      and relname <> 'alembic_version' order by 1
"""
ROWS = sql.SQL("select to_jsonb(t) from {} t order by to_jsonb(t)::text")


def contents(url: str, *, views: bool = True) -> dict[str, list[dict[str, Any]]]:
    """Table → its rows, column → value; without views only what was written."""
    kinds = ["r", "p", "m"] if views else ["r", "p"]
    with psycopg.connect(psycopg_dsn(url)) as connection:
        names = [name for (name,) in connection.execute(TABLES, [kinds])]
        return {
            name: [row for (row,) in connection.execute(ROWS.format(sql.Identifier(name)))]
            for name in names
        }
