"""The question whether the tutor may send things to Gemini: read, answered no, then yes again."""

from playwright.sync_api import expect

from tests.ui.test_help import ask


def test_the_question_is_asked_again_answered_no_and_then_yes(desk):
    desk.page.get_by_role("tab", name="PythonMastery panel").click()
    desk.tab("Tutor").click()
    expect(desk.panel).to_contain_text("Questions are sent to Google")
    desk.panel.get_by_role("button", name="Change this").click()
    question = desk.panel.get_by_role("region", name="May your questions be sent to Google")
    expect(question.get_by_role("heading")).to_be_focused()
    expect(question.get_by_role("list")).to_have_count(2)
    expect(question).to_contain_text("the code in your answer cell")
    expect(desk.panel.get_by_role("textbox", name="Your question")).to_have_count(0)
    try:
        question.get_by_role("button", name="No, built-in help").click()
        expect(desk.panel).to_contain_text("Nothing is sent: built-in help answers.")
        expect(desk.panel.get_by_role("textbox", name="Your question")).to_be_focused()
        answer = ask(desk, "What is a module?")
        expect(answer).to_contain_text("Built-in explanation, not written by an AI model.")
    finally:
        desk.panel.get_by_role("button", name="Change this").click()
        question.get_by_role("button", name="Yes, send them").click()
    expect(desk.panel).to_contain_text("Questions are sent to Google")
