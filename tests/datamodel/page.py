"""docs/data-model.md as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from sqlalchemy import Table

from tests.datamodel import models
from tests.datamodel.diagram import diagram
from tests.datamodel.erd import ENTITIES, Entity
from tests.datamodel.promises import (
    EVERYWHERE,
    INDEXES,
    PROMISES,
    READERS,
    RELATIONS,
    VIEWS,
    Promise,
)

HEAD = """\
# Data model

Everything that PythonMastery keeps is in PostgreSQL, in the {tables} tables of this page. It is
written by `make data-model` from the models, and a test fails when the two differ; another one
compares the models with what the migrations make.

The first part shows what belongs to what, the second every table, the third where each name of the
ERD that this was built from is to be found, and why some have another form.

## What belongs to what

Keys only. A dotted line has no constraint: one into a partitioned table would keep a month from
being detached, and the record of what happened outlives the account."""

TABLES = """\
## Tables

An empty *null* column means that there is always a value. Times are `timestamptz`, in UTC."""

ERD = """\
## Where the ERD's names are

The ERD has {entities} entities. Each column that it names is here, under its own name unless a
reason is given."""


def page() -> str:
    found = models.all_tables()
    parts = [HEAD.format(tables=len(found)), diagram(), TABLES]
    parts += [_table(table) for table in found]
    parts += [ERD.format(entities=len(ENTITIES)), bullets(EVERYWHERE)]
    parts += [_entity(entity) for entity in ENTITIES]
    parts += [_promises("Relationships", RELATIONS), _promises("Indexes", INDEXES)]
    parts += [_promises("Views", VIEWS), _promises("What people look at", READERS)]
    parts += [_promises("Promises", PROMISES)]
    return "\n\n".join(parts) + "\n"


def _table(table: Table) -> str:
    said = models.purpose(table)
    where = f"`pythonmastery_ext/{models.noun(table)}/models.py`"
    parts = [f"### {table.name}", fill(f"{said} {where}".strip())]
    rows = [
        [
            f"`{column.name}`",
            models.kind(column),
            "null" if column.nullable else "",
            f"`{models.default(column)}`" if models.default(column) else "",
            models.keys(column),
            column.comment or "",
        ]
        for column in table.columns
    ]
    parts.append(grid(["column", "type", "null", "default", "key", "meaning"], rows))
    parts.append("\n".join(_rules(table)))
    return "\n\n".join(part for part in parts if part)


def _rules(table: Table) -> Iterator[str]:
    if by := models.partitioned(table):
        yield f"- partitioned by month: `{by.lower()}`"
    if len(models.primary(table)) > 1:
        yield f"- primary key: `{', '.join(models.primary(table))}`"
    for unique in models.uniques(table):
        if len(unique.columns) > 1:
            yield f"- unique: `{', '.join(column.name for column in unique.columns)}`"
    for check in models.checks(table):
        yield f"- check: `{check}`"
    for key in models.references(table):
        target = key.elements[0].target_fullname
        yield (
            f"- `{', '.join(key.column_keys)}` → `{target}`: on update"
            f" {(key.onupdate or 'no action').lower()}, on delete"
            f" {(key.ondelete or 'no action').lower()}"
        )
    for name, described in models.indexes(table):
        yield f"- index `{name}`: `{described}`"


def _entity(entity: Entity) -> str:
    rows = [[f"`{c.erd}`", f"`{c.table}.{c.ours}`", c.why] for c in entity.columns]
    text = f"`{entity.table}`. {entity.why}".strip()
    return f"### {entity.name}\n\n{fill(text)}\n\n{grid(['ERD', 'ours', 'why'], rows)}"


def _promises(title: str, promises: Sequence[Promise]) -> str:
    rows = [[p.erd, p.ours, ", ".join(f"`{path}`" for path in p.where)] for p in promises]
    return f"### {title}\n\n{grid(['ERD', 'ours', 'where'], rows)}"


def bullets(texts: Sequence[str]) -> str:
    return "\n".join(
        textwrap.fill(text, 100, initial_indent="- ", subsequent_indent="  ") for text in texts
    )


def fill(text: str) -> str:
    return textwrap.fill(text, 100, break_long_words=False, break_on_hyphens=False)


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
