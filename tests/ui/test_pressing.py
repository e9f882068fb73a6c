"""What one press of a button sends: once, and what stands in the cell."""

import pytest
from playwright.sync_api import expect

from tests.ui.work import FIRST_STEPS

TITLE, SLUG = "Price with tax", "vat-on-ticket"
CODE = "def label_price(net_euros):\n    return {}  # {}"


@pytest.fixture
def at_work(desk):
    desk.open_problem(FIRST_STEPS, TITLE)
    return desk


def attempts(desk):
    return desk.server.get(f"problems/{SLUG}/attempts?limit=50")["attempts"]


def test_a_double_click_makes_one_attempt(at_work):
    before = len(attempts(at_work))
    at_work.write(CODE.format(1, "double click"))
    at_work.tool("Submit").dblclick()
    at_work.wait_verdict()
    assert len(attempts(at_work)) == before + 1


def test_what_is_sent_is_what_stands_in_the_cell_saved_or_not(at_work):
    path = at_work.server.get(f"problems/{SLUG}")["notebook_path"]
    file = at_work.server.home / "PythonMastery" / path
    at_work.write(CODE.format(2, "not saved yet"))
    assert "not saved yet" not in file.read_text()
    at_work.press("Submit")
    newest = attempts(at_work)[0]["id"]
    assert "not saved yet" in at_work.server.get(f"attempts/{newest}")["code"]
    expect(at_work.notebook.locator(".jp-mod-dirty")).to_have_count(0)
    # Whoever reads it in the middle of the saving sees an empty file.
    for _ in range(100):
        if "not saved yet" in file.read_text():
            return
        at_work.page.wait_for_timeout(50)
    raise AssertionError("the notebook was not saved")


def test_an_empty_answer_is_refused_in_words(at_work):
    before = len(attempts(at_work))
    at_work.editor.click()
    at_work.page.keyboard.press("ControlOrMeta+A")
    at_work.page.keyboard.press("Delete")
    with at_work.forgiven():
        at_work.tool("Submit").click()
        expect(at_work.panel.locator(".pm-notice")).to_contain_text("There is no code to run yet")
        at_work.wait_saved()
    assert len(attempts(at_work)) == before
