"""Each kind of verdict has its own words, says what to do, and none looks like another."""

import pytest
from playwright.sync_api import expect

from tests.ui.desk import Desk
from tests.ui.web import end_kernels
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
def desk(browser, server):
    desk = Desk(browser, server)
    desk.open_lab()
    desk.open_problem(FIRST_STEPS, TAKINGS)
    yield desk
    desk.close()
    end_kernels(server)


def test_before_the_first_attempt_the_panel_says_what_the_buttons_do(desk):
    desk.tab("Results").click()
    expect(desk.panel).to_contain_text("Check runs the sample tests; Submit runs the hidden ones")


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
        pytest.param(MISNAMED, "The tests call day_total", "does not define it", id="misnamed"),
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
