"""Bytes on disk, by table and for each attempt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from pythonmastery_ext.db.engine import psycopg_dsn

TABLES = """
    select coalesce(parent.relname, leaf.relname) as name,
           sum(pg_relation_size(leaf.oid))::bigint as rows,
           sum(pg_table_size(leaf.oid) - pg_relation_size(leaf.oid))::bigint as toast,
           sum(pg_indexes_size(leaf.oid))::bigint as indexes, sum(leaf.reltuples)::bigint as count
    from pg_class leaf
    left join pg_inherits on inhrelid = leaf.oid
    left join pg_class parent on parent.oid = inhparent
    where leaf.relnamespace = 'public'::regnamespace and leaf.relkind in ('r', 'm')
    group by 1
    order by sum(pg_total_relation_size(leaf.oid)) desc
"""
MEANS = """
    select avg(octet_length(code_submission)), avg(octet_length(test_results::text)),
           avg(pg_column_size(test_results)), avg(pg_column_size(error_messages))
    from problem_attempt tablesample system (2)
"""


@dataclass(frozen=True)
class Size:
    table: str
    rows: int
    toast: int
    indexes: int
    count: int

    @property
    def all(self) -> int:
        return self.rows + self.toast + self.indexes


@dataclass(frozen=True)
class Sizes:
    tables: list[Size]
    attempts: int
    #: Mean bytes of code, of results as text and as stored, of details as stored.
    code: float
    results_text: float
    results: float
    details: float

    def each(self, table: str) -> float:
        """Bytes for each attempt."""
        return sum(size.all for size in self.tables if size.table == table) / self.attempts

    @property
    def whole(self) -> float:
        return sum(size.all for size in self.tables) / self.attempts


def sizes(url: str) -> Sizes:
    with psycopg.connect(psycopg_dsn(url), autocommit=True) as db:
        tables = [Size(*row) for row in db.execute(TABLES)]
        means: Any = db.execute(MEANS).fetchone()
        count: Any = db.execute("select count(*) from problem_attempt").fetchone()
    return Sizes(tables, count[0], *(float(mean or 0) for mean in means))
