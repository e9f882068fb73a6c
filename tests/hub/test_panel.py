"""The admin's pages in Chromium, through the real hub and its proxy."""

import re

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from pythonmastery_ext.panel.navigation import ADMIN
from tests.hub.classroom import PREFIX

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # What passed is described at length otherwise.
    "resultTypes": ["violations"],
}
#: What makes the page scroll sideways.
WIDER = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
    [...document.querySelectorAll('body *')]
        .filter(e => e.getBoundingClientRect().right > innerWidth && !e.closest('table'))
        .map(e => e.outerHTML.slice(0, 200))"""


def broken(page, part=None):
    """What axe finds in the page, or in a part of it: what stands around it is alike everywhere."""
    context = {"include": [[part]]} if part else None
    found = Axe().run(page, context, RULES).response["violations"]
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found
        for node in each["nodes"]
    ]


@pytest.fixture
def admin(visit):
    visitor = visit("admin")
    visitor.open_pages("/admin")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Overview")
    return visitor


@pytest.mark.parametrize(("colours", "width"), [("light", 1280), ("dark", 320)])
def test_an_admin_walks_along_every_page_and_axe_finds_nothing(admin, colours, width):
    admin.page.emulate_media(color_scheme=colours)
    admin.page.set_viewport_size({"width": width, "height": 800})
    with admin.room.database() as db:
        (person,) = db.execute("select id from app_user where username = 'admin'").fetchone()
    for path in [*ADMIN, f"admin/people/{person}", "admin/problems/double"]:
        if title := ADMIN.get(path):
            menu = admin.page.get_by_role("navigation", name="Pages")
            menu.get_by_role("link", name=title, exact=True).click()
            expect(admin.page.get_by_role("heading", level=1)).to_have_text(title)
            expect(admin.page).to_have_title(f"{title} · PythonMastery")
        else:
            admin.open_pages(f"/{path}")
        expect(admin.page.locator("html")).to_have_attribute("data-bs-theme", colours)
        assert admin.page.evaluate(WIDER) == [], path
        assert admin.complaints == []
        part = None if colours == "light" or path == "admin" else "main"
        assert broken(admin.page, part) == [], path
        # Axe reads the styles in ways that our policy forbids.
        admin.complaints.clear()


def test_a_switch_is_pressed_with_the_keyboard_and_holds(admin):
    admin.open_pages("/admin/features")
    switch = admin.page.get_by_role("button", name="Switch off Leaderboard")
    admin.page.get_by_role("region", name="Leaderboard").get_by_role("textbox").focus()
    admin.page.keyboard.type("Exams until Friday.")
    admin.page.keyboard.press("Tab")
    expect(switch).to_be_focused()
    admin.page.keyboard.press("Enter")
    expect(admin.page.get_by_role("status")).to_have_text("Leaderboard: off from now on.")
    told = admin.room.call("student", "GET", "leaderboard")
    assert told["error"]["message"] == "Exams until Friday."
    admin.page.get_by_role("button", name="Switch on Leaderboard").click()
    expect(admin.page.get_by_role("status")).to_have_text("Leaderboard: on from now on.")
    assert "error" not in admin.room.call("student", "GET", "leaderboard")


def test_the_first_tab_leads_past_the_menus(admin):
    admin.page.keyboard.press("Tab")
    skip = admin.page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_visible()
    admin.page.keyboard.press("Enter")
    expect(admin.page.get_by_role("main")).to_be_focused()


def test_a_student_is_told_that_the_page_is_not_for_them(visit):
    student = visit("student")
    student.open_pages("/admin/people")
    expect(student.page.get_by_role("heading", level=1)).to_have_text("Not allowed")
    assert "403" in student.complaints.pop()
    student.page.get_by_role("link", name="To my JupyterLab").click()
    expect(student.page).to_have_url(f"{student.room.url}/hub/home")


def test_everything_works_without_javascript(room, browser, admin):
    room.github.add("latecomer")
    assert "error" not in room.call("latecomer", "GET", "problems")
    server = room.start_server("latecomer")
    cookies = admin.context.cookies()
    context = browser.new_context(java_script_enabled=False, color_scheme="dark")
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(f"{room.url}{PREFIX}/admin/people")
    page.get_by_role("searchbox").fill("lateco")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="latecomer", exact=True).click()
    page.get_by_role("button", name="Lock latecomer").click()
    expect(page.get_by_role("status")).to_have_text("latecomer is locked and signed out.")
    assert room.call("latecomer", "GET", "problems")["error"]["code"] == "account_suspended"
    # At the hub too: what ran is stopped, and neither starts again nor signs in.
    assert httpx.get(f"{server}/api", trust_env=False).status_code != 200
    token = room.api_token("latecomer")
    assert room.hub("POST", "users/latecomer/server", token=token).status_code == 403
    assert "locked by an admin" in room.try_sign_in("latecomer")[1].text
    page.get_by_role("button", name="Unlock latecomer").click()
    expect(page.get_by_role("status")).to_have_text("latecomer may sign in again.")
    room.sign_in("latecomer")
    context.close()


def test_the_colours_are_those_that_were_chosen_at_the_hub(admin):
    admin.page.emulate_media(color_scheme="light")
    admin.page.goto(f"{admin.room.url}/hub/home")
    admin.page.get_by_role("button", name="Toggle dark mode").click()
    admin.open_pages("/admin")
    expect(admin.page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    admin.page.get_by_role("button", name="Dark colours").click()
    expect(admin.page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_another_page_cannot_frame_ours(admin, room):
    admin.page.route(
        "**/framing.html",
        lambda route: route.fulfill(
            content_type="text/html", body=f'<iframe src="{room.url}{PREFIX}/admin"></iframe>'
        ),
    )
    admin.page.goto("http://localhost:1/framing.html")
    expect(admin.page.frame_locator("iframe").get_by_role("heading")).to_have_count(0)
    assert admin.page.frames[1].url.startswith("chrome-error:")
    assert [each for each in admin.complaints if "frame-ancestors" not in each] == []
    admin.complaints.clear()


def test_signing_out_at_the_hub_ends_the_pages_too(visit):
    admin = visit("admin", anew=True)
    admin.open_pages("/admin")
    copied = httpx.Cookies({each["name"]: each["value"] for each in admin.context.cookies()})
    overview = f"{admin.room.pages}admin"
    assert httpx.get(overview, cookies=copied, trust_env=False).status_code == 200
    admin.page.get_by_role("link", name="Log out").click()
    admin.page.wait_for_url(re.compile("/hub/"))
    admin.open_pages("/admin")
    expect(admin.page.get_by_role("button", name=re.compile("Sign in"))).to_be_visible()
    # At once: whoever copied the cookies reads nothing more.
    assert httpx.get(overview, cookies=copied, trust_env=False).status_code == 302
