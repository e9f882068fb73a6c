"""Checks of a problem's text, without running any of its code."""

from pathlib import Path

import pytest

from pythonmastery_ext.authoring import reading
from pythonmastery_ext.authoring.checks import check_text, pasted_hint
from pythonmastery_ext.curriculum.format import ProblemContent, read_course, read_problem
from tests.content.course import NOTEBOOKS, OVERDUE

PROBLEMS = [p for section in read_course(NOTEBOOKS).sections for p in section.problems]


@pytest.fixture
def content() -> ProblemContent:
    return read_problem(OVERDUE)


def findings(content: ProblemContent, **changes) -> list[tuple[str | None, str, str]]:
    found = check_text(Path("x.ipynb"), content.model_copy(update=changes))
    return [(finding.cell, finding.code, finding.message) for finding in found]


def changed(cells, key: str, **fields):
    return [cell.model_copy(update=fields) if cell.key == key else cell for cell in cells]


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.slug)
def test_every_problem_of_the_course_is_clean(problem):
    assert findings(problem) == []


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.slug)
def test_a_concept_hint_of_the_course_has_a_link_into_the_python_documentation(problem):
    assert problem.hints[1].links
    assert all(link.startswith("https://docs.python.org/3/") for link in problem.hints[1].links)


def test_too_few_or_too_many_tests_are_told(content):
    assert ("E01", "1 sample tests; a problem has 2 or 3") in [
        found[1:] for found in findings(content, tests=content.tests[1:])
    ]
    assert ("E01", "4 hidden tests; a problem has 5 to 9") in [
        found[1:] for found in findings(content, tests=content.tests[:6])
    ]


def test_samples_that_weigh_too_much_are_told(content):
    tests = changed(content.tests, "t-one-late", weight=10)
    assert [found[1:] for found in findings(content, tests=tests)] == [
        ("E01", "sample tests weigh 55% of all points; 40% is the most")
    ]


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"wrongs": []}, "E07", "0 wrong solutions; at least 4 are needed"),
        ({"hints": []}, "E11", "0 hints; a problem has 4"),
        ({"generator": None}, "E09", "there is no generator of inputs"),
        ({"alternatives": []}, "E05", "there is no alternative solution"),
        ({"statement": "word " * 181}, "W13", "181 words; 180 are enough"),
    ],
)
def test_what_a_problem_lacks_is_told(content, changes, code, message):
    assert (code, message) in [found[1:] for found in findings(content, **changes)]


@pytest.mark.parametrize(
    ("key", "most"), [("h1", "0%"), ("h2", "0%"), ("h3", "10%"), ("h4", "50%")]
)
def test_a_hint_that_shows_too_much_of_the_solution_is_told(content, key, most):
    hints = changed(content.hints, key, text=content.solution.source)
    told = [found for found in findings(content, hints=hints) if found[0] == key]
    assert told == [(key, "E11", f"hint {key[1]} shows 100% of the solution; {most} is the most")]


def test_a_solution_in_the_statement_is_told(content):
    told = findings(content, statement=f"# Example\n\n{content.solution.source}")
    assert any(code == "E10" and "the solution" in message for _, code, message in told)


def test_the_code_of_a_hint_is_pasted_where_the_solution_goes(content):
    code = pasted_hint(content, content.hints[3])
    assert code is not None
    assert code.startswith("def overdue_by_customer(invoices, today):\n")
    assert "\n    sums = {}\n    for row in invoices:\n        late = ... < today\n" in code
    assert pasted_hint(content, content.hints[0]) is None


def test_a_hint_with_the_whole_function_is_pasted_as_it_is(content):
    hint = content.hints[3].model_copy(
        update={"text": "So:\n\n```python\ndef overdue_by_customer(a, b):\n    return {}\n```\n"}
    )
    assert pasted_hint(content, hint) == "def overdue_by_customer(a, b):\n    return {}\n"


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("The cat sat on the mat. It was red.", -3, 2),
        ("# Heading\n\n| a | table |\n\n```python\nx = 1\n```\n", 0, 0),
        (
            "The aforementioned organisational considerations necessitate comprehensive "
            "reconciliation of outstanding intercompany receivables immediately.",
            15,
            40,
        ),
    ],
)
def test_the_reading_grade_grows_with_long_words_and_sentences(text, low, high):
    assert low <= reading.grade(text) <= high
