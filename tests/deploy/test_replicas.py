"""Any authority can be asked anything: what one was told the other knows, and either may die."""

import asyncio
import io
import json
import signal
import subprocess
import sys
import zipfile
from asyncio import gather
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from pythonmastery_ext.db.engine import psycopg_dsn
from pythonmastery_ext.health import LIVE, READY
from tests.api.client import PATIENCE, Api, Event, _events, take, until
from tests.api.course import RIGHT, WRONG, make_course
from tests.chaos import checker
from tests.chaos.scene import classroom
from tests.chaos.students import Journal
from tests.conftest import fresh_database
from tests.counterparts.gemini import ANSWER, KEY
from tests.counterparts.hub import SIGNED_IN, running_hub
from tests.deploy.replicas import Place, place
from tests.panel.office import SCOPES

STUDENTS = 6
#: Attempts sent, and verdicts seen, between two blows.
SENT, SEEN = 6, 3

pytestmark = pytest.mark.timeout(300)

Visit = Callable[..., tuple[Api, Api]]


@pytest.fixture(scope="module")
def gemini() -> Iterator[str]:
    """Slow enough to be interrupted."""
    words = [sys.executable, "-m", "tests.counterparts.gemini", "--pace", "0.05"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        yield f"{started.stdout.readline().strip()} {KEY}"
        started.terminate()


@pytest.fixture(scope="module")
async def here(
    postgres_url: str, template: str, gemini: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Place]:
    base = tmp_path_factory.mktemp("replicas")
    course = make_course(base / "course")
    with fresh_database(postgres_url, template) as url, running_hub() as hub:
        async with place(base, url, course, hub, gemini) as made:
            yield made


@pytest.fixture
async def visit(here: Place) -> AsyncIterator[Visit]:
    """The same person at each authority."""
    opened: list[Api] = []

    def make(name: str = "", token: str = "") -> tuple[Api, Api]:
        token = token or here.hub.token(name)
        clients = [Api(root, token, "authority") for root in here.roots]
        opened.extend(clients)
        return clients[0], clients[1]

    yield make
    await gather(*(client.close() for client in opened))


async def test_killed_in_the_middle_nothing_is_lost_or_done_twice(here: Place, tmp_path: Path):
    """First, in a database in which nobody else has sent anything."""
    tokens = {name: here.hub.token(name) for name in (f"student{n}" for n in range(STUDENTS))}
    journal = Journal(tmp_path / "journal")
    async with classroom(here.root, tokens, journal) as students:
        students.begin()
        for victim in (here.authorities[0], here.workers[0], here.authorities[1]):
            sent, seen = len(journal.entries) + SENT, len(journal.verdicts) + SEEN
            assert await students.until(
                lambda sent=sent, seen=seen: (
                    len(journal.entries) >= sent and len(journal.verdicts) >= seen
                ),
                60,
            )
            victim.kill()
        sent = len(journal.entries) + SENT
        assert await students.until(lambda: len(journal.entries) >= sent, 60)
        assert await students.pause()
    assert await here.until_graded()
    with psycopg.connect(psycopg_dsn(here.url), autocommit=True) as connection:
        found = checker.check(connection, journal.entries)
    assert (found.lost, found.double, found.faulted, found.wrong) == (set(), set(), set(), [])
    assert journal.wrong == []
    for root in here.roots:
        await until(lambda root=root: here.is_ready(root))


async def test_probes_answer_without_a_sign_in_and_tell_a_word(here: Place):
    addresses = [*here.roots, *here.probes]
    async with httpx.AsyncClient(trust_env=False) as http:
        for address in addresses:
            for path in (LIVE, READY):
                answer = await http.get(address + path)
                assert (answer.status_code, answer.text) == (200, "ok\n")
        assert (await http.get(addresses[-1] + "pythonmastery/api/v1/status")).status_code == 404


async def test_a_key_means_the_same_everywhere(visit: Visit):
    one, other = visit("key")
    key = str(uuid4())
    answers = await gather(*(api.send("double", RIGHT, key=key) for api in (one, other) * 5))
    assert {status for status, _ in answers} <= {200, 202}
    assert len({attempt["id"] for _, attempt in answers}) == 1
    status, refused = await other.send("double", WRONG, key=key)
    assert (status, refused["error"]["code"]) == (409, "key_reused")
    assert (await other.graded(answers[0][1]["id"]))["status"] == "passed"


async def test_a_stream_goes_on_at_another_authority(visit: Visit):
    one, other = visit("events")
    async with one.events() as events:
        await take(events, "hello")
        _, attempt = await other.send("double", RIGHT)
        seen = await take(events, "attempt.submitted")
        assert seen.data["id"] == attempt["id"]
    await one.graded(attempt["id"])
    async with other.events(last=seen.id) as events:
        await take(events, "hello")
        missed = [await anext(events) for _ in range(2)]
    assert [event.name for event in missed] == ["progress.changed", "attempt.graded"]
    assert missed[-1].data["id"] == attempt["id"]


async def test_hints_open_by_what_was_sent_elsewhere(visit: Visit):
    one, other = visit("hints")
    await one.submit("double", WRONG)
    status, opened = await other("POST", "problems/double/hints/1")
    assert status == 200, opened
    assert opened["hints_used"] == 1
    _, seen = await one("GET", "problems/double/hints")
    assert seen["hints"][0]["text"] == "Hint 1 of double."


async def ask(api: Api) -> list[Event]:
    async with api.http.stream("POST", "tutor/messages", json={"message": "Why?"}) as answer:
        if answer.status_code != 200:
            await answer.aread()
            return [Event("refused", answer.json()["error"]["code"], None)]
        return [event async for event in _events(answer)]


async def agree(api: Api) -> None:
    _, question = await api("GET", "tutor/consent")
    body = {"agreed": True, "version": question["version"]}
    assert (await api("PUT", "tutor/consent", json=body))[0] == 200


async def test_an_answer_streams_on_while_another_authority_starts_again(here: Place, visit: Visit):
    one, other = visit("tutor")
    await agree(other)
    asking = asyncio.create_task(ask(one))

    async def begun() -> Any:
        _, page = await other("GET", "tutor/messages")
        return page["messages"] and page["messages"][0]["state"] == "streaming"

    await until(begun)
    here.authorities[1].signal(signal.SIGKILL)
    events = await asking
    assert "".join(event.data["text"] for event in events if event.name == "delta") == ANSWER
    assert events[-1].data["state"] == "complete"
    await until(lambda: here.is_ready(here.roots[1]))
    _, page = await other("GET", "tutor/messages")
    assert page["messages"][0] == events[-1].data


async def test_limits_are_counted_together(visit: Visit):
    one, other = visit("limits")
    await agree(one)
    ends = [(await ask(api))[-1] for api in (one, other, one, other)]
    assert [end.name for end in ends] == ["done", "done", "refused", "refused"], ends
    assert {end.data for end in ends[2:]} == {"too_many_requests"}


async def test_a_session_that_is_revoked_is_so_everywhere_at_once(visit: Visit):
    one, other = visit("session")
    _, told = await one("POST", "me/sessions", json={"label": "laptop"})
    for client in visit(token=told["token"]):
        assert (await client("GET", "me/profile"))[0] == 200
    assert (await other("DELETE", f"me/sessions/{told['session']['id']}"))[0] == 200
    for client in visit(token=told["token"]):
        assert (await client("GET", "me/profile"))[0] == 401


async def test_signed_in_at_the_pages_is_signed_in_at_all_of_them(here: Place):
    """Each request goes to the other authority: out to the hub from one, back to the next."""
    here.hub.people["pages"] = SCOPES["admin"]
    async with httpx.AsyncClient(
        base_url=here.root,
        cookies={SIGNED_IN: "pages"},
        follow_redirects=True,
        limits=httpx.Limits(max_keepalive_connections=0),
        timeout=PATIENCE,
        trust_env=False,
    ) as browser:
        first = await browser.get("admin/people")
        assert (first.status_code, len(first.history)) == (200, 3), first.text
        for _ in range(4):
            page = await browser.get("admin/people")
            assert (page.status_code, page.history) == (200, [])


async def test_what_one_keeps_is_dropped_when_another_changes_it(visit: Visit):
    one, other = visit("cache")
    for api in (one, other):
        await api("GET", "me/profile")
    assert (await one("PATCH", "me/profile", json={"bio": "Changed elsewhere"}))[0] == 200

    async def changed() -> bool:
        return (await other("GET", "me/profile"))[1]["bio"] == "Changed elsewhere"

    await until(changed)


async def test_a_copy_of_one_s_data_is_fetched_wherever_it_was_made(visit: Visit):
    one, other = visit("export")
    await one.submit("double", WRONG)
    _, asked = await one("POST", "me/export", json={})

    async def ready() -> bool:
        return (await one("GET", "me/export"))[1]["export"]["state"] == "ready"

    await until(ready)
    answer = await other.http.get(asked["link"])
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        (attempt,) = archive.read("problem_attempt.jsonl").splitlines()
    assert json.loads(attempt)["code_submission"] == WRONG
    assert (await one("GET", asked["link"]))[0] == 404
