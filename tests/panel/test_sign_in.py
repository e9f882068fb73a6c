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
