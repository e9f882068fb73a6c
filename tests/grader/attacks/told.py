"""What a verdict tells: differences, words, values at a failure, and text that a person reads."""

from __future__ import annotations

from tests.grader.attacks.attack import Attack
from tests.grader.attacks.problems import CANARY, problem
from tests.grader.attacks.tools import LIAR, SEARCH, on_wire

TITLE = "What a verdict tells"
AIM = "the process that puts the verdict into words, and whoever reads it"

#: The first three are samples in all but name: what is told of them is put into words.
TOLD = problem(
    'def lines(n): return "\\n".join(map(str, range(n)))\n',
    [
        "assert lines(3000) == '\\n'.join(map(str, range(3000)))",
        f"assert lines(3) == '0\\n1\\n2', '{CANARY}'",
    ],
)

#: Open tests that compare by arithmetic, and put a difference into words of their own.
NEARLY = problem(
    "def nearly(): return 7.5\n",
    [
        "import numpy\nnumpy.testing.assert_allclose(nearly(), 7.5)",
        "import codewars_test as test\n@test.it('is nearly right')\ndef nearly_right():\n"
        "    test.assert_approx_equals(nearly(), 7.5)",
        "import unittest\nclass T(unittest.TestCase):\n"
        "    def test_it(self): self.assertAlmostEqual(nearly(), 7.5)",
    ],
    objects=True,
    open_tests=True,
)


def _told(name: str, code: str, honest: float = 0, **more: bool) -> Attack:
    return Attack(name, code, honest, TOLD, **more)


ATTACKS = [
    _told(
        "answers with marks that take for ever to be put in order",
        "def lines(n): return 'a' + '\\u0315' * 49_000 + '\\u0300' * 49_000\n",
        often=True,
    ),
    _told(
        "answers with marks in each of many lines",
        "def lines(n): return '\\n'.join('a' + '\\u0315\\u0300' * 40 for _ in range(6000))\n",
    ),
    _told(
        "answers with as many lines as a message holds",
        "def lines(n): return '\\n' * 900_000\n",
    ),
    _told(
        "answers with the same lines in another order",
        "def lines(n): return '\\n'.join(str(n) for n in range(2999, -1, -1))\n",
    ),
    _told(
        "answers with two lines by turns, where finding what moved is slow",
        "def lines(n): return '\\n'.join('ab'[i % 2] * 15_000 for i in range(60))\n",
    ),
    _told(
        "answers with a dict of all that looks alike",
        "def lines(n): return {('\\u0315\\u0300' * 900, i): [[]] * 9 for i in range(500)}\n",
    ),
    _told(
        "answers with a set of what is nearly the same, and cannot be put in order",
        "def lines(n): return {(i, 'x' * 90, frozenset([i, -i]), None) for i in range(4000)}\n",
    ),
    _told(
        "answers with text that steers terminals",
        "def lines(n): return '\\x1b]52;c;cm0gLXJmIH4=\\x07\\x1b[2J\\x9b1m\\r\\b\\u202e' + '\\0'\n",
    ),
    _told(
        "raises text that steers terminals and pages",
        "class Bad(Exception): pass\n"
        "Bad.__name__ = Bad.__qualname__ = '<img src=x onerror=alert(1)>\\x1b[2J'\n"
        "def lines(n): raise Bad('<script>alert(1)</script> ![](http://x) \\x1b]0;x\\x07')\n",
    ),
    _told(
        "has variables with names and values that steer terminals and pages",
        "def lines(n):\n    B\u1d2e = '\\x1b[2J<b>' * 9000\n"
        "    held = [B\u1d2e] * 99\n    return held[n]\n",
    ),
    _told(
        "raises an exception whose text is another each time, and never ends",
        """
import itertools
class Bad(Exception):
    turns = itertools.count()
    def __str__(self):
        if next(self.turns):
            while True: pass
        return 'once'
    __repr__ = __str__
    args = property(lambda self: (self, [self], Bad('more')))
    __notes__ = ['x' * 900_000] * 9
    __cause__ = property(lambda self: Bad('cause'))
def lines(n): raise Bad()
""",
    ),
    _told(
        "raises a group of groups of exceptions",
        """
def lines(n):
    error = ValueError('x' * 5000)
    for depth in range(300):
        error = ExceptionGroup('y' * 500, [error] * 3 + [KeyError(depth)] * 20)
    raise error
""",
    ),
    _told(
        "raises an error of syntax at a place that does not exist",
        "def lines(n):\n    place = ('f', -5, 2 ** 40, '\\u0315\\u0300' * 40_000, [], {})\n"
        "    raise SyntaxError('x', place)\n",
    ),
    _told(
        "lacks a name, among thousands that are nearly it",
        "import sys\nfor i in range(5000): setattr(sys.modules[__name__], 'n' * 60 + str(i), i)\n"
        + "".join(f"{'n' * 50}{i} = 1\n" for i in range(600))
        + f"def lines(n): return {'n' * 50}m\n",
    ),
    _told(
        "fails below variables without end",
        "def lines(n):\n    a = b = c = d = e = f = g = h = list(range(10 ** 6))\n"
        "    held = [a]\n    held.append(held)\n    return held['x']\n",
    ),
    _told(
        "fails far down, in code that it wrote itself under the names of the tests' files",
        """
source = '\\n' * 90_000 + 'def deep(n): return deep(n - 1) if n else 1 / 0'
exec(compile(source, 't0.py', 'exec'))
def lines(n): return deep(900)
""",
    ),
    _told(
        "tells of a failure what no failure has",
        on_wire(
            "told = {'values': [['x' * 900, 'y' * 9000]] * 9000, 'columns': [1, 2 ** 60],"
            " 'name': ['x'] * 99}",
            "send(['exc', ext(127, 'e', 9, ['b', 'NameError'], [], 'x', {}, None, None),"
            " 2 ** 70, '\\x1b[2J' * 9000, 'z' * 99_000, {}])",
            "for _ in range(50): send(['ok', told, None, {}])",
        ).replace("def total(rows)", "def lines(n)"),
    ),
    _told(
        "looks for the hidden tests in what is asked for to tell of a failure",
        SEARCH
        + """
import gc
class Seen:
    def __repr__(self):
        gc.unfreeze()
        for thing in gc.get_objects():
            if type(thing) in (str, dict, list): tell(thing, 'seen')
        return 'x'
def lines(n):
    seen = Seen()
    raise KeyError(seen)
""",
    ),
    _told(
        "raises missing files that are there, to learn which are",
        "def lines(n): raise FileNotFoundError(2, 'No such file', '/etc/passwd')\n",
    ),
    _told(
        "returns a liar whose difference to anything is nothing",
        LIAR + "def lines(n): return Liar()\n",
    ),
    Attack(
        "says yes to all while its difference is put into words",
        LIAR + "def nearly(): return Liar()\n",
        problem=NEARLY,
        often=True,
        needs="numpy",
    ),
    Attack(
        "raises something else each time that it is looked at, while it is put into words",
        """
import itertools
kinds = itertools.cycle([SystemExit, KeyError, StopIteration, AssertionError, GeneratorExit,
                         KeyboardInterrupt, MemoryError, RecursionError, TypeError, BaseException])
def fail(*args): raise next(kinds)('x')
class Bad: pass
for name in ('eq', 'ne', 'lt', 'hash', 'len', 'iter', 'getitem', 'bool', 'float', 'repr', 'str',
             'sub', 'rsub', 'abs', 'array', 'round', 'format', 'index', 'call', 'enter', 'exit'):
    setattr(Bad, f'__{name}__', fail)
def nearly(): return Bad()
""",
        problem=NEARLY,
        needs="numpy",
    ),
]
