"""Who gets in with GitHub, what they see there, and whom their server acts for."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from tests.counterparts.github import away
from tests.hub.classroom import PREFIX

# A class, a server and a browser are started in it, which takes its time on a busy machine.
pytestmark = pytest.mark.timeout(300)
AT_ONCE = 60


def test_who_signs_in_gets_a_server_that_reaches_the_service_as_them(room):
    room.start_server("student")
    status = room.relayed("student", "GET", "status").json()
    assert status["role"] == "authority"
    assert status["ready"]
    assert status["learner"]["username"] == "student"
    assert status["learner"]["role"] == "student"


def test_whoever_is_not_in_the_organisation_is_refused(room):
    room.github.add("stranger", organizations=set())
    _, page = room.try_sign_in("stranger")
    assert page.status_code == 403
    assert room.hub("GET", "users/stranger").status_code == 404


def test_who_says_no_at_github_is_not_signed_in(room):
    browser, page = room.try_sign_in("")
    assert page.status_code in (400, 403)
    assert "login" in str(browser.get("/hub/home", follow_redirects=True).url)


def test_a_forged_answer_of_github_signs_nobody_in(room):
    browser, _ = room.try_sign_in("", follow=False)
    forged = browser.get("/hub/oauth_callback", params={"code": "guess", "state": "guess"})
    assert forged.status_code in (400, 403)


@pytest.mark.parametrize("login", ["student", "instructor", "admin"])
def test_each_may_do_what_the_hub_gives_them(room, login):
    who = room.call(login, "GET", "status")["learner"]
    assert who["role"] == login
    allowed = {"student": 403, "instructor": 403, "admin": 200}[login]
    assert room.ask(room.api_token(login), "GET", "admin/limits").status_code == allowed


def test_a_server_of_an_admin_is_no_more_than_a_student(room):
    room.start_server("admin")
    assert room.relayed("admin", "GET", "status").json()["learner"]["role"] == "student"
    assert room.relayed("admin", "GET", "admin/limits").status_code == 403


def test_the_pages_are_linked_for_those_who_may_use_them_only(visit):
    for login, linked in (("student", 0), ("instructor", 1), ("admin", 1)):
        visitor = visit(login)
        visitor.go_home()
        link = visitor.page.get_by_role("link", name="Course", exact=True)
        expect(link).to_have_count(linked)


def test_the_service_is_in_the_menu_of_services(room, visit):
    visitor = visit("admin")
    visitor.go_home()
    visitor.page.get_by_role("button", name="Services").click()
    visitor.page.get_by_role("link", name="pythonmastery", exact=True).click()
    expect(visitor.page).to_have_url(re.compile(re.escape(room.url + PREFIX)))


def test_while_github_is_away_nobody_new_comes_in_and_who_is_in_goes_on(room):
    token, browser = room.api_token("student"), room.sign_in("student")
    with away(room.github):
        page = browser.get("/hub/home")
        assert page.status_code == 200
        assert room.ask(token, "GET", "me/profile").status_code == 200
        refused = browser.get("/hub/oauth_login")
        chosen = browser.post(refused.headers["location"], data={"login": "admin"})
        assert chosen.status_code == 503
    room.sign_in("student")


def test_a_class_that_signs_in_at_once_gets_in(room):
    logins = [f"learner-{number}" for number in range(AT_ONCE)]
    for login in logins:
        room.github.add(login)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        pages = list(pool.map(room.try_sign_in, logins))
    assert [page.url.path for _, page in pages] == ["/hub/home"] * AT_ONCE
    with room.database() as db:
        rows = db.execute(
            "select username from app_user where username like 'learner-%'"
        ).fetchall()
    assert {name for (name,) in rows} == set(logins)
