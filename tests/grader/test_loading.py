"""What is told of the student's code when it is loaded, and what goes wrong with that."""

from __future__ import annotations

import pytest

from grader import static
from tests.grader.conftest import Grade

ADD = "def add(a, b):\n    return a + b\n"
_TWICE = ["assert add(1, 2) == 3\nassert add(1, 2) == 3"]


@pytest.mark.parametrize(
    "code",
    [
        # Bound anew by a call: the test means what the name stands for when it uses it.
        "def set_up():\n    global add\n    add = lambda a, b: a + b\ndef add(a, b): return 0\n",
        "def set_up(): globals()['add'] = lambda a, b: a + b\ndef add(a, b): return 0\n",
    ],
)
async def test_a_function_that_another_has_replaced_is_the_new_one(code: str, grade: Grade) -> None:
    verdict = await grade(code, ["set_up()\nassert add(1, 2) == 3"])

    assert verdict.status == "passed", verdict.tests


async def test_a_function_that_the_test_replaces_is_the_new_one(grade: Grade) -> None:
    sources = [
        "import answer\nanswer.add = lambda a, b: 7\nassert answer.add(1, 2) == 7",
        "import answer\ndel answer.add\nassert not hasattr(answer, 'add')",
    ]
    for source in sources:
        assert (await grade(ADD, [source])).status == "passed"


async def test_a_module_may_have_the_name_of_one_of_python(grade_suite: Grade) -> None:
    code = "class Queue:\n    def __init__(self): self.items = []\n"
    code += "    def put(self, item): self.items.append(item)\n"
    code += "    def get(self): return self.items.pop(0)\n"
    test = "from queue import Queue\ndef test_first():\n    queue = Queue()\n    queue.put(1)\n"
    test += "    queue.put(2)\n    assert queue.get() == 1 and type(queue) is Queue\n"

    assert (await grade_suite(code, test, module="queue")).status == "passed"
    assert (await grade_suite(code.replace("(0)", "()"), test, module="queue")).points == 0


@pytest.mark.parametrize(
    ("given", "reason"),
    [("raise KeyError('theirs')\n", "bad_tests"), ("import math\n", "exception")],
)
async def test_what_goes_wrong_before_the_students_code_is_not_theirs(
    given: str, reason: str, grade: Grade
) -> None:
    verdict = await grade("raise KeyError('mine')\n", _TWICE, given=given)

    assert verdict.reason == reason


async def test_nobody_passes_a_fault_of_theirs_off_as_one_of_what_comes_before(
    grade: Grade,
) -> None:
    """A traceback that names the given part, from code that can write to its own socket."""
    forged = "exec(compile('1/0', '<student:given>', 'exec'))\n"

    verdict = await grade(forged, _TWICE, given="import math\n")

    assert (verdict.status, verdict.reason) == ("failed", "exception")


@pytest.mark.parametrize(
    ("code", "line"),
    [("def add(a, b:\n    return a\n", 1), ("x = 1\nreturn x\n", 2), ("x = '\ud800'\n", None)],
)
async def test_code_that_cannot_be_read_is_told_as_that(
    code: str, line: int | None, grade: Grade
) -> None:
    verdict = await grade(code, _TWICE, given="print('given')\n")

    assert verdict.reason == "syntax_error"
    assert verdict.error is not None
    assert verdict.error.line == line


@pytest.mark.parametrize(
    "code",
    [
        "def sum(a): 0",
        "class \\\n  sum: 0",
        "a = sum = 1",
        "(sum) = 1",
        "sum\\\n=1",
        "\u017fum = 1",
    ],
)
def test_whoever_may_define_a_builtin_is_read_closely(code: str) -> None:
    assert static.may_define_builtins(code)


def test_most_define_none() -> None:
    assert not static.may_define_builtins("def add(a, b):\n    return sum([a, b]) == len([a])\n")


@pytest.mark.parametrize("code", ["def f(:\n", "def f():\nreturn 1\n", "\0"])
async def test_code_that_the_tests_load_late_and_cannot_is_the_students_failure(
    code: str, grade_suite: Grade
) -> None:
    test = "def test_f():\n    import answer\n    assert answer.f() == 1\n"

    verdict = await grade_suite(code, test)

    (result,) = verdict.tests
    assert (verdict.reason, result.status) != ("internal", "error")
    assert "SyntaxError" in result.message or "IndentationError" in result.message, verdict
