"""One's own data over the API, in one's own server and through a relay."""

import io
import json
import zipfile

import psycopg
import pytest

from pythonmastery_ext.db.engine import psycopg_dsn
from tests.api.client import Api, until
from tests.api.conftest import Stack
from tests.api.course import SECRET, WRONG


@pytest.fixture(autouse=True)
def nothing_asked(stack: Stack) -> None:
    with psycopg.connect(psycopg_dsn(stack.database_url), autocommit=True) as connection:
        connection.execute("truncate data_request cascade")


async def ready(api: Api) -> None:
    async def look() -> bool:
        _, found = await api("GET", "me/export")
        return found["export"]["state"] == "ready"

    await until(look)


async def test_a_copy_is_made_and_its_link_works_once(api: Api):
    await api.submit("double", WRONG)
    assert await api("GET", "me/export") == (200, {"export": None})
    status, asked = await api("POST", "me/export", json={})
    assert (status, asked["state"]) == (202, "waiting")
    await ready(api)
    answer = await api.http.get(asked["link"])
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        attempts = archive.read("problem_attempt.jsonl").splitlines()
        told = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert [json.loads(line)["code_submission"] for line in attempts] == [WRONG]
    assert str(SECRET) not in told
    status, refused = await api("GET", asked["link"])
    assert (status, refused["error"]["code"]) == (404, "unknown_export")
    assert (await api("GET", "me/export"))[1]["export"]["state"] == "fetched"


async def test_a_link_is_worth_nothing_to_others_and_a_new_one_ends_it(
    two: tuple[Api, Api],
):
    mine, theirs = two
    _, asked = await mine("POST", "me/export", json={})
    await ready(mine)
    assert (await theirs("GET", asked["link"]))[0] == 404
    assert (await theirs("GET", "me/export"))[1]["export"] is None
    _, again = await mine("POST", "me/export", json={})
    assert (await mine("GET", asked["link"]))[0] == 404
    await ready(mine)
    assert (await mine.http.get(again["link"])).status_code == 200


async def test_asking_too_often_is_refused(api: Api):
    answers = [await api("POST", "me/export", json={}) for _ in range(5)]
    assert [status for status, _ in answers][:3] == [202] * 3
    assert answers[-1][0] == 429
    assert answers[-1][1]["error"]["retry_after"] > 0


async def test_an_erasure_is_confirmed_shown_and_taken_back(api: Api):
    username = (await api("GET", "status"))[1]["learner"]["username"]
    assert await api("GET", "me/erasure") == (200, {"erasure": None})
    status, refused = await api("POST", "me/erasure", json={"confirm": "somebody"})
    assert (status, refused["error"]["fields"][0]["field"]) == (422, "confirm")
    status, asked = await api("POST", "me/erasure", json={"confirm": username})
    assert (status, asked["state"]) == (202, "cooling")
    assert (await api("GET", "me/erasure"))[1]["erasure"] == asked
    status, taken = await api("DELETE", "me/erasure")
    assert (status, taken["state"]) == (200, "cancelled")
    status, refused = await api("DELETE", "me/erasure")
    assert (status, refused["error"]["code"]) == (409, "erasure_not_open")


async def test_whoever_is_being_erased_is_turned_away_and_then_begins_anew(
    relay_stack: Stack, two: tuple[Api, Api]
):
    mine, theirs = two
    await mine.submit("double", WRONG)
    await theirs.submit("double", WRONG)
    await mine("POST", "me/erasure", json={"confirm": "a"})
    with psycopg.connect(psycopg_dsn(relay_stack.database_url), autocommit=True) as connection:
        find = "select id from app_user where username = 'a'"
        (before,) = connection.execute(find).fetchone()
        connection.execute("update data_request set due_at = now()")
        # As the service does it by itself within half a minute.
        await mine("POST", "me/export", json={})

        async def done() -> bool:
            query = "select state from data_request where user_id = %s and kind = 'erase'"
            return connection.execute(query, (before,)).fetchone() == ("done",)

        await until(done)
        status, page = await mine("GET", "problems/double/attempts")
        assert (status, page["attempts"]) == (200, [])
        (after,) = connection.execute(find).fetchone()
        assert after != before
    assert len((await theirs("GET", "problems/double/attempts"))[1]["attempts"]) == 1
