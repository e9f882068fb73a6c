"""A second person tries every operation there is on a first one's rows, and gains nothing."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from pythonmastery_ext.db.engine import psycopg_dsn
from pythonmastery_ext.identity import HUB_SCOPE
from tests.api import matrix
from tests.api.client import Api
from tests.api.conftest import Stack
from tests.api.matrix import CANARY, Call, Owned
from tests.counterparts.hub import Hub

FIRST, SECOND = "matrix-first", "matrix-second"
SCOPES = tuple(HUB_SCOPE + name for name in ("submit", "teach", "admin"))


@pytest.fixture(scope="module")
def connection(relay_stack: Stack) -> Any:
    with psycopg.connect(psycopg_dsn(relay_stack.database_url), autocommit=True) as opened:
        yield opened


def role(connection: psycopg.Connection[Any], name: str, role: str) -> int:
    (user,) = connection.execute(
        "insert into app_user (username, role) values (%s, %s)"
        " on conflict (username) do update set role = excluded.role returning id",
        [name, role],
    ).fetchone()
    return int(user)


@pytest.fixture(scope="module")
async def owned(relay_stack: Stack, hub: Hub, connection: Any) -> Owned:
    relay_stack.forget()
    client = Api(relay_stack.authority, hub.token(FIRST), "authority")
    try:
        return await matrix.settle(client, role(connection, FIRST, "student"), FIRST)
    finally:
        await client.close()


@pytest.fixture
async def person(relay_stack: Stack, hub: Hub, connection: Any) -> AsyncIterator[Any]:
    """`person(name, role, scopes)`: somebody's client."""
    async with AsyncExitStack() as stack:

        def make(name: str, its_role: str = "student", scopes: tuple[str, ...] = SCOPES) -> Api:
            role(connection, name, its_role)
            client = Api(relay_stack.authority, hub.token(name, scopes=scopes), "authority")
            stack.push_async_callback(client.close)
            return client

        yield make


async def answer_to(api: Api, call: Call) -> tuple[int, str]:
    """Status and text; of the stream without an end all that is to be caught up with."""
    options = {"params": call.query, "json": call.body}
    async with api.http.stream(call.method, call.path, **options) as answer:
        if not (call.streams and call.method == "GET" and answer.status_code == 200):
            return answer.status_code, (await answer.aread()).decode()
        lines: list[str] = []
        last = None
        async for line in answer.aiter_lines():
            lines.append(line)
            if last is None and line.startswith("data: "):
                last = json.loads(line.removeprefix("data: "))["last"]
            if not line and (not last or f"id: {last}" in lines):
                break
        return answer.status_code, "\n".join(lines)


def test_every_operation_is_in_the_matrix():
    assert matrix.unfilled(matrix.paths()) == []


def test_a_route_that_the_matrix_does_not_know_is_told():
    schema = {"$ref": "#/components/schemas/NoteIn"}
    post = {"requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": {}}
    found = matrix.unfilled({"/me/notes/{note}": {"post": post, "parameters": []}})
    assert [sentence.partition(": ")[0] for sentence in found] == ["POST me/notes/{note}"] * 2
    assert "'note'" in found[0]
    assert "NoteIn" in found[1]


async def test_another_learner_sees_and_changes_nothing(owned, person, connection):
    second = person(SECOND)
    before = matrix.rows_of(connection, owned.user)
    assert {"problem_attempt", "ai_interaction", "session", "data_request"} <= {
        table for table, rows in before.items() if rows
    }
    for call in matrix.calls(owned):
        status, text = await answer_to(second, call)
        assert CANARY not in text, call.name
        if call.closed:
            assert status == call.closed, (call.name, text)
        elif call.owned:
            assert status == 404, (call.name, text)
        else:
            wanted = matrix.EXPECTED.get(call.name)
            assert status in ([wanted] if wanted else call.statuses), (call.name, text)
    assert matrix.rows_of(connection, owned.user) == before


async def test_whether_something_of_anothers_exists_cannot_be_told(owned, person):
    second = person(SECOND)
    nothing = replace(
        owned, attempt=str(uuid4()), message=str(uuid4()), session=2**40, secret="x" * 43
    )
    for real, unreal in zip(matrix.calls(owned), matrix.calls(nothing), strict=True):
        if real.owned:
            answers = [
                await second(each.method, each.path, json={"rating": 1}) for each in (real, unreal)
            ]
            for _, told in answers:
                del told["error"]["request_id"]
            assert answers[0] == answers[1], real.name


async def test_an_instructor_is_no_admin_and_owns_nothing_of_a_learner(owned, person, connection):
    teacher = person("matrix-teacher", "instructor")
    before = matrix.rows_of(connection, owned.user)
    for call in matrix.calls(owned):
        if call.owned or call.name.split()[1].startswith(("admin/", "hub/", "metrics", "teach/")):
            status, text = await answer_to(teacher, call)
            assert CANARY not in text, call.name
            taught = call.name.split()[1].startswith("teach/")
            assert status in ((200, 422) if taught else (401, 403, 404)), (call.name, text)
    assert matrix.rows_of(connection, owned.user) == before


@pytest.mark.parametrize("its_role", ["instructor", "admin"])
async def test_the_token_of_ones_server_never_teaches(owned, person, its_role):
    server = person(f"matrix-{its_role}s-server", its_role, SCOPES[:1])
    for call in matrix.calls(owned):
        if call.closed:
            assert (await answer_to(server, call))[0] == call.closed, call.name


async def test_without_a_token_or_its_scope_even_ones_own_is_closed(owned, person, relay_stack):
    nobody = Api(relay_stack.authority, "", "authority")
    del nobody.http.headers["Authorization"]
    visitor = person(FIRST, scopes=("read:users:name!user", "access:servers"))
    for client, status in ((nobody, 401), (visitor, 403)):
        for call in matrix.calls(owned):
            answer = await client.http.request(call.method, call.path, json=call.body)
            wanted = 401 if call.closed == 401 else status
            assert answer.status_code == wanted, (call.name, answer.text)
            assert answer.json()["error"]["code"] in ("not_signed_in", "not_allowed")
    await nobody.close()
