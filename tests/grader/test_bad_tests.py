"""Tests that cannot be used: the author is told where and why, and no attempt is counted."""

from __future__ import annotations

import dataclasses

import pytest

from grader.protocol import Limits
from grader.protocol import Test as GraderTest
from tests.grader.conftest import Grade

CODE = "def add(a, b):\n    return a + b\n"
SHORT = Limits(cpu_seconds=1, wall_seconds=1)
GOOD = "\ndef test_good():\n    assert add(1, 2) == 3\n"

#: Source, then what the author reads behind the name of the file.
EVERYWHERE = {
    "does not compile": ("x = 1\nassert add(1, 2) ==\n", ", line 2: does not compile"),
    "holds a NUL": ("assert add(1, 2) == 3\0\n", ": does not compile"),
    "is nested too deeply": ("assert " + "(" * 500 + "1" + ")" * 500, ", line 1: does not compile"),
    "raises": ("x = 1\nraise RuntimeError('no data')\n" + GOOD, ", line 2: RuntimeError: no data"),
    "imports what is not there": (
        "import nothing_of_this_name\n" + GOOD,
        ", line 1: ModuleNotFoundError: No module named 'nothing_of_this_name'",
    ),
    "imports it inside a test": (
        "def test_a():\n    import nothing_of_this_name\n    assert add(1, 2)\n",
        ", line 2: ModuleNotFoundError",
    ),
    "ends the program": ("import sys\nsys.exit()\n" + GOOD, ", line 2: the tests end the program"),
    "ends it with a status": ("import sys\nsys.exit(3)\n" + GOOD, ", line 2: the tests end"),
    "ends its process": (
        "import os\nassert add(1, 2) == 3\nos._exit(0)\n" + GOOD,
        ", line 3: the tests end their own process with os._exit()",
    ),
    "kills its process": (
        "import os, signal\nassert add(1, 2) == 3\nos.kill(os.getpid(), signal.SIGKILL)\n" + GOOD,
        ", line 3: the tests end their own process with os.kill()",
    ),
    "aborts": ("from os import abort\nabort()\n" + GOOD, ", line 2: the tests end their own"),
    "ends it after a test": (
        "def test_a():\n    assert add(1, 2) == 3\n    exit()\n",
        ", line 3: the tests end the program",
    ),
    "loops for ever": ("x = 0\nwhile True:\n    x = 1\n" + GOOD, "take longer than the time limit"),
    "loops inside a test": (
        "def test_a():\n    while True: pass\n    assert add(1, 2)\n",
        ", line 2: the tests take longer than the time limit by themselves",
    ),
    "needs a missing fixture": (
        "def test_a(database):\n    assert add(1, 2) == 3\n",
        ", line 1: fixture 'database' not found",
    ),
    "has rows of the wrong length": (
        "import pytest\n\n@pytest.mark.parametrize('a, b', [(1, 2, 3)])\ndef test_a(a, b):\n"
        "    assert add(a, b)\n",
        "parametrize: 2 names (a, b), 3 values",
    ),
    "has too few ids": (
        "import pytest\n\n@pytest.mark.parametrize('a', [1, 2], ids=['x'])\ndef test_a(a):\n"
        "    assert add(a, 0) == a\n",
        "parametrize: 2 rows, 1 ids",
    ),
    "has names and no rows": (
        "import pytest\n\n@pytest.mark.parametrize('a')\ndef test_a(a):\n    assert add(a, 0)\n",
        "parametrize: after the names comes a list of values",
    ),
    "cannot set up its class": (
        "import unittest\n\nclass Sums(unittest.TestCase):\n    @classmethod\n"
        "    def setUpClass(cls):\n        raise RuntimeError('no data')\n\n"
        "    def test_a(self):\n        self.assertEqual(add(1, 2), 3)\n",
        ", line 6: RuntimeError: no data",
    ),
    "fails before it asks for anything": (
        "def test_a():\n    wanted = {}['sum']\n    assert add(1, 2) == wanted\n",
        ", line 2: KeyError: 'sum'",
    ),
}
SUITES = {
    "holds no test": ("x = 1\n", ": defines no test"),
    "holds helpers only": ("def helper():\n    return add(1, 2)\n", ": defines no test"),
    "asks for too much memory": ("x = [0] * 10**10\n" + GOOD, ", line 1: MemoryError"),
}
CELLS = {
    "runs doctests that it cannot see": (
        "import doctest\nimport answer\nassert doctest.testmod(answer).failed == 0\n",
        ", line 3: doctests of the student's module cannot be run",
    ),
    "checks nothing": ("x = 1\n", "checks nothing"),
    "defines a helper only": ("def helper():\n    pass\n", "checks nothing"),
}


def _test(source: str, *, suite: bool) -> tuple[GraderTest, ...]:
    return (GraderTest(key="t", name="Sums", source=source, suite=suite, filename="sums.py"),)


def _cases() -> list[object]:
    return [
        pytest.param(*case, suite, id=f"{'suite' if suite else 'cell'} {name}")
        for suite, more in ((True, SUITES), (False, CELLS))
        for name, case in (EVERYWHERE | more).items()
    ]


@pytest.mark.parametrize(("source", "told", "suite"), _cases())
async def test_the_author_is_told_where_and_why(
    source: str, told: str, suite: bool, grade: Grade
) -> None:
    verdict = await grade(CODE, _test(source, suite=suite), limits=SHORT)

    assert (verdict.status, verdict.reason) == ("error", "bad_tests")
    assert verdict.message.startswith("sums.py")
    assert told in verdict.message
    assert verdict.points == 0
    assert all(test.status == "not_run" for test in verdict.tests)


@pytest.mark.parametrize("suite", [True, False])
async def test_tests_that_end_their_own_process_are_no_fault_of_the_student(
    suite: bool, grade: Grade
) -> None:
    source = "import os\nos._exit(0)\n" + GOOD

    verdict = await grade(CODE, _test(source, suite=suite), limits=SHORT)

    assert verdict.status == "error"


@pytest.mark.parametrize("suite", [True, False])
async def test_what_tests_print_is_not_kept(suite: bool, grade: Grade) -> None:
    source = "print('x' * 20_000_000)\n" + GOOD + "    print('y' * 5_000_000)\n"

    verdict = await grade(CODE, _test(source, suite=suite))

    assert verdict.status == "passed"
    assert verdict.stdout == ""


@pytest.mark.parametrize("suite", [True, False])
async def test_a_file_that_asks_to_be_skipped_is_skipped(suite: bool, grade: Grade) -> None:
    source = "import pytest\npytest.skip('later', allow_module_level=True)\n" + GOOD

    verdict = await grade(CODE, _test(source, suite=suite))

    assert [test.status for test in verdict.tests] == ["not_run"]
    assert verdict.max_points == 0


@pytest.mark.parametrize(
    ("code", "source", "status"),
    [
        ("def add(a, b): pass", "def test_a():\n    assert add([1], [2])[0] == 1\n", "failed"),
        ("def add(a, b): exit()", "def test_a():\n    assert add(1, 2) == 3\n", "failed"),
        ("def add(a, b): import nowhere", "def test_a():\n    assert add(1, 2) == 3\n", "failed"),
        ("SUMS = None", "def test_a():\n    assert SUMS['a'] == 1\n", "failed"),
        ("def add(a, b):\n  while 1: pass", "def test_a():\n    assert add(1, 2)\n", "timeout"),
        ("def sub(a, b): pass", "def test_a():\n    assert add(1, 2) == 3\n", "failed"),
    ],
)
async def test_what_the_code_did_wrong_is_never_put_down_to_the_tests(
    code: str, source: str, status: str, grade: Grade
) -> None:
    for suite in (True, False):
        verdict = await grade(code, _test(source, suite=suite), limits=SHORT)

        assert verdict.status == status


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("RATE = 2\nraise ValueError('no rate')", "given, line 2: ValueError: no rate"),
        ("RATE =", "given"),
        ("exit()", "given"),
    ],
)
async def test_what_comes_before_the_students_code_is_the_authors(
    given: str, told: str, grade: Grade
) -> None:
    verdict = await grade(CODE, ["assert add(1, 2) == 3"], given=given)

    assert (verdict.status, verdict.reason) == ("error", "bad_tests")
    assert verdict.message.startswith(told)


async def test_code_after_what_is_given_is_the_students(grade: Grade) -> None:
    verdict = await grade("RATE / 0", ["assert RATE == 2"], given="RATE = 2")

    assert (verdict.status, verdict.reason) == ("failed", "exception")
    assert verdict.error is not None
    assert verdict.error.line == 1


@pytest.mark.parametrize("suite", [True, False])
async def test_tests_that_crash_python_are_told_with_their_line(suite: bool, grade: Grade) -> None:
    source = (
        "def test_a():\n    assert add(1, 2) == 3\n    import ctypes\n    ctypes.string_at(0)\n"
    )

    verdict = await grade(CODE, _test(source, suite=suite))

    assert (verdict.status, verdict.reason) == ("error", "bad_tests")
    assert verdict.message.endswith(", line 4: the tests crash Python: Segmentation fault")


HANDED = """
class K: pass
def test_a(): assert add(K(), 1)
def test_b(): assert add(1, 2) == 3
def test_c(): assert add(1, 2) == 4
"""


async def test_one_test_that_nobody_can_pass_leaves_the_others_to_be_seen(grade: Grade) -> None:
    (test,) = _test(HANDED, suite=True)
    shown = dataclasses.replace(test, visible="sample")

    verdict = await grade(CODE, (shown,))

    assert (verdict.status, verdict.reason) == ("error", "bad_tests")
    assert verdict.message.startswith("sums.py, line 3: a test cannot hand a K to")
    assert [test.status for test in verdict.tests] == ["error", "passed", "failed"]
    assert verdict.tests[0].message == verdict.message
    hidden = await grade(CODE, (test,))
    assert [test.message for test in hidden.tests] == ["", "", ""]


READ = "def add(path, more): return open(path).read()\n"


@pytest.mark.parametrize("name", ["'here.txt'", "str(tmp_path / 'here.txt')"])
async def test_an_author_is_told_of_a_file_on_the_wrong_side(name: str, grade: Grade) -> None:
    source = f"def test_a(tmp_path):\n    path = {name}\n    open(path, 'w').write('a')\n"
    (test,) = _test(source + "    assert add(path, 1) == 'a'\n", suite=True)
    shown = (dataclasses.replace(test, visible="sample"),)

    told = (await grade(READ, shown, record=True)).tests[0].message
    silent = (await grade(READ, shown)).tests[0].message

    assert "(The tests made here.txt on their own side" in told
    assert silent.startswith("FileNotFoundError")
    assert "own side" not in silent


async def test_a_module_that_a_test_forgot_to_import_is_not_asked_of_the_student(
    grade_suite: Grade,
) -> None:
    verdict = await grade_suite(CODE, "assert math.isclose(add(1, 2), 3)\n")

    assert verdict.tests[0].message.endswith("'math', and the test does not import it.")
