"""The API in two roles through one fixture: `local`, and `relay` before a real authority."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from pythonmastery_ext.cli import main
from pythonmastery_ext.config import Settings
from pythonmastery_ext.grading.client import GradingClient
from tests.api import servers
from tests.api.client import Api
from tests.api.course import make_course
from tests.conftest import fresh_database
from tests.counterparts.hub import Hub, running_hub
from tests.forgetting import forget

METRICS_TOKEN = "only-prometheus-knows-this"


@dataclass(frozen=True)
class Stack:
    """A running service: where it is, and the token of its first learner."""

    role: str
    root: str
    token: str
    database_url: str
    #: Role relay only: the authority behind it, and the hub.
    authority: str = ""
    hub: Hub | None = None

    def forget(self) -> None:
        """As if no learner had done anything yet; the people stay."""
        forget(self.database_url)


@pytest.fixture(scope="module")
async def grading() -> AsyncIterator[GradingClient]:
    client = GradingClient(Settings())
    await client.start()
    yield client
    await client.close()


@pytest.fixture(scope="session")
def course_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="session")
def hub() -> Iterator[Hub]:
    with running_hub() as running:
        yield running


@pytest.fixture(scope="session")
def with_grader_kernel(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a server where somebody has installed the grader as a kernel."""
    prefix = tmp_path_factory.mktemp("prefix")
    assert main(["grader", "install", "--prefix", str(prefix)]) == 0
    return {"JUPYTER_PATH": str(prefix / "share" / "jupyter")}


@pytest.fixture(scope="session")
def local_stack(
    postgres_url: str,
    template: str,
    course_dir: Path,
    with_grader_kernel: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("local")
    with fresh_database(postgres_url, template) as url, ExitStack() as stack:
        environment = {
            "PYTHONMASTERY_DATABASE_URL": url,
            "PYTHONMASTERY_COURSE_DIR": str(course_dir),
            "PYTHONMASTERY_ROLE": "local",
            **with_grader_kernel,
        }
        root = stack.enter_context(servers.jupyter(folder / "log", environment))
        servers.wait_ready(root, servers.TOKEN, folder / "log")
        yield Stack("local", root, servers.TOKEN, url)


@pytest.fixture(scope="session")
def relay_stack(
    postgres_url: str,
    template: str,
    course_dir: Path,
    hub: Hub,
    with_grader_kernel: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("relay")
    with fresh_database(postgres_url, template) as url, ExitStack() as stack:
        behind = stack.enter_context(
            servers.authority(
                folder / "authority.log",
                {
                    "PYTHONMASTERY_DATABASE_URL": url,
                    "PYTHONMASTERY_COURSE_DIR": str(course_dir),
                    "JUPYTERHUB_API_URL": hub.api_url,
                    "PYTHONMASTERY_METRICS_TOKEN": METRICS_TOKEN,
                },
            )
        )
        token = hub.token("ada")
        servers.wait_ready(behind, token, folder / "authority.log")
        root = stack.enter_context(
            servers.jupyter(
                folder / "relay.log",
                {
                    "JUPYTERHUB_API_TOKEN": token,
                    "PYTHONMASTERY_AUTHORITY_URL": behind,
                    **with_grader_kernel,
                },
            )
        )
        yield Stack("relay", root, servers.TOKEN, url, behind, hub)


@pytest.fixture(params=["local", "relay"])
def stack(request: pytest.FixtureRequest) -> Stack:
    found: Stack = request.getfixturevalue(f"{request.param}_stack")
    found.forget()
    return found


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[Api]:
    """One learner; nothing has happened yet."""
    client = Api(stack.root, stack.token, stack.role)
    yield client
    await client.close()


@pytest.fixture
async def two(relay_stack: Stack, hub: Hub) -> AsyncIterator[tuple[Api, Api]]:
    """Two learners of one authority."""
    relay_stack.forget()
    clients = tuple(Api(relay_stack.authority, hub.token(name), "authority") for name in "ab")
    yield clients[0], clients[1]
    for client in clients:
        await client.close()
