"""Limits as a client meets them, at a real authority that grades nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any

import psycopg
import pytest

from pythonmastery_ext.db.engine import psycopg_dsn
from pythonmastery_ext.identity import HUB_SCOPE
from tests.api import servers
from tests.api.client import Api
from tests.conftest import fresh_database
from tests.counterparts.hub import Hub, running_hub

LIMITS = "{'hint': (60, 3), 'write': (6, 20)}"
HINT = "problems/nothing/hints/1"


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    with running_hub() as running:
        yield running


@pytest.fixture(scope="module")
def place(
    postgres_url: str, template: str, hub: Hub, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """The address of the authority, and of its database."""
    folder = tmp_path_factory.mktemp("limits")
    (folder / "course").mkdir()
    with fresh_database(postgres_url, template) as url:
        environment = {
            "PYTHONMASTERY_DATABASE_URL": url,
            "PYTHONMASTERY_COURSE_DIR": str(folder / "course"),
            "PYTHONMASTERY_WORKER": "false",
            "PYTHONMASTERY_RATE_LIMITS": LIMITS,
            "JUPYTERHUB_API_URL": hub.api_url,
        }
        with servers.authority(folder / "log", environment) as root:
            servers.wait_ready(root, hub.token("first"), folder / "log")
            yield root, url


@pytest.fixture
async def people(hub: Hub, place: tuple[str, str]) -> AsyncIterator[tuple[Api, Api]]:
    """A student and an admin, who have done nothing yet."""
    root, url = place
    with psycopg.connect(psycopg_dsn(url), autocommit=True) as connection:
        connection.execute("delete from rate_limit")
        connection.execute(
            "insert into app_user (username, role) values ('boss', 'admin') on conflict do nothing"
        )
    scopes = tuple(HUB_SCOPE + each for each in ("submit", "teach", "admin"))
    async with AsyncExitStack() as stack:
        student = Api(root, hub.token("student"), "authority")
        boss = Api(root, hub.token("boss", scopes=scopes), "authority")
        for client in (student, boss):
            stack.push_async_callback(client.close)
        yield student, boss


async def until_refused(api: Api, method: str, path: str) -> tuple[int, Any, str]:
    """How many calls were let through, and the answer to the next."""
    for count in range(100):
        answer = await api.http.request(method, path, json={})
        if answer.status_code == 429:
            return count, answer.json()["error"], answer.headers["Retry-After"]
    raise AssertionError("nothing was refused")


async def test_what_fails_counts_and_the_time_to_wait_is_told(people):
    student, _ = people
    count, error, header = await until_refused(student, "POST", HINT)
    assert count >= 3
    assert (error["code"], str(error["retry_after"])) == ("too_many_requests", header)
    await asyncio.sleep(int(header))
    assert (await student("POST", HINT))[0] == 404
    assert (await student("GET", "problems"))[0] == 200


async def test_every_write_has_a_limit_and_no_read(people):
    student, _ = people
    count, error, header = await until_refused(student, "PATCH", "me/profile")
    assert count >= 20
    assert 1 <= int(header) <= 10
    assert error["code"] == "too_many_requests"
    for _ in range(30):
        assert (await student("GET", "me/profile"))[0] == 200


async def test_an_admin_sees_the_limits_and_fills_a_bucket(people, place):
    student, boss = people
    await until_refused(student, "POST", HINT)
    assert (await student("GET", "admin/limits"))[0] == 403
    status, page = await boss("GET", "admin/limits?refused=true")
    (only,) = page["limits"]
    assert (status, only["username"], only["action"]) == (200, "student", "hint")
    path = f"admin/limits/{only['user_id']}/hint/reset"
    assert (await student("POST", path))[0] in (403, 429)
    status, filled = await boss("POST", path)
    assert (status, filled["left"], filled["refused"]) == (200, 3, 1)
    assert (await student("POST", HINT))[0] == 404
    assert (await boss("POST", "admin/limits/1/fly/reset"))[0] == 404
    assert (await boss("POST", "admin/limits/x/hint/reset"))[0] == 404
    with psycopg.connect(psycopg_dsn(place[1])) as connection:
        found = connection.execute("select kind from audit_event where kind = 'limit.reset'")
        assert found.fetchall() == [("limit.reset",)]
