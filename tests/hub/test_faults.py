"""Each part of a class dies once: what goes on, what is told, and that nothing sent is lost."""

import re
import time
from typing import Any
from uuid import uuid4

import httpx
import psutil
import pytest
from playwright.sync_api import expect

from tests.api.client import PATIENCE
from tests.api.course import RIGHT, WRONG
from tests.hub.classroom import Classroom
from tests.hub.seat import Seat

# The class is started anew in it, which takes its time on a busy machine.
pytestmark = pytest.mark.timeout(300)
PATH = "problems/double/attempts"


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


def proxy(room: Classroom) -> psutil.Process:
    children = psutil.Process(room.processes["hub"].pid).children()
    return next(each for each in children if each.name() == "node")


@pytest.fixture(scope="module", autouse=True)
def server(room: Classroom) -> None:
    room.start_server("student")


def test_while_the_hub_is_dead_those_who_are_in_go_on(room):
    answers(room)
    started = room.hub("GET", "users/student").json()["servers"][""]["started"]
    room.kill("hub")
    try:
        sent = room.relayed("student", "POST", PATH, body()).json()
        assert graded(room, sent)["status"] == "passed"
        unknown = room.ask("0" * 32, "GET", "me/profile")
        assert (unknown.status_code, unknown.json()["error"]["code"]) == (503, "unavailable")
    finally:
        room.start("hub")
        room.wait()
    answers(room)
    again = room.hub("GET", "users/student").json()["servers"][""]
    assert (again["ready"], again["started"]) == (True, started)


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


def test_what_was_pressed_survives_that_everything_is_started_anew(room, visit):
    seat = Seat(visit("student"))
    before = len(attempts(room, "double-more"))
    seat.open_lab()
    seat.open_problem("Numbers", "Double-More")
    seat.write(WRONG)
    with seat.forgiven():
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
        assert len(attempts(room, "double-more")) == before + 1
        assert (
            room.relayed("student", "GET", f"attempts/{attempts(room, 'double-more')[0]['id']}")
            .json()["code"]
            .strip()
            == WRONG.strip()
        )
        seat.page.goto("about:blank")


def test_a_server_that_was_culled_takes_what_is_pressed_when_it_is_back(room, visit):
    seat = Seat(visit("student"))
    before = len(attempts(room, "double-again"))
    seat.open_lab()
    seat.open_problem("Numbers", "Double-Again")
    seat.write(WRONG)
    # JupyterLab's own question whether to start the server, and what it says of files not saved.
    seat.page.add_locator_handler(
        seat.page.locator(".jp-Dialog-footer button").first,
        lambda button: button.click(),
        no_wait_after=True,
    )
    with seat.forgiven():
        room.stop_server("student")
        seat.tool("Submit").click()
        expect(seat.panel).to_contain_text("Not sent yet")
        room.start_server("student")
        # The hub gives a new server new tokens, which the page gets by being loaded again.
        seat.reload()
        seat.open_problem("Numbers", "Double-Again")
        seat.tab("Results").click()
        expect(seat.result).to_contain_text("Submission", timeout=40_000)
        seat.page.goto("about:blank")
    assert len(attempts(room, "double-again")) == before + 1


def test_who_is_signed_out_in_mid_chat_is_told_and_keeps_the_question(room, visit):
    visitor = visit("student")
    seat = Seat(visitor)
    seat.open_lab()
    seat.open_problem("Numbers", "Double-More")
    seat.tool("Ask").click()
    box = seat.panel.get_by_role("textbox", name="Your question")
    with seat.forgiven():
        other = visitor.new_page()
        other.goto(f"{room.url}/hub/logout")
        other.close()
        box.fill("Why is it None?")
        box.press("Enter")
        expect(seat.panel.get_by_role("link", name="Sign in again")).to_be_visible()
        expect(box).to_have_value("Why is it None?")
        with visitor.context.expect_page() as opened:
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
        seat.page.goto("about:blank")
