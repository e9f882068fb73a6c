"""What can be wrong with a data folder, and the sentence for it."""

import os
import shutil
import subprocess
from contextlib import ExitStack, contextmanager

import pytest
from sqlalchemy import text

from pythonmastery_ext.db import problems
from pythonmastery_ext.db.embedded import EmbeddedPostgres
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import DatabaseAway


def test_every_problem_says_what_to_do():
    found = [problems.DatabaseProblem]
    for kind in found:
        found.extend(kind.__subclasses__())
    assert len(found) >= 17
    for kind in found:
        assert kind.__doc__.rstrip().endswith((".", "}"))
        assert "\n" not in str(problems.FolderNotWritable(folder="x", reason="y"))


def test_data_of_another_major_version_is_not_touched(server):
    server.start()
    server.stop()
    version = server.folder / "data" / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(problems.DataOfOtherVersion, match="written by PostgreSQL 17"):
        EmbeddedPostgres(server.folder.parent.parent).start()
    assert version.read_text() == "17\n"


def test_a_folder_of_another_major_version_is_not_hidden_by_an_empty_one(data_dir):
    old = data_dir / "postgres" / "15" / "data"
    old.mkdir(parents=True)
    (old / "PG_VERSION").write_text("15\n")
    with pytest.raises(problems.DataOfOtherVersion, match=r"15.*move that folder away"):
        EmbeddedPostgres(data_dir).start()
    assert [path.name for path in (data_dir / "postgres").iterdir()] == ["15"]


def test_a_file_in_place_of_the_folder(data_dir):
    data_dir.write_text("")
    with pytest.raises(problems.FolderNotWritable, match="PYTHONMASTERY_DATA_DIR"):
        EmbeddedPostgres(data_dir).start()


def test_a_folder_that_cannot_be_written(read_only):
    with pytest.raises(problems.FolderNotWritable, match=str(read_only)):
        EmbeddedPostgres(read_only / "data").start()


def test_a_missing_password_file(server):
    server.start()
    server.stop()
    (server.folder / "password").unlink()
    with pytest.raises(problems.PasswordMissing, match="password is missing"):
        server.start()


def test_a_wrong_password_file(server):
    url = server.start()
    password = server.folder / "password"
    right = password.read_text()
    password.write_text("guess")
    with pytest.raises(problems.PasswordWrong, match="does not accept the password"):
        EmbeddedPostgres(server.folder.parent.parent).start()
    password.write_text(right)
    assert server.start() == url


def test_a_server_that_cannot_start_says_its_last_words(server):
    server.start()
    server.stop()
    (server.folder / "data" / "postgresql.conf").write_text("no such setting = 1\n")
    with pytest.raises(problems.StartFailed, match="syntax error"):
        server.start()


def test_no_disk_space_for_a_new_database(small_disk):
    disk = small_disk(megabytes=40)
    with pytest.raises(problems.NoDiskSpace, match=r"has \d+ MB left"):
        EmbeddedPostgres(disk / "data").start()


async def test_a_disk_that_fills_up_is_told_and_recovered_from(small_disk):
    disk = small_disk(megabytes=160)
    server = EmbeddedPostgres(disk / "data", durable=False)
    db = Database(server.start())
    async with db.transaction() as session:
        await session.execute(text("create table t (x text)"))
    ballast = disk / "ballast"
    ballast.write_bytes(b"x" * (shutil.disk_usage(disk).free - 2_000_000))
    rows = "select repeat('x', 1000) from generate_series(1, 10000)"
    with pytest.raises(DatabaseAway) as caught:
        await db.retry(lambda session: session.execute(text(f"insert into t {rows}")), attempts=1)
    assert caught.value.retry_after
    ballast.unlink()
    server.start()
    await db.retry(lambda session: session.execute(text("insert into t values ('y')")))
    async with db.transaction() as session:
        assert await session.scalar(text("select count(*) from t")) == 1
    await db.close()
    server.stop()


@contextmanager
def mounted(folder, option):
    command = ["mount", "-t", "tmpfs", "-o", option, "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("a small disk of its own needs the right to mount one")
    try:
        yield
    finally:
        subprocess.run(["/usr/bin/umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def read_only(tmp_path):
    if os.geteuid() != 0:
        tmp_path.chmod(0o500)
        yield tmp_path
        tmp_path.chmod(0o700)
        return
    # Root may write everywhere but on a disk that is mounted read-only.
    with mounted(tmp_path, "ro"):
        yield tmp_path


@pytest.fixture
def small_disk(tmp_path):
    with ExitStack() as stack:

        def make(megabytes):
            stack.enter_context(mounted(tmp_path, f"size={megabytes}m"))
            return tmp_path

        yield make
