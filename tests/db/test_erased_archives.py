"""Archived months say which erased people they hold, and go on without them."""

import asyncio
import zipfile

import pytest
from sqlalchemy import text

from pythonmastery_ext import upkeep
from pythonmastery_ext.cli import main
from pythonmastery_ext.db import archive_file
from pythonmastery_ext.db.partitions import Month
from pythonmastery_ext.privacy import archives
from tests.db.test_archive import old

__all__ = ["old"]

ATTEMPTS = "problem_attempt_2024_11.zip"


@pytest.fixture
async def files(db, old, tmp_path):
    """Of two months and two people, of whom the first was erased since."""
    people, _ = old
    folder = tmp_path / "files"
    _ = [line async for line in upkeep.archive(db, Month(2025, 1), folder)]
    async with db.transaction() as session:
        done = (
            "insert into data_request (user_id, kind, state, due_at)"
            " values (:u, 'erase', :s, now())"
        )
        await session.execute(text(done), {"u": people[0].id, "s": "done"})
        await session.execute(text(done), {"u": people[1].id, "s": "cancelled"})
        await session.execute(text("delete from app_user where id = :u"), {"u": people[0].id})
    return folder


@pytest.fixture
def command(database_url, monkeypatch, files):
    monkeypatch.setenv("PYTHONMASTERY_DATABASE_URL", database_url)

    async def run(*options):
        return await asyncio.to_thread(main, ["privacy", "archives", f"--in={files}", *options])

    return run


async def test_the_files_that_hold_an_erased_person_are_told(db, command, files, capsys):
    before = {file: file.read_bytes() for file in files.iterdir()}
    assert await command() == 1
    told = capsys.readouterr().out.splitlines()
    assert f"{files / ATTEMPTS}: 1 rows of 1 erased people" in told
    assert told[-1] == f"{len(told) - 1} files hold people who were erased."
    assert {file: file.read_bytes() for file in files.iterdir()} == before


async def test_the_files_are_written_anew_without_them(db, old, command, files, capsys):
    gone, stays = (person.id for person in old[0])
    assert await command("--remove") == 0
    assert await command() == 0
    assert capsys.readouterr().out.endswith("\n0 files hold people who were erased.\n")
    for file in files.iterdir():
        assert file.suffix == ".zip"
        assert file.stat().st_mode & 0o777 == 0o600
        owners = {person for person, _ in archives._rows(file, archive_file.checked(file))}
        assert gone not in owners
    done = await upkeep.attach(db, files / ATTEMPTS)
    assert done == "problem_attempt_2024_11: 1 rows are back."
    async with db.transaction() as session:
        code = text("select code_submission from problem_attempt where user_id = :u order by id")
        assert (await session.scalars(code, {"u": stays})).first() == "print('a\\tb\\n\\\\ ü')\n"
        kinds = await session.scalars(text("select kind from audit_event"))
        assert "data.erased" in set(kinds)


async def test_a_file_that_is_no_archive_is_named(command, files, capsys):
    with zipfile.ZipFile(files / "other.zip", "w") as other:
        other.writestr("a", "b")
    assert await command() == 2
    assert "other.zip" in capsys.readouterr().err
