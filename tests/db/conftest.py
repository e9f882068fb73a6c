"""A server that a test may hurt."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from pythonmastery_ext.db.embedded import EmbeddedPostgres
from pythonmastery_ext.db.engine import psycopg_dsn
from tests.conftest import clusters_go_to

#: Starts the server, says so, and stops it when told or when its input ends.
USER = """
import sys
from pathlib import Path
from pythonmastery_ext.db.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
print(server.start(), flush=True)
sys.stdin.readline()
server.stop()
print("stopped", flush=True)
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with cluster_folder() as base:
        yield base / "data"
        kill_server(base / "data")


@pytest.fixture(scope="session")
def stopped_cluster() -> Iterator[Path]:
    """A data folder to copy, because a copy is made sooner than a new cluster."""
    with cluster_folder() as base:
        with EmbeddedPostgres(base / "data", durable=False):
            pass
        yield base / "data"


@pytest.fixture
def server(data_dir: Path, stopped_cluster: Path) -> Iterator[EmbeddedPostgres]:
    subprocess.run(["/bin/cp", "-a", stopped_cluster, data_dir], check=True)
    server = EmbeddedPostgres(data_dir, durable=False)
    yield server
    server.stop()


@contextmanager
def cluster_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(
        prefix="pythonmastery-db-", dir=clusters_go_to(), ignore_cleanup_errors=True
    ) as base:
        yield Path(base)


@contextmanager
def other_process(data_dir: Path, *before: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that uses the server; `.url` is where."""
    process = subprocess.Popen(
        [*before, sys.executable, "-c", USER, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.kill()


def postmaster(data_dir: Path) -> int | None:
    files = list(data_dir.glob("postgres/*/data/postmaster.pid"))
    return int(files[0].read_text().splitlines()[0]) if files else None


def kill_server(data_dir: Path) -> None:
    """An immediate shutdown: as rough on the data as a crash, but gives its shared memory back."""
    pid = postmaster(data_dir)
    if pid is not None and is_alive(pid):
        os.kill(pid, signal.SIGQUIT)
        until(lambda: not is_alive(pid))


def is_alive(pid: int) -> bool:
    try:
        # A dead child that nobody has asked about yet is not alive.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def answers(url: str) -> bool:
    try:
        with psycopg.connect(psycopg_dsn(url), connect_timeout=3) as connection:
            return connection.execute("select 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
