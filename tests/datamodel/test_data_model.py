"""docs/data-model.md says what the models say, and every name of the ERD is somewhere."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from pythonmastery_ext.db import tables
from pythonmastery_ext.db.engine import psycopg_dsn
from tests.datamodel.erd import ENTITIES, Entity
from tests.datamodel.page import page
from tests.datamodel.promises import INDEXES, PROMISES, READERS, RELATIONS, VIEWS, Promise

ROOT = Path(__file__).parent.parent.parent
ENTITY_NAMES = [
    *("User", "UserProfile", "Section", "Problem", "TestCase", "Hint", "UserProgress"),
    *("ProblemAttempt", "Achievement", "AIInteraction", "Session", "LearningAnalytics"),
    "AdaptiveDifficulty",
]


def test_the_committed_page_is_what_the_models_say_today() -> None:
    written = (ROOT / "docs" / "data-model.md").read_text(encoding="utf-8")
    assert written == page(), "run `make data-model` and commit docs/data-model.md"


def test_every_entity_of_the_erd_is_mapped() -> None:
    assert [entity.name for entity in ENTITIES] == ENTITY_NAMES


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_every_column_of_the_erd_is_a_column_of_ours(entity: Entity) -> None:
    known = tables.metadata().tables
    missing = [c for c in entity.columns if c.ours not in known[c.table].columns]
    assert missing == []


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_another_name_has_a_reason(entity: Entity) -> None:
    renamed = [c for c in entity.columns if (c.table, c.ours) != (entity.table, c.erd)]
    assert [c for c in renamed if not c.why] == []


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: relation.erd)
def test_every_relationship_is_a_foreign_key(relation: Promise) -> None:
    parent = "app_user" if "User" in relation.erd.replace("UserProgress", "") else None
    for place in relation.where:
        table, column = place.split(".")
        targets = {
            key.column.table.name
            for key in tables.metadata().tables[table].columns[column].foreign_keys
        }
        assert targets
        assert parent is None or targets == {parent}


@pytest.mark.parametrize("index", INDEXES, ids=lambda index: index.erd)
def test_every_index_of_the_erd_is_there(index: Promise, database_url: str) -> None:
    with psycopg.connect(psycopg_dsn(database_url)) as connection:
        rows = connection.execute("select tablename || '.' || indexname from pg_indexes").fetchall()
    assert set(index.where) <= {name for (name,) in rows}


def test_every_view_and_file_that_the_page_names_is_there(database_url: str) -> None:
    with psycopg.connect(psycopg_dsn(database_url)) as connection:
        views = {name for (name,) in connection.execute("select matviewname from pg_matviews")}
    named = {place for promise in (*VIEWS, *READERS, *PROMISES) for place in promise.where}
    assert {place for place in named if place not in views and not (ROOT / place).exists()} == set()
    assert views >= {view.erd for view in VIEWS}


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.erd)
def test_what_reads_a_column_names_it(reader: Promise) -> None:
    entity, _, column = reader.erd.rpartition(".")
    assert not entity or column in {
        place.erd for one in ENTITIES if one.name == entity for place in one.columns
    }
    word = {"avatar_url": "app_user", "business_context": "context"}.get(column, column)
    for place in reader.where:
        text = (ROOT / place).read_text(encoding="utf-8")
        assert word.lower() in text.lower(), place
