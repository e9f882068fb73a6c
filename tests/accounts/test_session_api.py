"""Sessions over the wire, and what somebody with a terminal tries with them."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.accounts.conftest import School, Visit
from tests.api.client import PATIENCE, PREFIX, Api

DRAFT = {"label": "my laptop"}


async def make(api: Api, **fields: Any) -> tuple[int, str]:
    status, told = await api("POST", "me/sessions", json={**DRAFT, **fields})
    assert status == 201, told
    return told["session"]["id"], told["token"]


async def who(api: Api) -> tuple[str, str]:
    status, told = await api("GET", "status")
    assert status == 200, told
    return told["learner"]["username"], told["learner"]["role"]


async def code(api: Api, method: str, path: str, **options: Any) -> tuple[int, str]:
    status, told = await api(method, path, **options)
    return status, told["error"]["code"]


async def refused(api: Api) -> bool:
    return await code(api, "GET", "me/profile") == (401, "not_signed_in")


async def test_a_session_is_shown_with_its_token_once_and_then_without(visit: Visit):
    ada = visit("session-ada")
    before = datetime.now(UTC)
    status, told = await ada("POST", "me/sessions", json={**DRAFT, "kind": "kernel", "hours": 2})
    assert status == 201
    shown = told["session"]
    assert (shown["label"], shown["kind"], shown["scopes"]) == ("my laptop", "kernel", ["submit"])
    time = datetime.fromisoformat(shown["expires_at"]) - before
    assert timedelta(hours=1.9) < time < timedelta(hours=2.1)
    listed = (await ada("GET", "me/sessions"))[1]
    assert listed == {"sessions": [shown]}
    assert told["token"] not in str(listed)


@pytest.mark.parametrize("word", ["Bearer", "token", "bearer"])
async def test_its_token_acts_for_its_owner(school: School, visit: Visit, word: str):
    _, token = await make(visit("session-words"))
    async with httpx.AsyncClient(trust_env=False, timeout=40) as http:
        answer = await http.get(
            school.root + PREFIX + "status", headers={"Authorization": f"{word} {token}"}
        )
    assert answer.json()["learner"]["username"] == "session-words"


async def test_the_hub_is_never_shown_a_sessions_token(school: School, visit: Visit):
    _, token = await make(visit("session-hub"))
    await who(visit(token=token))
    assert await refused(visit(token="pm_" + "A" * 43))
    assert not [asked for asked in school.hub.asked if asked.startswith("pm_")]


async def test_a_token_in_the_address_is_not_taken(school: School, visit: Visit):
    _, token = await make(visit("session-address"))
    async with httpx.AsyncClient(trust_env=False, timeout=40) as http:
        answer = await http.get(school.root + PREFIX + "me/profile", params={"token": token})
    assert answer.status_code == 401


async def test_revoking_takes_effect_at_the_next_request(visit: Visit):
    ada = visit("session-revoke")
    session_id, token = await make(ada)
    client = visit(token=token)
    assert (await who(client))[0] == "session-revoke"
    status, told = await ada("DELETE", f"me/sessions/{session_id}")
    assert (status, told["state"]) == (200, "revoked")
    assert await refused(client)


async def test_a_stream_that_a_session_has_open_ends_with_it(visit: Visit):
    ada = visit("session-stream")
    session_id, token = await make(ada)
    async with visit(token=token).events() as ended, ada.events() as goes_on:
        await anext(ended)
        await anext(goes_on)
        await ada("DELETE", f"me/sessions/{session_id}")
        async with asyncio.timeout(PATIENCE):
            assert [event.name async for event in ended] == []
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await anext(goes_on)


async def test_an_expired_one_opens_nothing(school: School, visit: Visit):
    session_id, token = await make(visit("session-expire"))
    client = visit(token=token)
    assert (await who(client))[0] == "session-expire"
    school.sql(
        "update session set created_at = now() - interval '1 day', expires_at = now() "
        "where id = %s",
        session_id,
    )
    assert await refused(client)


async def test_anothers_session_does_not_exist(visit: Visit):
    ada, eve = visit("session-owner"), visit("session-eve")
    session_id, token = await make(ada)
    for one in (eve, visit(token=(await make(eve))[1])):
        found = await one("DELETE", f"me/sessions/{session_id}")
        assert found[0] in (403, 404)
        listed = (await one("GET", "me/sessions"))[1]["sessions"]
        assert session_id not in [each["id"] for each in listed]
    assert await code(eve, "DELETE", f"me/sessions/{session_id}") == (404, "unknown_session")
    assert (await who(visit(token=token)))[0] == "session-owner"


@pytest.mark.parametrize("odd", ["0", "-1", "1e3", "9" * 30, "x", "%00", "1%20or%201=1", "٣"])
async def test_an_odd_id_is_no_session(visit: Visit, odd: str):
    assert await code(visit("session-odd"), "DELETE", f"me/sessions/{odd}") == (
        404,
        "unknown_session",
    )


async def test_a_sessions_token_makes_no_other_and_ends_only_itself(visit: Visit):
    ada = visit("session-thief")
    other, _ = await make(ada)
    session_id, token = await make(ada)
    stolen = visit(token=token)
    for fields in ({}, {"scopes": ["admin"]}, {"kind": "teach", "scopes": ["teach"]}):
        draft = {**DRAFT, **fields}
        assert await code(stolen, "POST", "me/sessions", json=draft) == (403, "not_allowed")
    assert (await code(stolen, "DELETE", f"me/sessions/{other}"))[0] == 403
    assert (await stolen("DELETE", f"me/sessions/{session_id}"))[0] == 200
    assert await refused(stolen)


@pytest.mark.parametrize(("kind", "scope"), [("kernel", "submit"), ("cli", "submit")])
async def test_a_sessions_token_neither_erases_its_owner_nor_gets_a_copy(
    visit: Visit, kind: str, scope: str
):
    name = f"session-data-{kind}"
    ada = visit(name)
    stolen = visit(token=(await make(ada, kind=kind, scopes=[scope]))[1])
    confirm = {"confirm": name}
    assert await code(stolen, "POST", "me/erasure", json=confirm) == (403, "not_allowed")
    assert await code(stolen, "POST", "me/export", json={}) == (403, "not_allowed")
    assert (await ada("GET", "me/erasure"))[1] == {"erasure": None}
    status, asked = await ada("POST", "me/export", json={})
    assert status == 202
    status, told = await stolen("GET", asked["link"])
    assert (status, told["error"]["code"]) == (403, "not_allowed")
    assert "JupyterLab" in told["error"]["message"]
    assert (await stolen("GET", "me/export"))[0] == 200
    assert (await ada("POST", "me/erasure", json=confirm))[0] == 202
    assert await code(stolen, "DELETE", "me/erasure") == (403, "not_allowed")
    assert (await ada("DELETE", "me/erasure"))[0] == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("label", ""),
        ("label", "   "),
        ("label", "x" * 81),
        ("label", "two\nlines"),
        ("label", "bell\x07"),
        ("label", "nul\x00"),
        ("label", "\ud800"),
        ("kind", "root"),
        ("scopes", []),
        ("hours", 0),
        ("hours", 10**9),
        ("user_id", 1),
        ("session_token", "pm_" + "A" * 43),
    ],
)
async def test_a_wrong_draft_is_told_by_its_field(visit: Visit, field: str, value: object):
    answer = await visit("session-wrong").http.post(
        "me/sessions", content=json.dumps({**DRAFT, field: value})
    )
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["error"]["fields"]] == [field]


async def test_rights_are_the_least_of_role_sign_in_and_session(school: School, visit: Visit):
    """So a notebook that an instructor runs for a student gets no more than the student has."""
    name = "session-teacher"
    await who(visit(name))
    assert school.command("user", "role", name, "instructor").returncode == 0
    in_a_server, by_the_hub = visit(name), visit(name, scope="admin")
    assert await who(in_a_server) == (name, "student")
    assert await who(by_the_hub) == (name, "instructor")
    wanted = {"kind": "teach", "scopes": ["teach"]}
    draft = {**DRAFT, **wanted}
    assert await code(in_a_server, "POST", "me/sessions", json=draft) == (403, "not_allowed")
    draft["scopes"], draft["kind"] = ["admin"], "cli"
    assert await code(by_the_hub, "POST", "me/sessions", json=draft) == (403, "not_allowed")
    plain = visit(token=(await make(by_the_hub))[1])
    teaching = visit(token=(await make(by_the_hub, **wanted))[1])
    assert await who(plain) == (name, "student")
    assert await who(teaching) == (name, "instructor")
    assert school.command("user", "role", name, "student").returncode == 0
    assert await who(teaching) == (name, "student")


async def test_a_deleted_persons_token_opens_nothing(school: School, visit: Visit):
    _, token = await make(visit("session-deleted"))
    client = visit(token=token)
    await who(client)
    school.sql("delete from app_user where username = 'session-deleted'")
    assert await refused(client)


async def test_no_token_is_in_the_log_or_in_the_database(school: School, visit: Visit):
    _, token = await make(visit("session-secret"))
    client = visit(token=token)
    await who(client)
    await client("GET", f"nothing?token={token[:20]}")
    await code(client, "PATCH", "me/profile", content=b"no json")
    await code(client, "POST", "me/sessions", json=DRAFT)
    for place in (school.log.read_text(), school.everything()):
        assert token not in place
        assert token.removeprefix("pm_") not in place
