"""What a call of our code sends to the server, and the time of the same statements without it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString, cast

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import Engine

#: SQL as the driver gets it, with its values.
Statement = tuple[str, Any]


@contextmanager
def recorded() -> Iterator[list[Statement]]:
    """Everything that any engine of this process executes meanwhile."""
    statements: list[Statement] = []

    def note(_c: object, _k: object, statement: str, values: Any, _x: object, many: bool) -> None:
        if not many:
            statements.append((statement, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def replayed(db: psycopg.Connection[Any], statements: list[Statement]) -> float:
    """Milliseconds, in one transaction."""
    began = time.perf_counter()
    with db.transaction():
        for statement, values in statements:
            found = db.execute(cast(LiteralString, statement), values)
            if found.description is not None:
                found.fetchall()
    return (time.perf_counter() - began) * 1000


def explained(db: psycopg.Connection[Any], statements: list[Statement]) -> str:
    """The plan of the slowest of them, as it ran."""
    plans = []
    with db.transaction(force_rollback=True):
        for statement, values in statements:
            words = statement.lstrip().lower()
            if not words.startswith(("select", "with")) or "set_config" in words:
                db.execute(cast(LiteralString, statement), values)
                continue
            found = db.execute(
                cast(LiteralString, f"explain (analyze, buffers) {statement}"), values
            )
            lines = [line for (line,) in found]
            took = next(line for line in reversed(lines) if line.startswith("Execution Time"))
            plans.append((float(took.split()[2]), "\n".join([" ".join(statement.split()), *lines])))
    return max(plans)[1] if plans else ""
