"""What a beginner reads of a wrong solution, where plain words say more than Python's."""

from __future__ import annotations

from typing import Any

import pytest

from grader.protocol import Limits
from tests.grader.conftest import Grade

MOVED = "def squares(n): return [i * i for i in range(n)]"
SQUARES = "assert squares(100) == [i * i for i in range(1, 101)]"
CASE = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        "
OBJECTS: dict[str, Any] = {"objects": True, "open_tests": True}
#: The student's code, the test, the message, more of the request.
TOLD: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "printed": (
        "def total(x): print('It is', x)",
        "assert total(6) == 6",
        "total(6) should be 6, but it is None. It printed 'It is 6': print shows a value, "
        "return gives it back.",
        {},
    ),
    "a long list, moved": (
        MOVED,
        SQUARES,
        "squares(100) is not what it should be: at [0] 0 should not be there; "
        "at [99] 10000 is missing.",
        {},
    ),
    "a long list, one item": (
        "def squares(n): return [i * i if i != 57 else 0 for i in range(1, n + 1)]",
        SQUARES,
        "squares(100) is not what it should be: at [56] it is 0 instead of 3249.",
        {},
    ),
    "an array in the place of a list": (
        "import numpy\ndef grid(): return numpy.arange(3)",
        "assert grid() == [0, 1, 2]",
        "grid() should be [0, 1, 2], but it is array([0, 1, 2]).",
        {},
    ),
    "an array that stays": (
        "import numpy\ndef grid(): return numpy.ma.masked_equal([1, 2], 2)",
        "import numpy\nassert isinstance(grid(), numpy.ma.MaskedArray)",
        "grid() should be an instance of MaskedArray, but it is masked_array(data=[1, --],\n"
        "             mask=[False,  True],\n       fill_value=2) (MaskedArray). It is one, but an "
        "object of MaskedArray stays beside the student's code: the test can ask what it holds.",
        OBJECTS,
    ),
    "a key that a test looks for": (
        "def counts(): return {}",
        "assert counts()['a'] == 1",
        "KeyError: 'a' (The test looked this up in what came back, and it is not there.)",
        {},
    ),
    "an error without a message": (
        "def f(): raise ValueError",
        CASE + "with self.assertRaises(ValueError) as e: f()\n"
        "        self.assertEqual(e.exception.args[0], 'no')\n",
        "IndexError: tuple index out of range (The error was raised without a message, "
        "and the test looks at that.)",
        {},
    ),
    "an error that does not come": (
        "def f(): return 1",
        CASE + "with self.assertRaises(ValueError) as e:\n            f()\n"
        "            self.assertEqual(e.exception.args[0], 'no')\n",
        "f() should raise ValueError, but it gave no error.",
        {},
    ),
    "a check inside assertRaises": (
        "def f(): return 1",
        CASE + "with self.assertRaises(ValueError): self.assertEqual(f(), 2)\n",
        "1 != 2",
        {},
    ),
    "None in the student's line": (
        "def first(xs):\n    xs = xs.sort()\n    return xs[0]",
        "assert first([2, 1]) == 1",
        "TypeError: 'NoneType' object is not subscriptable; something here is None: sort(), "
        "append() and print() give None back, as does a function that ends without return",
        {},
    ),
    "self": (
        "class Dog:\n    def bark(): return 'wuff'",
        "assert Dog().bark() == 'wuff'",
        "TypeError: Dog.bark() takes 0 positional arguments but 1 was given; the object itself "
        "is handed to each of its methods: is self missing?",
        OBJECTS,
    ),
    "a misspelt attribute": (
        "class Dog:\n    def __init__(self, name): self.nme = name",
        "assert Dog('Rex').name == 'Rex'",
        "AttributeError: 'Dog' object has no attribute 'name'; did you mean 'nme'?",
        OBJECTS,
    ),
    "no __eq__": (
        "class P:\n    def __init__(self, x): self.x = x\n    def __repr__(self): return 'P'",
        "assert P(1) == P(1)",
        "P(1) should be P, but it is P. They look alike when they are shown, but == says that "
        "they differ. Two objects of P are equal only where its __eq__ says so.",
        OBJECTS,
    ),
    "an __eq__ that says yes to all": (
        "class P:\n    def __eq__(self, other): return True",
        CASE + "self.assertEqual(P(), P())\n",
        "P says that it is == anything at all; its comparisons do not look at what it holds.",
        OBJECTS,
    ),
    "a round of a subTest": (
        "def square(n): return n * n if n < 2 else 0",
        CASE + "for n in range(5):\n            with self.subTest(n=n):\n"
        "                self.assertEqual(square(n), n * n)\n",
        "square(2) should be 4, but it is 0.",
        {},
    ),
    "an assert in a subTest": (
        "def square(n): return n * n if n < 2 else 0",
        CASE + "for n in range(5):\n            with self.subTest(n=n):\n"
        "                assert square(n) == n * n\n",
        "square(2) should be 4, but it is 0.",
        {},
    ),
    "unittest's own words for a wrong type": (
        "def text(): return ['a']",
        CASE + "self.assertMultiLineEqual(text(), 'a')\n",
        "text() should be 'a', but it is ['a'].",
        {},
    ),
    "a check that cannot compare": (
        "def total(): return '3'",
        CASE + "self.assertGreater(total(), 2)\n",
        "total() should be > 2, but it is '3'. Python cannot compare str with int by >.",
        {},
    ),
    "what was wanted first": (
        "def names(): return ['a']",
        "got = names()\nassert 'b' in got[0]",
        "names()[0] should hold 'b', but it is 'a'.",
        {},
    ),
    "objects that the test makes, second": (
        "class P:\n    def __init__(self): self.items = [3]",
        "p = P()\nassert p.items == [Fraction(1, 2)]",
        "P().items should be [Fraction(1, 2)], but it is [3].",
        {**OBJECTS, "given": "from fractions import Fraction"},
    ),
    "a function that a check calls": (
        "def f(x): return x",
        CASE + "self.assertRaisesRegex(ValueError, 'no', f, 1)\n",
        "f(1) should raise ValueError, but it gave no error.",
        {},
    ),
    "too much printed": (
        "def f():\n    while True: print('x' * 1000)",
        "assert f() == 1",
        "Your code printed more than 64 KB and went on.",
        {},
    ),
    "a value that keeps the test busy": (
        "def f(): return 10 ** 12",
        "n = f()\nwhile n > 0: n -= 1\nassert n == 0",
        "The time ran out in the test itself, with what your code had given it.",
        {},
    ),
}
SHORT = Limits(cpu_seconds=1, wall_seconds=2)


@pytest.mark.parametrize(("code", "test", "told", "fields"), TOLD.values(), ids=TOLD)
async def test_the_message_says_what_to_look_at(
    code: str, test: str, told: str, fields: dict[str, Any], grade: Grade
) -> None:
    verdict = await grade(code, test, limits=SHORT, **fields)

    assert verdict.points == 0
    assert verdict.tests[0].message == told
