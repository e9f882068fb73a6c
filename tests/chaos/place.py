"""Where a run lives: a PostgreSQL server of its own, on a small disk where we may make one."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import psycopg

from pythonmastery_ext.db.embedded import EmbeddedError, EmbeddedPostgres
from pythonmastery_ext.db.engine import psycopg_dsn

DISK_MB = 400
#: Kept small, so that the log of a run fits on the small disk.
WAL = ("max_wal_size = '64MB'", "min_wal_size = '32MB'", "max_connections = 60")
#: Seconds between looks at the server, as a service manager's pause before a restart.
KEEP_EVERY = 0.2


class Disk:
    """A file system of a few hundred megabytes, which can be filled."""

    def __init__(self, folder: Path) -> None:
        self._ballast = folder / "ballast"
        self.folder = folder

    def fill(self) -> None:
        """Not a byte is left: a last write asks for more than there is."""
        with self._ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(1 << 16))

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)


@contextmanager
def small_disk(parent: Path) -> Iterator[tuple[Disk | None, str]]:
    """The disk, or why there is none."""
    folder = parent / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        yield None, "only root can make a disk small enough to fill"
        return
    words = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=755", "pythonmastery", folder]
    mounted = subprocess.run(words, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        yield None, f"a small disk could not be mounted: {mounted.stderr.strip()}"
        return
    try:
        yield Disk(folder), ""
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)  # noqa: S607 - the system's own


class Postgres:
    """The server, and who starts it again when it has ended, as a service manager does."""

    def __init__(self, folder: Path) -> None:
        self._server = EmbeddedPostgres(folder)
        self._folder = folder
        #: False while a fault keeps it down.
        self.kept = True
        self.url = ""

    def start(self) -> None:
        self.url = self._server.start()
        with self.connect() as connection:
            for setting in WAL:
                connection.execute(f"alter system set {setting}")
        self.stop()
        self.url = self._server.start()

    def stop(self) -> None:
        self._server.stop()

    async def keep(self) -> None:
        while True:
            await asyncio.sleep(KEEP_EVERY)
            with contextlib.suppress(EmbeddedError, OSError, psycopg.Error):
                if self.kept and await asyncio.to_thread(self._server.running_url) is None:
                    await asyncio.to_thread(self._server.start)

    @property
    def pid(self) -> int:
        (file,) = self._folder.glob("postgres/*/data/postmaster.pid")
        return int(file.read_text().splitlines()[0])

    def quit(self) -> None:
        """An immediate shutdown: what was not committed is gone, and recovery must run."""
        os.kill(self.pid, signal.SIGQUIT)

    def wait_down(self) -> None:
        end = time.monotonic() + 20
        while self._server.running_url() is not None and time.monotonic() < end:
            time.sleep(0.02)

    @contextmanager
    def connect(self) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
        dsn = psycopg_dsn(self.url)
        with psycopg.connect(dsn, autocommit=True, connect_timeout=5) as connection:
            yield connection

    def wait_up(self, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while True:
            try:
                with self.connect() as connection:
                    connection.execute("select 1")
            except psycopg.Error:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
            else:
                return


@asynccontextmanager
async def postgres(base: Path) -> AsyncIterator[tuple[Postgres, Disk | None, str]]:
    with small_disk(base) as (disk, why_not):
        server = Postgres(base / "disk")
        await asyncio.to_thread(server.start)
        keeper = asyncio.create_task(server.keep())
        try:
            yield server, disk, why_not
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
            await asyncio.to_thread(server.stop)


@contextmanager
def folder_of_run() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="pm-chaos-", ignore_cleanup_errors=True) as base:
        yield Path(base)
