"""Hints open one after the other; the tutor answers, is rated, and shows what it was sent."""

from playwright.sync_api import expect

from tests.ui.canaries import canaries, content
from tests.ui.work import FIRST_STEPS

TITLE, SLUG = "Fair tip", "split-tip"
WRONG = "def split_tip(bill, percent, staff):\n    return bill // staff, bill % staff"
#: Failed attempts open hints, so that no other test may have tried it.
UNTRIED = "Cost of a delivery trip"
NOTHING_RIGHT = "def fuel_cost(km, litres_per_100_km, cents_per_litre):\n    return None"


def test_hints_open_in_order_and_a_closed_one_says_what_opens_it(desk):
    desk.open_problem(FIRST_STEPS, UNTRIED)
    desk.tool("Hint").click()
    expect(desk.tab("Hints")).to_have_attribute("aria-selected", "true")
    hints = desk.panel.get_by_role("list", name="Hints").get_by_role("listitem")
    expect(hints.filter(has_text="failed attempt").first).to_be_visible()
    expect(desk.panel.get_by_role("button", name="Open hint")).to_have_count(0)
    desk.submit(NOTHING_RIGHT)
    desk.tool("Hint").click()
    expect(desk.panel.get_by_role("button", name="Open hint")).to_have_count(1)
    desk.panel.get_by_role("button", name="Open hint 1").click()
    expect(desk.panel.get_by_role("heading", name="Hint 1")).to_be_focused()
    expect(desk.tab("Hints")).to_have_text("Hints 1/4")
    expect(desk.panel.get_by_role("button", name="Open hint")).to_have_count(0)
    desk.submit(NOTHING_RIGHT)
    desk.tool("Hint").click()
    expect(desk.panel.get_by_role("button", name="Open hint 2")).to_be_visible()


def ask(desk, text):
    box = desk.panel.get_by_role("textbox", name="Your question")
    box.fill(text)
    box.press("Enter")
    answer = desk.panel.locator(".pm-messages > li").last
    expect(answer).to_contain_text(text)
    expect(answer.get_by_text("Was this helpful?")).to_be_visible()
    return answer


def test_the_tutor_answers_as_it_thinks_and_shows_what_it_was_sent(desk):
    desk.open_problem(FIRST_STEPS, TITLE)
    desk.submit(WRONG)
    desk.tool("Ask").click()
    expect(desk.panel.get_by_role("textbox", name="Your question")).to_be_focused()
    answer = ask(desk, "Why is the jar wrong?")
    expect(answer).to_contain_text("You are close, so let us look at one thing only")
    expect(answer.locator("pre").first).to_contain_text("print(item, total)")
    answer.get_by_text("What was sent").click()
    expect(answer).to_contain_text("return bill // staff, bill % staff")
    sent = answer.inner_text()
    assert {text for text in canaries(content(SLUG)) if text in sent} == set()
    answer.get_by_title("4 of 5").click()
    expect(answer.get_by_role("radio", name="4 of 5")).to_be_checked()

    desk.panel.get_by_role("button", name="Review my code").click()
    last = desk.panel.locator(".pm-messages > li").last
    expect(last).to_contain_text("Review my code")
    expect(last.get_by_text("Was this helpful?")).to_be_visible()

    desk.reload()
    desk.wait_notebook(TITLE)
    desk.tab("Tutor").click()
    kept = desk.panel.locator(".pm-messages > li").first
    expect(kept).to_contain_text("Why is the jar wrong?")
    expect(kept.get_by_role("radio", name="4 of 5")).to_be_checked()


def test_a_general_question_needs_no_problem(desk):
    desk.page.get_by_role("tab", name="PythonMastery panel").click()
    desk.tab("Tutor").click()
    answer = ask(desk, "What is a module?")
    expect(answer).to_contain_text("You are close")
