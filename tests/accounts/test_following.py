"""The service keeps in step with the hub, and does nothing rash when the hub's answer is odd."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, text

from pythonmastery_ext.accounts import service
from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import HubAway
from pythonmastery_ext.hub import client, following
from pythonmastery_ext.hub.client import HubClient
from pythonmastery_ext.hub.following import Follower


class Lists(ThreadingHTTPServer):
    """The hub's lists of people and groups, as its API pages them."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.names: list[str] = []
        self.groups: dict[str, list[str]] = {}
        #: Added to the number of people that is told.
        self.more = 0
        #: Status and body in place of every answer.
        self.instead: tuple[int, str] | None = None


class _Handler(BaseHTTPRequestHandler):
    server: Lists

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        status, told = self._told(address.path.removeprefix("/hub/api/"), parse_qs(address.query))
        body = self.server.instead[1] if self.server.instead else json.dumps(told)
        self.send_response(self.server.instead[0] if self.server.instead else status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def _told(self, path: str, query: dict[str, list[str]]) -> tuple[int, object]:
        hub = self.server
        kind, _, name = path.partition("/")
        if kind == "groups" and name in hub.groups:
            return 200, {"name": name, "users": hub.groups[name]}
        if kind == "users" and name in hub.names:
            return 200, {
                "name": name,
                "groups": [g for g, who in hub.groups.items() if name in who],
            }
        if path == "users":
            start = int(query["offset"][0])
            items = [{"name": each} for each in hub.names[start : start + int(query["limit"][0])]]
            return 200, {"items": items, "_pagination": {"total": len(hub.names) + hub.more}}
        return 404, {"status": 404, "message": "Not Found"}

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


@pytest.fixture
def hub() -> Iterator[Lists]:
    lists = Lists()
    thread = Thread(target=lists.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield lists
    lists.shutdown()
    thread.join()
    lists.server_close()


@pytest.fixture
async def follower(hub: Lists, db: Database) -> AsyncIterator[Follower]:
    asking = HubClient(f"http://127.0.0.1:{hub.server_port}/hub/api", "token")
    made = Follower(asking, timedelta(days=7))
    made.db = db
    yield made
    await asking.close()


async def came(db: Database, *names: str) -> None:
    async with db.transaction() as session:
        for name in names:
            await service.make(session, name)


async def roles(db: Database) -> dict[str, str]:
    async with db.transaction() as session:
        found = await session.execute(select(User.username, User.role))
        return {row.username: row.role for row in found}


async def leaving(db: Database) -> set[str]:
    async with db.transaction() as session:
        found = await session.scalars(
            text("select username from app_user join data_request on user_id = app_user.id")
        )
        return set(found)


async def test_roles_follow_the_groups_both_ways(hub, db, follower):
    await came(db, "ada", "bob", "eve", "zoe")
    hub.groups = {"instructors": ["ada", "bob"], "admins": ["ada", "nobody-yet"]}
    await follower.follow_roles()
    assert await roles(db) == {
        "ada": "admin",
        "bob": "instructor",
        "eve": "student",
        "zoe": "student",
    }
    hub.groups = {"instructors": ["zoe"]}
    await follower.follow_roles()
    assert await roles(db) == {
        "ada": "student",
        "bob": "student",
        "eve": "student",
        "zoe": "instructor",
    }


@pytest.mark.parametrize(
    "instead", [(500, "{}"), (404, "<html>Not Found</html>"), (200, "<html>"), (403, "{}")]
)
async def test_an_odd_answer_changes_nothing(hub, db, follower, instead):
    await came(db, "ada", "bob")
    hub.groups = {"admins": ["ada"]}
    await follower.follow_roles()
    hub.instead = instead
    for work in (follower.follow_roles, follower.follow_people):
        with pytest.raises(HubAway):
            await work()
    assert await roles(db) == {"ada": "admin", "bob": "student"}
    assert await leaving(db) == set()


async def test_who_is_not_at_the_hub_any_more_begins_to_be_erased(hub, db, follower, monkeypatch):
    monkeypatch.setattr(client, "PAGE", 2)
    names = ["ada", "bob", "eve", "zoe", "kim"]
    await came(db, *names)
    hub.names = names[:4]
    await follower.follow_people()
    assert await leaving(db) == {"kim"}
    assert follower.trouble is None


@pytest.mark.parametrize("more", [1, -1])
async def test_a_list_that_is_not_whole_erases_nobody(hub, db, follower, more):
    await came(db, "ada", "bob")
    hub.names, hub.more = ["ada", "zoe"], more
    with pytest.raises(HubAway):
        await follower.follow_people()
    assert await leaving(db) == set()


async def test_a_hub_that_was_set_up_anew_erases_nobody_and_an_admin_is_told(hub, db, follower):
    await came(db, *(f"learner-{number}" for number in range(following.FEW + 1)))
    hub.names = ["admin"]
    await follower.follow_people()
    assert await leaving(db) == set()
    assert follower.trouble is not None
    assert "6 of 6 people are not at the hub any more" in follower.trouble
    hub.names = [f"learner-{number}" for number in range(following.FEW + 1)]
    await follower.follow_people()
    assert follower.trouble is None
