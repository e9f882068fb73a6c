"""What a test file seems to check and does not is told to its author."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.pool import GraderPool
from grader.smells import smells
from pythonmastery_ext.grading.command import _tell_one
from tests.grader.folders import graded

#: Source, then what is told of it.
FOUND = {
    "a test that is replaced": (
        "def test_a():\n    assert f(1) == 1\n\ndef test_a():\n    assert f(2) == 2\n",
        "line 1: test_a is defined again in line 4, so this one never runs",
    ),
    "a method that is replaced": (
        "class TestF:\n    def test_a(self): assert f(1)\n    def test_a(self): assert f(2)\n",
        "line 2: test_a is defined again in line 3",
    ),
    "a class that is replaced": (
        "class TestF:\n    def test_a(self): assert f(1)\n"
        "class TestF:\n    def test_b(self): assert f(2)\n",
        "line 1: TestF is defined again in line 3",
    ),
    "an assert in brackets": (
        "def test_a():\n    assert (f(1) == 2, 'twice')\n",
        "line 2: this assert is always true",
    ),
    "a message in the place of a value": (
        "class TestF(TestCase):\n    def test_a(self):\n        self.assertTrue(f(1), 2)\n",
        "line 3: assertTrue takes its second value for a message: compare with assertEqual",
    ),
    "a comparison without assert": (
        "def test_a():\n    for n in range(3):\n        f(n) == n\n",
        "line 3: nobody looks at what this comparison gives: write `assert` before it",
    ),
    "a comparison in a cell": ("f(1) == 2\n", "line 1: nobody looks"),
    "a value that is returned": (
        "def test_a():\n    return f(1) == 2\n",
        "line 2: test_a returns a value, at which nobody looks: write `assert`",
    ),
    "a method with another name": (
        "class FTest(unittest.TestCase):\n    def test_a(self): self.assertEqual(f(1), 1)\n"
        "    def tets_b(self):\n        self.assertEqual(f(2), 2)\n",
        "line 3: tets_b checks something, but its name does not begin with “test”",
    ),
    "a function with another name": (
        "def test_a():\n    assert f(1)\n\ndef should_b():\n    assert f(2)\n",
        "line 4: should_b checks something",
    ),
    "a class with another name": (
        "class Sums:\n    def test_a(self):\n        assert f(1)\n",
        "line 1: Sums holds tests, but its name does not begin with “Test”",
    ),
    "a class with an __init__": (
        "class TestF:\n    def __init__(self): pass\n    def test_a(self): assert f(1)\n",
        "line 1: TestF has an __init__, so its tests never run",
    ),
    "what nobody awaits": (
        "class TestF(unittest.TestCase):\n    async def test_a(self):\n        assert await f()\n",
        "line 2: nobody awaits test_a",
    ),
}
GOOD = """
import unittest
import pytest

def check_twice(n):
    assert f(n) == 2 * n

def compare():
    assert f(1) == 2

@pytest.fixture
def rows():
    assert True
    return [1]

def test_a(rows):
    assert f(1) == 2, "twice"
    check_twice(3)
    compare()
    with pytest.raises(TypeError):
        f(1) < f("a")
    numbers = [n == 1 for n in rows]

    def inner():
        return numbers
    assert inner()

class Shared:
    def test_shared(self):
        self.assertTrue(f(1), "a message")

class FTest(Shared, unittest.TestCase):
    def setUp(self):
        self.assertIsNone(None)

    def same(self):
        self.assertEqual(f(1), 2)

    def test_b(self):
        self.same()
        return None

if __name__ == "__main__":
    unittest.main()
"""


@pytest.mark.parametrize(("source", "told"), FOUND.values(), ids=FOUND)
def test_what_never_fails_is_told_with_its_line(source: str, told: str) -> None:
    (smell,) = smells(source)

    assert str(smell).startswith(told)


@pytest.mark.parametrize("source", [GOOD, "def test_a(:", "x = 1\0"])
def test_nothing_is_said_of_tests_that_look_as_they_are(source: str) -> None:
    assert smells(source) == []


async def test_what_a_student_wrote_does_not_steer_the_terminal(
    pool: GraderPool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    solution, tests = tmp_path / "sums.py", tmp_path / "sums_test.py"
    solution.write_text("def f(n): raise ValueError('\\x1b]52;c;eA==\\x07\\u202e')\n")
    tests.write_text("from sums import f\n\ndef test_a(): assert f(1) == 1\n")

    assert _tell_one(await graded(pool, solution, tests), as_json=False) == 1
    assert "ValueError: \\x1b]52;c;eA==\\x07\\u202e\n" in capsys.readouterr().out


async def test_who_grades_a_file_is_warned(
    pool: GraderPool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    solution, tests = tmp_path / "sums.py", tmp_path / "sums_test.py"
    solution.write_text("def f(n): return n\n")
    tests.write_text("from sums import f\n\ndef test_a():\n    assert (f(1) == 2, 'twice')\n")
    report = await graded(pool, solution, tests)

    assert _tell_one(dict(report), as_json=False) == 0
    assert "warning: the tests, line 4: this assert is always true" in capsys.readouterr().err
    _tell_one(report, as_json=True)
    assert len(json.loads(capsys.readouterr().out)["warnings"]) == 1
