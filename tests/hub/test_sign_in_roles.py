"""What the hub gives and takes away is felt in seconds, and at once by whoever writes."""

import time

import pytest

#: Far more than the service needs; a machine may be busy.
PATIENCE = 30.0


def wait_role(room, token, role):
    end = time.monotonic() + PATIENCE
    told = None
    while time.monotonic() < end:
        told = room.ask(token, "GET", "status").json()["learner"]["role"]
        if told == role:
            return
        time.sleep(0.2)
    raise AssertionError(f"still {told}, not {role}")


def group(room, verb, name, login):
    answer = room.hub(verb, f"groups/{name}/users", body={"users": [login]})
    assert answer.status_code == 200, answer.text


@pytest.fixture
def assistant(room):
    """A learner who teaches, until the test ends."""
    if room.github.named("assistant") is None:
        room.github.add("assistant")
    room.sign_in("assistant")
    group(room, "POST", "instructors", "assistant")
    browser = room.sign_in("assistant")
    token = room.new_token(browser, "assistant")
    wait_role(room, token, "instructor")
    yield token
    group(room, "DELETE", "instructors", "assistant")


def test_who_becomes_an_instructor_teaches_within_seconds(room, assistant):
    assert room.ask(assistant, "GET", "teach/attempts?limit=1").status_code != 403


def test_who_is_no_instructor_any_more_reads_nothing_within_seconds(room, assistant):
    session = room.ask(
        assistant, "POST", "me/sessions", {"label": "t", "kind": "teach", "scopes": ["teach"]}
    ).json()["token"]
    wait_role(room, session, "instructor")
    group(room, "DELETE", "instructors", "assistant")
    wait_role(room, session, "student")
    wait_role(room, assistant, "student")


def test_a_write_asks_the_hub_first(room):
    room.github.add("deputy")
    room.sign_in("deputy")
    group(room, "POST", "admins", "deputy")
    token = room.new_token(room.sign_in("deputy"), "deputy")
    wait_role(room, token, "admin")
    session = room.ask(
        token, "POST", "me/sessions", {"label": "c", "kind": "cli", "scopes": ["admin"]}
    ).json()["token"]
    reset = "admin/limits/999999999/submit/reset"
    assert room.ask(token, "POST", reset).status_code == 404
    assert room.ask(session, "POST", reset).status_code == 404
    group(room, "DELETE", "admins", "deputy")
    assert room.ask(token, "POST", reset).status_code == 403
    assert room.ask(session, "POST", reset).status_code == 403


def hub_says(room, token, what):
    """Until the hub, which looks at GitHub again every few seconds, answers so."""
    end = time.monotonic() + PATIENCE
    while True:
        answer = room.hub("GET", "user", token=token)
        told = sorted(answer.json()["groups"]) if answer.status_code == 200 else None
        if told == what:
            return
        assert time.monotonic() < end, answer.text
        time.sleep(0.2)


def test_teams_of_github_give_roles_and_take_them(school):
    room = school
    teacher = room.github.add("teacher", teams={"example-school:teachers"})
    room.github.add("owner", teams={"example-school:owners", "example-school:teachers"})
    for login, role in (("teacher", "instructor"), ("owner", "admin"), ("student", "student")):
        assert room.call(login, "GET", "status")["learner"]["role"] == role
    # One that the service has not seen, since it believes what it was told for half a minute.
    unseen = room.new_token(room.sign_in("teacher"), "teacher")
    hub_says(room, unseen, ["instructors"])
    teacher.teams = set()
    hub_says(room, unseen, [])
    assert room.ask(unseen, "GET", "status").json()["learner"]["role"] == "student"


def test_who_leaves_the_organisation_is_out_though_their_token_was_not_withdrawn(school):
    room = school
    leaver = room.github.add("leaver")
    token = room.new_token(room.sign_in("leaver"), "leaver")
    hub_says(room, token, [])
    leaver.organizations.clear()
    hub_says(room, token, None)
    assert room.ask(token, "GET", "me/profile").status_code == 401


def test_who_is_renamed_at_github_signs_in_again_under_the_new_name(school):
    room = school
    renamed = room.github.add("katherine")
    token = room.new_token(room.sign_in("katherine"), "katherine")
    hub_says(room, token, [])
    renamed.login = "katherine-johnson"
    hub_says(room, token, None)
    room.sign_in("katherine-johnson")
