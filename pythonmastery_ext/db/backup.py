"""A copy of the whole database in one file, and back, by PostgreSQL's own programs.

Keys are not in the database, so they are not in the file.
"""

import hashlib
import os
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pythonmastery_ext.db import revision
from pythonmastery_ext.db.engine import psycopg_dsn
from pythonmastery_ext.db.opening import INSTRUCTOR, WEB
from pythonmastery_ext.db.problems import (
    BackupTooNew,
    DatabaseInUse,
    DatabaseNotEmpty,
    FileDamaged,
    FileInTheWay,
    FileMissing,
    FileNotWritable,
    FileOfOtherKind,
    ProgramFailed,
    RoleMissing,
)
from pythonmastery_ext.db.programs import client

#: Rather than waiting for ever behind somebody who changes a table.
LOCK_WAIT = "30s"
#: What every dump of PostgreSQL in this form begins with.
MAGIC = b"PGDMP"
#: In the SQL that pg_restore writes, not in the functions that it quotes.
GRANTEE = re.compile(r"^(?:GRANT|CREATE POLICY) .* TO (\w+)", re.MULTILINE)

TABLES = """
    select count(*) from pg_class
    where relnamespace = to_regnamespace(current_schema()) and relkind in ('r', 'p', 'v', 'm')
"""
OTHERS = """
    select application_name from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
      and backend_type = 'client backend'
"""


def backup(url: str, target: Path) -> Path:
    """The file, complete and read again; beside it its SHA-256 as `sha256sum -c` wants it."""
    if target.is_dir():
        target = target / f"pythonmastery-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.dump"
    if target.exists():
        raise FileInTheWay(file=target)
    unfinished = _begun(target.with_name(f"{target.name}.part"))
    version = _version(url)
    options = [
        "--format=custom",
        f"--lock-wait-timeout={LOCK_WAIT}",
        # Copies for learners, which are made again.
        "--exclude-table-data=data_export",
        f"--file={unfinished}",
    ]
    try:
        _run(client("pg_dump", version), [*options, f"--dbname={_address(url)}"], url)
        _run(client("pg_restore", version), ["--file=/dev/null", str(unfinished)])
    except BaseException:
        unfinished.unlink()
        raise
    _sha_file(target).write_text(f"{_sha256(unfinished)}  {target.name}\n")
    _to_disk(unfinished)
    unfinished.replace(target)
    return target


def restore(url: str, file: Path, *, force: bool = False) -> None:
    """Into an empty database; `force` deletes everything in it first, once the file was checked.

    FileMissing, FileDamaged, FileOfOtherKind, BackupTooNew, DatabaseInUse, DatabaseNotEmpty,
    RoleMissing; then nothing was deleted.
    """
    program = client("pg_restore", _version(url))
    _check_file(program, file)
    with psycopg.connect(psycopg_dsn(url), autocommit=True) as connection:
        others = [name for (name,) in connection.execute(OTHERS)]
        if others:
            raise DatabaseInUse(count=len(others), names=", ".join(sorted(set(others))))
        (tables,) = connection.execute(TABLES).fetchone() or (0,)
        if tables and not force:
            raise DatabaseNotEmpty
        _make_roles(connection, _roles(program, file))
        if tables:
            _empty(connection)
    options = ["--single-transaction", "--exit-on-error", "--no-owner"]
    _run(program, [*options, f"--dbname={_address(url)}", str(file)], url)
    with psycopg.connect(psycopg_dsn(url), autocommit=True) as connection:
        connection.execute("analyze")


def _begun(file: Path) -> Path:
    """Made unreadable to others before anything is in it."""
    try:
        file.unlink(missing_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as exc:
        raise FileNotWritable(file=file, reason=exc.strerror) from exc
    return file


def _check_file(program: Path, file: Path) -> None:
    try:
        with file.open("rb") as stream:
            magic = stream.read(len(MAGIC))
    except OSError as exc:
        raise FileMissing(file=file) from exc
    if magic != MAGIC:
        raise FileOfOtherKind(file=file, command="pythonmastery db backup")
    if _sha_file(file).exists() and _sha_file(file).read_text().split()[0] != _sha256(file):
        raise FileDamaged(file=file, reason="its SHA-256 is not the one beside it")
    try:
        _run(program, ["--file=/dev/null", str(file)])
    except ProgramFailed as exc:
        raise FileDamaged(file=file, reason=exc) from exc
    shown = _run(program, ["--data-only", "--table=alembic_version", "--file=-", str(file)])
    found = re.search(r"from stdin;\n(\w+)\n", shown, re.IGNORECASE)
    if found is None:
        raise FileOfOtherKind(file=file, command="pythonmastery db backup")
    if not revision.known(found.group(1)):
        raise BackupTooNew(found=found.group(1), newest=revision.newest())


def _roles(program: Path, file: Path) -> set[str]:
    """Whom the dump grants rights to; nobody, where an admin never made the roles."""
    return set(GRANTEE.findall(_run(program, ["--schema-only", "--file=-", str(file)])))


def _make_roles(connection: psycopg.Connection[tuple[str]], needed: set[str]) -> None:
    """A dump grants rights to roles of the server, and has none of them itself."""
    statements = []
    for role in (WEB, INSTRUCTOR):
        known = connection.execute("select from pg_roles where rolname = %s", [role])
        if known.rowcount == 0:
            name, me = sql.Identifier(role), sql.Identifier(connection.info.user)
            try:
                connection.execute(sql.SQL("create role {} nologin").format(name))
            except psycopg.errors.InsufficientPrivilege:
                statement = sql.SQL("create role {0} nologin; grant {0} to {1};").format(name, me)
                statements += [statement.as_string()] if role in needed else []
    if statements:
        raise RoleMissing(statements=" ".join(statements))


def _empty(connection: psycopg.Connection[tuple[str]]) -> None:
    with connection.transaction():
        (schema,) = connection.execute("select quote_ident(current_schema())").fetchone() or ("",)
        connection.execute(f"drop schema {schema} cascade".encode())
        connection.execute(f"create schema {schema}".encode())


def _version(url: str) -> int:
    with psycopg.connect(psycopg_dsn(url)) as connection:
        return connection.info.server_version // 10_000


def _address(url: str) -> str:
    """Without the password: other people's `ps` shows the words of a command."""
    parts: dict[str, Any] = conninfo_to_dict(psycopg_dsn(url))
    return make_conninfo(**{name: value for name, value in parts.items() if name != "password"})


def _run(program: Path, words: list[str], url: str | None = None) -> str:
    password = conninfo_to_dict(psycopg_dsn(url)).get("password") if url else None
    secret = {"PGPASSWORD": str(password)} if password else {}
    done = subprocess.run(
        [program, *words],
        env={**os.environ, **secret},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ProgramFailed(name=program.name, words=done.stderr.strip()[:500])
    return done.stdout


def _sha_file(file: Path) -> Path:
    return file.with_name(f"{file.name}.sha256")


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _to_disk(file: Path) -> None:
    fd = os.open(file, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
