"""One real class for all tests of this folder: hub, proxy, service, GitHub, three people."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.api.course import make_course
from tests.conftest import fresh_database
from tests.hub.classroom import Classroom, classroom
from tests.hub.visitor import Visitor
from tests.ui import chromium

# A busy machine is slow, not wrong.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, **chromium.launch_args()}


@pytest.fixture(scope="session")
def course_dir(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="session")
def room(postgres_url, template, course_dir, tmp_path_factory) -> Iterator[Classroom]:
    """Leave it as you find it: processes, roles and people; new people are `room.github.add`."""
    folder = tmp_path_factory.mktemp("class")
    with (
        fresh_database(postgres_url, template) as url,
        classroom(folder, url, course_dir) as running,
    ):
        yield running


# The class before the browser: Playwright's event loop stays, and nothing runs another beside it.
@pytest.fixture
def visit(room, browser) -> Iterator[Callable[[str], Visitor]]:
    """`visit("student")`: Chromium, signed in through GitHub; its console must stay quiet."""
    visitors: list[Visitor] = []

    def visit(login: str) -> Visitor:
        visitors.append(Visitor(browser, room, login))
        visitors[-1].sign_in()
        return visitors[-1]

    yield visit
    for visitor in visitors:
        visitor.close()
    complaints = [each for visitor in visitors for each in visitor.complaints]
    assert not complaints, "\n".join(complaints)
