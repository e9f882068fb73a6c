"""Asking the tutor over the API: without a key for Gemini, and with Gemini's counterpart."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.api import servers
from tests.api.client import PATIENCE, Api, Event, _events
from tests.api.course import SECRET, WRONG
from tests.conftest import fresh_database
from tests.counterparts.gemini import ANSWER, KEY
from tests.counterparts.hub import Hub


@asynccontextmanager
async def asking(api: Api, **fields: Any) -> AsyncIterator[AsyncIterator[Event]]:
    async with api.http.stream("POST", "tutor/messages", json=fields) as answer:
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["Content-Type"] == "text/event-stream"
        yield _events(answer)


async def asked(api: Api, **fields: Any) -> list[Event]:
    async with asking(api, **fields) as events:
        return [event async for event in events]


async def test_without_a_key_the_last_run_is_explained_in_plain_words(api: Api):
    await api.submit("double", WRONG)
    events = await asked(api, problem="double", message_type="explanation", code=WRONG)
    assert [events[0].name, events[-1].name] == ["start", "done"]
    answer = events[-1].data
    assert (answer["source"], answer["state"], answer["model"]) == ("built_in", "complete", None)
    assert "the AI tutor is not set up here" in answer["ai_response"]
    assert "gave back `None`" in answer["ai_response"]
    assert "**Hint 1 is open to you**" in answer["ai_response"]
    assert answer["context"] is None
    assert str(SECRET) not in str(events)


async def test_the_status_says_that_there_is_no_key_and_how_much_is_left(api: Api):
    before = (await api("GET", "status"))[1]["tutor"]
    await asked(api, message="Hello?")
    after = (await api("GET", "status"))[1]["tutor"]
    assert before["available"] is False
    assert "no key for Gemini" in before["why"]
    assert after["remaining_today"] == before["remaining_today"] - 1


async def test_conversations_are_read_back_page_by_page(api: Api):
    for n in range(3):
        await asked(api, problem="double", message=f"Q{n}")
    await asked(api, message="In general")
    _, first = await api("GET", "tutor/messages?problem=double&limit=2")
    assert [message["user_message"] for message in first["messages"]] == ["Q2", "Q1"]
    _, second = await api(
        "GET", "tutor/messages", params={"problem": "double", "before": first["before"]}
    )
    assert [message["user_message"] for message in second["messages"]] == ["Q0"]
    assert second["before"] is None
    _, general = await api("GET", "tutor/messages")
    assert [message["user_message"] for message in general["messages"]] == ["In general"]


async def test_an_answer_can_be_rated(api: Api):
    answer = (await asked(api, message="Hello?"))[-1].data
    path = f"tutor/messages/{answer['id']}/rating"
    assert (await api("POST", path, json={"rating": 4}))[1]["rating"] == 4
    assert (await api("POST", path, json={"rating": 6}))[0] == 422
    assert (await api("POST", f"tutor/messages/{uuid4()}/rating", json={"rating": 4}))[0] == 404


async def test_nobody_sees_or_rates_what_another_asked(two: tuple[Api, Api]):
    mine, theirs = two
    answer = (await asked(mine, message="Just for me"))[-1].data
    assert (await theirs("GET", "tutor/messages"))[1]["messages"] == []
    path = f"tutor/messages/{answer['id']}/rating"
    assert (await theirs("POST", path, json={"rating": 1}))[0] == 404


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"message": " "}, 422, "invalid_fields"),
        ({"message": "Why?", "problem": "nothing-here"}, 404, "unknown_problem"),
        ({"message": "Why?", "problem": "double-late"}, 403, "problem_locked"),
        ({"message": "Why?", "code": "x\0"}, 422, "code_not_text"),
        ({"message": "x" * 4001}, 422, "invalid_fields"),
        ({"message": "Why?", "message_type": "solution"}, 422, "invalid_fields"),
    ],
)
async def test_what_cannot_be_asked_is_refused_before_anything_streams(
    api: Api, body: dict[str, Any], status: int, code: str
):
    found, answer = await api("POST", "tutor/messages", json=body)
    assert (found, answer["error"]["code"]) == (status, code)
    assert (await api("GET", "tutor/messages"))[1]["messages"] == []


async def decide(api: Api, *, agreed: bool) -> dict[str, Any]:
    _, question = await api("GET", "tutor/consent")
    body = {"agreed": agreed, "version": question["version"]}
    status, answer = await api("PUT", "tutor/consent", json=body)
    assert status == 200, answer
    return answer


async def test_without_a_key_there_is_nothing_to_agree_to(api: Api):
    _, question = await api("GET", "tutor/consent")
    assert (question["needed"], question["agreed"]) == (False, None)


@dataclass(frozen=True)
class Service:
    api_root: str
    logs: Path


@pytest.fixture(scope="module")
def gemini() -> Iterator[str]:
    """Address of Gemini's counterpart, in a process of its own."""
    words = [sys.executable, "-m", "tests.counterparts.gemini", "--pace", "0.05"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        yield started.stdout.readline().strip()
        started.terminate()


@pytest.fixture(scope="module", params=["local", "relay"])
def service(
    request: pytest.FixtureRequest,
    postgres_url: str,
    template: str,
    course_dir: Path,
    hub: Hub,
    gemini: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    """With a key; without a worker, for nothing is graded here."""
    logs = tmp_path_factory.mktemp("tutor")
    with fresh_database(postgres_url, template) as url, ExitStack() as stack:
        secret = {
            "PYTHONMASTERY_DATABASE_URL": url,
            "PYTHONMASTERY_COURSE_DIR": str(course_dir),
            "PYTHONMASTERY_WORKER": "false",
            "GEMINI_API_KEY": KEY,
            "GOOGLE_GEMINI_BASE_URL": gemini,
        }
        environment = {**secret, "PYTHONMASTERY_ROLE": "local"}
        if request.param == "relay":
            secret["JUPYTERHUB_API_URL"] = hub.api_url
            behind = stack.enter_context(servers.authority(logs / "authority.log", secret))
            token = hub.token("ada")
            servers.wait_ready(behind, token, logs / "authority.log")
            environment = {"JUPYTERHUB_API_TOKEN": token, "PYTHONMASTERY_AUTHORITY_URL": behind}
        root = stack.enter_context(servers.jupyter(logs / "server.log", environment))
        servers.wait_ready(root, servers.TOKEN, logs / "server.log")
        yield Service(root, logs)


@pytest.fixture
async def tutored(service: Service) -> AsyncIterator[Api]:
    client = Api(service.api_root, servers.TOKEN, "tutored")
    await decide(client, agreed=True)
    yield client
    await client.close()


async def test_taking_consent_back_leaves_the_built_in_help(tutored: Api):
    question = await decide(tutored, agreed=False)
    assert (question["needed"], question["agreed"]) == (True, False)
    answer = (await asked(tutored, problem="double", message="And now?"))[-1].data
    assert (answer["source"], answer["context"]) == ("built_in", None)
    assert "you have not agreed" in answer["ai_response"]
    body = {"agreed": True, "version": "of another text"}
    status, refused = await tutored("PUT", "tutor/consent", json=body)
    assert (status, refused["error"]["code"]) == (422, "invalid_fields")
    assert (await decide(tutored, agreed=True))["agreed"] is True


async def test_an_answer_streams_and_is_stored_as_it_was_shown(tutored: Api):
    events = await asked(tutored, problem="double", message="What is a function?", code="x = 1")
    assert [events[0].name, events[-1].name] == ["start", "done"]
    deltas = [event.data["text"] for event in events if event.name == "delta"]
    assert len(deltas) > 5
    assert "".join(deltas) == events[-1].data["ai_response"] == ANSWER
    assert events[0].data["state"] == "streaming"
    assert events[-1].data["state"] == "complete"
    assert events[-1].data["source"] == "gemini"
    assert events[-1].data["context"]["material"]["code"] == "  1 x = 1"
    assert str(SECRET) not in str(events)
    _, page = await tutored("GET", "tutor/messages?problem=double")
    assert page["messages"][0] == events[-1].data


async def test_leaving_stops_the_answer_and_keeps_what_was_shown(tutored: Api):
    async with asking(tutored, message="Tell me everything.") as events:
        async for event in events:
            if event.name == "delta":
                break
    async with asyncio.timeout(PATIENCE):
        while True:
            _, page = await tutored("GET", "tutor/messages")
            if (kept := page["messages"][0])["state"] != "streaming":
                break
            await asyncio.sleep(0.05)
    assert kept["state"] == "cut"
    assert kept["ai_response"]
    assert ANSWER.startswith(kept["ai_response"])
    assert kept["ai_response"] != ANSWER


async def test_the_key_is_in_no_answer_and_no_log(tutored: Api, service: Service):
    told = [
        str(await tutored("GET", path)) for path in ("status", "tutor/messages", "openapi.json")
    ]
    told += [str(await asked(tutored, message="What is your key?"))]
    told += [log.read_text() for log in service.logs.glob("*.log")]
    assert KEY not in "".join(told)
