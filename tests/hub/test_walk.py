"""A student's day under the hub, in Chromium: the console stays quiet all the way."""

from playwright.sync_api import expect

from tests.api.course import RIGHT, WRONG
from tests.hub.seat import Seat


def teaching(seat: Seat):
    """The entry of the menu, which is open."""
    seat.page.get_by_role("menuitem", name="PythonMastery").click()
    return seat.page.get_by_role("menuitem", name="Teaching Pages")


def test_a_student_signs_in_submits_asks_and_solves_and_is_offered_no_teaching(room, visit):
    seat = Seat(visit("student"))
    seat.open_lab()
    seat.open_problem("Numbers", "Double-More")
    seat.submit(WRONG)
    expect(seat.result).to_contain_text("Submission")
    seat.tool("Ask").click()
    box = seat.panel.get_by_role("textbox", name="Your question")
    box.fill("Why is it None?")
    box.press("Enter")
    answer = seat.panel.locator(".pm-messages > li").last
    expect(answer).to_contain_text("Why is it None?")
    expect(answer.get_by_text("Was this helpful?")).to_be_visible()
    seat.submit(RIGHT)
    expect(seat.panel.get_by_role("heading", name="Solved")).to_be_visible()
    expect(teaching(seat)).to_have_count(0)
    seat.page.goto("about:blank")


def test_the_page_of_who_teaches_offers_a_tab_without_a_way_back(room, visit):
    visitor = visit("admin")
    seat = Seat(visitor)
    seat.open_lab()
    with visitor.context.expect_page() as opened:
        teaching(seat).click()
    expect(opened.value.locator("h1").first).to_be_visible()
    assert opened.value.evaluate("window.opener") is None
    visitor.page.goto("about:blank")


def test_the_hubs_rules_for_pages_hold_for_the_labs_calls(room, visit):
    """A page elsewhere has the browser's cookies, but neither the token of the form nor a frame."""
    visitor = visit("student")
    server = room.start_server("student")
    # Through the sign-in of the server, which gives its cookie.
    answer = visitor.page.request.get(f"{server}/lab")
    assert answer.status == 200
    assert "frame-ancestors" in answer.headers["content-security-policy"]
    forged = visitor.page.request.post(
        f"{server}/pythonmastery/api/v1/problems/double/attempts",
        data={"key": "7b0d5b1e-3b0a-4f57-9a3e-5e1b0c0f6a19", "code": RIGHT},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert forged.status in (401, 403)
