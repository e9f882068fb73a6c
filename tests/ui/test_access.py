"""For everybody: with the keyboard alone, with a screen reader, in the dark, in a small window."""

import re
from contextlib import suppress
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.ui.work import FIRST_STEPS, MONEY, OVERWRITES, WHO_OWES

SHIFT = "How long was the shift?"
LIGHT, DARK = "JupyterLab Light", "JupyterLab Dark"
TABS = ("Task", "Results", "Hints", "Tutor")
TOOLS = ("Check", "Submit", "Hint", "Ask", "History", "Reset")
OURS = ["#pythonmastery-course", "#pythonmastery-panel", ".pm-Toolbar", ".pm-status"]
#: JupyterLab's own serious findings, in a page without us too: the debugger's toggle, the list
#: of cells (a feed without articles), CodeMirror's boxes without a name, read-only editors that
#: scroll but take no focus.
LABS = re.compile(r"\.jp-DebuggerBugButton|\.jp-WindowedPanel-viewport|\.cm-(content|scroller)")
TAKES_KEYS = """() => window.jupyterapp.commands.keyBindings.some(
    each => each.command === 'apputils:activate-command-palette')"""
ALL_RULES: dict[str, Any] = {"resultTypes": ["violations"]}
#: All that another theme changes.
OF_COLOURS = {**ALL_RULES, "runOnly": ["cat.color"]}


def serious(
    page: Page, include: list[str] | None = None, rules: dict[str, Any] = ALL_RULES
) -> list[str]:
    context = {"include": [[each] for each in include]} if include else None
    found = Axe().run(page, context, rules).response["violations"]
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
        if not LABS.search(str(node["target"]))
    ]


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement?.closest('button')?.innerText ?? ''"))


def tab_to(page: Page, text: str) -> None:
    for _ in range(40):
        if text in focused(page):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not lead to {text!r}")


def palette(page: Page, command: str) -> None:
    page.wait_for_function(TAKES_KEYS)
    box = page.locator(".lm-CommandPalette-input").first
    # What was typed is looked for a moment later.
    chosen = page.locator(".lm-CommandPalette-item.lm-mod-active", has_text=command)
    for _ in range(10):
        page.keyboard.press("ControlOrMeta+Shift+C")
        # It hides again when JupyterLab, which may still be at its start, takes the focus from it.
        with suppress(PlaywrightTimeout):
            box.fill(command, timeout=3_000)
            chosen.wait_for(timeout=3_000)
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"the palette does not offer {command!r}")


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


def test_axe_finds_nothing_serious_in_course_panel_and_toolbar(desk):
    desk.theme(DARK)
    assert serious(desk.page, OURS, OF_COLOURS) == []
    desk.theme(LIGHT)
    assert serious(desk.page, OURS) == []
    desk.open_problem(MONEY, WHO_OWES)
    desk.submit(OVERWRITES)
    desk.panel.locator(".pm-history summary").click()
    for theme, rules in ((LIGHT, ALL_RULES), (DARK, OF_COLOURS)):
        desk.theme(theme)
        for tab in TABS:
            desk.tab(tab).click()
            whole = tab == TABS[-1]
            assert serious(desk.page, None if whole else OURS, rules) == [], (theme, tab)


def test_in_a_small_window_nothing_of_ours_is_cut_off(desk):
    desk.page.set_viewport_size({"width": 1024, "height": 700})
    # What was wide in a wide window would stay so.
    desk.open_lab()
    desk.open_problem(MONEY, WHO_OWES)
    desk.submit(OVERWRITES)
    nothing_is_cut_off(desk)
    desk.page.set_viewport_size({"width": 800, "height": 700})
    nothing_is_cut_off(desk)


def nothing_is_cut_off(desk):
    # What JupyterLab lays out anew when the window becomes smaller comes a moment later.
    for _ in range(100):
        if not beyond(desk):
            break
        desk.page.wait_for_timeout(50)
    assert beyond(desk) == []
    for tab in TABS:
        desk.tab(tab).click()
        wide = "node => node.scrollWidth - node.clientWidth"
        assert desk.panel.get_by_role("tabpanel", name=tab).evaluate(wide) <= 0, tab
    tabs = desk.panel.get_by_role("tablist")
    assert tabs.evaluate("node => node.scrollWidth - node.clientWidth") <= 0


def beyond(desk):
    """The tools that reach beyond the notebook's frame."""
    frame = desk.notebook.bounding_box()
    boxes = {name: desk.tool(name).bounding_box() for name in TOOLS}
    return [
        name for name, box in boxes.items() if box["x"] + box["width"] > frame["x"] + frame["width"]
    ]
