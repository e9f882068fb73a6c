"""A copy of everything that is held about one person, and of nobody else."""

import hashlib
import json
import zipfile
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import LargeBinary, text

from pythonmastery_ext.cli import main
from pythonmastery_ext.db import tables
from pythonmastery_ext.db.engine import psycopg_dsn
from pythonmastery_ext.errors import UnknownUser
from pythonmastery_ext.privacy import exporting, owned
from pythonmastery_ext.privacy.exporting import export
from tests.privacy.life import BIO, EMAIL, HIDDEN, NAME, a_life


def read(path: Path) -> dict[str, list[dict]]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {
            name.removesuffix(".jsonl"): [
                json.loads(line) for line in archive.read(name).splitlines()
            ]
            for name in archive.namelist()
            if name.endswith(".jsonl")
        }


@pytest.fixture
async def people(db, keyring):
    async with db.transaction() as session:
        mine, shared = await a_life(session, keyring, "wilhelmina")
        other, _ = await a_life(session, keyring, "somebody-else", shared)
    return mine, other


def person_tables() -> set[str]:
    """By the names of columns, and by what refers to a person."""
    return {
        table.name
        for table in tables.metadata().tables.values()
        if table.name == "app_user"
        or any(
            column.name in owned.PERSON_COLUMNS
            or any(key.column.table.name == "app_user" for key in column.foreign_keys)
            for column in table.columns
        )
    }


def test_each_table_that_names_a_person_is_exported_or_left_out_with_a_reason():
    exported = {each.table for each in owned.EXPORTED}
    assert person_tables() == exported | owned.NOT_EXPORTED.keys()
    assert not exported & owned.NOT_EXPORTED.keys()
    assert all(owned.NOT_EXPORTED.values())


def test_no_hash_or_sealed_value_goes_out_as_it_is():
    opened = {f"{each.table}.{each.column}" for each in exporting.SEALED}
    for each in owned.EXPORTED:
        for column in each.columns(1):
            if isinstance(getattr(column, "type", None), LargeBinary):
                assert f"{each.table}.{column.name}" in opened


async def test_the_zip_holds_every_table_opened_and_counted(db, keyring, people, tmp_path):
    mine, _ = people
    await export(db, keyring, mine.id, tmp_path / "mine.zip")
    files = read(tmp_path / "mine.zip")
    assert {each.table for each in owned.EXPORTED} < files.keys()
    assert [name for name, rows in files.items() if not rows] == []
    (person,) = files["app_user"]
    assert (person["username"], person["email"], person["display_name"]) == (
        "wilhelmina",
        EMAIL,
        NAME,
    )
    assert files["user_profile"][0]["bio"] == BIO
    assert files["problem_attempt"][0]["code_submission"] == f"print({mine.id})"
    assert files["audit_event"][0]["by"] == "you"
    with zipfile.ZipFile(tmp_path / "mine.zip") as archive:
        manifest = json.loads(archive.read("manifest.json"))
        readme = archive.read("README.md").decode()
        for name, told in manifest["files"].items():
            data = archive.read(name)
            assert told == {
                "rows": len(data.splitlines()),
                "bytes": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
            }
    assert (manifest["person"], manifest["schema_version"] >= "0007") == ("wilhelmina", True)
    assert all(f"## {name}.jsonl" in readme for name in files if name not in exporting.LOOKUPS)


async def test_nothing_of_another_person_and_no_hidden_test_is_in_it(db, keyring, people, tmp_path):
    mine, other = people
    async with db.transaction() as session:
        await session.execute(
            text(
                "insert into audit_event (actor_id, learner_id, kind, target) values "
                "(:m, :o, 'user.role', 'somebody-else'), (:o, :m, 'user.role', 'wilhelmina')"
            ),
            {"m": mine.id, "o": other.id},
        )
    await export(db, keyring, mine.id, tmp_path / "mine.zip")
    files = read(tmp_path / "mine.zip")
    told = json.dumps(files)
    assert HIDDEN not in told
    assert '"42"' in told
    assert "somebody-else" not in told
    assert f"print({other.id})" not in told
    owners = {row.get("user_id", mine.id) for rows in files.values() for row in rows}
    assert owners == {mine.id}
    acts = [(row["by"], row["target"]) for row in files["audit_event"][1:]]
    assert acts == [("you", None), ("somebody who runs the course", "wilhelmina")]


async def test_a_heavy_learner_is_exported_in_small_pieces(
    db, keyring, people, tmp_path, monkeypatch
):
    mine, _ = people
    async with db.transaction() as session:
        await session.execute(
            text(
                "insert into learner_day (user_id, day, xp) "
                "select :u, date '2020-01-01' + n, n from generate_series(1, 2500) n"
            ),
            {"u": mine.id},
        )
    sizes = []
    lines = exporting._lines

    def counted(batch, change):
        sizes.append(len(batch))
        return lines(batch, change)

    monkeypatch.setattr(exporting, "_lines", counted)
    await export(db, keyring, mine.id, tmp_path / "mine.zip")
    assert len(read(tmp_path / "mine.zip")["learner_day"]) == 2501
    assert max(sizes) <= exporting.BATCH


async def test_what_breaks_off_leaves_no_file(db, keyring, tmp_path):
    with pytest.raises(UnknownUser):
        await export(db, keyring, 4711, tmp_path / "nobody.zip")
    assert list(tmp_path.glob("nobody*")) == []


def test_the_command_line_writes_it_for_ones_eyes_only(
    database_url, tmp_path, monkeypatch, capsys, file
):
    monkeypatch.setenv("PYTHONMASTERY_DATABASE_URL", database_url)
    monkeypatch.setenv("PYTHONMASTERY_ENCRYPTION_KEYS_FILE", str(file.path))
    target = tmp_path / "out.zip"
    assert main(["privacy", "export", "ada", str(target)]) == 1
    assert "Nobody named ada" in capsys.readouterr().err
    with psycopg.connect(psycopg_dsn(database_url)) as connection:
        connection.execute("insert into app_user (username) values ('ada')")
    assert main(["privacy", "export", "ada", str(target)]) == 0
    assert target.stat().st_mode & 0o777 == 0o600
    assert read(target)["app_user"][0]["username"] == "ada"
