"""The panel when something is in the way."""

import pytest

from tests.counterparts.api import TOKEN, Reply
from tests.kernel import bodies

ATTEMPTS = ("POST", "problems/double/attempts")
MESSAGES = ("POST", "tutor/messages")
ANSWER = "def double(x):\n    return 2 * x"


@pytest.fixture
def panel(faulty, opener):
    """It shows the problem `double`, served by the counterpart, and the answer has been run."""
    double, locked = bodies.problem(), bodies.problem(slug="triple", state="locked", locked="Wait.")
    faulty.on("GET", "problems", Reply(body=bodies.course(double, locked)))
    faulty.on("GET", "problems/double", Reply(body=double))
    faulty.on("GET", "problems/triple", bodies.refusal(403, "This problem is not open to you yet."))
    faulty.on(
        "GET", "problems/double/attempts?limit=1", Reply(body={"attempts": [], "before": None})
    )
    hints = {"problem": "double", "hints": [], "hints_used": 0}
    faulty.on("GET", "problems/double/hints", Reply(body=hints))
    talk = {"messages": [], "before": None}
    faulty.on("GET", "tutor/messages?problem=double&limit=10", Reply(body=talk))
    front_end = opener(PYTHONMASTERY_URL=faulty.url, PYTHONMASTERY_TOKEN=TOKEN)
    front_end.run("%load_ext pythonmastery_ext")
    front_end.run("%pythonmastery")
    front_end.ready()
    front_end.run(ANSWER)
    return front_end


def test_a_press_that_was_not_taken_is_sent_once_more_with_its_key(panel, faulty):
    faulty.on(*ATTEMPTS, bodies.refusal(503, "The database cannot be reached.", retry_after=60))
    assert "The database cannot be reached." in panel.do("Submit")
    faulty.on(*ATTEMPTS, Reply(202, bodies.attempt()))
    assert panel.do("Submit") == "Here is the result."
    first, second = faulty.bodies(*ATTEMPTS)
    assert first == second
    assert "Submit: ✓ Passed" in panel.tab("Results")


def test_a_problem_that_does_not_open_leaves_the_choice_as_it_was(panel):
    panel.fill("Problem", index=1)
    panel.until(lambda: "This problem is not open to you yet." in panel.said())
    panel.ready()
    assert panel.state("Problem")["index"] == 0
    assert "Twice as much" in panel.tab("Task")


def test_stop_ends_the_tutors_answer(panel, faulty):
    begun = bodies.event("start", bodies.message())
    begun += bodies.event("delta", {"text": "Look at the loop"})
    faulty.on(*MESSAGES, Reply(chunks=(begun,), hang=True))
    panel.fill("Question", value="Why?")
    panel.press("Ask")
    panel.until(lambda: faulty.bodies(*MESSAGES) and not panel.state("Stop")["disabled"])
    panel.press("Stop")
    panel.ready()
    assert faulty.left.wait(10)
    assert panel.state("Stop")["disabled"]


def test_the_kernel_stays_free_while_the_tutor_writes(panel, faulty):
    begun = bodies.event("start", bodies.message())
    faulty.on(*MESSAGES, Reply(chunks=(begun,), hang=True))
    panel.press("Ask")
    panel.until(lambda: panel.state("Ask")["disabled"])
    assert "42" in panel.run("print(6 * 7)")
    panel.press("Stop")
    panel.ready()


def test_the_panel_names_the_cell_that_it_would_send(panel):
    accordion = next(s for s in panel.widgets.values() if s["_model_name"] == "AccordionModel")
    panel.until(lambda: accordion["titles"] == ["Code that will be sent: cell [3]"])
    panel.run("def double(x)")
    panel.until(lambda: accordion["titles"] == ["Code that will be sent: cell [4]"])


def test_every_control_has_a_name_and_an_explanation(panel):
    controls = [
        state
        for state in panel.widgets.values()
        if state["_model_name"] in {"ButtonModel", "DropdownModel", "TextareaModel"}
    ]
    assert len(controls) > 10
    assert all(state["description"] and state["tooltip"] for state in controls)


def test_a_front_end_without_widgets_shows_the_commands(panel):
    assert "%pythonmastery check" in panel.run("%pythonmastery")
