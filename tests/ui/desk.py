"""A learner's desk: JupyterLab in a browser, with the moves that a learner makes there."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Response,
    ViewportSize,
    expect,
)

from tests.labserver import LabServer

OURS = "extensions/pythonmastery"
#: What a browser writes about a server that refuses or is not there.
FAILED = re.compile(
    r"Failed to load resource|Failed to fetch|WebSocket connection to|ERR_CONNECTION|net::ERR"
)
#: What JupyterLab says on a busy machine. It counts from its own start: a plugin that itself waits
#: for nothing, as ours, waits until those are there which it asks for.
SLOW = re.compile(
    r"^Plugin \S+ (is taking too long|\(with \d+ dependants\) took [\d.]+ms) to activate"
)
#: JupyterLab's own look every few seconds; the number after it is the time.
LISTING = "/api/kernels?"
#: Lets the page call JupyterLab's commands; a learner's own start does without it.
EXPOSED = "--LabApp.expose_app_in_browser=True"
ANSWER_INDEX = """() => (window.jupyterapp.shell.currentWidget?.content?.widgets ?? [])
    .findIndex(cell => cell.model.metadata.pythonmastery?.key === 'answer')"""
# A notebook that was just opened gets its cells a moment later.
HAS_ANSWER = f"() => ({ANSWER_INDEX})() >= 0"
#: JupyterLab's own command to close asks what is to become of what was not saved. Files that were
#: open lately are looked for when the page is loaded again.
PUT_AWAY = """async () => {
    const { commands, shell } = window.jupyterapp;
    [...shell.widgets('main')].forEach(tab => tab.dispose());
    await commands.execute('docmanager:clear-recents');
    shell.collapseRight();
    shell.activateById('pythonmastery-course');
}"""
SAVED = "() => !window.jupyterapp.shell.currentWidget?.context?.model.dirty"
SENT = re.compile(r"/problems/[^/]+/attempts$")
DESKTOP: ViewportSize = {"width": 1400, "height": 900}


def is_jupyters_own(message: ConsoleMessage) -> bool:
    """Jupyter Server fails to list a kernel that has just started: no last activity is known yet.

    JupyterLab asks again by itself.
    """
    return "status of 500" in message.text and LISTING in message.location.get("url", "")


class Desk:
    def __init__(self, browser: Browser, server: LabServer, size: ViewportSize = DESKTOP) -> None:
        self.server = server
        self.context = browser.new_context(viewport=size, reduced_motion="reduce")
        self.complaints: list[str] = []
        self.answers: list[Response] = []
        self.page = self.new_page()

    def new_page(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error.stack}"))
        page.on("response", self._note)
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if SLOW.match(message.text) or is_jupyters_own(message):
            return
        ours = "pythonmastery" in f"{message.location.get('url', '')} {message.text}".lower()
        if message.type == "error" or (message.type == "warning" and ours):
            where = message.location.get("url", "")
            self.complaints.append(f"{message.type}: {message.text} ({where})")

    def _note(self, answer: Response) -> None:
        self.answers.append(answer)

    @contextmanager
    def forgiven(self) -> Iterator[None]:
        """While requests fail on purpose, the browser and JupyterLab itself complain about it."""
        yield
        ours = [each for each in self.complaints if OURS in each]
        self.complaints = [each for each in ours if not FAILED.search(each)]

    def close(self) -> None:
        self.context.close()

    def picture(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)

    # Regions

    @property
    def course(self) -> Locator:
        return self.page.get_by_role("region", name="PythonMastery course")

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("region", name="PythonMastery panel")

    @property
    def result(self) -> Locator:
        return self.panel.get_by_role("region", name="Result")

    @property
    def announcement(self) -> Locator:
        return self.panel.get_by_test_id("announcement")

    @property
    def notebook(self) -> Locator:
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")

    @property
    def answer(self) -> Locator:
        """The answer cell, as the file marks it: a page shows no marks."""
        self.page.wait_for_function(HAS_ANSWER)
        index = self.page.evaluate(ANSWER_INDEX)
        return self.notebook.locator(f'.jp-Cell[data-windowed-list-index="{index}"]')

    @property
    def editor(self) -> Locator:
        return self.answer.locator(".cm-content")

    def tool(self, name: str) -> Locator:
        bar = self.notebook.get_by_role("group", name="PythonMastery")
        return bar.get_by_role("button", name=name, exact=True)

    def tab(self, name: str) -> Locator:
        return self.panel.get_by_role("tab", name=re.compile(f"^{name}\\b"))

    # Moves

    def open_lab(self) -> None:
        self.page.goto(self.server.lab)
        self._wait_course()

    def reload(self) -> None:
        self.page.goto(self.server.lab.replace("&reset", ""))
        self._wait_course()

    def put_away(self) -> None:
        """As one finds it at first: nothing open but the course. What was not saved is gone."""
        self.page.set_viewport_size(DESKTOP)
        self.page.evaluate(PUT_AWAY)

    def _wait_course(self) -> None:
        # Before that, shortcuts and the layout of last time are not there yet.
        self.page.wait_for_function("() => window.jupyterapp?.restored.then(() => true)")
        expect(self.course.get_by_role("list", name="Sections")).to_be_visible(timeout=30_000)

    def unfold(self, section: str) -> None:
        head = self.course.get_by_role("button", name=re.compile(f"^{re.escape(section)}"))
        if head.get_attribute("aria-expanded") == "false":
            head.click()

    def open_problem(self, section: str, title: str) -> None:
        self.unfold(section)
        problems = self.course.get_by_role("list", name=section)
        problems.get_by_role("button", name=re.compile(f"^{re.escape(title)}")).click()
        self.wait_notebook(title)

    def wait_notebook(self, title: str) -> None:
        expect(self.panel.get_by_role("heading", name=title, level=2)).to_be_visible()
        expect(self.tool("Submit")).to_be_visible()
        expect(self.editor).to_be_visible()

    def write(self, code: str) -> None:
        """Types over what is in the answer cell, as one paste."""
        self.editor.click()
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(code)
        expect(self.editor).to_contain_text(code.strip().splitlines()[-1].strip())

    def press(self, name: str) -> None:
        """Check or Submit, until the verdict is there."""
        # That of the same code, sent earlier, may be there already.
        with self.page.expect_response(SENT):
            self.tool(name).click()
        self.wait_verdict()

    def wait_verdict(self) -> None:
        fresh = self.panel.locator("section.pm-result:not(.pm-mod-stale)")
        expect(fresh).to_be_visible(timeout=20_000)
        expect(self.panel.locator(".pm-waiting")).to_have_count(0)
        expect(self.tool("Submit")).not_to_have_attribute("aria-disabled", "true")
        self.wait_saved()

    def wait_saved(self) -> None:
        """What was sent is saved a moment later."""
        self.page.wait_for_function(SAVED)

    def submit(self, code: str) -> None:
        self.write(code)
        self.press("Submit")

    def theme(self, name: str) -> None:
        """ "JupyterLab Light" or "JupyterLab Dark"; Lab fetches its style sheet."""
        self.command("apputils:change-theme", theme=name)
        light = "true" if name.endswith("Light") else "false"
        expect(self.page.locator("body")).to_have_attribute("data-jp-theme-light", light)

    def command(self, name: str, **arguments: Any) -> None:
        """One of JupyterLab's own commands; the server must expose the application."""
        call = "([name, args]) => window.jupyterapp.commands.execute(name, args).then(() => null)"
        self.page.evaluate(call, [name, arguments])

    # What the browser got

    def heard(self) -> str:
        """Every answer of our API and every file that the browser was given, in one text."""
        texts = []
        for answer in self.answers:
            wanted = "/pythonmastery/api/" in answer.url or "/api/contents" in answer.url
            if wanted and not answer.url.endswith("/events"):
                try:
                    texts.append(answer.text())
                except Error:
                    # Answers without a body, and those of a page that has been left.
                    continue
        return "\n".join(texts)

    def shown(self) -> str:
        return str(self.page.evaluate("document.documentElement.outerHTML"))
