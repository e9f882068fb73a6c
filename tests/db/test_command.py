"""`pythonmastery db` as it is typed."""

import pytest

from pythonmastery_ext.cli import main
from pythonmastery_ext.db import migrate
from tests.db.conftest import answers


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
