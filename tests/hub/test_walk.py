"""A student's day under the hub, in Chromium: the console stays quiet all the way."""

from playwright.sync_api import expect

from tests.api.course import RIGHT, WRONG
from tests.hub.seat import Seat


def test_a_student_signs_in_submits_asks_and_solves(room, visit):
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
    seat.page.goto("about:blank")


def test_the_page_of_a_student_offers_no_teaching_and_an_instructors_a_tab_without_a_way_back(
    room, visit
):
    for login, offered in (("student", False), ("instructor", True)):
        visitor = visit(login)
        seat = Seat(visitor)
        seat.open_lab()
        seat.page.get_by_role("menuitem", name="PythonMastery").click()
        entry = seat.page.get_by_role("menuitem", name="Teaching Pages")
        expect(entry).to_have_count(int(offered))
        if offered:
            with visitor.context.expect_page() as opened:
                entry.click()
            expect(opened.value.locator("h1").first).to_be_visible()
            assert opened.value.evaluate("window.opener") is None
        visitor.page.goto("about:blank")
        room.stop_server(login) if offered else None


def test_the_hubs_rules_for_pages_hold_for_the_labs_calls(room, visit):
    """A page elsewhere has the browser's cookies, but neither the token of the form nor a frame."""
    visitor = visit("student")
    seat = Seat(visitor)
    seat.open_lab()
    server = f"{room.url}/user/student"
    answer = visitor.page.request.get(f"{server}/lab")
    assert "frame-ancestors" in answer.headers["content-security-policy"]
    forged = visitor.page.request.post(
        f"{server}/pythonmastery/api/v1/problems/double/attempts",
        data={"key": "7b0d5b1e-3b0a-4f57-9a3e-5e1b0c0f6a19", "code": RIGHT},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert forged.status in (401, 403)
    visitor.page.goto("about:blank")
