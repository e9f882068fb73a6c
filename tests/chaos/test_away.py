"""The database is away: every address says so, and when to come back."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import psycopg
import pytest
from sqlalchemy import make_url

from pythonmastery_ext.api import ROUTES
from pythonmastery_ext.db.engine import psycopg_dsn
from pythonmastery_ext.web import Operation, Route
from tests.api import servers
from tests.api.course import RIGHT, make_course
from tests.chaos.scene import keys
from tests.chaos.students import API
from tests.conftest import fresh_database
from tests.counterparts.hub import running_hub
from tests.counterparts.wire import wire_to

#: What tells of the service itself, and so must answer.
TELLS = {"status", "metrics", "openapi.json"}
BODIES = {"AttemptIn": {"kind": "submit", "code": RIGHT}, "QuestionIn": {"text": "Why?"}}
PLACES = {"slug": "double", "level": "1", "id": "01890000-0000-7000-8000-000000000000"}


@pytest.fixture(scope="module")
async def cut_off(
    postgres_url: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[httpx.AsyncClient, dict[str, str]]]:
    """An authority whose database has just gone, and the tokens of one it knows and a stranger."""
    tmp_path = tmp_path_factory.mktemp("away")
    log = tmp_path / "log"
    port = make_url(postgres_url).port
    assert port is not None
    with (
        fresh_database(postgres_url, template) as url,
        running_hub() as hub,
        wire_to(port) as wire,
    ):
        with psycopg.connect(psycopg_dsn(url)) as connection:
            connection.execute("insert into app_user (username, role) values ('boss', 'admin')")
        environment = {
            "PYTHONMASTERY_DATABASE_URL": make_url(url)
            .set(port=wire.port)
            .render_as_string(hide_password=False),
            "PYTHONMASTERY_COURSE_DIR": str(make_course(tmp_path / "course")),
            "PYTHONMASTERY_DATA_DIR": str(tmp_path / "data"),
            "PYTHONMASTERY_WORKER": "false",
            "JUPYTERHUB_API_URL": hub.api_url,
            **keys(tmp_path),
        }
        tokens = {name: hub.token(name) for name in ("boss", "stranger")}
        with servers.authority(log, environment) as root:
            await asyncio.to_thread(servers.wait_ready, root, tokens["boss"], log)
            wire.cut()
            async with httpx.AsyncClient(
                base_url=root + API, timeout=60, trust_env=False
            ) as client:
                yield client, tokens


async def test_every_address_answers_503_with_a_time_to_come_back(cut_off):
    client, tokens = cut_off
    calls = [
        (token, route, operation)
        for token in tokens.values()
        for route in ROUTES
        for operation in route.operations
        # The hub's own need a token that no person has.
        if route.path not in TELLS and not route.path.startswith("hub/")
    ]
    answers = await asyncio.gather(*(ask(client, *call) for call in calls))
    for (_, route, operation), answer in zip(calls, answers, strict=True):
        told = f"{operation.method} {route.path}: {answer.status_code} {answer.text[:300]}"
        # A body that is refused whatever the database says needs no database.
        if operation.request is None or operation.request.__name__ in BODIES:
            assert answer.status_code == 503, told
        assert answer.status_code in (400, 422, 503), told
        if answer.status_code == 503:
            assert int(answer.headers["Retry-After"]) > 0, told
            assert answer.json()["error"]["retry_after"], told


async def test_the_status_still_answers_and_says_what_is_wrong(cut_off):
    client, tokens = cut_off
    answer = await client.get("status", headers={"Authorization": f"token {tokens['boss']}"})
    assert answer.status_code == 200
    assert answer.json()["ready"] is False
    assert "database" in answer.json()["detail"]


async def ask(
    client: httpx.AsyncClient, token: str, route: Route, operation: Operation
) -> httpx.Response:
    path = route.path
    for name, value in PLACES.items():
        path = path.replace(f"{{{name}}}", value)
    body = None
    if operation.request is not None:
        body = {"key": str(uuid4()), **BODIES.get(operation.request.__name__, {})}
    return await client.request(
        operation.method, path, json=body, headers={"Authorization": f"token {token}"}
    )
