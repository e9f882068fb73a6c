"""An instructor runs a student's notebook: its code and its page gain nothing of teaching."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.hub import gift
from tests.hub.classroom import Classroom
from tests.hub.seat import Seat
from tests.hub.visitor import Visitor

# A class, a server and JupyterLab are started in it, which takes its time on a busy machine.
pytestmark = pytest.mark.timeout(300)
KERNEL_READY = """() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel
    ?.connectionStatus === 'connected'
    && window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"""
RUN = "() => void window.jupyterapp.commands.execute('notebook:run-all-cells')"


def run_gift(visitor: Visitor, server: str) -> dict[str, Any]:
    """What the notebook gained in the hands of the visitor."""
    room, seat = visitor.room, Seat(visitor)
    gift.wrap(room.folder / "h" / visitor.login, room.pages, room.url)
    seat.page.goto(f"{server}/lab")
    seat.page.wait_for_function("() => window.jupyterapp?.restored.then(() => true)")
    with seat.forgiven():
        seat.command("docmanager:open", path="gift.ipynb", factory="Notebook")
        seat.page.wait_for_function(KERNEL_READY, timeout=60_000)
        # Not waited for: what a cell shows may go on after the cell has ended.
        seat.page.evaluate(RUN)
        seat.page.wait_for_function("() => window.loot", timeout=60_000)
        loot = dict(seat.page.evaluate("window.loot"))
        seat.page.goto("about:blank")
    visitor.complaints.clear()
    return loot


def start(room: Classroom, login: str, at: str) -> None:
    room.hub("POST", f"users/{login}/server", token=room.api_token(login))
    room.until(f"{at}/api", "hub")


def hub_tokens(room: Classroom, login: str) -> set[str]:
    """Of this person, but for what their server's page and the pages were given."""
    found = room.hub("GET", f"users/{login}/tokens").json()["api_tokens"]
    return {each["id"] for each in found if each["oauth_client"] == "JupyterHub"}


def roles(room: Classroom) -> list[tuple[str, str]]:
    with room.database() as db:
        return list(db.execute("select username, role from app_user order by 1").fetchall())


def gains_nothing(visitor: Visitor, server: str) -> None:
    room, login = visitor.room, visitor.login
    visitor.open_pages("/teach")
    own = visitor.page.get_by_role("heading", level=1).inner_text()
    assert own == "Sections"
    start(room, login, server)
    before = hub_tokens(room, login), roles(room)
    loot = run_gift(visitor, server)
    assert {name for name, told in loot["tried"].items() if not told.startswith("refused")} == set()
    assert f"<h1>{own}" not in str(loot["tried"])
    assert (hub_tokens(room, login), roles(room)) == before
    for path in ("teach/conversations", "teach/tests", "admin/limits"):
        assert room.ask(loot["token"], "GET", path).status_code in (401, 403)
    mint = room.hub("POST", f"users/{login}/tokens", token=loot["token"], body={})
    assert mint.status_code == 403


def test_a_notebook_that_an_admin_runs_gains_nothing_on_one_address(room, visit):
    """Production has subdomains all the same: the hub's own pages do not defend themselves so."""
    gains_nothing(visit("admin"), f"{room.url}/user/admin")


def test_a_notebook_that_an_instructor_runs_gains_nothing_with_subdomains(school, visit):
    address = urlsplit(school.url)
    server = f"http://instructor.{address.hostname}:{address.port}/user/instructor"
    gains_nothing(visit("instructor", school), server)
