"""What every test stands on: a PostgreSQL server, a database of one's own, loopback only."""

import asyncio
import ipaddress
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

# Before anything of Jupyter's or ours is imported: both read the environment only once.
SESSION_DIR = Path(tempfile.mkdtemp(prefix="pythonmastery-tests-"))
for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
    os.environ[name] = str(SESSION_DIR / name.lower())
    Path(os.environ[name]).mkdir(mode=0o700)
os.environ["PYTHONMASTERY_DATA_DIR"] = str(SESSION_DIR / "data")
FOREIGN = ("PYTHONMASTERY_", "JUPYTERHUB_", "GEMINI_", "GOOGLE_", "PG")
for name in [name for name in os.environ if name.startswith(FOREIGN)]:
    if name != "PYTHONMASTERY_DATA_DIR" and not name.startswith("PYTHONMASTERY_TEST_"):
        del os.environ[name]

from pythonmastery_ext.db import migrate  # noqa: E402
from pythonmastery_ext.db.embedded import EmbeddedPostgres  # noqa: E402
from pythonmastery_ext.db.engine import Database, psycopg_dsn  # noqa: E402
from pythonmastery_ext.db.keyfile import KeyFile  # noqa: E402

# An authority does not start without keys, so each server that a test starts finds some.
os.environ["PYTHONMASTERY_ENCRYPTION_KEYS_FILE"] = str(SESSION_DIR / "keys.json")
KeyFile(SESSION_DIR / "keys.json").make()

TEMPLATE = "template_of_tests"
#: Where clusters of tests lie: in memory if there is enough of it, else in the usual place.
MEMORY = Path("/dev/shm")
NEEDED = 1 << 30


def clusters_go_to() -> Path | None:
    usable = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > NEEDED
    return MEMORY if usable else None


_numbers = count(1)


def pytest_configure(config: pytest.Config) -> None:
    # A shell's background job ignores Ctrl-C, and so would every program that a test starts.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(SESSION_DIR, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def only_loopback() -> Iterator[None]:
    """A test that needs the internet fails at once instead of when the internet is away."""

    def guard(sock: socket.socket, address: Any) -> None:
        if sock.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
            raise AssertionError(f"a test wanted to connect to {address}; only loopback is allowed")

    def connect(sock: socket.socket, address: Any) -> None:
        guard(sock, address)
        return real_connect(sock, address)

    def connect_ex(sock: socket.socket, address: Any) -> int:
        guard(sock, address)
        return real_connect_ex(sock, address)

    real_connect, real_connect_ex = socket.socket.connect, socket.socket.connect_ex
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        patch.setattr(socket.socket, "connect_ex", connect_ex)
        yield


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in ("localhost", "")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A server for this run of the tests; it forgets everything, and is fast because of that.

    In memory a new database takes a tenth of the processor time: it is hundreds of small files.
    """
    with tempfile.TemporaryDirectory(
        prefix="pythonmastery-pg-", dir=clusters_go_to(), ignore_cleanup_errors=True
    ) as base:
        server = EmbeddedPostgres(Path(base), durable=False)
        yield server.start()
        server.stop()


@pytest.fixture(scope="session")
def template(postgres_url: str) -> str:
    """The name of a migrated database, with partitions, that others are copied from."""
    with admin(postgres_url) as connection:
        connection.execute(f"create database {TEMPLATE}")
    url = with_database(postgres_url, TEMPLATE)
    migrate.upgrade(url)
    asyncio.run(_make_partitions(url))
    return TEMPLATE


@pytest.fixture
def database_url(postgres_url: str, template: str) -> Iterator[str]:
    """A migrated database that only this test sees."""
    with fresh_database(postgres_url, template) as url:
        yield url


@pytest.fixture
def empty_database_url(postgres_url: str) -> Iterator[str]:
    """A database without tables."""
    with fresh_database(postgres_url, "template0") as url:
        yield url


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@contextmanager
def fresh_database(server_url: str, template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    with admin(server_url) as connection:
        connection.execute(f"create database {name} template {template} strategy file_copy")
    yield with_database(server_url, name)
    with admin(server_url) as connection:
        connection.execute(f"drop database {name} with (force)")


@contextmanager
def admin(server_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(psycopg_dsn(server_url), autocommit=True) as connection:
        yield connection


def with_database(url: str, name: str) -> str:
    return f"{url.rpartition('/')[0]}/{name}"


async def _make_partitions(url: str) -> None:
    database = Database(url)
    await database.make_partitions()
    await database.close()
