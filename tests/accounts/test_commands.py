"""`pythonmastery user` and `pythonmastery token`."""

import asyncio
import json
import re

import pytest
from sqlalchemy import select

from pythonmastery_ext.accounts import people
from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.audit.models import AuditEvent
from pythonmastery_ext.errors import LastAdmin, UnknownUser
from tests.accounts.conftest import School, Visit, command
from tests.db.rows import a_user


async def with_roles(db, **roles: str) -> None:
    async with db.transaction() as session:
        for name, role in roles.items():
            (await a_user(session, name)).role = role


async def set_role(db, name: str, role: str, *, force: bool = False) -> str:
    return await db.retry(
        lambda session: people.set_role(session, name, role, actor=None, force=force)
    )


async def test_people_are_listed_by_name_page_by_page(db, database_url):
    await with_roles(db, ada="admin", bob="student", cy="student", dee="instructor")
    first = command(database_url, "user", "list", "--limit", "2", "--json")
    assert [json.loads(line)["username"] for line in first.stdout.splitlines()] == ["ada", "bob"]
    assert "--after bob" in first.stderr
    rest = command(database_url, "user", "list", "--limit", "2", "--after", "bob")
    assert [line.split()[:2] for line in rest.stdout.splitlines()] == [
        ["cy", "student"],
        ["dee", "instructor"],
    ]
    assert rest.stderr == ""


async def test_a_page_holds_one_role_if_asked(db):
    await with_roles(db, ada="admin", bob="student", cy="student")
    async with db.transaction() as session:
        found = await people.page(session, role="student")
    assert [person.username for person in found] == ["bob", "cy"]


async def test_a_change_of_role_is_recorded(db, database_url):
    await with_roles(db, ada="student")
    done = command(database_url, "user", "role", "ada", "instructor")
    assert (done.returncode, done.stdout) == (0, "ada was student and is instructor now.\n")
    assert command(database_url, "user", "role", "ada", "instructor").returncode == 0
    async with db.transaction() as session:
        ada = (await session.scalars(select(User))).one()
        own = select(AuditEvent).where(AuditEvent.learner_id == ada.id)
        (event,) = (await session.scalars(own)).all()
    assert (event.kind, event.learner_id, event.data) == (
        "role.changed",
        ada.id,
        {"from": "student", "to": "instructor"},
    )


async def test_the_last_admin_stays_one_unless_it_is_forced(db, database_url):
    await with_roles(db, ada="admin", bob="instructor")
    done = command(database_url, "user", "role", "ada", "student")
    assert done.returncode == 2
    assert "--force" in done.stderr
    assert await set_role(db, "ada", "student", force=True) == "admin"


async def test_two_admins_who_take_the_role_from_each_other_do_not_both_succeed(db):
    await with_roles(db, ada="admin", bob="admin")
    outcomes = await asyncio.gather(
        set_role(db, "ada", "student"), set_role(db, "bob", "student"), return_exceptions=True
    )
    assert sorted(map(str, map(type, outcomes))) == [str(LastAdmin), str(str)]


async def test_nobody_gets_a_role_who_has_not_come(db):
    with pytest.raises(UnknownUser, match="zoe"):
        await set_role(db, "zoe", "admin")


async def test_a_new_role_holds_at_once_in_a_service_that_runs(school: School, visit: Visit):
    by_the_hub = visit("role-ada", scope="admin")
    assert (await by_the_hub("GET", "status"))[1]["learner"]["role"] == "student"
    for role in ("admin", "instructor"):
        school.command("user", "role", "role-ada", role, "--force")
        assert (await by_the_hub("GET", "status"))[1]["learner"]["role"] == role


async def test_a_token_is_made_used_listed_and_revoked(school: School, visit: Visit):
    name = "command-ada"
    await visit(name)("GET", "status")
    made = school.command("token", "create", "--user", name, "--label", "nightly", "--hours", "3")
    assert made.returncode == 0, made.stderr
    token = made.stdout.removesuffix("\n")
    assert re.fullmatch(r"pm_[A-Za-z0-9_-]{43}", token)
    client = visit(token=token)
    assert (await client("GET", "status"))[1]["learner"]["username"] == name
    listed = school.command("token", "list", "--user", name)
    assert token not in listed.stdout + listed.stderr
    session_id, state = listed.stdout.split()[:2]
    assert (state, listed.stdout.rpartition(": ")[2]) == ("active", "nightly\n")
    assert school.command("token", "revoke", session_id, "--user", name).returncode == 0
    assert (await client("GET", "status"))[0] == 401


async def test_all_tokens_of_a_person_end_together(db, database_url):
    await with_roles(db, ada="student")
    for _ in range(2):
        command(database_url, "token", "create", "--user", "ada")
    done = command(database_url, "token", "revoke", "--user", "ada", "--all")
    assert done.stdout == "2 sessions of ada ended.\n"
    listed = command(database_url, "token", "list", "--user", "ada", "--json")
    states = [json.loads(line)["state"] for line in listed.stdout.splitlines()]
    assert states == ["revoked", "revoked"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["create", "--scope", "admin"], "what a student may"),
        (["create", "--hours", "0"], "--hours"),
        (["create", "--kind", "teach", "--hours", "13"], "hours"),
        (["create", "--label", ""], "--label"),
        (["create", "--user", "zoe"], "zoe"),
        (["revoke", "12345"], "no such session"),
        (["revoke", "1; drop table session"], "no such session"),
    ],
)
async def test_what_cannot_be_done_is_told_in_a_sentence(db, database_url, words, told):
    await with_roles(db, local="student")
    done = command(database_url, "token", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr
