"""Each kind of verdict has its own words, says what to do, and none looks like another."""

import pytest
from playwright.sync_api import expect

from tests.ui.work import FIRST_STEPS, TAKINGS

SYNTAX = "def day_total(cash, card):\n    return (cash + card"
ENDLESS = "def day_total(cash, card):\n    while True:\n        cash = card"
CRASH = """\
def day_total(cash, card):
    kinds = object.__subclasses__()
    found = next(kind for kind in kinds if kind.__name__ == "_wrap_close")
    found.__init__.__globals__["_exit"](3)
"""
IMPORT = "import socket\n\n\ndef day_total(cash, card):\n    return cash + card"
RAISES = "prices = {}\nprices['tea']\n\n\ndef day_total(cash, card):\n    return cash + card"
MEMORY = "def day_total(cash, card):\n    hoard = [0] * 10**9\n    return len(hoard)"
MISNAMED = "def daytotal(cash, card):\n    return cash + card"
ASKS = "def day_total(cash, card):\n    return int(input()) + card"
PRINTS = "def day_total(cash, card):\n    print(cash + card)"
NOTHING_RIGHT = "def day_total(cash, card):\n    return None"


@pytest.fixture(scope="module")
def desk(seats, request):
    """One for all of them: each overwrites what it finds in the answer cell."""
    desk = seats.take(request.node)
    desk.open_problem(FIRST_STEPS, TAKINGS)
    return desk


@pytest.mark.parametrize(
    ("code", "title", "advice"),
    [
        pytest.param(SYNTAX, "Python cannot read this code", "line 2", id="syntax error"),
        pytest.param(
            ENDLESS, "ran out of time", "took longer than the time limit", id="endless loop"
        ),
        pytest.param(CRASH, "Your code crashed Python", "", id="crash"),
        pytest.param(IMPORT, "This import is not available here", "socket", id="refused import"),
        pytest.param(RAISES, "Your code stopped with KeyError", "line 2", id="exception"),
        pytest.param(MEMORY, "too much memory", "", id="memory"),
        pytest.param(
            MISNAMED, "does not define 'day_total'", "did you mean 'daytotal'?", id="misnamed"
        ),
        pytest.param(ASKS, "EOFError", "input() stops your code", id="input"),
        pytest.param(PRINTS, "gave back None", "Use return in place of print", id="print"),
        pytest.param(NOTHING_RIGHT, "", "0 / 9", id="nothing right"),
    ],
)
def test_a_verdict_says_what_happened(desk, code, title, advice):
    desk.submit(code)
    expect(desk.result).to_contain_text(title)
    expect(desk.result).to_contain_text(advice)
    expect(desk.result.get_by_role("heading", name="Solved")).to_have_count(0)
    expect(desk.announcement).not_to_be_empty()


def test_the_line_of_the_mistake_is_one_click_away(desk):
    desk.submit(SYNTAX)
    desk.result.get_by_role("button", name="Go to line 2 of your answer").click()
    expect(desk.editor).to_be_focused()
    expect(desk.page.get_by_text("Ln 2, Col 1")).to_be_visible()


def test_what_differs_is_told_place_by_place(desk):
    desk.submit("def day_total(cash, card):\n    return str(cash + card)")
    parts = desk.result.get_by_role("list", name="What differs")
    expect(parts.first).to_contain_text("(str) instead of")
    # Told by words and underlined, not by colour alone.
    marked = desk.result.locator(".pm-diff mark.pm-del").first
    expect(marked).to_have_css("text-decoration-line", "underline")


def test_the_part_of_the_line_and_the_variables_of_the_moment_are_shown(desk):
    desk.submit("def day_total(cash, card):\n    parts = [cash, card]\n    return parts[5] + 1")
    expect(desk.result.locator(".pm-under").first).to_have_text("       ^^^^^^^^")
    values = desk.result.get_by_text("Your variables at that moment")
    expect(desk.result.locator(".pm-values")).not_to_be_visible()
    values.click()
    expect(desk.result.locator(".pm-values")).to_contain_text("parts")
    desk.result.get_by_role("button", name="Go to line 3 of your answer").first.click()
    expect(desk.editor).to_be_focused()


def test_after_an_endless_loop_in_one_test_the_others_keep_their_points(desk):
    desk.submit("def day_total(cash, card):\n    while cash == 1: pass\n    return cash + card")
    expect(desk.result).to_contain_text("Your code ran out of time")
    expect(desk.result).to_contain_text("longer than the time limit")
    expect(desk.result.locator(".pm-score b")).not_to_have_text("0 / 9")
