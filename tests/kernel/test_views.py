"""What is said about a result."""

import pytest

from pythonmastery_ext.attempts.schema import AttemptOut
from pythonmastery_ext.curriculum.schema import ProblemOut
from pythonmastery_ext.kernelside import views
from tests.kernel import bodies


def result(name, status="passed", visible="sample", **fields):
    points = 1 if status == "passed" else 0
    named = {"key": name, "name": name, "status": status, "visible": visible}
    return {**named, "points": points, "max_points": 1, **fields}


def shown(**fields):
    return views.attempt(AttemptOut.model_validate(bodies.attempt(**fields))).text


def test_a_check_never_sounds_like_all_tests():
    text = shown(kind="check", tests=[result("a"), result("b")])
    assert "Sample tests 2/2. Only the sample tests were run; Submit runs all." in text


def test_visible_and_hidden_tests_are_counted_apart():
    tests = [result("a"), result("b", visible="hidden"), result("c", "failed", "hidden")]
    text = shown(status="partial", points=2, tests=tests)
    assert "Sample tests 1/1, hidden tests 1/2. 2 of 3 points." in text
    assert "Partly right" in text


def test_the_first_failure_comes_in_full_and_the_others_as_a_line():
    tests = [
        result("a", "failed", call="double(2)", expected="4", actual="'4'", line=3),
        result("b", "failed", "hidden", message="Look at rule 2."),
        result("c", "not_run", "hidden"),
    ]
    text = shown(status="failed", points=0, tests=tests)
    assert "First to look at: a" in text
    assert "Call:\n    double(2)\nExpected:\n    4\nYours:\n    '4'" in text
    assert "Line 3 of your code." in text
    assert "- ✗ failed: b (hidden, 0/1). Look at rule 2." in text
    assert "- not run: c (hidden, 0/1)" in text


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        ("error", "syntax_error", "Syntax error"),
        ("error", "crash", "Python itself crashed"),
        ("error", "memory", "Used too much memory"),
        ("timeout", "timeout", "Took too long"),
        ("error", "internal", "Our fault, not yours"),
        ("error", "refused_import", "An import is not allowed here"),
    ],
)
def test_what_is_not_a_wrong_answer_has_a_name_of_its_own(status, reason, words):
    assert f"Submit: {words}" in shown(status=status, reason=reason)


def test_pythons_own_message_is_there_with_its_line():
    error = {"type": "NameError", "message": "x", "line": 2, "text": "x", "traceback": "Traceback"}
    text = shown(status="error", reason="exception", error=error)
    assert "NameError in line 2: x" in text
    assert "Python's own message\n    Traceback" in text


def test_a_mark_stands_under_the_part_of_the_line_that_is_meant():
    error = {"type": "SyntaxError", "message": "invalid syntax", "line": 3}
    error |= {"text": "\tx = (1 2)", "column": 6, "end_column": 10}
    text = shown(status="failed", reason="syntax_error", error=error)
    assert "SyntaxError in line 3: invalid syntax\n    \tx = (1 2)\n    \t    ^^^^" in text


def test_the_variables_of_the_failing_function_are_there():
    error = {"type": "KeyError", "message": "'b'", "values": [{"name": "n", "value": "'<b>'"}]}
    page = views.attempt(AttemptOut.model_validate(bodies.attempt(status="failed", error=error)))
    assert "Your variables at that moment\n    n = '<b>'" in page.text
    assert "n = &#x27;&lt;b&gt;&#x27;" in page.html


def test_each_place_that_differs_is_a_line():
    parts = [
        {"kind": "number", "path": "['a']", "expected": "2", "actual": "5", "note": "too large"},
        {"kind": "missing", "path": "[3]", "expected": "'x'"},
        {"kind": "extra", "actual": "'<i>'"},
        {"kind": "order", "note": "the same items in reverse order"},
    ]
    test = result("a", "failed", difference=parts, time_ms=1.4, memory_bytes=3 << 20)
    tests = [test, result("b", visible="hidden", time_ms=5, memory_bytes=10 << 20)]
    text = shown(status="failed", points=0, tests=tests)
    assert "- ['a']: expected 2, yours 5; too large\n- [3]: missing 'x'\n" in text
    assert "- not expected '<i>'\n- the same items in reverse order" in text
    assert "a (sample, 0/1), 1 ms, 3 MB" in text
    assert "b (hidden, 1/1), up to 5 ms, up to 10 MB" in text


def test_waiting_tells_the_place_in_the_queue():
    assert "4 will be graded before it" in shown(status="waiting", queue_position=4)


def test_a_task_names_hidden_tests_and_shows_samples():
    tests = [
        {"key": "a", "name": "Two", "visible": "sample", "weight": 1, "source": "assert True"},
        {"key": "b", "name": "Zero", "visible": "hidden", "weight": 1, "source": None},
    ]
    text = views.task(ProblemOut.model_validate(bodies.problem(tests=tests))).text
    assert "Sample test “Two”:\n    assert True" in text
    assert "Submit runs these tests too:\n- Zero" in text
