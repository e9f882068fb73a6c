"""The whole database in a file, and back."""

import asyncio
import json
import subprocess
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from pythonmastery_ext import upkeep
from pythonmastery_ext.cli import main
from pythonmastery_ext.config import Settings
from pythonmastery_ext.db import backup, migrate, problems, programs
from pythonmastery_ext.db.engine import psycopg_dsn
from pythonmastery_ext.db.keyfile import KeyFile, key_file, keyring
from pythonmastery_ext.db.opening import INSTRUCTOR, WEB
from pythonmastery_ext.privacy import service as privacy
from pythonmastery_ext.privacy.erasing import Eraser
from tests.conftest import admin, fresh_database
from tests.db.contents import contents
from tests.db.rows import a_problem, a_question, a_user, an_attempt
from tests.fences.test_servers import login

CHANGED = ("audit_event", "session", "problem_change", "problem_stats", "view_refresh")


@pytest.fixture
async def filled(db):
    """A learner with work of each kind."""
    async with db.transaction() as session:
        user, version = await a_user(session), await a_problem(session)
        session.add(an_attempt(user, version))
        session.add(a_question(user))
        await session.execute(
            text(
                "insert into session (user_id, session_token, label, kind, scopes, expires_at)"
                " values (:user, sha256('secret'), 'my laptop', 'cli', '{submit}',"
                " now() + interval '1 day')"
            ),
            {"user": user.id},
        )
    await db.close()
    return db.url


@contextmanager
def use(url, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setenv("PYTHONMASTERY_DATABASE_URL", psycopg_dsn(url))
        yield


def everything(url):
    """Without what a restore itself changes; views are made anew by it."""
    return {name: rows for name, rows in contents(url, views=False).items() if name not in CHANGED}


def test_a_backup_comes_back_into_an_empty_database(
    filled, empty_database_url, tmp_path, monkeypatch, capsys
):
    with use(filled, monkeypatch):
        assert main(["db", "backup", str(tmp_path)]) == 0
    (file,) = tmp_path.glob("pythonmastery-*.dump")
    assert capsys.readouterr().out.startswith(f"{file} (0.")
    assert file.stat().st_mode & 0o777 == 0o600
    subprocess.run(
        ["/usr/bin/sha256sum", "-c", "--quiet", f"{file.name}.sha256"], cwd=tmp_path, check=True
    )
    with use(empty_database_url, monkeypatch):
        assert main(["db", "restore", str(file)]) == 0
        assert "1 tokens of clients were ended" in capsys.readouterr().out
        assert main(["db", "check"]) == 0
        assert main(["db", "restore", str(file)]) == 2
        assert "--force" in capsys.readouterr().err
        assert everything(empty_database_url) == everything(filled)
        with psycopg.connect(psycopg_dsn(empty_database_url), autocommit=True) as connection:
            connection.execute("create table stray ()")
        assert main(["db", "restore", "--force", str(file)]) == 0
    assert everything(empty_database_url) == everything(filled)
    with psycopg.connect(psycopg_dsn(empty_database_url)) as connection:
        told = connection.execute("select data from audit_event where kind = 'data.restored'")
        assert told.fetchall() == [({"ended_sessions": 1},)]
        active = connection.execute("select count(*) from session where revoked_at is null")
        assert active.fetchone() == (0,)


async def test_whoever_was_erased_since_the_backup_is_erased_again(db, tmp_path):
    settings = Settings(role="local", data_dir=str(tmp_path))
    async with db.transaction() as session:
        for name in ("ada", "eve"):
            session.add(a_question(await a_user(session, name)))
    file = backup.backup(db.url, tmp_path / "a.dump")
    async with db.transaction() as session:
        request = await privacy.erase_now(session, "eve")
    await Eraser(db, keyring(settings), Path(settings.privacy_dir)).carry_out(request.id)
    await db.close()
    backup.restore(db.url, file, force=True)
    assert {row["username"] for row in contents(db.url)["app_user"]} == {"ada", "eve"}
    assert "1 people were erased again" in await upkeep.settle(db, settings)
    after = contents(db.url)
    assert {row["username"] for row in after["app_user"]} == {"ada"}
    assert len(after["ai_interaction"]) == 1
    assert len(after["user_performance_summary"]) == 1


@pytest.mark.parametrize("known_from", ["a later backup", "the database that is replaced"])
async def test_an_erasure_is_known_where_the_list_was_lost(
    db, tmp_path, monkeypatch, capsys, known_from
):
    keys = tmp_path / "keys.json"
    monkeypatch.setenv("PYTHONMASTERY_ENCRYPTION_KEYS_FILE", str(keys))
    KeyFile(keys).make()
    for name in ("privacy", "backups"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("PYTHONMASTERY_PRIVACY_DIR", str(tmp_path / "privacy"))
    settings = Settings(role="local")
    async with db.transaction() as session:
        await a_user(session, "eve")
    with use(db.url, monkeypatch):
        early = tmp_path / "backups" / "early.dump"
        backup.backup(db.url, early)
        async with db.transaction() as session:
            request = await privacy.erase_now(session, "eve")
        await Eraser(db, keyring(settings), Path(settings.privacy_dir)).carry_out(request.id)
        await db.close()
        (tmp_path / "privacy" / "erasures.jsonl").unlink()
        words = ["db", "restore", "--force", str(early)]
        if known_from == "a later backup":
            late = str(tmp_path / "backups" / "late.dump")
            assert await asyncio.to_thread(main, ["db", "backup", late]) == 0
            with psycopg.connect(psycopg_dsn(db.url)) as connection:
                connection.execute("truncate data_request cascade")
        assert await asyncio.to_thread(main, words) == 0
    assert "1 people were erased again" in capsys.readouterr().out
    assert contents(db.url)["app_user"] == []


def test_a_backup_of_an_older_version_is_brought_up_to_date(
    empty_database_url, postgres_url, tmp_path, monkeypatch
):
    migrate.upgrade(empty_database_url, "0003")
    file = backup.backup(empty_database_url, tmp_path / "old.dump")
    with fresh_database(postgres_url, "template0") as url, use(url, monkeypatch):
        assert main(["db", "restore", str(file)]) == 0
        assert migrate.status(url).up_to_date
        assert migrate.check(url) == []


def test_a_backup_of_a_newer_version_is_refused_before_anything_is_deleted(database_url, tmp_path):
    with psycopg.connect(psycopg_dsn(database_url)) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    file = backup.backup(database_url, tmp_path / "new.dump")
    with pytest.raises(problems.BackupTooNew, match="schema 9999"):
        backup.restore(database_url, file, force=True)
    assert everything(database_url)


def test_a_database_in_use_is_not_replaced(database_url, tmp_path):
    file = backup.backup(database_url, tmp_path / "a.dump")
    with (
        psycopg.connect(psycopg_dsn(database_url), application_name="a worker"),
        pytest.raises(problems.DatabaseInUse, match=r"1 other programs .*\(a worker\)"),
    ):
        backup.restore(database_url, file, force=True)


def test_a_damaged_or_foreign_file_is_refused(database_url, empty_database_url, tmp_path):
    file = backup.backup(database_url, tmp_path / "a.dump")
    whole = file.read_bytes()
    with pytest.raises(problems.FileInTheWay):
        backup.backup(database_url, file)
    file.write_bytes(whole[:-2000])
    with pytest.raises(problems.FileDamaged, match="SHA-256"):
        backup.restore(empty_database_url, file)
    (tmp_path / "a.dump.sha256").unlink()
    with pytest.raises(problems.FileDamaged):
        backup.restore(empty_database_url, file)
    with pytest.raises(problems.FileNotWritable, match="No such file"):
        backup.backup(database_url, tmp_path / "nowhere" / "a.dump")
    file.write_text("select 1")
    with pytest.raises(problems.FileOfOtherKind):
        backup.restore(empty_database_url, file)
    with pytest.raises(problems.FileMissing):
        backup.restore(empty_database_url, tmp_path / "nothing")
    with psycopg.connect(psycopg_dsn(empty_database_url)) as connection:
        assert connection.execute(backup.TABLES).fetchone() == (0,)


def test_a_missing_program_is_named_with_its_package():
    with pytest.raises(problems.ProgramMissing, match="postgresql-client-11"):
        programs.client("pg_dump", 11)


def test_a_failed_backup_leaves_no_file(tmp_path, database_url):
    with psycopg.connect(psycopg_dsn(database_url)) as holder:
        holder.execute("lock table hint")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(backup, "LOCK_WAIT", "100ms")
            with pytest.raises(problems.ProgramFailed, match="timeout"):
                backup.backup(database_url, tmp_path / "a.dump")
    assert list(tmp_path.iterdir()) == []


def test_no_key_is_in_a_backup(database_url, tmp_path):
    settings = Settings(role="local", data_dir=str(tmp_path / "data"))
    sealed = keyring(settings).seal(
        "ada@example.org", table="app_user", column="email_sealed", row=1
    )
    with psycopg.connect(psycopg_dsn(database_url)) as connection:
        connection.execute(
            "insert into app_user (username, email_sealed) values ('ada', %s)", [sealed]
        )
    file = backup.backup(database_url, tmp_path / "a.dump")
    shown = subprocess.run(
        [programs.client("pg_restore", 18), "--file=-", file],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert sealed.hex() in shown
    assert "ada@example.org" not in shown
    secrets = json.loads(key_file(settings).path.read_text())
    assert not any(key in shown for key in [*secrets["keys"].values(), secrets["blind"]])


@contextmanager
def without_roles(server_url):
    """A server on which nobody has made the roles of the fence yet."""
    with admin(server_url) as connection:
        for role in (WEB, INSTRUCTOR):
            connection.execute(f"alter role {role} rename to {role}_away")
        try:
            yield
        finally:
            for role in (WEB, INSTRUCTOR):
                connection.execute(f"alter role {role}_away rename to {role}")


def test_a_login_that_may_make_no_roles_restores_or_loses_nothing(postgres_url, template, tmp_path):
    with login(postgres_url, "poor") as url:
        with without_roles(postgres_url):
            migrate.upgrade(url)
            backup.restore(url, backup.backup(url, tmp_path / "bare.dump"), force=True)
        with admin(postgres_url) as connection:
            connection.execute(f"grant {WEB}, {INSTRUCTOR} to poor")
        with admin(url) as connection:
            assert connection.execute("select pythonmastery_fence()").fetchone() == (None,)
            connection.execute("insert into app_user (username) values ('ada')")
        file, before = backup.backup(url, tmp_path / "fenced.dump"), contents(url, views=False)
        with without_roles(postgres_url):
            wanted = f'create role "{WEB}" nologin; grant "{WEB}" to "poor"; create role '
            with pytest.raises(problems.RoleMissing, match=wanted):
                backup.restore(url, file, force=True)
            assert contents(url, views=False) == before
        backup.restore(url, file, force=True)
        assert contents(url, views=False) == before
