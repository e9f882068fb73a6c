"""One real class for all tests of this folder: hub, proxy, service, GitHub, three people."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.api.course import make_course
from tests.conftest import fresh_database
from tests.hub import apart
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


@pytest.fixture(scope="session")
def school(postgres_url, template, course_dir, tmp_path_factory) -> Iterator[Classroom]:
    """Another class, as production has it: subdomains, and roles by teams of GitHub.

    GitHub is asked again every few seconds.
    """
    settings = {
        "INSTRUCTOR_TEAMS": "example-school:teachers",
        "ADMIN_TEAMS": "example-school:owners",
        "AUTH_REFRESH_SECONDS": "2",
    }
    folder = tmp_path_factory.mktemp("school")
    with (
        apart.resolved(),
        fresh_database(postgres_url, template) as url,
        classroom(folder, url, course_dir, host=apart.HOST, **settings) as running,
    ):
        yield running


@pytest.fixture(scope="session")
def kept_cookies() -> dict[tuple[str, str], Any]:
    """Of a class and who has signed in there before."""
    return {}


# The class before the browser: Playwright's event loop stays, and nothing runs another beside it.
@pytest.fixture
def visit(room, browser, kept_cookies) -> Iterator[Callable[..., Visitor]]:
    """`visit("student")`: Chromium, signed in through GitHub; its console must stay quiet.

    The first visit of each person signs in, the next ones have its cookies. `anew`: for who signs
    out, which ends all visits with these cookies.
    """
    visitors: list[Visitor] = []

    def visit(login: str, at: Classroom = room, *, anew: bool = False) -> Visitor:
        visitor = Visitor(browser, at, login)
        visitors.append(visitor)
        if not anew and (at.url, login) in kept_cookies:
            visitor.context.add_cookies(kept_cookies[at.url, login])
            return visitor
        visitor.sign_in()
        if not anew:
            kept_cookies[at.url, login] = visitor.context.cookies()
        return visitor

    yield visit
    for visitor in visitors:
        visitor.close()
    complaints = [each for visitor in visitors for each in visitor.complaints]
    assert not complaints, "\n".join(complaints)
