"""The server dies and comes back: the page says so, waits, and sends once what was pressed."""

import signal

import pytest
from playwright.sync_api import expect

from tests.ports import free_port
from tests.ui.conftest import filmed, learners_lab
from tests.ui.desk import Desk
from tests.ui.work import FIRST_STEPS, TAKINGS, TAKINGS_SLUG

CODE = "def day_total(cash, card):\n    return cash - card  # while nobody listens"


@pytest.fixture
def lonely(browser, tmp_path, request):
    """A learner without a key for Gemini, whose server can be killed."""
    with learners_lab(tmp_path, port=free_port()) as server:
        server.wait_ready()
        desk = Desk(browser, server)
        try:
            with filmed(desk, request.node.nodeid):
                desk.open_lab()
                desk.open_problem(FIRST_STEPS, TAKINGS)
            yield desk
        finally:
            desk.close()


def test_a_dead_server_is_told_and_what_was_pressed_is_sent_once_when_it_is_back(lonely):
    desk, server = lonely, lonely.server
    without_a_key_the_tutor_says_so_and_explains_by_itself(desk)
    before = len(server.get(f"problems/{TAKINGS_SLUG}/attempts")["attempts"])
    desk.write(CODE)
    # JupyterLab's own window, which comes when it next asks for something.
    window = desk.page.locator("dialog", has_text="Server Connection Error")
    dismiss = window.locator(".jp-Dialog-button").last
    desk.page.add_locator_handler(window, lambda: dismiss.click())
    with desk.forgiven():
        server.process.send_signal(signal.SIGKILL)
        server.process.wait(10)
        expect(desk.panel).to_contain_text("The service is away.", timeout=30_000)
        expect(desk.course).to_contain_text("Your work is safe in the notebook")
        desk.tool("Submit").click()
        expect(desk.panel).to_contain_text("It will be sent by itself.")
        port = int(server.url.rsplit(":", 1)[1])
        with learners_lab(server.home, port=port) as again:
            again.wait_ready()
            expect(desk.panel).not_to_contain_text("The service is away.", timeout=30_000)
            expect(desk.result).to_contain_text("Submission", timeout=30_000)
            expect(desk.panel).not_to_contain_text("It will be sent by itself.")
            attempts = again.get(f"problems/{TAKINGS_SLUG}/attempts")["attempts"]
            assert len(attempts) == before + 1
            sent = again.get(f"attempts/{attempts[0]['id']}")
            assert "while nobody listens" in sent["code"]
            desk.page.goto("about:blank")


def without_a_key_the_tutor_says_so_and_explains_by_itself(desk):
    """Here, because it needs a server of its own too, and a start of one takes long."""
    desk.submit("def day_total(cash, card):\n    return cash - card")
    desk.tool("Ask").click()
    expect(desk.panel).to_contain_text("no key for Gemini")
    desk.panel.get_by_role("button", name="Explain this").click()
    answer = desk.panel.locator(".pm-messages > li").last
    expect(answer).to_contain_text("Built-in explanation, not written by an AI model.")
