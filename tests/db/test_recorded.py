"""What an operator does to the database is in the audit log."""

import psycopg

from pythonmastery_ext.cli import main
from pythonmastery_ext.db import migrate
from pythonmastery_ext.db.engine import psycopg_dsn


def recorded(url, kind):
    with psycopg.connect(psycopg_dsn(url)) as connection:
        query = "select target, data, actor_id from audit_event where kind = %s order by id"
        return connection.execute(query, [kind]).fetchall()


def test_changes_of_the_schema(database_url, monkeypatch):
    monkeypatch.setenv("PYTHONMASTERY_DATABASE_URL", database_url)
    newest = migrate.newest()
    assert main(["db", "upgrade"]) == 0
    assert main(["db", "downgrade", "0014"]) == 0
    assert main(["db", "upgrade"]) == 0
    assert recorded(database_url, "schema.changed") == [
        ("0014", {"from": newest}, None),
        (newest, {"from": "0014"}, None),
    ]
    assert main(["db", "downgrade", "base"]) == 0


def test_backups(database_url, monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONMASTERY_DATABASE_URL", database_url)
    assert main(["db", "backup", str(tmp_path / "one.dump")]) == 0
    assert recorded(database_url, "data.backed_up") == [("one.dump", {}, None)]
