"""Answer cells that are lost, copied or split; starting again; and going back."""

import pytest
from playwright.sync_api import expect

from tests.ui.work import FIRST_STEPS

TITLE, SLUG = "Boxes and left-overs", "boxes-needed"
FIRST = "def pack(jars):\n    return jars, 1  # first try"
#: Lab's own menus refuse to delete the cell; other tools that change the file may not.
LOSE_ANSWER = """() => {
    const { widgets, model } = window.jupyterapp.shell.currentWidget.content;
    const index = widgets.findIndex(cell => cell.model.metadata.pythonmastery?.key === 'answer');
    model.sharedModel.deleteCell(index);
}"""
SECOND = "def pack(jars):\n    return jars, 2  # second try"


@pytest.fixture
def at_work(desk):
    desk.open_problem(FIRST_STEPS, TITLE)
    return desk


def sent(desk) -> int:
    return len(desk.server.get(f"problems/{SLUG}/attempts?limit=50")["attempts"])


def choose_answer_cell(desk) -> None:
    desk.answer.locator(".jp-InputPrompt").click()


def test_a_deleted_answer_cell_is_missed_in_words_and_reset_brings_a_fresh_notebook(at_work):
    before = sent(at_work)
    at_work.page.evaluate(LOSE_ANSWER)
    at_work.tool("Submit").click()
    expect(at_work.panel).to_contain_text("This notebook has no answer cell any more. Press Reset")
    assert sent(at_work) == before
    at_work.tool("Reset").click()
    at_work.page.get_by_role("dialog").get_by_role("button", name="Reset").click()
    expect(at_work.page.get_by_role("tab", name=f"{SLUG}-1.0.0-2.ipynb")).to_be_visible()
    at_work.submit(FIRST)
    expect(at_work.result).to_contain_text("Submission")
    assert sent(at_work) == before + 1


def test_a_copied_answer_cell_is_told_with_the_numbers_of_both(at_work):
    before = sent(at_work)
    choose_answer_cell(at_work)
    at_work.command("notebook:duplicate-below")
    at_work.tool("Submit").click()
    expect(at_work.panel).to_contain_text("There are 2 answer cells in this notebook (cells 4, 5)")
    assert sent(at_work) == before


def test_a_copy_of_the_answer_cell_can_be_deleted_and_the_last_one_cannot(at_work):
    at_work.write(FIRST)
    marked = at_work.notebook.locator('.jp-Cell[data-pm-role="answer"]')
    choose_answer_cell(at_work)
    at_work.command("notebook:duplicate-below")
    expect(marked).to_have_count(2)
    at_work.command("notebook:delete-cell")
    expect(marked).to_have_count(1)
    choose_answer_cell(at_work)
    at_work.page.keyboard.press("d")
    at_work.page.keyboard.press("d")
    expect(marked).to_have_count(1)
    at_work.press("Submit")
    expect(at_work.result).to_contain_text("Submission")


def test_an_answer_cell_that_was_split_can_be_joined_again(at_work):
    at_work.write(FIRST)
    at_work.page.keyboard.press("ControlOrMeta+Home")
    at_work.page.keyboard.press("End")
    at_work.page.keyboard.press("ControlOrMeta+Shift+Minus")
    marked = at_work.notebook.locator('.jp-Cell[data-pm-role="answer"]')
    expect(marked).to_have_count(2)
    at_work.tool("Submit").click()
    expect(at_work.panel).to_contain_text("join them with Merge Selected Cells in the Edit menu")
    marked.first.locator(".jp-InputPrompt").click()
    marked.last.locator(".jp-InputPrompt").click(modifiers=["Shift"])
    at_work.command("notebook:merge-cells")
    expect(marked).to_have_count(1)
    at_work.press("Submit")
    expect(at_work.result).to_contain_text("Submission")


def test_an_answer_that_stands_in_another_cell_is_told(at_work):
    before = sent(at_work)
    at_work.write("# the function is below")
    choose_answer_cell(at_work)
    at_work.command("notebook:insert-cell-below")
    at_work.page.keyboard.press("Enter")
    at_work.page.keyboard.insert_text(FIRST)
    at_work.tool("Submit").click()
    expect(at_work.panel).to_contain_text("Only the answer cell is sent, but pack is in cell 5")
    assert sent(at_work) == before


def test_reset_asks_and_then_gives_the_first_code_back_and_undo_returns(at_work):
    at_work.write(FIRST)
    at_work.tool("Reset").click()
    dialog = at_work.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Cancel").click()
    expect(at_work.editor).to_contain_text("first try")
    at_work.tool("Reset").click()
    dialog.get_by_role("button", name="Reset").click()
    expect(at_work.editor).to_contain_text("put the two numbers here")
    at_work.editor.click()
    at_work.page.keyboard.press("ControlOrMeta+Z")
    expect(at_work.editor).to_contain_text("first try")


def test_history_puts_an_earlier_attempt_back(at_work):
    at_work.submit(FIRST)
    at_work.submit(SECOND)
    at_work.tool("History").click()
    entries = at_work.panel.locator(".pm-history li")
    expect(entries.nth(1)).to_contain_text("Submit: failed")
    entries.nth(1).get_by_role("button", name="Show the result").click()
    expect(at_work.result).to_contain_text("an earlier attempt")
    entries.nth(1).get_by_role("button", name="Put back").click()
    at_work.page.get_by_role("dialog").get_by_role("button", name="Put back").click()
    expect(at_work.editor).to_contain_text("first try")
