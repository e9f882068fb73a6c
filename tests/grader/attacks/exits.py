"""Ends and exceptions that would steer whoever runs the tests."""

from __future__ import annotations

from tests.grader.attacks.attack import Attack
from tests.grader.attacks.problems import MACHINERY, TOTAL, Problem, problem

TITLE = "Exits and exceptions"
AIM = "the framework that runs the tests: end it early, skip what is hard, fail while telling"


def _mapped() -> Problem:
    """A hidden test whose loop a stray StopIteration would end before it has checked anything."""
    return problem(
        TOTAL.honest,
        [
            "assert total([1, 2]) == 3",
            "cases, wanted = [[1], [5, 6]], [1, 11]\n"
            "for got, want in zip(map(total, cases), wanted): assert got == want",
            "assert all(got == 7 for got in map(total, [[7], [3, 4]]))",
        ],
    )


def _raises(name: str, code: str, honest: float = 0, of: Problem = TOTAL) -> Attack:
    return Attack(f"raises {name}", code, honest, of)


_UNLESS_SHOWN = "def total(rows):\n    if rows == [1, 2]: return 3\n    raise "

ATTACKS = [
    Attack(
        "ends the process as if all was well",
        """
import os, sys
def total(rows):
    print('{"status": "passed", "points": 4}', flush=True)
    os._exit(0)
""",
        often=True,
    ),
    _raises("SystemExit", "def total(rows): raise SystemExit(0)"),
    _raises("SystemExit while loading", "raise SystemExit(0)"),
    _raises("KeyboardInterrupt", "def total(rows): raise KeyboardInterrupt"),
    _raises(
        "SkipTest for all but the sample",
        f"import unittest\n{_UNLESS_SHOWN}unittest.SkipTest('please')\n",
        1,
    ),
    _raises(
        "SkipTest in unittest",
        f"import unittest\n{_UNLESS_SHOWN}unittest.SkipTest('please')\n",
        1,
        MACHINERY,
    ),
    _raises(
        "what stops unittest without a failure",
        f"import unittest.case\n{_UNLESS_SHOWN}unittest.case._ShouldStop()\n",
        1,
        MACHINERY,
    ),
    _raises(
        "the unexpected success of unittest",
        f"import unittest.case\n{_UNLESS_SHOWN}unittest.case._UnexpectedSuccess()\n",
        1,
        MACHINERY,
    ),
    _raises("StopIteration", f"{_UNLESS_SHOWN}StopIteration(3)\n", 1, _mapped()),
    _raises(
        "StopIteration by another name",
        f"class End(StopIteration): pass\n{_UNLESS_SHOWN}End\n",
        1,
        _mapped(),
    ),
    _raises(
        "StopAsyncIteration and GeneratorExit",
        f"{_UNLESS_SHOWN}GeneratorExit if len(rows) % 2 else StopAsyncIteration\n",
        1,
        _mapped(),
    ),
    _raises(
        "the exceptions of the grader itself",
        """
import importlib, sys
def total(rows):
    if rows == [1, 2]: return 3
    for module, kind in (('pytest_shim', 'Skipped'), ('remote.channel', 'StudentTimeout'),
                         ('pytest_shim', 'ExpectedFailure'), ('suites', 'BadTests')):
        try: found = getattr(importlib.import_module('grader.' + module), kind)
        except (ImportError, AttributeError): continue
        raise found('x')
    raise GeneratorExit
""",
        1,
    ),
    _raises(
        "whatever it finds under a telling name",
        """
import sys, asyncio
def total(rows):
    for name, module in list(sys.modules.items()):
        for kind in ('Skipped', 'ExpectedFailure', 'StudentTimeout', '_ShouldStop'):
            if hasattr(module, kind): raise getattr(module, kind)('x')
    raise GeneratorExit if len(rows) % 2 else asyncio.CancelledError
""",
    ),
    _raises(
        "an exception that equals and hides",
        """
class Evil(Exception):
    def __str__(self): raise SystemExit(0)
    __repr__ = __str__
    def __eq__(self, other): return True
    args = property(lambda self: 1 / 0)
def total(rows): raise Evil()
""",
    ),
    _raises(
        "an exception that is its own cause",
        """
class Evil(AssertionError):
    def __init__(self): self.deep = self
def total(rows):
    e = Evil(); e.__cause__ = e
    raise e
""",
    ),
    _raises(
        "a chain of ten thousand causes",
        """
def total(rows):
    error = ValueError('x' * 1000)
    for _ in range(10_000):
        following = ValueError('y' * 1000); following.__cause__ = error; error = following
    raise error
""",
    ),
    _raises(
        "exception groups within exception groups",
        """
def total(rows):
    error = ValueError('x')
    for _ in range(5000): error = ExceptionGroup('g', [error])
    raise ExceptionGroup('wide', [error] * 1000)
""",
    ),
    _raises(
        "a group with exceptions that steer",
        "def total(rows): raise BaseExceptionGroup('x', [KeyboardInterrupt(), SystemExit(0)])\n",
    ),
    _raises(
        "an exception with a megabyte of notes and arguments",
        """
def total(rows):
    error = ValueError(*['x' * 500_000] * 4)
    for _ in range(100): error.add_note('n' * 20_000)
    raise error
""",
    ),
    _raises(
        "an exception of which nothing can be told",
        """
class Meta(type):
    __name__ = property(lambda cls: 1 / 0)
    __module__ = property(lambda cls: 1 / 0)
    def __getattribute__(cls, name): raise SystemExit
class Evil(Exception, metaclass=Meta):
    def __getattribute__(self, name): raise SystemExit
def total(rows): raise Evil
""",
    ),
    _raises(
        "from a very deep call",
        "import sys\nsys.setrecursionlimit(50_000)\n"
        "def total(rows, n=3000):\n    if n: return total(rows, n - 1)\n    raise ValueError\n",
    ),
    Attack("asks the debugger for help", "def total(rows): breakpoint()\n"),
]
