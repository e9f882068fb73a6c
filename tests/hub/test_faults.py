"""Each part of a class dies once: what goes on, what is told, and that nothing sent is lost."""

import json
import re
import signal
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import psutil
import pytest
from playwright.sync_api import Browser, Locator, expect

from pythonmastery_ext.accounts.people import PEOPLE
from pythonmastery_ext.db.cache import CHANNEL
from tests.api.client import PATIENCE
from tests.api.course import RIGHT, WRONG
from tests.hub.classroom import Classroom
from tests.hub.seat import Seat
from tests.hub.visitor import Visitor

# The class is started anew in it, which takes its time on a busy machine.
pytestmark = pytest.mark.timeout(300)
PATH = "problems/double/attempts"
LOOK = "() => window.jupyterapp.serviceManager.sessions.refreshRunning().catch(() => null)"


def body(code: str = RIGHT) -> dict[str, str]:
    return {"key": str(uuid4()), "code": code}


def attempts(room: Classroom, slug: str = "double") -> list[Any]:
    found = room.relayed("student", "GET", f"problems/{slug}/attempts").json()
    return list(found["attempts"])


def graded(room: Classroom, sent: dict[str, Any], login: str = "student") -> Any:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        answer = room.relayed(login, "GET", f"attempts/{sent['id']}")
        if answer.status_code == 200 and answer.json()["status"] != "waiting":
            return answer.json()
        time.sleep(0.05)
    raise AssertionError(f"{sent['id']} is still waiting")


def answers(room: Classroom, login: str = "student") -> None:
    """Waits until this person's server reaches the service again."""
    end, told = time.monotonic() + PATIENCE, "nothing"
    while time.monotonic() < end:
        try:
            answer = room.relayed(login, "GET", "status")
        except httpx.TransportError as error:
            told = repr(error)
        else:
            told = f"{answer.status_code} {answer.text}"
            if answer.status_code == 200 and answer.json()["ready"]:
                return
        time.sleep(0.1)
    raise AssertionError(told)


def lock(room: Classroom, login: str, *, locked: bool) -> None:
    """As an admin does, but their server runs on."""
    with room.database() as db:
        since = "update app_user set suspended_at = case when %s then now() end where username = %s"
        db.execute(since, [locked, login])
        db.execute("select pg_notify(%s, %s)", [CHANNEL, json.dumps([PEOPLE.name, login])])


def proxy(room: Classroom) -> psutil.Process:
    children = psutil.Process(room.processes["hub"].pid).children()
    return next(each for each in children if each.name() == "node")


@pytest.fixture(scope="module", autouse=True)
def server(room: Classroom) -> None:
    room.start_server("student")


def close(first: Locator) -> None:
    """JupyterLab's own question whether to start the server, or what it says of files not saved."""
    dismiss = first.page.locator(".jp-Dialog-footer button", has_text="Dismiss")
    (dismiss if dismiss.count() else first).click()


@pytest.fixture(scope="module")
def lab(room: Classroom, browser: Browser) -> Iterator[Seat]:
    """A student's JupyterLab, which stays open while everything else dies around it."""
    visitor = Visitor(browser, room, "student")
    visitor.sign_in()
    seat = Seat(visitor)
    seat.open_lab()
    seat.page.add_locator_handler(
        seat.page.locator(".jp-Dialog-footer button").first, close, no_wait_after=True
    )
    yield seat
    visitor.close()


@pytest.fixture
def seat(lab: Seat) -> Iterator[Seat]:
    """At the page as the test before has left it; what it breaks on purpose is forgiven."""
    with lab.forgiven():
        yield lab
    assert not lab.complaints, "\n".join(lab.complaints)


def test_while_the_hub_is_dead_those_who_are_in_go_on_and_admins_write_nothing(room):
    answers(room)
    admin, reset = room.api_token("admin"), "admin/limits/999999999/submit/reset"
    assert room.ask(admin, "GET", "admin/limits").status_code == 200
    started = room.hub("GET", "users/student").json()["servers"][""]["started"]
    room.kill("hub")
    try:
        sent = room.relayed("student", "POST", PATH, body()).json()
        assert graded(room, sent)["status"] == "passed"
        assert room.relayed("student", "PATCH", "me/profile", {"bio": "x"}).status_code == 200
        assert room.ask(admin, "GET", "admin/limits").status_code == 200
        refused = room.ask(admin, "POST", reset)
        assert refused.status_code == 503
        assert "JupyterHub cannot be reached" in refused.json()["error"]["message"]
        unknown = room.ask("0" * 32, "GET", "me/profile")
        assert (unknown.status_code, unknown.json()["error"]["code"]) == (503, "unavailable")
    finally:
        room.start("hub")
        room.wait()
    answers(room)
    again = room.hub("GET", "users/student").json()["servers"][""]
    assert (again["ready"], again["started"]) == (True, started)
    assert room.ask(admin, "POST", reset).status_code == 404


def test_a_dead_service_is_told_and_the_same_press_makes_one_attempt(room):
    before, press = len(attempts(room)), body()
    room.relayed("student", "POST", PATH, press)
    room.kill("service")
    try:
        refused = room.relayed("student", "POST", PATH, press)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "authority_away")
        assert refused.headers["Retry-After"]
        told = room.relayed("student", "GET", "status").json()
        assert (told["ready"], told["role"]) == (False, "relay")
        assert "cannot be reached" in told["detail"]
    finally:
        room.start("service")
        room.wait()
    sent = room.relayed("student", "POST", PATH, press)
    assert sent.status_code in (200, 202), sent.text
    assert graded(room, sent.json())["status"] == "passed"
    assert len(attempts(room)) == before + 1


def test_a_dead_proxy_is_started_again_with_all_its_routes(room):
    old = proxy(room)
    old.kill()
    answers(room)
    assert proxy(room).pid != old.pid


def test_a_service_that_hangs_is_told_and_the_page_goes_on_when_it_answers(room, seat):
    service = room.processes["service"]
    service.send_signal(signal.SIGSTOP)
    try:
        told = room.relayed("student", "GET", "status").json()
        assert (told["ready"], told["role"]) == (False, "relay")
        assert "does not answer" in told["detail"]
        seat.page.goto(f"{room.url}/user/student/lab")
        expect(seat.course).to_contain_text("does not answer", timeout=40_000)
        expect(seat.course).not_to_contain_text("Starting")
    finally:
        service.send_signal(signal.SIGCONT)
    expect(seat.course.get_by_role("list", name="Sections")).to_be_visible(timeout=40_000)
    expect(seat.course).not_to_contain_text("does not answer")


def test_a_moment_without_a_network_puts_no_window_over_the_page(room, seat):
    seat.open_problem("Numbers", "Double-Again")
    seat.write(WRONG)
    seat.context.set_offline(True)
    try:
        seat.tool("Submit").click()
        expect(seat.panel).to_contain_text("Not sent yet")
        # As JupyterLab does by itself every few seconds.
        seat.page.evaluate(LOOK)
        expect(seat.page.get_by_role("button", name="PythonMastery").last).to_contain_text("Away")
        # While it lasts: what toasts are drawn with was fetched before.
        toast = seat.page.get_by_role("alert").filter(has_text="cannot be reached just now")
        expect(toast).to_be_visible()
        expect(seat.page.get_by_role("dialog")).to_have_count(0)
    finally:
        seat.context.set_offline(False)
    seat.tab("Results").click()
    expect(seat.result).to_contain_text("Submission", timeout=40_000)
    expect(seat.page.get_by_role("dialog")).to_have_count(0)


def test_a_server_that_was_culled_is_started_again_from_the_page_which_sends_what_was_pressed(
    room, seat
):
    before = len(attempts(room, "double-again"))
    seat.open_problem("Numbers", "Double-Again")
    seat.write(WRONG)
    room.stop_server("student")
    seat.tool("Submit").click()
    expect(seat.panel).to_contain_text("Not sent yet")
    link = seat.panel.get_by_role("link", name="Sign in again and start it")
    expect(link).to_be_visible()
    expect(link).to_have_css("text-decoration-line", "underline")
    with seat.context.expect_page() as opened:
        link.click()
    opened.value.get_by_role("button", name=re.compile("Launch Server")).click()
    # Whole before it is closed: a browser may hang that is to close what it is just loading.
    course = opened.value.get_by_role("region", name="PythonMastery course")
    expect(course).to_be_visible(timeout=60_000)
    opened.value.close()
    # The page that was open all the time, without being loaded again.
    seat.tab("Results").click()
    expect(seat.result).to_contain_text("Submission", timeout=40_000)
    expect(link).to_have_count(0)
    assert len(attempts(room, "double-again")) == before + 1


def test_who_is_signed_out_in_mid_chat_is_told_and_keeps_the_question(room, seat):
    seat.open_problem("Numbers", "Double-More")
    seat.tool("Ask").click()
    box = seat.panel.get_by_role("textbox", name="Your question")
    other = seat.visitor.new_page()
    other.goto(f"{room.url}/hub/logout")
    other.close()
    box.fill("Why is it None?")
    box.press("Enter")
    expect(seat.panel.get_by_role("link", name="Sign in again")).to_be_visible()
    expect(box).to_have_value("Why is it None?")
    with seat.context.expect_page() as opened:
        seat.panel.get_by_role("link", name="Sign in again").click()
    opened.value.get_by_role("button", name=re.compile("Sign in with GitHub")).click()
    opened.value.get_by_role("button", name="student", exact=True).click()
    expect(opened.value.get_by_role("region", name="PythonMastery course")).to_be_visible()
    opened.value.close()
    expect(seat.panel.get_by_role("link", name="Sign in again")).to_have_count(0)
    expect(box).to_have_value("Why is it None?")
    box.press("Enter")
    answer = seat.panel.locator(".pm-messages > li").last
    expect(answer).to_contain_text("Why is it None?")
    expect(answer.get_by_text("Was this helpful?")).to_be_visible()


def test_a_learner_who_is_locked_reads_so_in_the_lab_and_goes_on_when_unlocked(room, seat):
    lock(room, "student", locked=True)
    try:
        expect(seat.panel).to_contain_text("You cannot go on here.")
        expect(seat.panel).to_contain_text("locked by an admin")
        expect(seat.course).not_to_contain_text("goes on by itself")
    finally:
        lock(room, "student", locked=False)
    expect(seat.panel).not_to_contain_text("You cannot go on here.", timeout=40_000)


def test_what_was_pressed_survives_that_everything_is_started_anew(room, seat):
    before = len(attempts(room, "double-more"))
    seat.open_problem("Numbers", "Double-More")
    seat.write(WRONG)
    room.kill("service")
    seat.tool("Submit").click()
    expect(seat.panel).to_contain_text("It will be sent by itself.")
    expect(seat.panel).to_contain_text("cannot be reached")
    room.stop_server("student")
    room.kill("hub")
    room.start("service")
    room.start("hub")
    room.wait()
    room.start_server("student")
    seat.reload()
    # JupyterLab may not have kept its layout, as its server was away.
    seat.open_problem("Numbers", "Double-More")
    seat.tab("Results").click()
    expect(seat.result).to_contain_text("Submission", timeout=30_000)
    sent = attempts(room, "double-more")
    assert len(sent) == before + 1
    kept = room.relayed("student", "GET", f"attempts/{sent[0]['id']}").json()["code"]
    assert kept.strip() == WRONG.strip()
