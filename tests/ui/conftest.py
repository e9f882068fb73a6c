"""Browser tests: one JupyterLab for all of them, and a desk (a browser window) for each."""

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.labserver import lab_server
from tests.ui import chromium
from tests.ui.counterpart import gemini
from tests.ui.desk import EXPOSED, Desk
from tests.ui.web import end_kernels

FILMS = Path("test-results")
# A busy machine is slow, not wrong.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, **chromium.launch_args()}


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A learner's own JupyterLab, with a tutor."""
    home = tmp_path_factory.mktemp("learner")
    with gemini() as settings, lab_server(home, EXPOSED, environment=settings) as running:
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


@pytest.fixture
def desk(browser, server, request) -> Iterator[Desk]:
    # What an earlier test wrote must not matter.
    shutil.rmtree(server.home / "PythonMastery", ignore_errors=True)
    (server.home / "PythonMastery").mkdir()
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
