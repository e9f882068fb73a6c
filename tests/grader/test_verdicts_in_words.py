"""What is said of the checks of one test file, all of them in one submission."""

from __future__ import annotations

import textwrap

from grader.protocol import Limits
from tests.grader.conftest import Grade

CODE = """
import enum
def put_in_order(names):
    names.sort()
    return names

def counts(text): pass

class Point:
    def __init__(self, x, y): self.x, self.y = x, y
    def __eq__(self, other): return (self.x, self.y) == (other.x, other.y)

class Node:
    def __init__(self, value, after): self.value, self.after = value, after
    def copy(self): return Node(0, None)

def path(): return (Point(1, 0), Point(2, 3))
def three(): return Node(1, Node(2, Node(3, Node(4, None))))
def two():
    yield 1
    yield 2
def prime(n):
    yield n
def over(): raise Exception("The game is over.")

class Garden:
    def plants(name): return name
    def rows(): return 2
    @staticmethod
    def size(width): return width
    def water(self): return self.size(1, 2)
    def __str__(self): print("Garden")
    def wide(self): return self.width

class Cat(Garden):
    def __init__(self, age): self.age = age
    def lives(self): return self.left - self.age

class Cow(Node):
    def __init__(self): pass
    def says(self): return self.value
    def eats(self): raise NotImplementedError
    def __iter__(self): return self

def words(text): return text.split().reverse()
def circle(r): return math.pi * r
def root(n): return sqrt(n)
def cut(): from math import sqroot
def counter():
    n = 0
    def step():
        nonlocal n
        n += 1
        return n
    return step
def smallest(xs):
    xs.sort()
    return xs[0]
class Quiet:
    def __enter__(self): pass
    def __exit__(self, *error): return True
class Color(enum.Enum):
    RED, BLUE = 1, 2
class Row:
    def __iter__(self): return [1]
def hello(): return "a b"
five = 5
"""
#: The body of a test, and what is said of it.
TOLD = {
    "names = ['b', 'a']\nbefore = names.copy()\nput_in_order(names)\n"
    "self.assertEqual(names, before)": "names should be ['b', 'a'], but it is ['a', 'b'].",
    "names = ['b', 'a']\nbefore = copy.deepcopy(names)\nput_in_order(names)\n"
    "self.assertEqual(before, names)": "names should be ['b', 'a'], but it is ['a', 'b'].",
    "names = ['b', 'a']\nbefore = copy.deepcopy(names)\nput_in_order(names)\n"
    "assert before == names": "names should be ['b', 'a'], but it is ['a', 'b'].",
    "names = ['b', 'a']\nbefore = names[:]\nput_in_order(names)\n"
    "assert before == names": "names should be ['b', 'a'], but it is ['a', 'b'].",
    "node = Node(1, None)\nother = node.copy()\n"
    "self.assertEqual(other.value, 1)": "node.copy().value should be 1, but it is 0.",
    "names = ['b', 'a']\nself.assertIsNot(put_in_order(names), names)": (
        "put_in_order(names) should be a new list, but it is the same one as names."
    ),
    "names = ['b', 'a']\nresult = put_in_order(names)\nassert result is not names": (
        "put_in_order(names) should be a new list, but it is the same one as names."
    ),
    "assert None is not counts('a')": (
        "counts('a') should be something other than None, but it is None."
    ),
    "self.assertDictEqual(counts('a'), {'a': 1}, 'Count the letters.')": "Count the letters.",
    "self.assertMultiLineEqual(counts('a'), 'a', msg='Count the letters.')": "Count the letters.",
    "self.assertSequenceEqual(put_in_order([2, 1]), [2, 1], 'As it was.')": "As it was.",
    "self.assertEqual([prime(n) for n in range(60)], list(range(60)))": (
        "[prime(n) for n in range(60)] is not what it should be: "
        "at [0] it is <generator object prime> instead of 0; "
        "at [1] it is <generator object prime> instead of 1."
    ),
    "values = two()\nassert [next(values) for _ in range(3)] == [1, 2, 3]": (
        "StopIteration (The test asked for one more value, and there was none left.)"
    ),
    "with self.assertRaises(ValueError): over()": (
        "over() should raise ValueError, but it gave Exception: The game is over."
    ),
    "Garden().plants('Ali')": (
        "TypeError: Garden.plants() takes 1 positional argument but 2 were given; "
        "the object itself is handed to each of its methods: is self missing?"
    ),
    "Garden().water()": ("TypeError: Garden.size() takes 1 positional argument but 2 were given"),
    "self.assertEqual(path(), (Point(0, 1), Point(2, 3)))": (
        "path() should be (<Point object with x=0, y=1>, <Point object with x=2, y=3>), "
        "but it is (<Point object with x=1, y=0>, <Point object with x=2, y=3>)."
    ),
    "self.assertEqual(str(Garden()), 'Garden')": (
        "TypeError: __str__ returned non-string (type NoneType); "
        "this method has to return a text, not to print it"
    ),
    "self.assertEqual(Cat(2).lives(), 5)": (
        "AttributeError: 'Cat' object has no attribute 'left'; no line says `self.left = ...`"
    ),
    "self.assertEqual(Cow().says(), 5)": (
        "AttributeError: 'Cow' object has no attribute 'value'; is `super().__init__(...)` missing?"
    ),
    "Cow().eats()": (
        "NotImplementedError: the code for this is still to be written, here or in a class below"
    ),
    "share, rest = Color.BLUE.value, five\nassert share * 7 + rest == 3": (
        "share * 7 + rest should be 3, but it is 19."
    ),
    "list(Row())": (
        "TypeError: iter() returned non-iterator of type 'list'; iter(…) makes one of it"
    ),
    "assert hello() * 200 + '!' == 'a b' * 200": (
        "hello() * 200 + '!' is not what it should be: yours has '!' too many at the end."
    ),
    "list(Cow())": (
        "TypeError: iter() returned non-iterator of type 'Cow'; an iterator needs a method "
        "`__next__`"
    ),
    "self.assertLess(Cow(), Cow())": (
        "Cow() should be < <Cow object>, but it is <Cow object>. "
        "Python cannot compare Cow with Cow by <."
    ),
    "self.assertEqual(words('a b'), ['b', 'a'])": (
        "words('a b') should be ['b', 'a'], but it is None. "
        "reverse() changes what it is called on and gives None."
    ),
    "circle(2)": "NameError: name 'math' is not defined; is `import math` missing?",
    "root(2)": "NameError: name 'sqrt' is not defined; is `from math import sqrt` missing?",
    "cut()": "ImportError: cannot import name 'sqroot' from 'math'",
    "five()": (
        "TypeError: 'int' object is not callable (The test calls this, and it is no function.)"
    ),
    "values = two()\nassert list(values) == [1, 2]\nassert list(values) == [1, 2]": (
        "list(values) should be [1, 2], but it is []."
    ),
    "step = counter()\nassert step() == 1\nassert step() == 1": "step() should be 1, but it is 2.",
    "node = Node(1, 2)\nassert node.value == 1\nassert node.after == 3": (
        "Node(1, 2).after should be 3, but it is 2."
    ),
    "xs = [3, 1]\nassert smallest(xs) == 1\nassert smallest(xs) == 3": (
        "smallest(xs) should be 3, but it is 1."
    ),
    "for value in counts('a'):\n    pass": (
        "TypeError: 'NoneType' object is not iterable "
        "(None came back: a function that ends without return gives None.)"
    ),
    "assert len('a') == five == 1": "five should be 1, but it is 5.",
    "five; assert five == 5; assert five == 6": "five should be 6, but it is 5.",
    "assert Point(1, 2) != Point(1, 2)": (
        "Point(1, 2) should be something other than <Point object with x=1, y=2>, "
        "but the two are equal."
    ),
    "assert Color.RED == Color.BLUE": (
        "Color.RED should be <Color.BLUE: 2>, but it is <Color.RED: 1>."
    ),
    "with self.assertRaises(KeyError):\n    with Quiet():\n        raise KeyError": (
        "with Quiet(): raise KeyError should raise KeyError, but it gave no error."
    ),
    "shown = hello()\nassert shown.split() == ['a']": (
        "hello().split() should be ['a'], but it is ['a', 'b']."
    ),
    "assert five == 5 and (counts('a') == counts('b') == {})": (
        "counts('b') should be {}, but it is None. A function that ends without return gives None."
    ),
    "assert three() == 1": (
        "three() should be 1, but it is "
        "<Node object with value=1, after=<Node object with value=2, after=<Node object>>>."
    ),
}


async def test_each_check_is_told_in_plain_words(grade_suite: Grade) -> None:
    tests = [
        f"    def test_{number:02}(self):\n{textwrap.indent(body, ' ' * 8)}\n"
        for number, body in enumerate(TOLD)
    ]
    head = "import copy, unittest\nfrom answer import *\nclass T(unittest.TestCase):\n"

    verdict = await grade_suite(CODE, head + "".join(tests))

    told = dict(zip(TOLD, (test.message for test in verdict.tests), strict=True))
    assert told == TOLD


async def test_many_calls_are_told_apart_from_slow_code(grade_suite: Grade) -> None:
    code = "def step(n):\n    while n == 600: pass"
    test = "from answer import step\ndef test_it():\n    for n in range(601): step(n)\n"

    verdict = await grade_suite(code, test, limits=Limits(cpu_seconds=1, wall_seconds=20))

    assert verdict.reason == "timeout"
    assert verdict.message == "The time ran out after many calls of your code."
    assert verdict.tests[0].message.startswith("The time ran out after this test had called your")


#: Code that cannot be loaded, or lacks what the test imports, and what is said of it.
NOT_LOADED = {
    "dfe add(a, b):\n    return a": "Line 1: invalid syntax; did you mean 'def'?",
    "def add(a, b):\n    retrun a": "Line 2: invalid syntax; did you mean 'return'?",
    "def add(a, b):\n    class = a": (
        "Line 2: invalid syntax; 'class' is a word of Python itself and cannot be a name"
    ),
    "def add(a, b):\n    x = a\nreturn x": (
        "Line 3: 'return' outside function; indent it, so that it stands inside the function"
    ),
    "import maths\n": "'maths' is not part of Python's standard library; did you mean 'math'?",
    "import soundcard\n": (
        "'soundcard' is not part of Python's standard library, and cannot be imported here."
    ),
    "print(add(1, 2))\ndef add(a, b): return a": (
        "NameError: name 'add' is not defined; the line that defines it comes later"
    ),
    "def outer():\n    def add(a, b): return a": (
        "Your code does not define 'add' where the tests look: it stands inside 'outer'."
    ),
}


async def test_code_that_cannot_be_used_is_told_with_what_to_do(grade_suite: Grade) -> None:
    told = {}
    for code in NOT_LOADED:
        verdict = await grade_suite(code, "from answer import add\nassert add(1, 2) == 3\n")
        told[code] = verdict.message or verdict.tests[0].message

    assert told == NOT_LOADED


async def test_a_line_of_wrong_code_is_shown_where_python_keeps_none(grade_suite: Grade) -> None:
    verdict = await grade_suite("def add(a):\n    pass\nreturn 1", "assert add(1) == 1")

    assert verdict.error is not None
    assert (verdict.error.line, verdict.error.text) == (3, "return 1")
