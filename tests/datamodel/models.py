"""What the models say about a table, in words."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import cleandoc

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Table,
    UniqueConstraint,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex
from sqlalchemy.sql import ClauseElement

from pythonmastery_ext.db import tables
from pythonmastery_ext.db.base import Base

DIALECT = postgresql.dialect()


def all_tables() -> list[Table]:
    return sorted(tables.metadata().tables.values(), key=lambda table: table.name)


def noun(table: Table) -> str:
    """The folder that owns it."""
    owner = _owner(table)
    return owner.__module__.split(".")[1] if owner is not None else ""


def purpose(table: Table) -> str:
    """What it holds, in a line or two; empty if nobody says so."""
    if table.comment:
        return table.comment
    owner = _owner(table)
    return " ".join(cleandoc(owner.__doc__).split()) if owner is not None and owner.__doc__ else ""


def _owner(table: Table) -> type | None:
    found = [each.class_ for each in Base.registry.mappers if each.local_table is table]
    return found[0] if found else None


def partitioned(table: Table) -> str | None:
    return table.dialect_options["postgresql"]["partition_by"]


def kind(column: Column[object]) -> str:
    words = column.type.compile(dialect=DIALECT).lower()
    return words.replace(" with time zone", "tz").replace("timestamp", "timestamp", 1)


def default(column: Column[object]) -> str:
    if column.identity is not None:
        return "identity"
    if column.computed is not None:
        return f"always {_sql(column.computed.sqltext)}"
    given = column.server_default
    if given is None:
        return ""
    text = getattr(given, "arg", "")
    return repr(text) if isinstance(text, str) else _sql(text)


def keys(column: Column[object]) -> str:
    parts = ["PK"] if column.primary_key else []
    parts += [f"→ `{key.target_fullname}`" for key in column.foreign_keys]
    alone = [u for u in uniques(column.table) if [c.name for c in u.columns] == [column.name]]
    return " ".join([*parts, *(["unique"] if alone else [])])


def primary(table: Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]


def uniques(table: Table) -> list[UniqueConstraint]:
    found = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    return sorted(found, key=lambda each: [column.name for column in each.columns])


def checks(table: Table) -> list[str]:
    found = [each for each in table.constraints if isinstance(each, CheckConstraint)]
    return sorted(_sql(each.sqltext) for each in found)


def references(table: Table) -> list[ForeignKeyConstraint]:
    found = [each for each in table.constraints if isinstance(each, ForeignKeyConstraint)]
    return sorted(found, key=lambda each: each.column_keys)


def indexes(table: Table) -> Iterator[tuple[str, str]]:
    """Name, and what follows the table's name in CREATE INDEX."""
    for index in sorted(table.indexes, key=lambda each: str(each.name)):
        yield str(index.name), described(index)


def described(index: Index) -> str:
    words = " ".join(str(CreateIndex(index).compile(dialect=DIALECT)).split())
    unique = "unique " if index.unique else ""
    assert index.table is not None
    return unique + words.partition(f" ON {index.table.name} ")[2]


def leads(table: Table, column: str) -> bool:
    """Whether something finds the rows of one value of this column."""
    wanted = [[c.name for c in table.primary_key.columns]]
    wanted += [[c.name for c in unique.columns] for unique in uniques(table)]
    # A partial index leaves rows out.
    whole = (i for i in table.indexes if i.dialect_options["postgresql"]["where"] is None)
    wanted += [[getattr(c, "name", "") for c in index.expressions] for index in whole]
    return any(names[:1] == [column] for names in wanted)


def _sql(clause: ClauseElement) -> str:
    compiled = clause.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True})
    return " ".join(str(compiled).split())
