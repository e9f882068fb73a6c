"""Each way in which code can fail has words of its own, with the place where it happened."""

from __future__ import annotations

import pytest

from grader.protocol import ErrorDetail, Limits, Test, Verdict, Visible
from tests.grader.conftest import Grade

ADD = "assert add(1, 2) == 3"
QUICK = Limits(cpu_seconds=0.5, wall_seconds=4)


def error_of(verdict: Verdict) -> ErrorDetail:
    assert verdict.error is not None
    return verdict.error


def marked(error: ErrorDetail) -> str:
    """The part of the line under which the caret stands."""
    assert error.text is not None
    assert error.column is not None
    assert error.end_column is not None
    return error.text[error.column - 1 : error.end_column - 1]


@pytest.mark.parametrize(
    ("code", "line", "part"),
    [
        ("def add(a, b)\n    return a", 1, ""),
        ("def add(a, b):\n    return (a + b", 2, "("),
        ("def add(a, b):\n    retrun a + b", 2, "a"),
        ("é = ['ü', 'ä' 5]", 1, "'ä' 5"),
        ("def add(a, b):\nreturn 1", 2, "return"),
    ],
)
async def test_a_syntax_error_has_a_caret(grade: Grade, code: str, line: int, part: str) -> None:
    verdict = await grade(code, ADD)
    error = error_of(verdict)

    assert (verdict.reason, error.line) == ("syntax_error", line)
    assert marked(error).strip(":") == part


async def test_a_failing_import_of_the_module_has_line_text_and_caret(grade: Grade) -> None:
    verdict = await grade("rates = {'a': 1}\nprice = 3 * rates['b']\n", ADD)
    error = error_of(verdict)

    assert (verdict.status, verdict.reason) == ("failed", "exception")
    assert (error.type, error.line, error.text) == ("KeyError", 2, "price = 3 * rates['b']")
    assert marked(error) == "rates['b']"
    assert [(v.name, v.value) for v in error.values] == [("rates", "{'a': 1}")]


async def test_an_exception_tells_the_variables_of_its_function(grade: Grade) -> None:
    code = """
    import math
    def add(a, b):
        total = 0
        for index in range(3):
            total += [a, b][index]
        return total
    """
    error = error_of(await grade(code, ADD))

    assert (error.line, marked(error)) == (6, "[a, b][index]")
    assert {v.name: v.value for v in error.values} == {
        "a": "1",
        "b": "2",
        "total": "3",
        "index": "2",
    }
    assert error.test == "t0"


async def test_in_a_comprehension_the_function_around_it_is_told_too(grade: Grade) -> None:
    code = "def add(a, b):\n    names = ['x', 1]\n    return [name.upper() for name in names]\n"
    values = {v.name: v.value for v in error_of(await grade(code, ADD)).values}

    assert values["name"] == "1"
    assert values["names"] == "['x', 1]"


async def test_an_error_inside_given_code_is_told_at_the_line_that_called_it(grade: Grade) -> None:
    given = "def parse(text):\n    value = int(text)\n    return value\n"
    error = error_of(await grade("def add(a, b):\n    return parse('x')\n", ADD, given=given))

    assert (error.type, error.line, error.text) == ("ValueError", 2, "return parse('x')")


async def test_hidden_tests_tell_no_values_line_or_exception(grade: Grade) -> None:
    code = "def add(a, b):\n    kept = [a, b]\n    return kept[7]\n"
    verdict = await grade(code, "assert add(4711, 4712) == 3", visible="hidden")

    assert verdict.error is None
    assert verdict.tests[0].line is None
    assert "471" not in str(verdict)


async def test_hostile_reprs_of_variables_neither_hang_nor_harm(grade: Grade) -> None:
    code = """
    class Endless:
        def __repr__(self):
            while True: pass
    class Huge:
        def __repr__(self): return "x" * 10**7
    class Raises:
        def __repr__(self): raise ValueError("no")
    def add(a, b):
        if a == 1: one = Endless()
        if a == 2: one, two = Huge(), Raises()
        return missing
    """
    verdict = await grade(code, [ADD, "assert add(2, 2) == 4", "assert add(3, 3) == 6"])

    assert [test.status for test in verdict.tests] == ["error"] * 3
    assert verdict.reason is None
    assert all("NameError" in test.message for test in verdict.tests)


@pytest.mark.parametrize(
    ("code", "message", "line"),
    [
        ("def ad(a, b):\n    return a + b\n", "Your code does not define 'add'", None),
        (
            "x = 1\ndef Add(a, b):\n    return a + b\n",
            "Your code does not define 'add'; did you mean 'Add'?",
            2,
        ),
        (
            "def add_(a, b):\n    return a + b\n",
            "Your code does not define 'add'; did you mean 'add_'?",
            1,
        ),
    ],
)
async def test_a_missing_name_is_told_with_the_one_that_was_meant(
    grade: Grade, code: str, message: str, line: int | None
) -> None:
    verdict = await grade(code, ADD)
    error = error_of(verdict)

    assert error.type == "NameError"
    assert error.message.startswith(message)
    assert verdict.tests[0].message == error.message
    if line is not None:
        assert error.line == line


async def test_a_misspelt_variable_is_told_with_the_one_that_was_meant(grade: Grade) -> None:
    verdict = await grade("def add(a, b):\n    total = a + b\n    return totl\n", ADD)

    assert verdict.tests[0].message == (
        "NameError: name 'totl' is not defined; did you mean 'total'?"
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return add(a, b)", "calls itself again and again"),
        ("return input() + b", "input() stops your code"),
        ("raise SystemExit", "use return to give back a value"),
        ("return len([0] * (1 << 40))", "needs more memory than the limit of 256 MB"),
    ],
)
async def test_what_beginners_meet_is_said_in_words_with_the_line(
    grade: Grade, body: str, words: str
) -> None:
    verdict = await grade(f"def add(a, b):\n    {body}\n", ADD)

    assert words in verdict.tests[0].message
    assert verdict.tests[0].line == 2
    assert error_of(verdict).text == body


async def test_an_import_refused_while_the_code_runs_has_its_line(grade: Grade) -> None:
    code = "def add(a, b):\n    socket = __import__('socket')\n    return 3\n"
    verdict = await grade(code, ADD, allow_imports=("math",))

    assert (verdict.status, verdict.reason) == ("failed", "refused_import")
    assert (error_of(verdict).line, verdict.tests[0].line) == (2, 2)
    assert "'socket'" in verdict.tests[0].message


async def test_a_refused_import_of_a_hidden_test_says_nothing_of_its_name(grade: Grade) -> None:
    code = "def add(a, b):\n    __import__(f'secret{a}')\n"
    verdict = await grade(code, ADD, allow_imports=("math",), visible="hidden")

    assert "secret" not in str(verdict)
    assert verdict.reason is None


@pytest.mark.parametrize(
    ("code", "reason", "words"),
    [
        ("while True: print('x' * 1000)", "output", "printed more than 64 KB while it was loaded"),
        ("while True: pass", "timeout", "longer than the time limit while it was loaded"),
        ("import os\nos._exit(0)", "crash", "ended the whole Python process while it was loaded"),
        ("import ctypes\nctypes.string_at(0)", "crash", "crashed Python itself"),
        ("kept = [0] * (1 << 40)", "memory", "needs more memory than the limit of 256 MB"),
        ("exit()", "exception", "ends the program while it is being loaded"),
    ],
)
async def test_what_ends_the_loading_is_told_apart(
    grade: Grade, code: str, reason: str, words: str
) -> None:
    verdict = await grade(code, ADD, limits=QUICK)

    assert verdict.reason == reason
    assert words in verdict.message


async def test_endless_printing_in_a_test_is_told_as_that(grade: Grade) -> None:
    verdict = await grade("def add(a, b):\n    while True: print('x' * 100)\n", ADD, limits=QUICK)

    assert (verdict.status, verdict.reason) == ("timeout", "output")
    assert verdict.tests[0].stdout.endswith("[Cut: the rest is not shown.]")


async def test_what_was_printed_before_an_endless_loop_is_shown(grade: Grade) -> None:
    code = "def add(a, b):\n    print('here', a)\n    while True: pass\n"
    verdict = await grade(code, ADD, limits=QUICK)

    assert verdict.tests[0].stdout == "here 1\n"


async def test_our_own_fault_never_blames_the_student(grade: Grade) -> None:
    tests = (
        Test(key="a", name="a", source="assert add(1, 2) == 3", visible="sample"),
        Test(key="b", name="b", source="assert missing_in_the_tests(", visible="sample"),
    )
    verdict = await grade("def add(a, b):\n    return 0\n", tests)

    assert (verdict.status, verdict.reason, verdict.points) == ("error", "bad_tests", 0)
    assert "Your code" not in verdict.message
    assert {test.status for test in verdict.tests} == {"not_run"}


async def test_the_error_belongs_to_the_first_failing_test_of_the_request(grade: Grade) -> None:
    code = "def add(a, b):\n    return [][a]\n"
    for seed in range(4):
        verdict = await grade(code, [f"assert add({n}, 0) == 3" for n in range(5)], seed=seed)
        assert error_of(verdict).test == "t0"


async def test_a_skipped_hidden_test_tells_no_reason(grade: Grade) -> None:
    source = "import pytest\ndef test_a(): pytest.skip('because of 4711')\n"

    async def told(visible: Visible) -> list[tuple[str, str]]:
        test = Test(key="k", name="k", source=source, visible=visible, suite=True)
        return [(row.status, row.message) for row in (await grade("x = 1", (test,))).tests]

    assert await told("sample") == [("not_run", "Skipped: because of 4711")]
    assert await told("hidden") == [("not_run", "Skipped")]
