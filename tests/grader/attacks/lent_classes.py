"""Open tests lend classes and generators of their own, and look into the student's containers."""

from __future__ import annotations

from tests.grader.attacks.open_problem import lent
from tests.grader.attacks.tools import LIAR, WIRE

TITLE = "Classes, generators and contents"
AIM = "what open tests decide, by classes that they lend and contents that they ask for"

ATTACKS = [
    lent(
        "puts comparisons into a class that has its own",
        "register",
        """
def register(kind):
    kind.registered = True
    for name in ('__eq__', '__ne__', '__lt__', '__hash__', '__bool__', '__class__',
                 '__instancecheck__', '__init_subclass__', '__getattribute__', '__mro__'):
        try: setattr(kind, name, lambda *a: True)
        except BaseException: pass
    kind.__init__ = lambda self, n: None
    return kind
""",
        5,
    ),
    lent(
        "takes a class of the tests apart",
        "register",
        """
def register(kind):
    kind.registered = True
    for name in (*dir(kind), '__dict__', '__name__', '__module__', '__qualname__', 'n'):
        for take in (delattr, type.__delattr__):
            try: take(kind, name)
            except BaseException: pass
    for value in (5, None, '', 'x' * 900_000, '\\ud800', [], kind):
        for name in ('__name__', '__qualname__', '__doc__', '__module__', '__slots__', '__bases__'):
            try: setattr(kind, name, value)
            except BaseException: pass
    return 5
""",
        5,
    ),
    lent(
        "registers a subclass that is everything",
        "register",
        LIAR
        + """
def register(kind):
    class All(kind, Liar):
        registered = True
        def __init__(self, n): self.n = Liar()
        def __new__(cls, *a): return object.__new__(cls)
        __eq__ = Liar.__eq__
        __class__ = property(lambda self: kind)
    return All
""",
        5,
    ),
    lent(
        "throws what ends programs into a generator of the tests",
        "drain",
        WIRE
        + """
def drain(rows):
    for kind in (KeyboardInterrupt, SystemExit, GeneratorExit, StopIteration, MemoryError):
        for error in (kind, kind('x')):
            try: rows.throw(error)
            except BaseException: pass
    for name in ('KeyboardInterrupt', 'SystemExit', 'GeneratorExit', 'BaseException'):
        for number in range(1, 20): send(['back', 'throw', number, ext(127, 'k', ['b', name])])
    return [1, 2]
""",
        6,  # what it gives back is right
    ),
    lent(
        "throws a skipped test into a generator of the tests",
        "drain",
        """
import unittest, unittest.case
def drain(rows):
    for error in (unittest.SkipTest('x'), unittest.SkipTest, unittest.case._ShouldStop()):
        rows.throw(error)
""",
        5,
    ),
    lent(
        "drives a generator of the tests from many threads and from within itself",
        "drain",
        """
import threading
def drain(rows):
    def pull():
        while True:
            try: rows.send(rows); next(rows); rows.close()
            except BaseException: pass
    for _ in range(5): threading.Thread(target=pull, daemon=True).start()
    return [rows.send(None), rows.send(pull)]
""",
        6,  # right, where the threads come later
    ),
    lent(
        "returns a generator that never ends, in the place of a list",
        "drain",
        "import itertools\ndef drain(rows):\n    while True: yield from itertools.count()\n",
        5,
    ),
    lent(
        "returns a list whose class lies about what it holds",
        "stacked",
        """
class Stack(list):
    def __iter__(self): return iter([1, 2])
    __len__ = lambda self: 2
    __getitem__ = lambda self, n: [1, 2][n]
    __eq__ = lambda self, other: True
    __class__ = property(lambda self: list)
def stacked(): return Stack([9])
""",
        5,
    ),
    lent(
        "returns a list that holds itself, and dicts of such lists",
        "stacked",
        """
class Stack(list): pass
class Held(dict): pass
def stacked():
    stack = Stack([1])
    stack.append(Held(stack=stack)); stack.append(stack)
    return stack
""",
        5,
    ),
    lent(
        "tells another content of a list each time that it is asked, deeper and deeper",
        "stacked",
        """
import sys
class Stack(list): pass
def stacked():
    contents = sys.modules['grader.inside.contents']
    contents.snapshot = lambda value, kind: [Stack(), Stack()]
    return Stack()
""",
        5,
    ),
    lent(
        "tells a content that is no content",
        "stacked",
        """
import sys
class Stack(list): pass
def stacked():
    told = iter([5, 'x' * 900_000, range(10 ** 12), {1: 2}, None, print, stacked, Stack] * 99)
    sys.modules['grader.inside.contents'].snapshot = lambda value, kind: next(told)
    return Stack([1, 2])
""",
        5,
    ),
    lent(
        "answers with an object that equals and differs as it is asked",
        "answer",
        LIAR
        + """
class Answer(Liar):
    def __ne__(self, other): return True
    def __bool__(self): return True
    __class__ = property(lambda self: int)
def answer(): return Answer()
""",
        5,
    ),
    lent(
        "answers with a number whose hash and index change",
        "answer",
        """
import itertools
class Answer(int):
    turns = itertools.count()
    def __index__(self): return next(self.turns)
    def __hash__(self): return next(self.turns)
    def __eq__(self, other): return True
    def __ne__(self, other): return True
    __int__ = __float__ = __trunc__ = __index__
    __repr__ = __str__ = lambda self: '42'
def answer(): return Answer(7)
""",
        5,
    ),
]
