"""Browser tests: one server for all of them, and one desk (JupyterLab in a browser) for most."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from playwright.sync_api import Browser, expect

from pythonmastery_ext.db.embedded import EmbeddedPostgres
from tests.forgetting import forget
from tests.labserver import LabServer, lab_server
from tests.ui import chromium
from tests.ui.counterpart import gemini
from tests.ui.desk import EXPOSED, Desk
from tests.ui.web import end_kernels

#: Set for a test that has failed, or what was made for it, and for its file.
FAILED = pytest.StashKey[bool]()
FILMS = Path("test-results")
IPC = "--KernelManager.transport=ipc"
#: What is tested here needs no kernel, but each notebook would start one. Without them the plugin
#: for widgets in notebooks complains. Both are there where the service dies, and under the hub.
NO_KERNELS = "--LabApp.notebook_starts_kernel=False"
NO_WIDGETS = {"disabledExtensions": {"@jupyter-widgets/jupyterlab-manager": True}}
# A busy machine is slow, not wrong.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, **chromium.launch_args()}


@contextmanager
def learners_lab(
    home: Path, *options: str, port: int | None = None, **settings: str
) -> Iterator[LabServer]:
    """Its kernels have sockets of Unix, in a folder with a short path.

    The port of a kernel is chosen before it listens there; where another takes it meanwhile, the
    server starts the kernel anew, and JupyterLab says so in a dialogue over the page.
    """
    with TemporaryDirectory(prefix="lab-") as runtime:
        environment = {"JUPYTER_RUNTIME_DIR": runtime, **settings}
        words = (EXPOSED, IPC, *options)
        with lab_server(home, *words, environment=environment, port=port) as running:
            yield running


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A learner's own JupyterLab, with a tutor."""
    home = tmp_path_factory.mktemp("learner")
    (config := home / ".jupyter/labconfig").mkdir(parents=True)
    (config / "page_config.json").write_text(json.dumps(NO_WIDGETS))
    with gemini() as settings, learners_lab(home, NO_KERNELS, **settings) as running:
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
    """What earlier tests did and wrote does not matter any more."""
    url = EmbeddedPostgres(server.home / "data").running_url()
    assert url is not None
    forget(url)
    clear_folder(server)


def clear_folder(server: LabServer) -> None:
    (folder := server.home / "PythonMastery").mkdir(exist_ok=True)
    for place in folder.iterdir():
        shutil.rmtree(place) if place.is_dir() else place.unlink()


class Seats:
    """Who sits where: loading JupyterLab costs more than most tests, so a desk is used again."""

    def __init__(self, browser: Browser, server: LabServer) -> None:
        self._browser = browser
        self._server = server
        self._desk: Desk | None = None
        self._last: pytest.Item | pytest.Module | None = None

    def take(self, whose: pytest.Item | pytest.Module) -> Desk:
        """The same desk with nothing open and no file; another one if a test has failed there."""
        if self._desk is None or (self._last is not None and FAILED in self._last.stash):
            return self.begin(whose)
        self._last = whose
        self._desk.put_away()
        end_kernels(self._server)
        clear_folder(self._server)
        return self._desk

    def begin(self, whose: pytest.Item | pytest.Module) -> Desk:
        """A new desk, of a learner who has done nothing yet."""
        self._last = whose
        self.leave()
        begin_anew(self._server)
        self._desk = desk = Desk(self._browser, self._server)
        with filmed(desk, whose.nodeid):
            desk.open_lab()
        return desk

    def leave(self) -> None:
        if self._desk:
            self._desk.close()
            self._desk = None
            end_kernels(self._server)


@pytest.fixture(scope="session")
def seats(browser, server) -> Iterator[Seats]:
    seats = Seats(browser, server)
    yield seats
    seats.leave()


@pytest.fixture
def desk(seats, request) -> Desk:
    """What was sent earlier is still known there: take a problem that nobody else has."""
    return seats.take(request.node)


@pytest.fixture
def fresh_desk(seats, request) -> Desk:
    return seats.begin(request.node)


def desks(item: pytest.Item) -> list[Desk]:
    found = [each for each in getattr(item, "funcargs", {}).values() if isinstance(each, Desk)]
    return list(dict.fromkeys(found))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    report = yield
    if report.failed:
        for node in item.listchain():
            node.stash[FAILED] = True
    return report


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
