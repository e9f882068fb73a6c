"""The walk of a learner: open, read, check, fail, get help, solve, come back."""

import re

import pytest
from playwright.sync_api import expect

from tests.ui.canaries import canaries
from tests.ui.web import events
from tests.ui.work import MONEY, OFF_BY_ONE, OVERDUE, OVERWRITES, RIGHT, WHO_OWES

SLUG = OVERDUE.slug


@pytest.fixture
def at_work(desk):
    desk.open_problem(MONEY, WHO_OWES)
    return desk


def test_the_course_lies_beside_the_notebook_and_the_task_can_be_read(fresh_desk):
    desk = fresh_desk
    expect(desk.course).to_be_visible()
    desk.open_problem(MONEY, WHO_OWES)
    expect(desk.notebook).to_contain_text("It finds the customers who pay late")
    expect(desk.tab("Task")).to_have_attribute("aria-selected", "true")
    expect(desk.panel).to_contain_text("2 sample, 6 hidden")
    expect(desk.editor).to_contain_text("Write your code here")
    current = desk.course.locator("[aria-current=page]")
    expect(current).to_contain_text(WHO_OWES)
    desk.tab("Results").click()
    expect(desk.panel).to_contain_text("Check runs the sample tests; Submit runs the hidden ones")


def test_a_check_runs_the_sample_tests_and_does_not_say_that_all_is_well(at_work):
    at_work.write(OFF_BY_ONE)
    at_work.press("Check")
    expect(at_work.result).to_contain_text("2 / 2")
    expect(at_work.result).to_contain_text("sample tests only")
    expect(at_work.result).to_contain_text("now submit to run the hidden ones")
    expect(at_work.result).not_to_contain_text("Solved")


def test_a_sample_test_that_fails_shows_what_was_expected(at_work):
    at_work.submit(OVERWRITES)
    card = at_work.result.locator(".pm-card")
    expect(card).to_contain_text("Two customers, three late invoices")
    expect(card).to_contain_text("80.25")
    expect(card).to_contain_text("15.35")


def test_the_whole_walk_leaves_nothing_secret_in_the_browser_and_is_there_after_a_reload(at_work):
    desk, server = at_work, at_work.server
    desk.submit(OFF_BY_ONE)
    expect(desk.result).to_contain_text("11 / 13")
    expect(desk.result).to_contain_text("visible 2/2 · hidden 5/6")
    card = desk.result.locator(".pm-card")
    expect(card.get_by_role("heading")).to_have_text("The due date itself (hidden)")
    expect(card).to_contain_text("is an invoice late on its due date")
    expect(card).not_to_contain_text("expected")
    expect(desk.announcement).to_contain_text("11 of 13 points")

    desk.tool("Hint").click()
    desk.panel.get_by_role("button", name="Open hint 1").click()
    expect(desk.panel).to_contain_text("Take the second sample test")

    desk.submit(RIGHT)
    expect(desk.result).to_contain_text("13 / 13")
    expect(desk.result.get_by_role("heading", name="Solved")).to_be_visible()
    expect(desk.result).to_contain_text(re.compile(r"\+\d+ XP · with help"))
    status = desk.page.get_by_role("button", name=re.compile(r"PythonMastery: \d+ XP"))
    expect(status).to_be_visible()
    desk.tab("Task").click()
    expect(desk.panel).to_contain_text("Looking back")

    handed_out = desk.heard() + desk.shown() + events(server)
    for notebook in (server.home / "PythonMastery").rglob("*.ipynb"):
        handed_out += notebook.read_text()
    assert "Pier 9 Boats" in handed_out, "the sample tests are public"
    secret = canaries(OVERDUE)
    assert secret
    assert {text for text in secret if text in handed_out} == set()

    desk.reload()
    desk.wait_notebook(WHO_OWES)
    expect(desk.editor).to_contain_text("sums[who]")
    desk.tab("Results").click()
    expect(desk.result).to_contain_text("13 / 13")
    expect(desk.tab("Hints")).to_have_text("Hints 1/4")
    desk.tab("Hints").click()
    expect(desk.panel).to_contain_text("Take the second sample test")
