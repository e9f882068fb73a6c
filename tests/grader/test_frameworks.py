"""Test files written for CodeWars, TMC, Gradescope, nose, OK and Otter run as they are."""

from __future__ import annotations

import pytest

from grader.protocol import to_json
from tests.grader.conftest import Grade, as_tests, failures

ADD = "def add(a, b): return a + b\n"
WRONG = "def add(a, b): return a - b if b else a\n"

CODEWARS = """
import codewars_test as test
from answer import add

@test.describe("Numbers")
def numbers():
    @test.it("small")
    def small():
        test.assert_equals(add(1, 2), 3, "of one and two")
        test.assert_not_equals(add(1, 2), 4)
        test.expect(add(2, 2) == 4, "no")
    @test.it("near")
    def near(): test.assert_approx_equals(add(0.1, 0.2), 0.3)

@test.describe("Errors")
def errors():
    test.expect_error("no sum", lambda: add(1, "a"), TypeError)
    test.expect_no_error("a sum", lambda: add(1, 0))
    @test.timeout(5)
    def _(): test.assert_equals(add(1, 0), 1)
    test.pass_()
"""
GRADESCOPE = """
import unittest
from gradescope_utils.autograder_utils.decorators import (
    hide_errors, leaderboard, number, partial_credit, tags, visibility, weight)
from gradescope_utils.autograder_utils.files import check_submitted_files
from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner
from answer import add
class TestAdd(unittest.TestCase):
    @weight(2)
    @number("1.1")
    @visibility("hidden")
    def test_small(self): self.assertEqual(add(1, 2), 3)
    @leaderboard("sum")
    def test_board(self, set_leaderboard_value=None): set_leaderboard_value(add(4, 4) - 8 and 1 / 0)
    @partial_credit(5)
    def test_part(self, set_score=None): set_score(5 if add(2, 2) == 4 else 2)
if __name__ == "__main__": JSONTestRunner().run(unittest.defaultTestLoader.discover("tests"))
"""
NOSE = """
from nose.tools import assert_almost_equal, assert_equal, eq_, ok_, raises
assert_equal(add(1, 2), 3)
ok_(add(1, 2) == 3)
eq_(add(3, 4), 7)
assert_almost_equal(add(0.1, 0.2), 0.3)
"""
OK = """
test = {
  "name": "q1",
  "points": 2,
  "suites": [{
    "cases": [
      {"code": r'''
        >>> add(1, 2)
        3
        >>> for n in (1, 2):
        ...     print(add(n, 'x' if n > 9 else n))
        2
        4
        ''', "hidden": False},
      {"code": ">>> x = add(2, 2)\\n>>> math.sqrt(x)\\n2.0", "hidden": True},
      {"code": ">>> add(1, 'a') + add(1, 1)\\nTraceback (most recent call last):\\nTypeError"
               ": unsupported operand type(s) for +: 'int' and 'str'"},
    ],
    "setup": ">>> import math\\n>>> from answer import *",
    "type": "doctest",
  }],
}
"""
#: Named as the module is, and a bare name in an example.
OK_BY_FILE = """
test = {"name": "answer", "suites": [{"type": "doctest", "cases": [{"code": r'''
    >>> add(2, 2)
    4
    >>> add("a", 1)
    Traceback (most recent call last):
    TypeError: ...
    >>> add("x" * 90, "y")   # doctest: +ELLIPSIS
    'xxx...y'
    '''}]}]}
"""
OTTER = """
from otter.test_files import test_case
OK_FORMAT = False
name = "q1"
@test_case(points=1, hidden=False, success_message="good")
def test_small(add): assert add(1, 2) == 3
@test_case(points=1, hidden=True)
def test_all(env): assert "add" in env and "sub" not in env and env["add"](2, 2) == 4
"""


@pytest.mark.parametrize(
    ("tests", "count", "silly"),
    [
        (CODEWARS, 2, 1),
        (GRADESCOPE, 3, 0),
        (NOSE, 4, 0),
        (OK, 3, 1),
        (OK_BY_FILE, 1, 0),
        (OTTER, 2, 0),
        (OTTER.replace('"q1"', '"answer"'), 2, 0),
    ],
    ids=["codewars", "gradescope", "nose", "ok", "ok by file", "otter", "otter by file"],
)
async def test_tests_for_another_grader_run_unchanged(
    tests: str, count: int, silly: int, grade_suite: Grade
) -> None:
    right = await grade_suite(ADD, tests)
    assert failures(right) == []
    assert len(right.tests) == count
    wrong = await grade_suite(WRONG, tests)
    assert sum(test.status == "passed" for test in wrong.tests) <= silly


async def test_what_a_check_of_codewars_says_reaches_the_student(grade_suite: Grade) -> None:
    verdict = await grade_suite(WRONG, CODEWARS)

    assert "of one and two: -1 should equal 3" in verdict.tests[0].message


async def test_older_files_for_codewars_import_nothing(grade_suite: Grade) -> None:
    tests = "test.describe('Sums')\nTest.assert_equals(add(1, 2), 3)\n"

    assert failures(await grade_suite(ADD, tests)) == []
    own = "class Test:\n    def assert_equals(*_): pass\ntest = Test\n"
    assert (await grade_suite(WRONG + own, tests)).points == 0


TMC = """
import sys
import unittest
from unittest.mock import patch
from tmc import points, reflect
from tmc.utils import check_source, get_stdout, load, load_module, reload_module, sanitize

with patch("builtins.input", return_value="0"):
    twice = load("answer", "twice")
    gone = load("answer", "gone")

@points("1.double")
class DoubleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        sys.modules.pop("answer")
        with patch("builtins.input", side_effect=AssertionError("asked too early")):
            cls.module = load_module("answer", "en")
    @points("1.double.a")
    def test_a_double(self):
        for number in (1, 5):
            with patch("builtins.input", side_effect=[str(number)]):
                reload_module(self.module)
            self.assertEqual(get_stdout().split("\\n")[-1], f"d\\u00f6uble {2 * number}")
            self.assertIn("double", sanitize(get_stdout()))
    def test_b_name(self):
        self.assertEqual(self.module.twice(4), 8)
        self.assertEqual(twice(3), 6)
        with self.assertRaises(AssertionError): gone()
    def test_c_main(self):
        ok, line = check_source(self.module)
        self.assertEqual((ok, line), (False, "n = int(input('Number: '))\\n"))
"""


async def test_a_file_for_tmc_loads_the_program_and_reads_what_it_prints(
    grade_suite: Grade,
) -> None:
    code = (
        "def twice(x): return 2 * x\nn = int(input('Number: '))\nprint('d\u00f6uble', twice(n))\n"
    )

    assert failures(await grade_suite(code, TMC.replace("gone()", "gone(1)"))) == []
    wrong = await grade_suite(code.replace("2 *", "2 +"), TMC)
    passed = [test.name for test in wrong.tests if test.status == "passed"]
    assert passed == ["DoubleTest.test_c_main"]


async def test_a_framework_is_not_there_for_the_students_code(grade: Grade) -> None:
    code = "try:\n    import codewars_test\nexcept ImportError:\n    pass\n" + ADD
    test = "import codewars_test as test\ntest.assert_equals(add(1, 2), 3)"

    for visible in ("sample", "hidden"):
        assert failures(await grade(code, test, visible=visible)) == []
        hidden = await grade(WRONG, test, visible=visible)
        assert (hidden.status, hidden.points) == ("failed", 0)
    assert "should equal" not in to_json(hidden)


async def test_what_lies_in_a_folder_of_its_own_is_looked_at_for_tmc(grade_suite: Grade) -> None:
    tests = "import unittest\nfrom tmc.utils import check_source, load_module\n"
    tests += "class T(unittest.TestCase):\n    def test_main(self):\n"
    tests += "        ok, line = check_source(load_module('src.sums'))\n"
    tests += "        self.assertTrue(ok, 'move: ' + line)\n"

    assert failures(await grade_suite(ADD, tests, module="src.sums")) == []
    wrong = await grade_suite(ADD + "print(add(1, 2))\n", tests, module="src.sums")
    assert "move: print(add(1, 2))" in wrong.tests[0].message


PRAIRIELEARN = """
from pl_helpers import name, not_repeated, points, print_student_code
from pl_unit_test import PLTestCase, PLTestCaseWithPlot
from code_feedback import Feedback as feedback
class Test(PLTestCaseWithPlot):
    total_iters = 2
    seen = []
    @points(2)
    @name("Sums")
    def test_0(self):
        self.seen.append(self.iter_num)
        score = 0
        for number in range(4):
            came = feedback.call_user(self.st.add, number, 1)
            score += feedback.check_scalar(f"add({number}, 1)", self.ref.add(number, 1), came)
        feedback.set_score(score / 4)
    @points(1)
    @not_repeated
    @name("Kinds")
    def test_1(self):
        assert self.iter_num == 0 and self.seen[0] == 0 and self.data == {"params": {}}
        good = feedback.check_list("rows", [1, 2], self.st.rows, entry_type=int)
        good = good and feedback.check_tuple("pair", (1, "a"), self.st.pair)
        good = good and feedback.check_dict("table", {"a": 1}, self.st.table)
        assert not feedback.check_scalar("text", 1, "1", report_failure=False)
        feedback.set_score(good)
    @name("Missing")
    def test_2(self):
        if self.st.more is None: feedback.add_feedback("there is no more")
        feedback.set_score(1)
        feedback.call_user(self.st.more)
    def test_3(self):
        feedback.check_scalar("near", 2.0, self.st.near, accuracy_critical=True)
        feedback.set_score(1)
"""
PL_CODE = """
rows, pair, table, near = [3, 4], (1, "a"), {"a": 1}, 2.000001
def more(): pass
"""


async def test_a_file_for_prairielearn_knows_the_reference_and_the_score(
    grade_suite: Grade,
) -> None:
    async def grade(code: str, ref: str = ADD) -> list[tuple[str, str]]:
        verdict = await grade_suite(code, PRAIRIELEARN, test_modules={"ans": ref})
        return [(test.name, test.message) for test in verdict.tests if test.status != "passed"]

    assert await grade(ADD + PL_CODE) == []
    code = "def add(a, b): return a - b if a == 2 else a + b\n"
    code += PL_CODE.replace("[3, 4]", "[3, '4']").replace("def more", "def less")
    assert await grade(code.replace("2.000001", "2.1")) == [
        (
            "Sums",
            "add(2, 1) should be 3, but it is 1.\n"
            "This gives 0.75 of 1 point; all of it is needed to pass.",
        ),
        ("Kinds", "rows[1] has the wrong type: it is '4'."),
        (
            "Missing",
            "there is no more\nYour code should define a function here, but there is nothing.",
        ),
        ("Test.test_3", "near should be 2.0, but it is 2.1."),
    ]
    sly = "class Sly(float):\n    __rsub__ = __abs__ = lambda *_: 0.0\n"
    sly += "    __eq__ = lambda *_: True\n    __hash__ = None\n"
    assert [name for name, _ in await grade(sly + PL_CODE.replace("2.000001", "Sly(7)"))][-1:] == [
        "Test.test_3"
    ]
    verdict = await grade_suite(ADD + PL_CODE, PRAIRIELEARN)
    assert "no ans.py beside them defines it" in verdict.message


MADE = """
import unittest
def make(a, b, total):
    def check(): assert add(a, b) == total
    return check
test_small, test_zero = make(1, 2, 3), make(1, 0, 1)
test_large = lambda: make(10, 20, 30)()
for number in range(2): globals()[f"test_{number}"] = make(number, 5, number + 5)
def cases(name, b):
    class Made(unittest.TestCase):
        def test_it(self): self.assertEqual(add(1, b), 1 + b)
    Made.__name__ = name
    return Made
TestOne, TestTwo = cases("One", 1), cases("Two", 2)
if __name__ == "__main__": unittest.main()
"""


async def test_tests_that_the_file_makes_by_running_are_found(grade_suite: Grade) -> None:
    made = await grade_suite(ADD, MADE)

    assert failures(made) == []
    assert len(made.tests) == 7
    wrong = await grade_suite(WRONG, MADE)
    assert [t.name for t in wrong.tests if t.status == "passed"] == ["test_zero"]


@pytest.mark.parametrize("end", ["sys.exit('wrong')", "raise Exception('wrong')"])
async def test_a_script_that_ends_itself_where_something_is_wrong(
    end: str, grade_suite: Grade
) -> None:
    tests = f"import sys\nprint('start')\nif add(1, 2) != 3:\n    {end}\nif add(1, 0) != 1: {end}\n"

    assert failures(await grade_suite(ADD, tests)) == []
    wrong = await grade_suite(WRONG, tests)
    assert (wrong.points, wrong.max_points) == (1, 2)


STOPS = [
    "import pytest\nwith pytest.raises(StopIteration) as caught: first([])\n"
    "assert caught.type is StopIteration",
    "import unittest\nclass T(unittest.TestCase):\n"
    "    def test_a(self): self.assertRaises(StopIteration, first, [])",
    "import pytest\nwith pytest.raises(RuntimeError): list(map(first, [[1], []]))",
]


async def test_a_function_that_stops_an_iteration_is_seen_in_hidden_tests(grade: Grade) -> None:
    tests = as_tests(STOPS, visible="hidden")
    code = "def first(xs): return next(iter(xs))\n"

    assert failures(await grade(code, tests)) == []
    assert (await grade(code.replace("xs))", "xs), 0)"), tests)).points == 0
    late = "def never():\n    raise StopIteration\n    yield\ndef first(xs): return list(never())\n"
    assert (await grade(late, tests)).points == 1
