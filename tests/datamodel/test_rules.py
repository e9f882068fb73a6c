"""What every table and column keeps to; a new one that does not fails here."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import BigInteger, Column, LargeBinary, Table
from sqlalchemy.dialects.postgresql import JSONB

from tests.datamodel import models

TABLES = models.all_tables()
#: Names of people and of what they send: their rows are found for exports and erasure.
PERSONAL = ("user_id", "learner_id")
#: Columns with a few values, by their name; free text of the same name would be called otherwise.
ENUMS = re.compile(r"^(status|state|kind|role|source|.*_level|.*_type)$")

#: Each part of the product adds its own, so no check names them.
OPEN = {"audit_event.kind", "achievement.achievement_type"}


each_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


def columns(table: Table, *kinds: type) -> list[Column[object]]:
    return [column for column in table.columns if isinstance(column.type, kinds)]


@each_table
def test_a_table_says_what_it_is_for(table: Table) -> None:
    assert models.purpose(table)


@each_table
def test_json_and_bytes_say_what_is_in_them(table: Table) -> None:
    assert [c.name for c in columns(table, JSONB, LargeBinary) if not c.comment] == []


@each_table
def test_a_foreign_key_says_what_happens_on_update_and_on_delete(table: Table) -> None:
    for key in models.references(table):
        assert key.onupdate == "CASCADE", key.column_keys
        assert key.ondelete in ("CASCADE", "SET NULL", "RESTRICT"), key.column_keys


@each_table
def test_what_is_set_to_null_on_delete_may_be_null(table: Table) -> None:
    for key in models.references(table):
        names = key.column_keys if key.ondelete == "SET NULL" else []
        assert [name for name in names if not table.columns[name].nullable] == []


@each_table
def test_no_foreign_key_leads_into_a_partitioned_table(table: Table) -> None:
    for key in models.references(table):
        assert models.partitioned(key.elements[0].column.table) is None


@each_table
def test_a_string_with_few_values_has_a_check_that_names_them(table: Table) -> None:
    said = " ".join(models.checks(table))
    named = [c.name for c in table.columns if ENUMS.match(c.name) and _is_string(c)]
    named = [name for name in named if f"{table.name}.{name}" not in OPEN]
    assert [name for name in named if f"{name} in (" not in said.lower()] == []


def _is_string(column: Column[object]) -> bool:
    return getattr(column.type, "length", None) is not None


@each_table
def test_rows_of_a_person_are_found_by_an_index(table: Table) -> None:
    named = [name for name in PERSONAL if name in table.columns]
    assert [name for name in named if not models.leads(table, name)] == []


@each_table
def test_a_person_is_a_bigint_like_the_key_it_refers_to(table: Table) -> None:
    for name in PERSONAL:
        if name in table.columns:
            assert isinstance(table.columns[name].type, BigInteger)


@each_table
def test_every_time_has_a_zone(table: Table) -> None:
    assert [c.name for c in table.columns if models.kind(c).startswith("timestamp without")] == []


@each_table
def test_a_partitioned_table_has_its_time_in_its_key(table: Table) -> None:
    if by := models.partitioned(table):
        (column,) = re.findall(r"\((\w+)\)", by)
        assert column in models.primary(table)
