"""Signing in at the pages, and who may look."""

import pytest

from tests.panel.office import PREFIX, text


def test_the_way_in_leads_through_the_hub_to_the_page_that_was_wanted(desk):
    ada = desk.browser("ada", "admin")
    page = ada.get("admin?sort=x")
    assert page.status_code == 200
    assert str(page.url) == f"{desk.root}{PREFIX}admin?sort=x"
    assert [step.status_code for step in page.history] == [302, 302, 302]
    assert "Overview" in text(page)


def test_where_it_begins_sends_each_person_to_their_own_pages(desk):
    assert desk.browser("ada", "admin").get().url.path == f"{PREFIX}admin"


@pytest.mark.parametrize("role", ["student", "instructor"])
def test_who_is_no_admin_gets_a_page_that_says_so(desk, role):
    page = desk.browser(role, role).get("admin")
    assert page.status_code == 403
    assert "This page is for" in text(page)
    assert "Audit" not in page.text


def test_who_is_not_at_the_hub_is_asked_to_sign_in_there(desk):
    stranger = desk.browser("nobody-yet", "admin")
    del desk.hub.people["nobody-yet"]
    page = stranger.get("admin")
    assert page.url.path == "/hub/api/oauth2/authorize"


def test_copied_cookies_open_nothing_as_soon_as_their_owner_has_signed_out(desk):
    ada = desk.browser("ada-who-leaves", "admin")
    assert ada.get("admin").status_code == 200
    thief = desk.browser("ada-who-leaves", "admin")
    thief.http.cookies = ada.http.cookies
    assert thief.get("admin", follow=False).status_code == 200
    # Signing out at the hub deletes the tokens of that sign-in.
    for token in [t for t, who in desk.hub.owners.items() if who["name"] == "ada-who-leaves"]:
        del desk.hub.owners[token]
    asked = thief.get("admin", follow=False)
    assert asked.status_code == 302
    assert "/hub/api/oauth2/authorize" in asked.headers["Location"]


def test_the_cookies_are_not_for_scripts_and_not_for_other_paths(desk):
    ada = desk.browser("ada", "admin")
    page = ada.get("admin")
    cookies = [h for step in [*page.history, page] for h in step.headers.get_list("set-cookie")]
    kept = [cookie for cookie in cookies if "=;" not in cookie and 'e=""' not in cookie]
    assert kept
    for cookie in kept:
        assert "HttpOnly" in cookie, cookie
        assert f"Path={PREFIX}" in cookie, cookie
        assert "SameSite=Lax" in cookie, cookie


def doors(desk, name):
    """What is recorded of somebody's coming and going, the oldest first."""
    rows = desk.sql(
        "select kind, data from audit_event where actor_id = %s and kind like 'panel.%%'"
        " order by id",
        desk.person(name),
    )
    return [(kind.removeprefix("panel."), *data.values()) for kind, data in rows]


def test_those_who_run_the_course_are_recorded_as_they_come_and_go(desk):
    for name, role in (("door-admin", "admin"), ("door-teacher", "instructor")):
        browser = desk.browser(name, role)
        for _ in range(3):
            assert browser.get("teach").status_code == 200
        assert doors(desk, name) == [("signed_in",)]
        gone = browser.get("sign-out", follow=False)
        assert gone.headers["Location"] == f"{desk.hub.api_url.removesuffix('/api')}/logout"
        assert doors(desk, name) == [("signed_in",), ("signed_out",)]
        # Its cookie is gone too, and the next page begins with the hub again.
        assert browser.get("teach", follow=False).status_code == 302
        assert browser.get("teach").status_code == 200
        assert doors(desk, name)[2:] == [("signed_in",)]


def test_whoever_is_turned_away_is_recorded_once_an_hour(desk):
    """A student could fill a log that only grows; learners who go nowhere else are not in it."""
    student = desk.browser("door-student")
    assert student.get("sign-out", follow=False).status_code == 302
    for page in ("admin", "admin/people", "teach", "admin"):
        assert student.get(page).status_code == 403
    assert doors(desk, "door-student") == [("refused", "admin")]
    teacher = desk.browser("door-other", "instructor")
    assert teacher.get("admin/audit").status_code == 403
    assert doors(desk, "door-other") == [("signed_in",), ("refused", "admin")]


def test_nobody_who_runs_the_course_comes_in_without_a_record(desk):
    desk.sql(
        "alter table audit_event add constraint shut check (kind <> 'panel.signed_in') not valid"
    )
    try:
        admin = desk.browser("door-late", "admin")
        assert admin.get("admin").status_code == 500
    finally:
        desk.sql("alter table audit_event drop constraint shut")
    assert not [c for c in admin.http.cookies.jar if c.name == "service-pythonmastery" and c.value]
    assert admin.get("admin").status_code == 200
    assert doors(desk, "door-late") == [("signed_in",)]


def test_a_page_that_is_no_link_signs_nobody_out(desk):
    browser = desk.browser("door-stays", "admin")
    assert browser.get("admin").status_code == 200
    inside = browser.get("sign-out", follow=False, headers={"Sec-Fetch-Mode": "no-cors"})
    assert inside.status_code == 403
    assert doors(desk, "door-stays") == [("signed_in",)]
