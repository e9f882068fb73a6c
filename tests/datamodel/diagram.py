"""The models as a Mermaid diagram: keys only, because all columns would hide the lines."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ForeignKeyConstraint, Table

from tests.datamodel.models import all_tables, kind, primary, references, uniques

#: Rows that belong together without a constraint: one into a partitioned table would keep a month
#: from being detached, and what is recorded outlives its learner.
LOOSE = {
    ("submission_key", "attempt_id"): "problem_attempt",
    ("regrade_item", "attempt_id"): "problem_attempt",
    ("audit_event", "learner_id"): "app_user",
}


def diagram() -> str:
    lines = ["erDiagram"]
    for table in all_tables():
        lines += [f"    {line}" for line in _lines(table)]
    for table in all_tables():
        lines += [f"    {_box(table)}"]
    return "```mermaid\n" + "\n".join(lines) + "\n```"


def _lines(table: Table) -> Iterator[str]:
    for key in references(table):
        target = key.elements[0].column.table.name
        yield f'{target} {_ends(table, key)} {table.name} : "{", ".join(key.column_keys)}"'
    for (name, column), target in LOOSE.items():
        if name == table.name:
            yield f'{target} |o..o{{ {name} : "{column}"'


def _ends(table: Table, key: ForeignKeyConstraint) -> str:
    names = sorted(key.column_keys)
    single = [sorted(primary(table)), *(sorted(c.name for c in u.columns) for u in uniques(table))]
    parent = "|o" if any(table.columns[name].nullable for name in names) else "||"
    return f"{parent}--{'o|' if names in single else 'o{'}"


def _box(table: Table) -> str:
    rows = []
    for column in table.columns:
        marks = ["PK"] if column.primary_key else []
        marks += ["FK"] if column.foreign_keys else []
        if marks:
            words = kind(column).partition("(")[0].replace(" ", "_")
            rows.append(f"        {words} {column.name} {', '.join(marks)}")
    return "\n".join([f"{table.name} {{", *rows, "    }"])
