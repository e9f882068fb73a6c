"""One data folder of PostgreSQL: made, started, looked at, stopped. embedded.py takes the locks."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pythonmastery_ext.db.account import Account
from pythonmastery_ext.db.problems import NoDiskSpace, StartFailed, StillStarting
from pythonmastery_ext.db.system import HOST, is_server_of, reap, remember_child, write_secret

ROLE = "pythonmastery"
#: A new cluster with its first log segment; and what a restart may need to repair one.
MB = 1024 * 1024
NEW_CLUSTER_MB, RESTART_MB = 120, 20
START_SECONDS = 60.0
STOP_SECONDS = 20.0
#: Children of a killed server need a moment to notice; until then a new one is turned away.
START_TRIES = 40
LOG_LIMIT = 10 * MB

SETTINGS = (
    "timezone=UTC",
    "log_timezone=UTC",
    f"listen_addresses={HOST}",
    "unix_socket_directories=",
)
#: Still survives a killed server, but not a power failure.
UNSAFE_BUT_FAST = ("fsync=off", "full_page_writes=off")


@dataclass(frozen=True)
class Running:
    pid: int
    port: int
    ready: bool


@dataclass(frozen=True, kw_only=True)
class Cluster:
    programs: Path
    account: Account
    folder: Path
    #: False risks the data at a power failure; for tests.
    durable: bool = True

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def password(self) -> Path:
        return self.folder / "password"

    def make(self) -> None:
        """Under another name first: a folder named `data` is always a whole cluster."""
        self._need_space(NEW_CLUSTER_MB)
        new = self.folder / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        self.account.own(new)
        secret = secrets.token_urlsafe(32)
        with self._as_seen(new) as seen, self._secret_file(secret) as (file, file_fds):
            program = self.programs / "bin" / "initdb"
            command = [str(program), "--pgdata", seen.path, "--pwfile", file]
            command += ["--username", ROLE, "--auth=scram-sha-256", "--encoding=UTF8"]
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            if not self.durable:
                command.append("--no-sync")
            self._run_initdb(command, (*seen.fds, *file_fds))
        write_secret(self.password, secret)
        new.rename(self.data)

    def _run_initdb(self, command: list[str], fds: tuple[int, ...]) -> None:
        done = subprocess.run(
            command,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            pass_fds=fds,
            **self.account.popen_options(),
        )
        if done.returncode != 0:
            self._need_space(RESTART_MB)
            raise StartFailed(log="initdb", tail=done.stderr.strip()[-500:])

    def start(self, choose_port: Callable[[], int]) -> Running:
        """Starts a server and waits until it takes connections."""
        for _ in range(START_TRIES):
            self._forget_dead_server()
            process = self._spawn(choose_port())
            if running := self._wait_until_ready(process):
                return running
            time.sleep(0.05)
        self._need_space(RESTART_MB)
        raise StartFailed(log=self.log, tail=self._last_words())

    def _spawn(self, port: int) -> subprocess.Popen[bytes]:
        settings = SETTINGS if self.durable else SETTINGS + UNSAFE_BUT_FAST
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".old"))
        with self._as_seen(self.data) as seen, self.log.open("ab") as log:
            program = self.programs / "bin" / "postgres"
            command = [str(program), "-D", seen.path, "-p", str(port)]
            for setting in settings:
                command += ["-c", setting]
            # A session of its own: Ctrl-C in our terminal is not for the server.
            process: subprocess.Popen[bytes] = subprocess.Popen(
                command,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=seen.fds,
                **self.account.popen_options(),
            )
        return process

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> Running | None:
        """None if it ended instead."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                return None
            running = self.running()
            if running and running.ready and running.pid == process.pid:
                # The server outlives us; without this Popen would warn that it still runs.
                process.returncode = 0
                remember_child(process.pid)
                return running
            time.sleep(0.005)
        raise StillStarting(seconds=int(START_SECONDS), log=self.log)

    def running(self) -> Running | None:
        """What `postmaster.pid` says, if that process is a PostgreSQL server."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            pid, port = int(lines[0]), int(lines[3])
        except (FileNotFoundError, IndexError, ValueError):
            return None
        ready = len(lines) > 7 and lines[7].strip() == "ready"
        return Running(pid, port, ready) if is_server_of(self.data, pid) else None

    def stop(self) -> None:
        """A fast shutdown: open transactions are rolled back, everything committed is kept."""
        running = self.running()
        if running is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(running.pid, signal.SIGINT)
        deadline = time.monotonic() + STOP_SECONDS
        while self.running() and time.monotonic() < deadline:
            reap(running.pid)
            time.sleep(0.005)

    def _forget_dead_server(self) -> None:
        """PostgreSQL itself only asks whether *some* process has the old number.

        After a reboot, or in a container, that may be anything, and it would never start again.
        """
        if self.running() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _need_space(self, megabytes: int) -> None:
        if shutil.disk_usage(self.folder).free < megabytes * MB:
            raise no_space(self.folder, megabytes)

    def _last_words(self) -> str:
        return self.log.read_text(errors="replace")[-500:].strip()

    @contextlib.contextmanager
    def _as_seen(self, folder: Path) -> Iterator["Seen"]:
        """The folder as the account can reach it: handed over open, nobody has to walk there."""
        if not self.account.other:
            yield Seen(str(folder), ())
            return
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield Seen(f"/proc/self/fd/{fd}", (fd,))
        finally:
            os.close(fd)

    @contextlib.contextmanager
    def _secret_file(self, secret: str) -> Iterator[tuple[str, tuple[int, ...]]]:
        """A file that only this account can read."""
        if sys.platform.startswith("linux") and self.account.other:
            fd = os.memfd_create("password")
            try:
                os.write(fd, secret.encode())
                os.fchown(fd, self.account.uid or 0, self.account.gid or 0)
                yield f"/proc/self/fd/{fd}", (fd,)
            finally:
                os.close(fd)
            return
        file = self.folder / "password.new"
        write_secret(file, secret)
        try:
            yield str(file), ()
        finally:
            file.unlink()


@dataclass(frozen=True)
class Seen:
    path: str
    fds: tuple[int, ...]


def no_space(folder: Path, needed_mb: int = NEW_CLUSTER_MB) -> NoDiskSpace:
    free = shutil.disk_usage(folder).free // MB
    return NoDiskSpace(folder=folder, free_mb=free, needed_mb=needed_mb)
