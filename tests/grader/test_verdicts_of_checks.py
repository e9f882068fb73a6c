"""Whatever style a sample test is written in: which call, what was wanted, what came out."""

from __future__ import annotations

import textwrap

import pytest

from grader.protocol import Test, TestResult, to_json
from tests.grader.conftest import Grade

CODE = """
def add(a, b): return a - b
def order(xs): return sorted(xs)
def none(): pass
def boom(): raise KeyError("k")
def text(): return "one"
def warn():
    import warnings; warnings.warn("old", DeprecationWarning)
"""
START = "import asyncio, math, pytest, unittest\nfrom answer import *\nimport answer\n"
HEAD = START + "class T(unittest.TestCase):\n    def test_it(self):\n"

#: Statement, then call, expected, actual and what the sentence says of them.
UNITTEST = {
    "self.assertEqual(order([3, 1]), [3, 1])": ("order([3, 1])", "[3, 1]", "[1, 3]", "be [3, 1]"),
    "self.assertEqual([3, 1], order([3, 1]))": ("order([3, 1])", "[3, 1]", "[1, 3]", "be [3, 1]"),
    "self.assertListEqual(order([2, 1]), [2, 1])": ("order([2, 1])", "[2, 1]", "[1, 2]", "be [2"),
    "self.assertDictEqual(dict(a=add(1, 2)), {'a': 3})": (
        *("dict(a=add(1, 2))", "{'a': 3}", "{'a': -1}"),
        "be {'a': 3}",
    ),
    "self.assertNotEqual(add(3, 1), 2)": ("add(3, 1)", "!= 2", "2", "be something other than 2"),
    "self.assertIn(5, order([1, 2]))": ("order([1, 2])", "with 5 in it", "[1, 2]", "hold 5"),
    "self.assertNotIn(1, order([1]))": ("order([1])", "without 1 in it", "[1]", "not hold 1"),
    "self.assertIn(add(1, 2), [3])": ("add(1, 2)", "in [3]", "-1", "be in [3]"),
    "self.assertTrue(order([]))": ("order([])", "True", "[]", "be True"),
    "self.assertTrue(add(1, 2) == 3)": ("add(1, 2)", "3", "-1", "be 3"),
    "self.assertFalse(add(3, 1))": ("add(3, 1)", "False", "2", "be False"),
    "self.assertIsNone(add(3, 1))": ("add(3, 1)", "None", "2", "be None"),
    "self.assertIsNotNone(none())": ("none()", "is not None", "None", "be something other"),
    "self.assertIsInstance(add(1, 2), str)": (
        *("add(1, 2)", "an instance of str", "-1 (int)"),
        "be an instance of str",
    ),
    "self.assertGreater(add(1, 2), 3)": ("add(1, 2)", "> 3", "-1", "be > 3"),
    "self.assertAlmostEqual(add(1, 2), 3.5)": ("add(1, 2)", "nearly 3.5", "-1", "be nearly 3.5"),
    "self.assertCountEqual(order([3, 1]), [3, 3])": (
        *("order([3, 1])", "the items of [3, 3] in any order", "[1, 3]"),
        "have the items of [3, 3]",
    ),
    "self.assertRegex(text(), 'two')": (
        *("text()", "a text that matches 'two'", "'one'"),
        "match 'two'",
    ),
    "with self.assertRaises(ValueError): add(1, 2)": (
        *("add(1, 2)", "raises ValueError", "no error"),
        "raise ValueError",
    ),
    "self.assertRaises(ValueError, add, 1, 2)": (
        *("add(1, 2)", "raises ValueError", "no error"),
        "raise ValueError",
    ),
    "with self.assertRaisesRegex(KeyError, 'zz'):\n    boom()": (
        *("boom()", "raises KeyError with a text that matches 'zz'", "KeyError: 'k'"),
        "but it gave KeyError: 'k'",
    ),
    "with self.assertWarns(UserWarning): add(1, 2)": (
        *("add(1, 2)", "a warning: UserWarning", "no warning"),
        "give a warning",
    ),
    "got = add(4, 5)\nwanted = 9\nself.assertEqual(got, wanted)": (
        *("add(4, 5)", "9", "-1"),
        "be 9",
    ),
    "for a, b in [(0, 0), (1, 2)]:\n    with self.subTest(a=a):\n"
    "        self.assertEqual(add(a, b), a + b)": ("add(1, 2)", "3", "-1", "be 3"),
}
PYTEST = {
    "assert 3 in [add(1, 2)]": ("[add(1, 2)]", "with 3 in it", "[-1]", "hold 3"),
    "with pytest.raises(ValueError): add(1, 2)": (
        *("add(1, 2)", "raises ValueError", "no error"),
        "raise ValueError",
    ),
    "pytest.raises(ValueError, add, 1, 2)": (
        *("add(1, 2)", "raises ValueError", "no error"),
        "raise ValueError",
    ),
    "with pytest.raises(KeyError, match='zz'): boom()": (
        *("boom()", "raises KeyError with a text that matches 'zz'", "KeyError: 'k'"),
        "but it gave KeyError: 'k'",
    ),
    "with pytest.warns(UserWarning): warn()": (
        *("warn()", "a warning: UserWarning", "DeprecationWarning: old"),
        "give a warning",
    ),
    "assert add(.1, .2) == pytest.approx(.3)": (
        *("add(.1, .2)", "0.3 ± 3.0e-07", "-0.1"),
        "be 0.3",
    ),
    "assert pytest.approx(.3) == add(.1, .2)": (
        *("add(.1, .2)", "0.3 ± 3.0e-07", "-0.1"),
        "be 0.3",
    ),
    "assert isinstance(add(1, 2), str)": (
        *("add(1, 2)", "an instance of str", "-1 (int)"),
        "be an instance of str",
    ),
    "r = none()\nassert r": ("none()", "True", "None", "ends without return gives None"),
    "assert add(1, 2) == 3 or add(1, 2) == 4": (
        *("add(1, 2) == 3 or add(1, 2) == 4", "True", "False"),
        "be True",
    ),
    "rows = [3, 1]\nassert order(rows) == [3, 1]": ("order([3, 1])", "[3, 1]", "[1, 3]", "be [3"),
    "rows = [3, 1]\nrows.sort()\nassert rows == [3, 1]": ("rows", "[3, 1]", "[1, 3]", "be [3"),
    "for n in (1, 2):\n    assert add(n, -n) == n": ("add(1, -1)", "1", "2", "be 1"),
}


def _body(statement: str, indent: str) -> str:
    return textwrap.indent(statement, indent)


def _source() -> str:
    """All in one file, so that it is graded once."""
    lines = [START]
    lines.append("class T(unittest.TestCase):")
    for number, statement in enumerate(UNITTEST):
        lines += [f"    def test_{number}(self):", _body(statement, "        ")]
    for number, statement in enumerate(PYTEST):
        lines += [f"def test_p{number}():", _body(statement, "    ")]
    return "\n".join(lines)


def _named() -> dict[str, tuple[str, ...]]:
    named = {f"T.test_{n}": told for n, told in enumerate(UNITTEST.values())}
    return named | {f"test_p{n}": told for n, told in enumerate(PYTEST.values())}


async def _graded(grade: Grade, visible: str) -> dict[str, TestResult]:
    test = Test(key="t", name="t", source=_source(), visible=visible, suite=True)
    verdict = await grade(CODE, (test,))
    return {result.name: result for result in verdict.tests}


async def test_every_check_names_its_call_what_was_wanted_and_what_came(grade: Grade) -> None:
    results = await _graded(grade, "sample")

    for name, (call, expected, actual, said) in _named().items():
        result = results[name]
        assert (result.call, result.expected, result.actual) == (call, expected, actual)
        assert result.message.startswith(f"{call} should ")
        assert said in result.message


async def test_of_a_hidden_check_nothing_is_told(grade: Grade) -> None:
    for result in (await _graded(grade, "hidden")).values():
        told = (result.message, result.call, result.expected, result.actual, result.difference)
        assert told == ("", None, None, None, ())


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ("self.assertEqual(add(1, 2), 3, 'look at b')", "look at b"),
        ("self.assertTrue(order([]), 'no items')", "no items"),
        ("self.assertIn(3, [add(1, 2)], f'of {3}')", "of 3"),
        ("self.fail('never')", "never"),
    ],
)
async def test_the_authors_words_stand_alone(grade_suite: Grade, check: str, words: str) -> None:
    (result,) = (await grade_suite(CODE, HEAD + f"        {check}\n")).tests

    assert result.message == words


@pytest.mark.parametrize(
    ("check", "call", "expected", "said"),
    [
        ("self.assertEqual(boom(), 1)", "boom()", None, "KeyError: 'k'"),
        ("with self.assertRaises(ValueError): boom()", "boom()", "raises ValueError", "KeyError"),
        ("got = none()\n        self.assertEqual(got[0], 1)", "none()[0]", None, "without return"),
        ("answer.nix(3)", "answer.nix", None, "Your code does not define 'nix'."),
        ("add(1, 2, 3)", "add(1, 2, 3)", None, "add() takes 2 positional arguments"),
    ],
)
async def test_an_exception_names_the_call_it_came_from(
    grade_suite: Grade, check: str, call: str, expected: str | None, said: str
) -> None:
    (result,) = (await grade_suite(CODE, HEAD + f"        {check}\n")).tests

    assert (result.call, result.expected) == (call, expected)
    assert said in result.message


async def test_a_call_that_never_ends_is_named(grade: Grade) -> None:
    (result,) = (await grade("def f(n):\n  while n: pass", "assert f(7) == 7")).tests

    assert (result.status, result.call) == ("timeout", "f(7)")


async def test_what_was_close_enough_is_no_difference(grade: Grade) -> None:
    source = "import pytest\nassert f() == pytest.approx([0.3, 1, 2])"
    (result,) = (await grade("def f(): return [0.1 + 0.2, 1, 3]", source)).tests

    assert [part.path for part in result.difference] == ["[2]"]


async def test_a_check_of_tables_tells_both(grade: Grade) -> None:
    code = "import numpy\ndef f(): return numpy.array([1, 2, 4])"
    source = "import numpy\nnumpy.testing.assert_array_equal(f(), numpy.array([1, 2, 3]))"
    (result,) = (await grade(code, source)).tests

    assert (result.call, result.actual) == ("f()", "array([1, 2, 4])")
    assert result.difference[-1].path == "[2]"


async def test_names_are_filled_in_by_what_cannot_have_changed_only(grade: Grade) -> None:
    source = "n, rows = 'é', [2]\nrows.append(len(n))\nassert add(n, rows) == 3"
    (result,) = (await grade("def add(a, b): b.clear()", source)).tests

    assert result.call == "add('é', rows)"


async def test_values_of_a_hidden_test_come_into_no_verdict(grade: Grade) -> None:
    source = "secret = 'swordfish'\nwith self.assertRaises(ValueError): add(secret, 1)\n"
    body = HEAD + _body(source, "        ")
    tests = (
        Test(key="s", name="s", source="assert add(1, 2) == 3", visible="sample"),
        Test(key="h", name="h", source=body, suite=True),
    )
    for code in (CODE, "def add(a, b): raise AssertionError(a)", "def add(a, b): return [a] * 9"):
        assert "swordfish" not in to_json(await grade(code, tests))


@pytest.mark.parametrize(
    "check",
    [
        f"assert add(1, {'1 + ' * 300}1) == 3",
        "assert add(  # of two\n    1,\n    2,\n) == 3",
        "assert (\n    add(1, 2)  # of two\n    + 1\n) == 30",
        "exec(compile('\\n' * 99 + 'assert add(1, 2) == 3', __file__, 'exec'))",
        f"assert {'-' * 80}add(1, 2) == 3",
    ],
)
async def test_an_odd_way_to_write_a_check_is_no_fault_of_the_grader(
    grade: Grade, check: str
) -> None:
    (result,) = (await grade("def add(a, b): return 7", check)).tests

    assert result.status == "failed"
    assert result.message


SAID = {
    "xs = [1, 2]\n    assert change(xs) is xs": "for that very object, not for one like it.",
    "xs = [9, 2]\n    assert change(xs) is xs": "It looks the same, but it is another object.",
    "assert re.match('two', text())": "re.match('two', text()) should be True, but it is None.",
    "record = mock.Mock()\n    use(record)\n"
    "    assert record.call_args_list == [mock.call(1)] * 2": (
        "record.call_args_list should be [call(1), call(1)], but it is [call(2), call(2)]."
    ),
    "with lock(): raise KeyError": "KeyError (The test raises this itself, and nothing stops it.)",
    "assert pair() == pytest.approx((1, 2.5), abs=0.1)": "should be (1 ± 1.0e-01, 2.5 ± 1.0e-01),",
    "with lock(): {}['raise']": "looked this up in what came back, and it is not there.)",
}
SAYING = """
import contextlib
def change(xs): return [9, *xs[1:]]
def text(): return "one"
def use(record): record(2), record(2)
def pair(): return (1, 3)
@contextlib.contextmanager
def lock(): yield
"""


async def test_what_is_said_of_a_check_misleads_nobody(grade_suite: Grade) -> None:
    lines = ["import re\nfrom unittest import mock\nimport pytest\nfrom answer import *\n"]
    lines += [f"def test_{number}():\n    {text}\n" for number, text in enumerate(SAID)]
    lines.append("from nose.tools import raises\n@raises(ValueError)\ndef test_raised(): text()\n")
    *results, raised = (await grade_suite(SAYING, "".join(lines))).tests

    for result, said in zip(results, SAID.values(), strict=True):
        assert said in result.message
    assert raised.message == "ValueError should be raised here, but there was no error."
