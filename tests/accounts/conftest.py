"""An authority without a grader, its hub, and people at it."""

from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql

from pythonmastery_ext.cli import main
from pythonmastery_ext.db.encryption import Keyring, Keys
from pythonmastery_ext.db.engine import psycopg_dsn
from pythonmastery_ext.identity import HUB_SCOPE
from tests.api import servers
from tests.api.client import Api
from tests.conftest import fresh_database
from tests.counterparts.hub import Hub, running_hub

Visit = Callable[..., Api]


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def command(url: str, *words: str) -> Done:
    """As it is typed; in a thread, because it runs an event loop of its own."""
    out, err = StringIO(), StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(out),
        redirect_stderr(err),
        ThreadPoolExecutor(1) as thread,
    ):
        patch.setenv("PYTHONMASTERY_DATABASE_URL", url)
        code = thread.submit(main, words).result()
    return Done(code, out.getvalue(), err.getvalue())


@dataclass(frozen=True)
class School:
    root: str
    database_url: str
    hub: Hub
    log: Path

    def sql(self, query: LiteralString | sql.Composed, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(psycopg_dsn(self.database_url), autocommit=True) as connection:
            found = connection.execute(query, values)
            return found.fetchall() if found.description else []

    def command(self, *words: str) -> Done:
        """`pythonmastery …` at the same database."""
        return command(self.database_url, *words)

    def everything(self) -> str:
        """All rows of all tables as text."""
        tables = self.sql("""
            select relname from pg_class
            where relnamespace = 'public'::regnamespace and relkind = 'r'
        """)
        every = sql.SQL("select t::text from {} t")
        rows = [self.sql(every.format(sql.Identifier(name))) for (name,) in tables]
        return "\n".join(str(row) for found in rows for row in found)


@pytest.fixture(scope="session")
def people_url(postgres_url: str, template: str) -> Iterator[str]:
    with fresh_database(postgres_url, template) as url:
        yield url


@pytest.fixture
def database_url(people_url: str) -> str:
    """One for all tests of this folder, and nobody in it; only the audit keeps what it has."""
    with psycopg.connect(psycopg_dsn(people_url), autocommit=True) as connection:
        connection.execute("delete from app_user")
    return people_url


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    keys = Keys(keys={1: b"k" * 32}, current=1, blind=b"b" * 32)
    return Keyring(lambda: keys)


@pytest.fixture(scope="session")
def no_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("no-course")


@pytest.fixture(scope="session")
def school(
    postgres_url: str, template: str, no_course: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[School]:
    log = tmp_path_factory.mktemp("school") / "authority.log"
    with fresh_database(postgres_url, template) as url, ExitStack() as stack:
        hub = stack.enter_context(running_hub())
        environment = {
            "PYTHONMASTERY_DATABASE_URL": url,
            "PYTHONMASTERY_COURSE_DIR": str(no_course),
            "PYTHONMASTERY_WORKER": "false",
            "JUPYTERHUB_API_URL": hub.api_url,
        }
        root = stack.enter_context(servers.authority(log, environment))
        servers.wait_ready(root, hub.token("first"), log)
        yield School(root, url, hub, log)


@pytest.fixture
async def visit(school: School) -> AsyncIterator[Visit]:
    """`visit("ada")` signs in through the hub, `visit(token=…)` with a token that one has."""
    async with AsyncExitStack() as stack:

        def at(name: str = "", *, scope: str = "submit", token: str = "") -> Api:
            held = {"submit": 1, "teach": 2, "admin": 3}[scope]
            scopes = tuple(HUB_SCOPE + each for each in ("submit", "teach", "admin")[:held])
            client = Api(school.root, token or school.hub.token(name, scopes=scopes), "authority")
            stack.push_async_callback(client.close)
            return client

        yield at
