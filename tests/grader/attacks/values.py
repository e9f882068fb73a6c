"""Values that claim to be what they are not."""

from __future__ import annotations

from tests.grader.attacks.attack import Attack
from tests.grader.attacks.problems import MACHINERY
from tests.grader.attacks.tools import LIAR

TITLE = "Values that lie"
AIM = "a comparison, a length or a type that the student's own class decides"

_EVERY = LIAR + "def total(rows): return Liar()\n"

ATTACKS = [
    Attack("returns an object that equals everything", _EVERY, often=True),
    Attack("returns such an object to unittest, math and sorted", _EVERY, problem=MACHINERY),
    Attack(
        "returns a lying int",
        """
class Liar(int):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __sub__(self, other): return 0
    __hash__ = int.__hash__
def total(rows): return Liar(12345)
""",
    ),
    Attack(
        "returns a lying str",
        """
class Liar(str):
    def __eq__(self, other): return True
    __hash__ = str.__hash__
def total(rows): return Liar("x")
""",
    ),
    Attack(
        "returns a lying list",
        """
class Liar(list):
    def __eq__(self, other): return True
    def __len__(self): return 0
def total(rows): return Liar()
""",
    ),
    Attack(
        "returns a lying dict or float",
        """
class Liar(dict):
    def __eq__(self, other): return True
class Number(float):
    def __eq__(self, other): return True
def total(rows): return Liar() if len(rows) % 2 else Number(1.5)
""",
    ),
    Attack(
        "returns a class whose metaclass equals everything",
        """
class Meta(type):
    def __eq__(cls, other): return True
    __hash__ = type.__hash__
    def __instancecheck__(cls, value): return True
    def __subclasscheck__(cls, kind): return True
class Any(metaclass=Meta): pass
def total(rows): return Any
""",
    ),
    Attack(
        "lies about its __class__",
        """
class Liar:
    __class__ = property(lambda self: int)
    def __eq__(self, other): return True
    __hash__ = None
def total(rows): return Liar()
""",
    ),
    Attack(
        "decides each attribute anew",
        """
import itertools
class Liar(int):
    turns = itertools.count()
    def __getattribute__(self, name):
        return (lambda *a, **k: next(Liar.turns)) if next(Liar.turns) % 2 else True
def total(rows): return Liar(9)
""",
    ),
    Attack(
        "hides a liar in a list",
        LIAR + "def total(rows): return [Liar()]\n",
    ),
    Attack(
        "hides a liar in a tuple as key",
        LIAR + "def total(rows): return {(Liar(),): Liar()}\n",
    ),
    Attack(
        "hides a liar in a named tuple",
        LIAR + "P = collections.namedtuple('P', 'a')\ndef total(rows): return P(Liar())\n",
    ),
    Attack(
        "hides a liar in a dataclass and an enum",
        LIAR
        + """
@dataclasses.dataclass
class D(Liar):
    a: int = 3
    __eq__ = Liar.__eq__
class E(Liar, enum.Enum):
    A = 3
def total(rows): return D() if len(rows) % 2 else E.A
""",
    ),
    Attack(
        "returns a lying function with attributes",
        LIAR + "def total(rows):\n    f = lambda: 3\n    f.__eq__ = lambda o: True\n    return f\n",
    ),
    Attack("returns a generator", "def total(rows):\n    while True: yield sum(rows)\n"),
    Attack(
        "returns a proxy for every attribute",
        """
from unittest import mock
def total(rows):
    made = mock.MagicMock()
    made.__eq__.return_value = True
    made.__float__.return_value = float(0)
    return mock.ANY if len(rows) % 2 else made
""",
    ),
    Attack(
        "returns a pickle gadget",
        """
class Gadget:
    def __reduce__(self): return (print, ('gained',))
    __reduce_ex__ = lambda self, protocol: self.__reduce__()
    __getstate__ = __setstate__ = lambda self, *a: 1 / 0
def total(rows): return Gadget()
""",
    ),
    Attack(
        "changes its arguments and returns them",
        "def total(rows):\n    rows.clear(); rows.append(rows)\n    return rows\n",
    ),
    Attack(
        "keeps an argument and changes it later",
        """
kept = []
def total(rows):
    for old in kept: old[:] = [9] * 1000
    kept.append(rows)
    return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "returns a true value that is no truth",
        """
class Truth:
    def __bool__(self): return True
    def __rsub__(self, other): return self
    __rsub__ = __sub__ = __abs__ = __round__ = lambda self, *a: self
    __lt__ = __le__ = __eq__ = lambda self, other: Truth()
    __hash__ = object.__hash__
def total(rows): return Truth()
""",
        problem=MACHINERY,
    ),
    Attack(
        "returns a lying decimal, fraction or date",
        """
import datetime, decimal, fractions
def lying(base, *args):
    body = {"__eq__": lambda s, o: True, "__hash__": base.__hash__, "__ne__": lambda s, o: False}
    return type("Liar", (base,), body)(*args)
MADE = [lying(decimal.Decimal, 7), lying(fractions.Fraction, 7), lying(datetime.date, 1, 1, 1)]
def total(rows): return MADE[len(rows) % 3]
""",
    ),
    Attack(
        "returns a lying array",
        """
import numpy
class Liar(numpy.ndarray):
    def __eq__(self, other): return True
    def __array_ufunc__(self, *a, **k): return True
    def __bool__(self): return True
def total(rows): return numpy.zeros(1).view(Liar)
""",
        needs="numpy",
    ),
]
