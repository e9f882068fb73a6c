"""For everybody: with the keyboard alone, with a screen reader, in the dark, in a small window."""

import re
from contextlib import suppress

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.ui.work import FIRST_STEPS, MONEY, OVERWRITES, WHO_OWES

SHIFT = "How long was the shift?"
TABS = ("Task", "Results", "Hints", "Tutor")
OURS = ["#pythonmastery-course", "#pythonmastery-panel", ".pm-Toolbar", ".pm-status"]
#: JupyterLab's own serious findings, in a page without us too: the debugger's toggle, the list
#: of cells (a feed without articles), CodeMirror's boxes without a name, read-only editors that
#: scroll but take no focus.
LABS = re.compile(r"\.jp-DebuggerBugButton|\.jp-WindowedPanel-viewport|\.cm-(content|scroller)")
LOAD_AXE = {"resultTypes": ["violations"]}


def serious(page: Page, include: list[str] | None = None) -> list[str]:
    context = {"include": [[each] for each in include]} if include else None
    found = Axe().run(page, context, LOAD_AXE).response["violations"]
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
        if not LABS.search(str(node["target"]))
    ]


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_serious_in_course_panel_and_toolbar(desk, theme):
    desk.theme(theme)
    assert serious(desk.page, OURS) == []
    desk.open_problem(MONEY, WHO_OWES)
    desk.submit(OVERWRITES)
    desk.panel.locator(".pm-history summary").click()
    for tab in TABS:
        desk.tab(tab).click()
        assert serious(desk.page, OURS) == [], tab
    assert serious(desk.page) == []


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement?.closest('button')?.innerText ?? ''"))


def tab_to(page: Page, text: str) -> None:
    for _ in range(40):
        if text in focused(page):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not lead to {text!r}")


def palette(page: Page, command: str) -> None:
    box = page.locator(".lm-CommandPalette-input").first
    for _ in range(5):
        # JupyterLab takes keys only some time after it shows itself.
        page.keyboard.press("ControlOrMeta+Shift+C")
        with suppress(PlaywrightTimeout):
            box.wait_for(state="visible", timeout=3_000)
            break
    box.fill(command)
    page.keyboard.press("Enter")


def test_the_keyboard_alone_opens_checks_submits_and_walks_the_tabs(desk):
    page, keys = desk.page, desk.page.keyboard
    palette(page, "Show the Course")
    tab_to(page, FIRST_STEPS)
    tab_to(page, SHIFT)
    keys.press("Enter")
    desk.wait_notebook(SHIFT)

    keys.press("ControlOrMeta+Alt+G")
    expect(desk.editor).to_be_focused()
    keys.press("ControlOrMeta+A")
    keys.insert_text("def shift_length(start, end):\n    return None")
    keys.press("ControlOrMeta+Alt+Enter")
    desk.wait_verdict()
    expect(desk.result).to_contain_text("sample tests only")
    expect(desk.editor).to_be_focused()

    keys.press("ControlOrMeta+Shift+Enter")
    expect(desk.result).to_contain_text("Submission")
    desk.wait_verdict()
    expect(desk.result.locator(".pm-card").get_by_role("heading")).to_be_focused()
    expect(desk.announcement).to_contain_text("First failure")

    keys.press("ControlOrMeta+Alt+P")
    expect(desk.tab("Results")).to_be_focused()
    for key, tab in (("ArrowRight", "Hints"), ("End", "Tutor"), ("Home", "Task")):
        keys.press(key)
        expect(desk.tab(tab)).to_be_focused()
        expect(desk.tab(tab)).to_have_attribute("aria-selected", "true")
    tab_to(page, "Go to the answer cell")
    keys.press("Enter")
    expect(desk.editor).to_be_focused()


@pytest.mark.parametrize("width", [1024, 800])
def test_in_a_small_window_nothing_of_ours_is_cut_off(desk, width):
    page = desk.page
    page.set_viewport_size({"width": width, "height": 700})
    desk.open_problem(MONEY, WHO_OWES)
    desk.submit(OVERWRITES)
    for name in ("Check", "Submit", "Hint", "Ask", "History", "Reset"):
        box, frame = desk.tool(name).bounding_box(), desk.notebook.bounding_box()
        assert box is not None
        assert frame is not None
        assert box["x"] + box["width"] <= frame["x"] + frame["width"], name
    for tab in TABS:
        desk.tab(tab).click()
        wide = "node => node.scrollWidth - node.clientWidth"
        assert desk.panel.get_by_role("tabpanel", name=tab).evaluate(wide) <= 0, tab
    tabs = desk.panel.get_by_role("tablist")
    assert tabs.evaluate("node => node.scrollWidth - node.clientWidth") <= 0
