"""What the authority believes of a hub token, and for how long."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from jupyter_server.auth.identity import User

from pythonmastery_ext import identity
from pythonmastery_ext.errors import Unavailable
from pythonmastery_ext.identity import HubIdentityProvider, HubUser
from tests.counterparts.hub import SUBMIT, Hub, running_hub

STRANGE = [
    (404, b"<html>404 : Not Found</html>"),
    (503, b"<html>Service Unavailable</html>"),
    (200, b"<html>Welcome to the proxy</html>"),
]


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running_hub() as running:
        yield running


@pytest.fixture
async def provider(hub: Hub) -> AsyncIterator[HubIdentityProvider]:
    made = HubIdentityProvider(hub_api_url=hub.api_url)
    yield made
    await made.close()


async def who(provider: HubIdentityProvider, token: str, method: str = "GET") -> str | None:
    request = SimpleNamespace(method=method, headers={"Authorization": f"token {token}"})
    user = await provider.get_user(cast("Any", SimpleNamespace(request=request)))
    return user.username if user else None


async def test_the_hub_is_asked_once_and_then_believed_for_a_while(hub, provider):
    token = hub.token("ada")
    assert [await who(provider, token) for _ in range(3)] == ["ada"] * 3
    assert hub.asked == [token]


@pytest.mark.parametrize("instead", STRANGE)
async def test_a_hub_that_restarts_signs_nobody_out(hub, provider, instead, monkeypatch):
    monkeypatch.setattr(identity, "FRESH", 0.0)
    token = hub.token("ada")
    assert await who(provider, token) == "ada"
    hub.instead = instead
    assert await who(provider, token) == "ada"
    with pytest.raises(Unavailable, match="JupyterHub cannot be reached"):
        await who(provider, hub.token("eve"))
    hub.instead = None
    assert await who(provider, token) == "ada"


async def test_a_hub_that_hangs_is_not_waited_for_by_each_request(provider):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        provider.hub_api_url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        provider._client.timeout = 0.1
        for name in ("ada", "bob"):
            with pytest.raises(Unavailable):
                await who(provider, name)
        silent.accept()[0].close()
        silent.setblocking(False)
        with pytest.raises(BlockingIOError):
            silent.accept()


async def test_a_token_that_the_hub_has_withdrawn_is_refused(hub, provider, monkeypatch):
    monkeypatch.setattr(identity, "FRESH", 0.0)
    token = hub.token("ada")
    assert await who(provider, token) == "ada"
    del hub.owners[token]
    assert await who(provider, token) is None


async def test_a_learner_does_not_wait_for_a_hub_that_is_slow_but_its_answer_counts(
    hub, provider, monkeypatch
):
    monkeypatch.setattr(identity, "FRESH", 0.0)
    monkeypatch.setattr(identity, "SLOW", 0.05)
    token = hub.token("ada")
    assert await who(provider, token) == "ada"
    hub.answers.clear()
    assert await who(provider, token, "POST") == "ada"
    del hub.owners[token]
    hub.answers.set()
    await asyncio.gather(*provider._asking.values())
    assert await who(provider, token, "POST") is None


async def test_who_has_more_rights_waits_for_a_hub_that_is_slow(hub, provider, monkeypatch):
    monkeypatch.setattr(identity, "FRESH", 0.0)
    monkeypatch.setattr(identity, "SLOW", 0.05)
    token = hub.token("tess", scopes=(SUBMIT, "custom:pythonmastery:teach"))
    assert await who(provider, token) == "tess"
    hub.answers.clear()
    for method in ("GET", "POST"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await who(provider, token, method)
    hub.answers.set()


async def test_many_calls_of_a_page_are_one_question(hub, provider):
    token = hub.token("ada")
    assert await asyncio.gather(*(who(provider, token) for _ in range(20))) == ["ada"] * 20
    assert hub.asked == [token]


async def test_guessed_tokens_do_not_drive_out_those_in_use(hub, provider, monkeypatch):
    monkeypatch.setattr(identity, "LARGEST_CACHE", 3)
    tokens = [hub.token(name) for name in ("ada", "bob")]
    for token in tokens:
        await who(provider, token)
    assert await who(provider, "guess") is None
    assert await who(provider, "another guess") is None
    hub.asked.clear()
    assert await who(provider, tokens[1]) == "bob"
    assert hub.asked == []


async def test_the_hub_is_asked_each_time_somebody_with_more_rights_writes(hub, provider):
    teaching = hub.token("tess", scopes=(SUBMIT, "custom:pythonmastery:teach"))
    learning = hub.token("ada")
    for token in (teaching, learning):
        for method in ("GET", "POST", "DELETE", "GET"):
            await who(provider, token, method)
    assert hub.asked == [teaching] * 3 + [learning]
    hub.instead = STRANGE[0]
    assert await who(provider, teaching) == "tess"
    with pytest.raises(Unavailable):
        await who(provider, teaching, "POST")
    assert await who(provider, learning, "POST") == "ada"


@pytest.mark.parametrize(
    ("role", "scopes", "most"),
    [
        ("admin", ("submit",), "student"),
        ("admin", ("submit", "teach"), "instructor"),
        ("admin", ("submit", "teach", "admin"), "admin"),
        ("student", ("submit", "teach", "admin"), "student"),
        ("instructor", ("admin",), "instructor"),
        ("admin", (), "student"),
    ],
)
def test_nobody_may_do_more_than_their_token(role, scopes, most):
    held = frozenset(identity.HUB_SCOPE + scope for scope in scopes)
    learner = identity.Learner(1, "tess", None, role)
    assert identity.capped(learner, HubUser(username="tess", scopes=held)).role == most


def test_on_ones_own_machine_the_role_alone_counts():
    learner = identity.Learner(1, "local", None, "admin")
    assert identity.capped(learner, User(username="anonymous")).role == "admin"
