"""A PostgreSQL server of our own, for people who do not have one.

Many processes may use one data folder: the first starts the server, the others adopt it, the last
one stops it. Two file locks keep count, because the system releases them however a process ends.
"""

import asyncio
import contextlib
import errno
import fcntl
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from sqlalchemy import URL

from pythonmastery_ext.db.account import database_account, reachable
from pythonmastery_ext.db.cluster import ROLE, Cluster, no_space
from pythonmastery_ext.db.problems import (
    EmbeddedError,
    FolderNotWritable,
    PasswordMissing,
    PasswordWrong,
    StillStarting,
)
from pythonmastery_ext.db.programs import check_version, installed, major_version
from pythonmastery_ext.db.system import HOST, free_port, lock_file, try_lock

__all__ = ["EmbeddedError", "EmbeddedPostgres", "keep_running"]

log = logging.getLogger(__name__)

DATABASE = "pythonmastery"
LOCK_SECONDS = 90.0
SIGN_IN_SECONDS = 30.0
#: Between tries to revive a server that cannot be started, for example on a full disk.
LONGEST_PAUSE = 15.0


class EmbeddedPostgres:
    """The server of `<data_dir>/postgres/<major version>`."""

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self._base = Path(data_dir).expanduser().absolute() / "postgres"
        self._durable = durable
        self._cluster: Cluster | None = None
        self._share: int | None = None

    def start(self) -> str:
        """The URL of the running server. Call it again at any time to revive one that was killed.

        Raises a subclass of EmbeddedError. The port is the same as before unless it is taken.
        """
        cluster = self._cluster or self._find_cluster()
        with _folder_errors(cluster.folder):
            cluster.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return self._start(cluster)

    def _start(self, cluster: Cluster) -> str:
        with self._alone(cluster):
            if self._share is None:
                self._share = lock_file(cluster.folder / "users.lock")
                fcntl.flock(self._share, fcntl.LOCK_SH)
            self._cluster = cluster
            try:
                return self._running_url(cluster)
            except BaseException:
                self._let_go()
                raise

    def running_url(self) -> str | None:
        """The URL, if the server runs; starts nothing."""
        cluster = self._cluster or self._find_cluster()
        running = cluster.running()
        if running is None or not running.ready or not cluster.password.exists():
            return None
        return _url(cluster, running.port)

    def stop(self) -> None:
        """Stops the server, unless somebody else uses it."""
        cluster = self._cluster
        if cluster is None or self._share is None:
            return
        with self._alone(cluster):
            try:
                fcntl.flock(self._share, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            else:
                cluster.stop()
            finally:
                self._let_go()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def folder(self) -> Path | None:
        """Where data, log, port and password are, once it was started."""
        return self._cluster.folder if self._cluster else None

    def _find_cluster(self) -> Cluster:
        account = database_account()
        programs = reachable(installed(), account)
        major = major_version(programs, account)
        folder = self._base / major
        with _folder_errors(folder):
            check_version(folder, major)
        return Cluster(programs=programs, account=account, folder=folder, durable=self._durable)

    def _running_url(self, cluster: Cluster) -> str:
        if not cluster.data.exists():
            cluster.make()
        if not cluster.password.exists():
            raise PasswordMissing(file=cluster.password, folder=cluster.folder)
        running = cluster.running()
        if running is None:
            running = cluster.start(lambda: _choose_port(cluster.folder / "port"))
        _check_door(cluster, running.port)
        return _url(cluster, running.port)

    @contextlib.contextmanager
    def _alone(self, cluster: Cluster) -> Iterator[None]:
        """One process at a time starts or stops."""
        lock = lock_file(cluster.folder / "start.lock")
        try:
            deadline = time.monotonic() + LOCK_SECONDS
            while not try_lock(lock):
                if time.monotonic() > deadline:
                    raise StillStarting(seconds=int(LOCK_SECONDS), log=cluster.log)
                time.sleep(0.01)
            yield
        finally:
            os.close(lock)

    def _let_go(self) -> None:
        if self._share is not None:
            os.close(self._share)
            self._share = None


async def keep_running(server: EmbeddedPostgres, seconds: float = 1.0) -> None:
    """Revives the server whenever it was killed; for a task of whoever started it."""
    pause = seconds
    while True:
        await asyncio.sleep(pause)
        try:
            if await asyncio.to_thread(server.running_url) is None:
                log.warning("the embedded database has ended; starting it again")
                await asyncio.to_thread(server.start)
                pause = seconds
        except (EmbeddedError, OSError, psycopg.Error) as exc:
            log.error("the embedded database cannot be started again: %s", exc)
            pause = min(LONGEST_PAUSE, 2 * pause)


def _choose_port(file: Path) -> int:
    """The port of last time, so that addresses stay the same, unless something else has it now."""
    last = None
    with contextlib.suppress(FileNotFoundError, ValueError):
        last = int(file.read_text())
    port = free_port(last)
    file.write_text(f"{port}\n")
    return port


def _url(cluster: Cluster, port: int, database: str = DATABASE) -> str:
    url = URL.create(
        "postgresql+psycopg",
        username=ROLE,
        password=cluster.password.read_text().strip(),
        host=HOST,
        port=port,
        database=database,
    )
    return url.render_as_string(hide_password=False)


def _check_door(cluster: Cluster, port: int) -> None:
    """Signs in, and makes our database the first time.

    `require_auth` makes the server prove that it knows the password, so nobody else is adopted.
    """
    dsn = _url(cluster, port, "postgres").replace("+psycopg", "", 1)
    deadline = time.monotonic() + SIGN_IN_SECONDS
    while True:
        try:
            connection = psycopg.connect(
                dsn, autocommit=True, connect_timeout=5, require_auth="scram-sha-256"
            )
            break
        except psycopg.OperationalError as exc:
            # libpq tells no SQLSTATE here, but whether it came as far as sending the password.
            if exc.pgconn is not None and exc.pgconn.used_password:
                raise PasswordWrong(file=cluster.password, folder=cluster.folder) from exc
            # Killed just now: whoever keeps it running starts it again sooner than we give up.
            if time.monotonic() > deadline or cluster.running() is None:
                raise StillStarting(seconds=int(SIGN_IN_SECONDS), log=cluster.log) from exc
        time.sleep(0.02)
    with connection:
        known = connection.execute("select from pg_database where datname = %s", [DATABASE])
        if known.rowcount == 0:
            connection.execute(f"create database {DATABASE}")


@contextlib.contextmanager
def _folder_errors(folder: Path) -> Iterator[None]:
    """A full disk and a forbidden folder, told in a sentence."""
    try:
        yield
    except OSError as exc:
        if exc.errno == errno.ENOSPC:
            raise no_space(folder) from exc
        if exc.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
            raise FolderNotWritable(folder=folder, reason=exc.strerror) from exc
        raise
