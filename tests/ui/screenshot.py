"""`python -m tests.ui.screenshot` makes the pictures of the README anew."""

import sys
import tempfile
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import expect

from tests.labserver import LabServer, lab_server
from tests.ui.chromium import chromium
from tests.ui.counterpart import gemini
from tests.ui.desk import EXPOSED, Desk
from tests.ui.work import MONEY, RIGHT, WHO_OWES

PICTURES = Path(__file__).parent.parent.parent / "docs" / "images"
ALMOST = RIGHT.replace("< today", "<= today").strip()
QUESTION = "Why does my list hold somebody who is not late?"
#: Solved before the picture is taken, so that the course has something to show.
SOLVED = {
    "first-day-total": "def day_total(cash, card):\n    return cash + card",
    "shift-length": "def shift_length(start, end):\n    return divmod(end - start, 60)",
}


def solve(server: LabServer) -> None:
    for slug, code in SOLVED.items():
        body = {"key": str(uuid4()), "kind": "submit", "code": code}
        attempt = server.call("POST", f"problems/{slug}/attempts", body)
        assert server.verdict(attempt["id"])["status"] == "passed"


def pose(desk: Desk) -> None:
    """All at rest: saved, the kernel idle, the answer in view, no button under the mouse."""
    expect(desk.page.get_by_text("(ipykernel) | Idle")).to_be_visible(timeout=30_000)
    desk.command("docmanager:save")
    desk.command("pythonmastery:go-to-line", line=len(ALMOST.splitlines()))
    desk.page.mouse.move(700, 880)


def take(desk: Desk) -> None:
    desk.open_lab()
    desk.command("application:close-all")
    desk.open_problem(MONEY, WHO_OWES)
    desk.submit(ALMOST)
    expect(desk.result).to_contain_text("hidden 5/6")
    pose(desk)
    desk.picture(PICTURES / "lab.png")

    desk.theme("JupyterLab Dark")
    desk.tool("Ask").click()
    box = desk.panel.get_by_role("textbox", name="Your question")
    box.fill(QUESTION)
    box.press("Enter")
    expect(desk.panel.get_by_text("Was this helpful?")).to_be_visible()
    pose(desk)
    desk.picture(PICTURES / "lab-dark.png")


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="pm-picture-", ignore_cleanup_errors=True) as scratch,
        gemini() as settings,
        lab_server(Path(scratch) / "home", EXPOSED, environment=settings) as server,
        chromium() as browser,
    ):
        server.wait_ready()
        server.agree()
        solve(server)
        desk = Desk(browser, server)
        take(desk)
        desk.close()
    sys.stdout.write(f"{PICTURES}/lab.png and lab-dark.png\n")


if __name__ == "__main__":
    main()
