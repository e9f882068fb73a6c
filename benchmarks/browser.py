"""Click → painted verdict in JupyterLab, beside running a cell in the same notebook."""

from pathlib import Path

from playwright.sync_api import Page

from benchmarks.figures import Figure
from benchmarks.problem import SLUG, right, wrong
from pythonmastery_ext.curriculum.format import ProblemContent
from tests.labserver import LabServer, lab_server
from tests.ui.chromium import chromium
from tests.ui.desk import EXPOSED, Desk

# From the event (its own time stamp) to the second frame after the element has the awaited text:
# the first frame's callback runs before that frame is painted.
WATCH = """([event, selector, expected]) => {
    const before = document.querySelector(selector)?.textContent;
    window.painted = new Promise(resolve => {
        let began = 0;
        const once = {capture: true, once: true};
        document.addEventListener(event, e => { began = e.timeStamp; }, once);
        const watch = new MutationObserver(() => {
            const text = document.querySelector(selector)?.textContent.trim();
            if (began && text && (expected ? text === expected : text !== before?.trim())) {
                watch.disconnect();
                requestAnimationFrame(() => requestAnimationFrame(
                    () => resolve(performance.now() - began)));
            }
        });
        const all = {subtree: true, childList: true, characterData: true, attributes: true};
        watch.observe(document.body, all);
    });
}"""
SCORE = "#pythonmastery-panel section.pm-result:not(.pm-mod-stale) .pm-score b"
OUTPUT = ".jp-NotebookPanel .jp-Cell.jp-mod-active .jp-OutputArea-output"
CLOCK = "import time\ntime.time_ns()"


def painted(page: Page) -> float:
    return float(page.evaluate("() => window.painted"))


def verdicts(desk: Desk, content: ProblemContent, n: int) -> list[float]:
    full = content.max_points
    missed = sum(test.weight for test in content.hidden if test.key == "t-due-date")
    turns = [(right(content), f"{full} / {full}"), (wrong(content), f"{full - missed} / {full}")]
    samples = []
    for turn in range(n + 2):
        code, score = turns[turn % 2]
        desk.write(code)
        desk.page.evaluate(WATCH, ["click", SCORE, score])
        desk.tool("Submit").click()
        samples.append(painted(desk.page))
        desk.wait_verdict()
    return samples[2:]


def cells(desk: Desk, n: int) -> list[float]:
    desk.answer.locator(".jp-InputPrompt").click()
    desk.command("notebook:insert-cell-below")
    desk.page.keyboard.press("Enter")
    desk.page.keyboard.insert_text(CLOCK)
    samples = []
    for _ in range(n + 3):
        desk.page.evaluate(WATCH, ["keydown", OUTPUT, None])
        desk.page.keyboard.press("Control+Enter")
        samples.append(painted(desk.page))
        desk.page.keyboard.press("Enter")
    return samples[3:]


def measure(server: LabServer, content: ProblemContent, n: int) -> list[Figure]:
    section = server.get(f"problems/{SLUG}")["section"]
    course = server.get("problems")
    name = next(each["name"] for each in course["sections"] if each["slug"] == section)
    with chromium() as browser:
        desk = Desk(browser, server)
        try:
            desk.open_lab()
            desk.open_problem(name, content.title)
            return [
                Figure(
                    "Click → painted verdict",
                    verdicts(desk, content, n),
                    "Submit to the frame that shows the new points",
                ),
                Figure(
                    "Running a cell in the same notebook",
                    cells(desk, n),
                    "Ctrl-Enter to the frame that shows its output",
                ),
            ]
        finally:
            desk.close()


def click_to_verdict(scratch: Path, content: ProblemContent, quick: bool) -> list[Figure]:
    with lab_server(scratch / "browser", EXPOSED) as server:
        server.wait_ready()
        return measure(server, content, 6 if quick else 30)
