"""Browser tests: one JupyterLab for all of them, and a desk (a browser window) for each."""

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from playwright.sync_api import expect

from pythonmastery_ext.db.embedded import EmbeddedPostgres
from tests.forgetting import forget
from tests.labserver import LabServer, lab_server
from tests.ui import chromium
from tests.ui.counterpart import gemini
from tests.ui.desk import EXPOSED, Desk
from tests.ui.web import end_kernels

FILMS = Path("test-results")
IPC = "--KernelManager.transport=ipc"
# A busy machine is slow, not wrong.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, **chromium.launch_args()}


@contextmanager
def learners_lab(home: Path, port: int | None = None, **settings: str) -> Iterator[LabServer]:
    """Its kernels have sockets of Unix, in a folder with a short path.

    The port of a kernel is chosen before it listens there; where another takes it meanwhile, the
    server starts the kernel anew, and JupyterLab says so in a dialogue over the page.
    """
    with TemporaryDirectory(prefix="lab-") as runtime:
        environment = {"JUPYTER_RUNTIME_DIR": runtime, **settings}
        with lab_server(home, EXPOSED, IPC, environment=environment, port=port) as running:
            yield running


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A learner's own JupyterLab, with a tutor."""
    home = tmp_path_factory.mktemp("learner")
    with gemini() as settings, learners_lab(home, **settings) as running:
        running.wait_ready()
        running.agree()
        yield running


@contextmanager
def filmed(desk: Desk, name: str) -> Iterator[None]:
    try:
        yield
    except BaseException:
        desk.picture(FILMS / (re.sub(r"[^\w.-]+", "-", name) + ".png"))
        raise


def begin_anew(server: LabServer) -> None:
    """What an earlier test did and wrote must not matter."""
    url = EmbeddedPostgres(server.home / "data").running_url()
    assert url is not None
    forget(url)
    shutil.rmtree(server.home / "PythonMastery", ignore_errors=True)
    (server.home / "PythonMastery").mkdir()


@pytest.fixture
def desk(browser, server, request) -> Iterator[Desk]:
    begin_anew(server)
    desk = Desk(browser, server)
    try:
        with filmed(desk, request.node.nodeid):
            desk.open_lab()
        yield desk
    finally:
        desk.close()
        end_kernels(server)


def desks(item: pytest.Item) -> list[Desk]:
    found = [each for each in getattr(item, "funcargs", {}).values() if isinstance(each, Desk)]
    return list(dict.fromkeys(found))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item):
    """A test also fails by what the page complained about meanwhile; a failure is filmed."""
    with ExitStack() as films:
        for number, desk in enumerate(desks(item)):
            films.enter_context(filmed(desk, f"{item.nodeid}-{number}"))
        result = yield
        for desk in desks(item):
            complaints, desk.complaints = desk.complaints, []
            assert not complaints, "\n".join(complaints)
    return result
