"""A fault of one test ends that test; the others of its file are told as they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.pool import GraderPool
from grader.protocol import Test as GraderTest
from pythonmastery_ext.grading.command import _tell_one
from tests.grader.conftest import Grade
from tests.grader.folders import graded

CODE = "def add(a, b):\n    return a + b\n"
REST = "\ndef test_right(): assert add(1, 2) == 3\n\ndef test_wrong(): assert add(1, 2) == 4\n"
FAULTS = {
    "needs a missing fixture": (
        "def test_bad(nubers):\n    assert add(*nubers) == 3\n",
        "sums.py, line 7: fixture 'nubers' not found; did you mean 'numbers'? There are: more",
    ),
    "needs one that needs it": (
        "def test_bad(more):\n    assert add(*more) == 3\n",
        "sums.py, line 4: fixture 'database' not found. There are: more, numbers, capfd",
    ),
    "asks for it by name": (
        "def test_bad(request):\n    request.getfixturevalue('nubers')\n",
        "sums.py, line 7: fixture 'nubers' not found",
    ),
    "uses it by a mark": (
        "@pytest.mark.usefixtures('nubers')\nclass TestBad:\n"
        "    def test_bad(self): assert add(1, 2)\n",
        "sums.py, line 9: fixture 'nubers' not found",
    ),
    "calls a fixture": (
        "def test_bad():\n    assert add(*numbers()) == 3\n",
        "sums.py, line 8: Fixture 'numbers' is called directly.",
    ),
    "imports what is not there": (
        "def test_bad():\n    import nothing_of_this_name\n",
        "sums.py, line 8: ModuleNotFoundError: No module named 'nothing_of_this_name'",
    ),
    "ends the program": (
        "def test_bad():\n    exit()\n",
        "sums.py, line 8: the tests end the program",
    ),
    "fails by itself": (
        "def test_bad():\n    {}['sum']\n",
        "sums.py, line 8: KeyError: 'sum'",
    ),
    "fails before it asks": (
        "def test_bad():\n    assert add('1' + 2, 3) == 3\n",
        'sums.py, line 8: TypeError: can only concatenate str (not "int") to str',
    ),
    "yields": (
        "def test_bad():\n    yield add(1, 2)\n",
        "sums.py, line 7: a test does not yield: nothing of it has run",
    ),
}
HEAD = (
    "import pytest\n@pytest.fixture\ndef numbers(): return 1, 2\n"
    "@pytest.fixture\ndef more(database): return database\n\n"
)


@pytest.mark.parametrize(("source", "told"), FAULTS.values(), ids=FAULTS)
async def test_the_author_is_told_and_no_attempt_is_counted(
    source: str, told: str, grade: Grade
) -> None:
    whole = HEAD + source + REST
    for visible in ("sample", "hidden"):
        test = GraderTest(
            key="t", name="Sums", source=whole, suite=True, filename="sums.py", visible=visible
        )

        verdict = await grade(CODE, (test,))

        assert (verdict.status, verdict.reason) == ("error", "bad_tests")
        assert verdict.message.startswith(told)
        assert [t.status for t in verdict.tests] == ["error", "passed", "failed"]
        assert bool(verdict.tests[0].message) == (visible == "sample")


async def test_of_very_many_faults_the_first_are_told(grade: Grade) -> None:
    source = "".join(f"def test_{n}(f{n}): pass\n" for n in range(30)) + REST
    test = GraderTest(key="t", name="Sums", source=source, suite=True, filename="sums.py")

    lines = (await grade(CODE, (test,))).message.splitlines()

    assert len(lines) == 21
    assert lines[-1] == "10 more like these"


async def test_whoever_grades_a_file_sees_the_other_tests(
    pool: GraderPool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    solution, tests = tmp_path / "sums.py", tmp_path / "sums_test.py"
    solution.write_text(CODE)
    tests.write_text("from sums import *\ndef test_bad(rows): pass\n" + REST)
    graded_once = await graded(pool, solution, tests)

    assert _tell_one(dict(graded_once), as_json=True) == 2
    report = json.loads(capsys.readouterr().out)
    assert report["status"] == "error"
    assert "sums_test.py, line 2: fixture 'rows' not found" in report["error"]
    assert [row["status"] for row in report["tests"]] == ["error", "passed", "failed"]
    assert _tell_one(graded_once, as_json=False) == 2
    told = capsys.readouterr()
    assert "fixture 'rows' not found" in told.err
    assert "passed  test_right" in told.out


MADE = """
import unittest

def made(wanted):
    class TestAdd(unittest.TestCase):
        def test_add(self):
            self.assertEqual(add(1, 2), wanted)
    return TestAdd

TestRight, TestWrong = made(3), made(4)
"""


async def test_classes_that_a_function_made_are_known_by_the_names_they_have(
    grade_suite: Grade,
) -> None:
    verdict = await grade_suite(CODE, MADE)

    rows = {test.name: test.status for test in verdict.tests}
    assert rows == {"TestRight.test_add": "passed", "TestWrong.test_add": "failed"}


async def test_a_result_whose_look_ends_the_process_spoils_its_own_test_only(
    grade_suite: Grade,
) -> None:
    code = f"import os\n{CODE}class Thing:\n    def __repr__(self):\n        os._exit(3)\n"
    tests = f"def test_shown(): assert Thing() == 3\n{REST}"

    verdict = await grade_suite(code, tests, objects=True)

    assert [test.status for test in verdict.tests] == ["failed", "passed", "failed"]


#: By what the tests make of it: `total` is wanted as a function, a list or a number.
MET = {
    "code": "assert total.__code__.co_name == 'total'",
    "globals": "assert not total.__defaults__ and total.__globals__ is None",
    "names": "assert '__iter__' not in total.__code__.co_names",
    "length": "assert len(total) == 3",
    "less": "assert total < 3",
    "sum": "assert total + 1 == 3",
    "item": "assert total[0] == 3",
    "items": "a, b = total",
    "key": "assert {3: 4}[total]",
    "known": "import json\n    assert json.dumps(total) == '3'",
    "renamed": "rows = total\n    assert [*rows] == [3]",
}


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("total = sum\n", "'builtin_function_or_method' object has no attribute '__code__'"),
        ("class total:\n    pass\n", "type object 'total' has no attribute '__code__'"),
    ],
    ids=["function", "class"],
)
async def test_another_kind_of_thing_than_the_test_wants_is_the_students_failure(
    code: str, told: str, grade_suite: Grade
) -> None:
    tests = "".join(f"def test_{name}():\n    {line}\n" for name, line in MET.items())

    verdict = await grade_suite(code, f"from answer import total\n{tests}", objects=True)

    assert verdict.status == "failed"
    assert len(verdict.tests) == len(MET)
    assert {test.status for test in verdict.tests} == {"error"}
    assert told in verdict.tests[0].message
    assert "RemoteFunction" not in str(verdict.tests)


async def test_a_key_that_cannot_be_compared_hashed_or_shown_is_the_students_failure(
    grade_suite: Grade,
) -> None:
    code = """
    class Key:
        def __eq__(self, other): raise ValueError("no equality")
        def __hash__(self): return 1
        def __repr__(self): raise ValueError("no look")
    class Once(Key):
        seen = 0
        def __hash__(self):
            Once.seen += 1
            return 1 // (2 - Once.seen)
    TABLE, SHORT = {Key(): 1}, {Once(): 1}
    """
    tests = """
import answer
def test_equal(): assert answer.TABLE == {answer.Key(): 1}
def test_looked_up(): assert answer.TABLE[answer.Key()] == 1
def test_shown(): assert str(answer.TABLE) == "{}"
def test_hashed(): assert answer.SHORT
"""
    verdict = await grade_suite(code, tests, objects=True)

    assert verdict.status == "failed"
    told = ("no equality", "no equality", "no look", "ZeroDivisionError")
    assert [word in test.message for word, test in zip(told, verdict.tests, strict=True)] == [
        True
    ] * 4, verdict
