import ast
import subprocess
import sys

import psycopg
import pytest
from alembic.script import ScriptDirectory

from pythonmastery_ext.db import migrate, revision
from pythonmastery_ext.db.engine import psycopg_dsn
from pythonmastery_ext.db.partitions import PARENTS, Month
from pythonmastery_ext.errors import DatabaseAway

LEFT = """
    select relname from pg_class where relnamespace = 'public'::regnamespace
    union select proname from pg_proc where pronamespace = 'public'::regnamespace
    union select typname from pg_type where typnamespace = 'public'::regnamespace
"""
ALEMBICS_OWN = {"alembic_version", "_alembic_version", "alembic_version_pkc"}


def test_the_migrated_schema_equals_the_models(database_url):
    assert migrate.check(database_url) == []


def test_a_difference_is_told(database_url):
    with psycopg.connect(psycopg_dsn(database_url)) as connection:
        connection.execute("alter table app_user drop column email")
    (difference,) = migrate.check(database_url)
    assert "add_column" in difference
    assert "email" in difference


def test_up_down_and_up_again_also_where_months_are_detached(empty_database_url, tmp_path):
    url, month = empty_database_url, Month(2024, 11)
    assert migrate.status(url).current is None
    migrate.upgrade(url, "0008")
    with psycopg.connect(psycopg_dsn(url)) as connection:
        for parent in PARENTS:
            table = month.table(parent)
            connection.execute(
                f"create table {table} partition of {parent}"
                f" for values from ('{month.start}') to ('{month.next().start}')"
            )
            connection.execute(f"alter table {parent} detach partition {table}")
    migrate.upgrade(url)
    assert migrate.status(url).up_to_date
    assert [sentence.partition(",")[0] for sentence in migrate.check(url)] == [
        f"{month.table(parent)} is detached" for parent in sorted(PARENTS)
    ]
    assert "drop" not in migrate.revision(url, "nothing", tmp_path).read_text()
    migrate.downgrade(url, "base")
    with psycopg.connect(psycopg_dsn(url)) as connection:
        assert {name for (name,) in connection.execute(LEFT)} == ALEMBICS_OWN
    # As a start does that finds an older revision.
    revision.ensure(url)
    assert migrate.check(url) == []


def test_a_start_at_the_newest_revision_does_not_load_alembic(database_url):
    program = (
        "import sys; from pythonmastery_ext import authority; from pythonmastery_ext.db import "
        "revision; revision.ensure(sys.stdin.read()); print('alembic' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=database_url,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False\n"


def test_the_newest_file_is_the_head_of_the_migrations():
    folder = ScriptDirectory(str(revision.SCRIPTS))
    assert revision.newest() == folder.get_current_head()
    assert revision.known("0001")
    assert not revision.known("9999")


def test_two_processes_may_upgrade_at_once(empty_database_url):
    program = (
        "import sys; from pythonmastery_ext.db import migrate; migrate.upgrade(sys.stdin.read())"
    )
    upgrading = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    outcomes = [process.communicate(empty_database_url)[1] for process in upgrading]
    assert [process.returncode for process in upgrading] == [0, 0], outcomes
    assert migrate.status(empty_database_url).up_to_date
    assert migrate.check(empty_database_url) == []


def test_a_server_that_is_away_is_told_as_such():
    with pytest.raises(DatabaseAway):
        migrate.upgrade("postgresql://nobody@127.0.0.1:1/nothing")


def test_a_newer_database_is_not_touched(database_url):
    with psycopg.connect(psycopg_dsn(database_url)) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    with pytest.raises(migrate.MigrationProblem, match="9999"):
        migrate.upgrade(database_url)


@pytest.mark.parametrize(
    "script", sorted((migrate.SCRIPTS / "versions").glob("*.py")), ids=lambda p: p.stem
)
def test_a_migration_imports_nothing_of_ours(script):
    for node in ast.walk(ast.parse(script.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not [name for name in names if name.startswith(("pythonmastery_ext", "."))]
