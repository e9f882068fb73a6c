"""A learner's walk with the kernel side alone, on the real server."""

import json

import pytest

from tests.kernel.frontend import words

SLUG = "overdue-by-customer"
WRONG = """
def overdue_by_customer(invoices, today):
    return None
"""
RIGHT = """
from datetime import date
from decimal import Decimal

def overdue_by_customer(invoices, today):
    totals = {}
    for invoice in invoices:
        if not invoice["paid"] and date.fromisoformat(invoice["due"]) < today:
            name = invoice["customer"]
            totals[name] = totals.get(name, Decimal(0)) + Decimal(invoice["amount"])
    return totals
"""


@pytest.fixture
def panel(kernel):
    kernel.run(f"%pythonmastery use {SLUG}")
    kernel.run("%pythonmastery")
    kernel.ready()
    return kernel


def test_the_course_names_its_problems(kernel):
    assert f"{SLUG}: Who owes us money?" in kernel.run("%pythonmastery problems")


def test_the_task_shows_hidden_tests_by_name_only(kernel, lab):
    kernel.run(f"%pythonmastery use {SLUG}")
    text = kernel.run("%pythonmastery task")
    assert "Who owes us money?" in text
    assert "def overdue_by_customer" in text
    tests = lab.get(f"problems/{SLUG}")["tests"]
    hidden = [test["name"] for test in tests if test["visible"] == "hidden"]
    assert hidden
    assert "\n".join(f"- {name}" for name in hidden) in text
    assert text.count("assert ") == len(tests) - len(hidden)


def test_a_magic_submits_the_newest_definition(kernel):
    kernel.run(f"%pythonmastery use {SLUG}")
    assert "Run the cell that defines overdue_by_customer" in kernel.run("%pythonmastery submit")
    kernel.run(WRONG)
    assert "Not passed yet" in kernel.run("%pythonmastery submit")
    kernel.run(RIGHT)
    assert "✓ Passed" in kernel.run("%pythonmastery submit")
    assert "✓ Passed" in kernel.run("%pythonmastery result")


def test_a_cell_that_begins_with_the_magic_is_run_and_sent(kernel):
    text = kernel.run(f"%%pythonmastery check {SLUG}\n{RIGHT}\nprint('ran here')")
    assert "ran here" in text
    assert "Check: ✓ Passed" in text
    assert "Only the sample tests were run" in text
    assert "{}" in kernel.run("overdue_by_customer([], None)")


def test_a_syntax_error_is_told_with_its_line(kernel):
    text = kernel.run(f"%%pythonmastery submit {SLUG}\ndef overdue_by_customer(invoices, today)")
    assert "Submit: Syntax error" in text
    assert "in line 1" in text


def test_the_panel_shows_the_task_and_says_what_to_do(panel):
    assert "Who owes us money?" in panel.tab("Task")
    assert "Who owes us money?" in panel.said()
    assert panel.state("Problem")["_options_labels"]


def test_the_panel_shows_the_code_that_it_will_send(panel):
    panel.run(WRONG)
    panel.until(lambda: any("return None" in str(s.get("value")) for s in panel.widgets.values()))


def test_check_and_submit_show_their_verdict_in_the_panel(panel):
    panel.run(WRONG)
    panel.do("Check")
    assert "Check:" in panel.tab("Results")
    assert "Only the sample tests were run" in panel.tab("Results")
    panel.do("Submit")
    assert "Submit: ✗ Not passed yet" in panel.tab("Results")
    assert "First to look at" in panel.tab("Results")
    panel.run(RIGHT)
    panel.do("Submit")
    assert "Submit: ✓ Passed" in panel.tab("Results")
    assert "hidden tests" in panel.tab("Results")


def test_a_double_press_makes_one_attempt(panel, lab):
    panel.run(WRONG)
    before = len(lab.get(f"problems/{SLUG}/attempts?limit=50")["attempts"])
    panel.press("Submit")
    panel.do("Submit")
    assert len(lab.get(f"problems/{SLUG}/attempts?limit=50")["attempts"]) == before + 1


def test_a_hint_opens_after_a_failed_attempt(panel):
    panel.run(WRONG)
    panel.do("Submit")
    panel.do("Open the next hint")
    assert "Hint 1 (nudge): opened" in panel.tab("Hints")


def test_the_tutor_answers_and_can_be_rated(panel):
    panel.run(WRONG)
    panel.fill("Question", value="What does rule 1 mean?")
    assert panel.do("Ask") == "The tutor has answered."
    said = words(panel.tab("Tutor"))
    assert "You What does rule 1 mean? Tutor You are close" in said
    assert said.endswith("What is special about that item?")
    assert panel.state("Question")["value"] == ""
    panel.do("Rate")
    assert "You rated this 3 of 5." in panel.tab("Tutor")


def test_the_tutor_answers_a_magic(kernel):
    kernel.run(f"%pythonmastery use {SLUG}")
    text = kernel.run("%pythonmastery ask What is a Decimal?")
    assert "What is a Decimal?" in text
    assert "You are close" in text
    assert "4 of 5" in kernel.run("%pythonmastery rate 4")


def test_a_magic_shows_what_is_sent_and_takes_consent_back(kernel):
    kernel.run(f"%pythonmastery use {SLUG}")
    assert "May your questions be sent to Google" in kernel.run("%pythonmastery tutor")
    try:
        assert "built-in help answers" in kernel.run("%pythonmastery tutor no")
        assert "without AI" in kernel.run("%pythonmastery ask What is a module?")
    finally:
        assert "You have agreed" in kernel.run("%pythonmastery tutor yes")
    assert "tutor yes or" in kernel.run("%pythonmastery tutor perhaps")


def test_a_notebook_is_made_once_and_then_left_alone(kernel, tmp_path):
    assert "is made in" in kernel.run(f"%pythonmastery open {SLUG}")
    [path] = tmp_path.glob(f"{SLUG}-*.ipynb")
    path.write_text("my work")
    assert "left as it is" in kernel.run(f"%pythonmastery open {SLUG}")
    assert path.read_text() == "my work"


def test_a_kernel_knows_the_problem_of_its_notebook(lab, opener, tmp_path):
    notebook = lab.get(f"problems/{SLUG}/notebook")["notebook"]
    path = tmp_path / "renamed by me.ipynb"
    path.write_text(json.dumps(notebook))
    front_end = opener(HOME=str(lab.home), JPY_SESSION_NAME=str(path))
    front_end.run("%load_ext pythonmastery_ext")
    assert "Who owes us money?" in front_end.run("%pythonmastery task")


def test_an_unknown_problem_is_the_servers_sentence(kernel):
    text = kernel.run("%pythonmastery use no-such-problem")
    assert "There is no such problem in this course." in text


def test_unloading_takes_the_magic_away(panel):
    panel.run("%unload_ext pythonmastery_ext")
    assert "UsageError" in panel.run("%pythonmastery") + panel.run("%pythonmastery")
