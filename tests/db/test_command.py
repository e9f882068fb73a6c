"""`pythonmastery db` as it is typed."""

import psycopg
import pytest
from psycopg import errors

from pythonmastery_ext.cli import main
from pythonmastery_ext.db import migrate
from pythonmastery_ext.db.engine import psycopg_dsn
from tests.db.conftest import answers

COMMANDS = (
    "audit verify",
    "audit head",
    "privacy list",
    "privacy erase ada",
    "keys list",
    "keys rotate",
)
#: They change much at once, or know the schema by heart.
ONLY_ON_THE_NEWEST = (
    "db archive --before 2024-01",
    "db restore-archive nothing.zip",
    "db check",
    "db revision nothing",
    "user list",
    "token list",
    "stats refresh",
    "regrade --problem double",
)


@pytest.fixture
def embedded(server, data_dir, monkeypatch):
    monkeypatch.setenv("PYTHONMASTERY_DATA_DIR", str(data_dir))
    return server


def test_the_address_of_the_embedded_server(embedded, capsys):
    assert main(["db", "url"]) == 2
    assert "--start" in capsys.readouterr().err
    assert main(["db", "url", "--start"]) == 0
    url = capsys.readouterr().out.strip()
    assert url.startswith("postgresql://pythonmastery:")
    assert answers(url)
    assert main(["db", "url"]) == 0
    assert capsys.readouterr().out.strip() == url
    assert main(["db", "upgrade"]) == 0
    assert answers(url), "a command has stopped the server that --start lets run"
    embedded.start()


def test_the_schema_goes_up_and_down(empty_database_url, capsys, monkeypatch):
    monkeypatch.setenv("PYTHONMASTERY_DATABASE_URL", empty_database_url)
    assert main(["db", "status"]) == 1
    assert "at no revision, the newest is" in capsys.readouterr().out
    assert main(["db", "upgrade"]) == 0
    assert main(["db", "status"]) == 0
    assert main(["db", "check"]) == 0
    assert "agree" in capsys.readouterr().out
    assert main(["db", "downgrade", "nonsense"]) == 2
    assert "nonsense" in capsys.readouterr().err
    assert main(["db", "downgrade", "base"]) == 0
    assert main(["db", "check"]) == 2
    assert "pythonmastery db upgrade" in capsys.readouterr().err


def test_a_new_migration_begins_at_the_newest_one(
    empty_database_url, capsys, monkeypatch, tmp_path
):
    monkeypatch.setenv("PYTHONMASTERY_DATABASE_URL", empty_database_url)
    words = ["db", "revision", "add nothing", "--folder", str(tmp_path)]
    assert main(words) == 2
    assert "pythonmastery db upgrade" in capsys.readouterr().err
    assert main(["db", "upgrade"]) == 0
    assert main(words) == 0
    (made,) = tmp_path.glob("*.py")
    assert capsys.readouterr().out.strip().endswith(str(made))
    assert migrate.status(empty_database_url).newest in made.read_text()


def test_a_server_that_does_not_answer_is_one_sentence(capsys, monkeypatch):
    monkeypatch.setenv("PYTHONMASTERY_DATABASE_URL", "postgresql://a@127.0.0.1:1/b")
    assert main(["db", "upgrade"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("No PostgreSQL server answers at 127.0.0.1:1")


@pytest.mark.parametrize("revision", ["", "0003"])
def test_a_command_on_an_older_schema_says_what_to_run_first(
    empty_database_url, capsys, monkeypatch, revision
):
    monkeypatch.setenv("PYTHONMASTERY_DATABASE_URL", empty_database_url)
    if revision:
        migrate.upgrade(empty_database_url, revision)
    for command in COMMANDS + ONLY_ON_THE_NEWEST:
        assert main(command.split()) == 2, command
        (line,) = capsys.readouterr().err.splitlines()
        assert "run `pythonmastery db upgrade` first" in line


def test_a_schema_of_a_newer_version_is_told_as_such_and_left_alone(
    database_url, capsys, monkeypatch
):
    monkeypatch.setenv("PYTHONMASTERY_DATABASE_URL", database_url)
    with psycopg.connect(psycopg_dsn(database_url)) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    for command in (*ONLY_ON_THE_NEWEST, "db downgrade 0013", "db downgrade base"):
        assert main(command.split()) == 2, command
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("The schema of the database is 9999, made by a newer version")
    with psycopg.connect(psycopg_dsn(database_url)) as connection:
        connection.execute("alter table audit_event drop column seq")
    assert main(["audit", "verify"]) == 2
    assert "made by a newer version" in capsys.readouterr().err


def test_a_login_that_may_not_read_the_tables_is_told_so_in_one_sentence(
    database_url, capsys, monkeypatch
):
    with psycopg.connect(psycopg_dsn(database_url), autocommit=True) as connection:
        connection.execute("create role stranger login password 'x'")
    address = database_url.partition("@")[2]
    monkeypatch.setenv("PYTHONMASTERY_DATABASE_URL", f"postgresql://stranger:x@{address}")
    try:
        for command in COMMANDS:
            assert main(command.split()) == 2, command
            (line,) = capsys.readouterr().err.splitlines()
            assert "may not do this (permission denied" in line
    finally:
        with psycopg.connect(psycopg_dsn(database_url), autocommit=True) as connection:
            connection.execute("drop role stranger")


def test_a_mistake_of_the_program_is_not_taken_for_an_older_schema(database_url, monkeypatch):
    monkeypatch.setenv("PYTHONMASTERY_DATABASE_URL", database_url)
    with psycopg.connect(psycopg_dsn(database_url)) as connection:
        connection.execute("alter table audit_event drop column seq")
    with pytest.raises(errors.UndefinedColumn):
        main(["audit", "verify"])
