"""Old months leave the database while it is used, and come back."""

import asyncio
import hashlib
import json
import zipfile
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from pythonmastery_ext import upkeep
from pythonmastery_ext.cli import main
from pythonmastery_ext.db import archive, archive_file, migrate, partitions, problems
from pythonmastery_ext.db.engine import psycopg_dsn
from pythonmastery_ext.db.partitions import Month
from tests.db.rows import a_problem, a_question, a_user, an_attempt

LAST = datetime(2024, 11, 30, 23, 59, tzinfo=UTC)
FIRST = datetime(2024, 12, 1, tzinfo=UTC)
BEFORE = Month(2025, 1)
GRADED = {"status": "passed", "graded_at": FIRST}
TABLES = text("select relname from pg_class where relname ~ '_2024_1[12]$' and relkind = 'r'")
ATTEMPTS = text(
    "select to_jsonb(a) from problem_attempt a where submitted_at < '2025-01-01' order by id"
)


@pytest.fixture
async def old(db):
    """Two people and two old months; returns the people and the version."""
    async with db.transaction() as session:
        await partitions.ensure(session, 1, LAST)
        people = [await a_user(session, name) for name in ("ada", "eve")]
        version = await a_problem(session)
        await session.execute(text("update app_user set created_at = '2024-01-01'"))
        await session.execute(text("update problem set created_at = '2024-01-01'"))
        await session.execute(text("update problem_version set created_at = '2024-01-01'"))
        for user in people:
            code = "print('a\\tb\\n\\\\ ü')\n"
            session.add(an_attempt(user, version, LAST, code_submission=code, **GRADED))
            session.add(an_attempt(user, version, FIRST, **GRADED))
            session.add(an_attempt(user, version))
            session.add(a_question(user, LAST))
    return people, version


async def moved(db, folder):
    return [line async for line in upkeep.archive(db, BEFORE, folder)]


async def read(db, query):
    async with db.transaction() as session:
        return list(await session.scalars(query))


async def test_what_was_moved_out_comes_back_as_it_was(db, old, tmp_path):
    before = await read(db, ATTEMPTS)
    lines = await moved(db, tmp_path / "files")
    assert f"problem_attempt_2024_11: 2 rows in {tmp_path}/files/problem_attempt_2024_11.zip" in (
        lines
    )
    assert await read(db, TABLES) == []
    assert await read(db, ATTEMPTS) == []
    assert await read(db, text("select count(*) from problem_attempt")) == [2]
    for file in sorted((tmp_path / "files").iterdir()):
        assert file.stat().st_mode & 0o777 == 0o600
        assert "are back" in await upkeep.attach(db, file)
    assert await read(db, ATTEMPTS) == before
    kinds = text("select kind from audit_event order by id")
    assert set(await read(db, kinds)) == {"data.archived", "data.attached"}
    assert await moved(db, tmp_path / "again")


class Busy:
    """Does something again and again."""

    def __init__(self, work):
        self.done = 0
        self._work = work
        self._round = asyncio.Event()

    async def until(self, over):
        while not over.is_set():
            await self._work()
            self.done += 1
            self._round.set()

    async def some_more(self):
        for _ in range(3):
            self._round.clear()
            await self._round.wait()


@asynccontextmanager
async def at_work(*works):
    """Until the block has ended; what fails in one of them fails there."""
    busy = [Busy(work) for work in works]
    over = asyncio.Event()
    tasks = [asyncio.create_task(each.until(over)) for each in busy]
    try:
        yield busy
    finally:
        over.set()
        await asyncio.gather(*tasks)


async def test_readers_and_writers_go_on_while_a_month_leaves(db, old, tmp_path):
    (ada, _), version = old

    async def look():
        async with db.transaction() as session:
            await session.scalar(text("select count(*) from problem_attempt"))
            await session.scalar(text("select count(*) from ai_interaction"))

    async def write():
        async with db.transaction() as session:
            session.add(an_attempt(ada, version))
            session.add(a_question(ada))

    async def rename():
        async with db.transaction() as session:
            await session.execute(text("update app_user set avatar_url = 'a'"))

    async with at_work(look, look, write, rename) as busy:
        await asyncio.gather(*(each.some_more() for each in busy))
        lines = await moved(db, tmp_path)
        await asyncio.gather(*(each.some_more() for each in busy))
    assert len([line for line in lines if "rows in" in line]) == len(partitions.PARENTS) * 2
    count = text("select count(*) from problem_attempt")
    assert await read(db, count) == [2 + busy[2].done]


async def test_a_detach_that_was_broken_off_is_finished_by_the_next_run(
    db, old, tmp_path, monkeypatch
):
    monkeypatch.setattr(archive, "DETACH_SECONDS", 1)
    async with db.transaction() as reader:
        await reader.scalar(text("select count(*) from problem_attempt"))
        await reader.scalar(text("select count(*) from ai_interaction"))
        with pytest.raises(problems.StillInUse, match="goes on from here"):
            await moved(db, tmp_path)
    pending = text("select count(*) from pg_inherits where inhdetachpending")
    assert await read(db, pending) == [1]
    assert len(migrate.check(db.url)) == 1
    await moved(db, tmp_path)
    assert await read(db, TABLES) == []


async def test_a_month_that_is_detached_already_is_written_and_dropped(db, old, tmp_path):
    async with db.transaction() as session:
        await session.execute(
            text("alter table problem_attempt detach partition problem_attempt_2024_11")
        )
    # What a run leaves that is killed while it writes, or between writing and dropping.
    (tmp_path / "problem_attempt_2024_11.part").write_bytes(b"half")
    assert any("problem_attempt_2024_11: 2 rows" in line for line in await moved(db, tmp_path))
    assert await read(db, TABLES) == []


async def test_a_file_with_other_rows_is_not_replaced(db, old, tmp_path):
    await moved(db, tmp_path)
    file = tmp_path / "problem_attempt_2024_11.zip"
    await upkeep.attach(db, file)
    async with db.transaction() as session:
        await session.execute(text("delete from app_user where username = 'eve'"))
    before = file.read_bytes()
    with pytest.raises(problems.FileInTheWay):
        await moved(db, tmp_path)
    assert file.read_bytes() == before
    # The same rows again, as after a run that was killed just before it dropped the table.
    file.unlink()
    await moved(db, tmp_path)
    assert archive_file.checked(file).rows == 1


async def test_nothing_goes_that_may_still_be_needed(db, old, tmp_path):
    (ada, _), version = old
    now = datetime.now(UTC)
    with pytest.raises(problems.MonthTooYoung):
        async with db.transaction() as session:
            await archive.months_before(session, Month.of(now), now)
    async with db.transaction() as session:
        session.add(an_attempt(ada, version, FIRST))
    with pytest.raises(problems.StillWaiting, match="1 attempts in problem_attempt_2024_12"):
        await moved(db, tmp_path)
    assert "problem_attempt_2024_12" in await read(db, TABLES)


async def test_two_at_once_are_one_and_a_sentence(db, old, tmp_path):
    async with archive.alone(db):
        with pytest.raises(problems.StillArchiving, match="wait until it has ended"):
            await moved(db, tmp_path)
    assert await moved(db, tmp_path)


async def test_whoever_is_gone_does_not_come_back_with_an_archive(db, old, tmp_path):
    await moved(db, tmp_path)
    async with db.transaction() as session:
        await session.execute(text("delete from app_user where username = 'eve'"))
        # Another person, who got the same number after a restore.
        await session.execute(text("update app_user set created_at = now()"))
    told = await upkeep.attach(db, tmp_path / "problem_attempt_2024_12.zip")
    assert told.startswith("problem_attempt_2024_12: 0 rows are back, 2 were left out")


async def test_a_damaged_or_foreign_file_changes_nothing(db, old, tmp_path):
    await moved(db, tmp_path)
    good = tmp_path / "problem_attempt_2024_12.zip"
    for content, problem in (
        (good.read_bytes()[:-30], problems.FileDamaged),
        (b"not a zip", problems.FileDamaged),
        (forged(good, table="app_user"), problems.FileOfOtherKind),
        (forged(good, columns=["id) from program 'id' --"]), problems.FileOfOtherKind),
        (forged(good, rows=7), problems.FileDamaged),
        (forged(good, format=2), problems.FileOfOtherKind),
        (forged(good, begins=5), problems.FileOfOtherKind),
        (forged(good, begins="xxxx-xx"), problems.FileOfOtherKind),
        (forged(good, begins="2024-13-01 00:00:00+00"), problems.FileOfOtherKind),
        (forged(good, begins="0000-01-01 00:00:00+00"), problems.FileOfOtherKind),
        (forged(good, ends="2025-02-01 00:00:00+00"), problems.FileOfOtherKind),
        (forged(good, columns=[5]), problems.FileOfOtherKind),
        (forged(good, columns="abc"), problems.FileOfOtherKind),
        (forged(good, columns=None), problems.FileOfOtherKind),
        (forged(good, columns=[]), problems.FileOfOtherKind),
        (forged(good, columns=["id", "id"]), problems.FileOfOtherKind),
        (forged(good, columns=["id", "select"]), problems.FileDamaged),
        (with_rows(good, b"hello\tworld\n"), problems.FileDamaged),
        (of_month(good, Month(2024, 11)), problems.FileDamaged),
        (with_rows(good, None), problems.FileDamaged),
        (b"", problems.FileDamaged),
        (flipped(good), problems.FileDamaged),
        (encrypted(good), problems.FileDamaged),
    ):
        bad = tmp_path / "bad.zip"
        bad.write_bytes(content)
        with pytest.raises(problem):
            await upkeep.attach(db, bad)
    with pytest.raises(problems.FileMissing):
        await upkeep.attach(db, tmp_path / "nothing.zip")
    assert await read(db, TABLES) == []
    await upkeep.attach(db, good)
    with pytest.raises(problems.MonthPresent):
        await upkeep.attach(db, good)


def forged(file, **changes):
    made = file.with_name("forged")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(made, "w") as new:
        new.writestr("rows.copy", old.read("rows.copy"))
        manifest = json.loads(old.read("manifest.json")) | changes
        new.writestr("manifest.json", json.dumps(manifest))
    return made.read_bytes()


def of_month(file, month):
    """The rows of another month under its name."""
    parent = "problem_attempt"
    return forged(file, table=month.table(parent), begins=month.start, ends=month.next().start)


def with_rows(file, rows):
    """Other rows, or none, that fit the manifest."""
    made = file.with_name("forged")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(made, "w") as new:
        manifest = json.loads(old.read("manifest.json"))
        if rows is not None:
            manifest |= {"sha256": hashlib.sha256(rows).hexdigest(), "rows": rows.count(b"\n")}
            new.writestr("rows.copy", rows)
        new.writestr("manifest.json", json.dumps(manifest))
    return made.read_bytes()


def flipped(file):
    """What the disk did to the compressed rows: they end too soon, or in the middle of a block."""
    content = bytearray(file.read_bytes())
    for place in range(60, 100):
        content[place] ^= 0x5A
    return bytes(content)


def encrypted(file):
    """A bit of the directory that says so."""
    content = bytearray(file.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


async def test_where_nothing_can_be_written_no_month_leaves(db, old, tmp_path):
    # A folder where the unfinished file would be, because root may write everywhere else.
    (tmp_path / "problem_attempt_2024_11.part").mkdir()
    before = await read(db, ATTEMPTS)
    for folder in (tmp_path, Path("/proc/nowhere"), Path("/proc")):
        with pytest.raises(problems.FileNotWritable):
            await moved(db, folder)
        assert await read(db, ATTEMPTS) == before
    assert migrate.check(db.url) == []


async def test_a_month_that_could_not_be_written_is_back(db, old, tmp_path):
    before = await read(db, ATTEMPTS)
    await moved(db, tmp_path)
    for file in tmp_path.glob("*.zip"):
        await upkeep.attach(db, file)
    async with db.transaction() as session:
        await session.execute(text("update problem_attempt set points = 1"))
    with pytest.raises(problems.FileInTheWay):
        await moved(db, tmp_path)
    assert len(await read(db, ATTEMPTS)) == len(before)
    assert migrate.check(db.url) == []
    for file in tmp_path.glob("*.zip"):
        file.unlink()
    await moved(db, tmp_path)
    assert await read(db, TABLES) == []


def test_the_commands(database_url, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PYTHONMASTERY_DATABASE_URL", database_url)
    with psycopg.connect(psycopg_dsn(database_url)) as connection:
        connection.execute(
            "create table ai_interaction_2024_11 partition of ai_interaction"
            " for values from ('2024-11-01') to ('2024-12-01')"
        )
    words = ["db", "archive", "--before", "2025-01"]
    assert main([*words, "--dry-run"]) == 0
    assert capsys.readouterr().out.startswith("would move ai_interaction_2024_11 (")
    assert main([*words, "--to", str(tmp_path)]) == 0
    file = tmp_path / "ai_interaction_2024_11.zip"
    assert capsys.readouterr().out == f"ai_interaction_2024_11: 0 rows in {file}\n"
    assert main(words) == 0
    assert capsys.readouterr().out == "There are no months before 2025-01.\n"
    assert main(["db", "restore-archive", str(file)]) == 0
    assert main(["db", "restore-archive", str(file)]) == 2
    assert "There is a table ai_interaction_2024_11" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["db", "archive", "--before", "last year"])
