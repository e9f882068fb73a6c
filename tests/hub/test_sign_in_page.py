"""What people see who have not signed in: where they are, who may come in, and why they may not."""

import re

import pytest
from playwright.sync_api import expect

from tests.hub.test_panel import WIDER, broken
from tests.hub.visitor import Visitor

SEEN = [("light", 1280), ("dark", 320)]


@pytest.fixture
def stranger(room, browser):
    """In front of the sign-in; not in the organisation."""
    if room.github.named("stranger") is None:
        room.github.add("stranger", organizations=set())
    visitor = Visitor(browser, room, "stranger")
    yield visitor
    visitor.close()


@pytest.mark.parametrize(("colours", "width"), SEEN)
def test_the_sign_in_says_what_it_is_and_what_becomes_of_ones_data(stranger, colours, width):
    page = stranger.page
    page.emulate_media(color_scheme=colours)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{stranger.room.url}/hub/login")
    expect(page).to_have_title("Sign in · PythonMastery")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", colours)
    main = page.get_by_role("main")
    expect(main.get_by_role("heading", level=1)).to_be_visible()
    expect(main).to_contain_text("Members of example-school at GitHub.")
    expect(main).to_contain_text("only if you say yes")
    expect(main).to_contain_text("has your account erased")
    assert stranger.complaints == []
    assert page.evaluate(WIDER) == []
    assert broken(page) == []


def test_one_signs_in_with_the_keyboard(stranger):
    page = stranger.page
    page.goto(f"{stranger.room.url}/hub/login")
    button = page.get_by_role("button", name="Sign in with GitHub")
    for _ in range(5):
        page.keyboard.press("Tab")
        if button.evaluate("it => it === document.activeElement"):
            break
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="student", exact=True)).to_be_visible()


@pytest.mark.parametrize(("colours", "width"), SEEN)
def test_whoever_is_not_in_the_organisation_reads_what_to_do(stranger, colours, width):
    page = stranger.page
    page.emulate_media(color_scheme=colours)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{stranger.room.url}/hub/login")
    page.get_by_role("button", name="Sign in with GitHub").click()
    page.get_by_role("button", name="stranger", exact=True).click()
    main = page.get_by_role("main")
    expect(main.get_by_role("heading", level=1)).to_have_text("You are not in this course")
    expect(main).to_contain_text("you are stranger, who is not in example-school")
    github = stranger.room.github.url
    for name, where in (
        ("the invitation of example-school", f"{github}/orgs/example-school/invitation"),
        ("Sign out at GitHub", f"{github}/logout"),
        ("let it see your organisation", f"{github}/settings/connections/applications/"),
    ):
        link = main.get_by_role("link", name=name)
        expect(link).to_have_attribute("href", re.compile(re.escape(where)))
    assert page.evaluate(WIDER) == []
    assert broken(page) == []
    main.get_by_role("button", name="Back to the sign-in").click()
    expect(page.get_by_role("button", name="Sign in with GitHub")).to_be_visible()


def test_a_sign_in_that_did_not_come_to_its_end_says_so(stranger):
    stranger.page.goto(f"{stranger.room.url}/hub/oauth_callback?code=guess&state=guess")
    expect(stranger.page.get_by_role("main")).to_contain_text("Begin it again.")
    expect(stranger.page.get_by_role("button", name="Back to the sign-in")).to_be_visible()
    assert broken(stranger.page) == []
