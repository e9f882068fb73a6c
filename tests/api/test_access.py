"""Nobody gets anything without being known, at any address, in any role."""

import re

import httpx
import pytest

from pythonmastery_ext.api import ROUTES
from tests.api.client import PREFIX, Api
from tests.api.conftest import Stack
from tests.api.course import RIGHT
from tests.counterparts.hub import Hub

ADDRESSES = [
    (operation.method, re.sub(r"\{\w+\}", "1", route.path))
    for route in ROUTES
    for operation in route.operations
]
STRANGERS = [
    {},
    {"Authorization": "token wrong"},
    {"Authorization": "Basic am9lOnNlY3JldA=="},
    {"Authorization": "token " + "x" * 5000},
    {"Cookie": "username-127-0-0-1=forged"},
]


async def refused(root: str, headers: dict[str, str]) -> None:
    async with httpx.AsyncClient(
        base_url=root + PREFIX, headers=headers, trust_env=False, timeout=40
    ) as http:
        for method, path in ADDRESSES:
            answer = await http.request(method, path, json={} if method == "POST" else None)
            assert answer.status_code in (401, 403), (method, path, answer.text)
            told = answer.json()["error"]
            assert told["code"] in ("not_signed_in", "not_allowed"), (method, path)
            assert told["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize("headers", STRANGERS)
async def test_every_address_needs_authentication(stack: Stack, headers: dict[str, str]):
    await refused(stack.root, headers)


async def test_a_stranger_does_not_learn_which_addresses_there_are(stack: Stack):
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(stack.root + PREFIX + "nothing/here")
    assert answer.status_code == 401


@pytest.mark.parametrize("headers", STRANGERS)
async def test_the_authority_itself_needs_it_too(relay_stack: Stack, headers: dict[str, str]):
    await refused(relay_stack.authority, headers)


async def test_the_authority_takes_a_token_from_the_header_only(relay_stack: Stack, hub: Hub):
    url = relay_stack.authority + PREFIX + "problems"
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(url, params={"token": hub.token("eve")})).status_code == 401


async def test_a_token_without_the_scope_of_the_course_may_do_nothing(relay_stack: Stack, hub: Hub):
    token = hub.token("visitor", scopes=("read:users:name!user",))
    await refused(relay_stack.authority, {"Authorization": f"token {token}"})


async def test_a_service_is_no_learner(relay_stack: Stack, hub: Hub):
    token = hub.token("robot", kind="service")
    await refused(relay_stack.authority, {"Authorization": f"token {token}"})


async def test_a_page_of_another_site_cannot_act_for_a_signed_in_learner(stack: Stack):
    """The browser sends its cookie, but a foreign page does not know the XSRF token."""
    async with httpx.AsyncClient(trust_env=False, timeout=40) as http:
        await http.get(stack.root + "login", params={"token": stack.token}, follow_redirects=True)
        body = {"key": "7b0d5b1e-3b0a-4f57-9a3e-5e1b0c0f6a11", "code": RIGHT}
        url = stack.root + PREFIX + "problems/double/attempts"
        foreign = await http.post(url, json=body, headers={"Origin": "http://evil.example"})
        assert foreign.status_code in (403, 404)
        token = http.cookies.get("_xsrf")
        own = await http.post(url, json=body, headers={"X-XSRFToken": token or ""})
        assert own.status_code == 202, own.text


async def test_a_local_server_has_one_learner_whoever_jupyter_says_it_is(local_stack: Stack):
    local_stack.forget()
    names = set()
    for _ in range(3):
        client = Api(local_stack.root, local_stack.token, "local")
        status = (await client("GET", "status"))[1]
        names.add(status["learner"]["username"])
        await client.close()
    assert names == {"local"}


async def test_the_relay_acts_as_the_owner_of_its_server(relay_stack: Stack):
    client = Api(relay_stack.root, relay_stack.token, "relay")
    status = (await client("GET", "status"))[1]
    await client.close()
    assert (status["role"], status["learner"]["username"]) == ("authority", "ada")


async def test_an_unknown_address_and_a_wrong_verb_are_told_as_json(api: Api):
    assert (await api("GET", "nothing/here"))[1]["error"]["code"] == "not_found"
    status, answer = await api("DELETE", "problems")
    assert (status, answer["error"]["code"]) == (405, "method_not_allowed")


async def test_the_document_names_every_address(api: Api):
    status, document = await api("GET", "openapi.json")
    assert (status, document["openapi"]) == (200, "3.1.0")
    assert set(document["paths"]) == {f"/{route.path}" for route in ROUTES}


async def test_a_request_keeps_the_number_that_it_came_with(api: Api):
    answer = await api.http.get("problems", headers={"X-Request-Id": "abcdef-0123456789"})
    assert answer.headers["X-Request-Id"] == "abcdef-0123456789"
    odd = await api.http.get("problems", headers={"X-Request-Id": "<script>"})
    assert re.fullmatch("[0-9a-f]{32}", odd.headers["X-Request-Id"])
