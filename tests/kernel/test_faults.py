"""What a learner reads in a kernel when something is in the way."""

import pytest

from tests.counterparts.api import TOKEN, Reply
from tests.kernel import bodies

ATTEMPTS = ("POST", "problems/double/attempts")
MESSAGES = ("POST", "tutor/messages")
ANSWER = "def double(x):\n    return 2 * x"


@pytest.fixture
def kernel(faulty, opener):
    """Its server is the counterpart; the problem is chosen and answered."""
    faulty.on("GET", "problems/double", Reply(body=bodies.problem()))
    front_end = opener(PYTHONMASTERY_URL=faulty.url, PYTHONMASTERY_TOKEN=TOKEN)
    front_end.run("%load_ext pythonmastery_ext")
    front_end.run("%pythonmastery use double")
    front_end.run(ANSWER)
    return front_end


def test_the_key_is_kept_until_the_code_is_taken_and_then_renewed(kernel, faulty):
    faulty.on(*ATTEMPTS, bodies.refusal(503, "The database cannot be reached.", retry_after=60))
    text = kernel.run("%pythonmastery submit")
    assert "The database cannot be reached. Do the same submit again later" in text
    faulty.on(*ATTEMPTS, Reply(202, bodies.attempt()))
    assert "✓ Passed" in kernel.run("%pythonmastery submit")
    assert "✓ Passed" in kernel.run("%pythonmastery submit")
    first, second, third = (body["key"] for body in faulty.bodies(*ATTEMPTS))
    assert first == second
    assert third != second


def test_other_code_gets_another_key(kernel, faulty):
    faulty.on(*ATTEMPTS, bodies.refusal(503, "The database cannot be reached.", retry_after=60))
    kernel.run("%pythonmastery submit")
    kernel.run(ANSWER.replace("2", "3"))
    kernel.run("%pythonmastery submit")
    first, second = faulty.bodies(*ATTEMPTS)
    assert first["key"] != second["key"]
    assert "return 3" in second["code"]


def test_an_interrupt_stops_the_tutor_and_keeps_what_was_shown(kernel, faulty):
    begun = bodies.event("start", bodies.message())
    begun += bodies.event("delta", {"text": "Look at the loop"})
    faulty.on(*MESSAGES, Reply(chunks=(begun,), hang=True))
    request = kernel.start("%pythonmastery ask Why?")
    kernel.until(lambda: "Look at the loop" in kernel.text())
    kernel.interrupt()
    kernel.until(lambda: kernel.ended(request))
    assert "The answer was cut off here." in kernel.text()
    assert faulty.left.wait(10)


def test_a_question_arrives_as_it_was_typed(kernel, faulty):
    done = bodies.message(state="complete")
    faulty.on(*MESSAGES, Reply(chunks=(bodies.event("done", done),)))
    kernel.run("%pythonmastery ask Why is {ANSWER} or $x 'wrong'?")
    kernel.run("%%pythonmastery ask\nAnd\nthis?")
    asked = [body["message"] for body in faulty.bodies(*MESSAGES)]
    assert asked == ["Why is {ANSWER} or $x 'wrong'?", "And\nthis?"]


def test_a_script_in_the_tutors_answer_is_shown_as_text(kernel, faulty):
    attack = "<script>alert(1)</script> [x](javascript:alert(1))"
    done = bodies.message(ai_response=attack, state="complete")
    start = bodies.event("start", {**done, "state": "streaming"})
    faulty.on(*MESSAGES, Reply(chunks=(start, bodies.event("done", done))))
    kernel.run("%pythonmastery ask Why?")
    assert "&lt;script&gt;" in kernel.html()
    assert "<script" not in kernel.html()
    assert 'href="javascript' not in kernel.html()


def test_commands_that_do_not_exist_say_where_the_list_is(kernel):
    for line in ("%pythonmastery sumbit", "%pythonmastery hint one", "%pythonmastery use a b"):
        assert "%pythonmastery" in kernel.run(line)
        assert "Traceback" not in kernel.text()


def test_without_a_server_the_ways_to_one_are_told(opener):
    front_end = opener()
    front_end.run("%load_ext pythonmastery_ext")
    text = front_end.run("%pythonmastery problems")
    assert "pythonmastery lab" in text
    assert "PYTHONMASTERY_URL" in text


def test_a_panel_without_a_server_says_so_and_stays_usable(opener):
    front_end = opener()
    front_end.run("%load_ext pythonmastery_ext")
    front_end.run("%pythonmastery")
    front_end.ready()
    assert "No running Jupyter server" in front_end.said()


def test_without_a_chosen_problem_the_way_to_one_is_told(faulty, opener):
    front_end = opener(PYTHONMASTERY_URL=faulty.url, PYTHONMASTERY_TOKEN=TOKEN)
    front_end.run("%load_ext pythonmastery_ext")
    assert "Which problem do you mean?" in front_end.run("%pythonmastery check")
