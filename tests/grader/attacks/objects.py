"""Problems about classes: there objects of the student take part in the tests."""

from __future__ import annotations

from tests.grader.attacks.attack import Attack
from tests.grader.attacks.problems import ACCOUNT, CALLBACK
from tests.grader.attacks.tools import LIAR, SEARCH

TITLE = "Objects and callbacks"
AIM = "an object that a test must use, or a function of the test that student's code may call"


def _account(name: str, code: str, honest: float = 0, **more: bool) -> Attack:
    return Attack(name, code, honest, ACCOUNT, **more)


def _callback(name: str, code: str, honest: float = 0) -> Attack:
    return Attack(name, code, honest, CALLBACK)


_WITH = (
    "class Account:\n    def __init__(self, balance): pass\n    deposit = lambda self, n: self\n"
)

ATTACKS = [
    _account(
        "makes an account that equals everything",
        LIAR + _WITH.replace("Account:", "Account(Liar):") + "    balance = Liar()\n",
        often=True,
    ),
    _account(
        "equals every other account",
        _WITH
        + "    __eq__ = lambda self, other: True\n    __str__ = lambda self: 'Account with 7'\n",
        honest=1,  # the words that the task itself shows
    ),
    _account(
        "has a balance that changes whenever it is read",
        _WITH
        + """
    turns = iter(range(10 ** 9))
    @property
    def balance(self):
        class Liar(int):
            __eq__ = lambda self, other: True
            __hash__ = int.__hash__
        return Liar(next(Account.turns))
""",
    ),
    _account(
        "returns from its special methods what they may not return",
        LIAR
        + _WITH
        + """
    __eq__ = lambda self, other: Liar()
    __str__ = __repr__ = lambda self: Liar()
    __bool__ = __len__ = __hash__ = __index__ = lambda self: Liar()
    balance = property(lambda self: Liar())
""",
        honest=1,
    ),
    _account(
        "has a metaclass that answers for the class",
        LIAR
        + """
class Meta(type):
    __call__ = lambda cls, *a: Liar()
    __getattribute__ = lambda cls, name: Liar()
    __instancecheck__ = __subclasscheck__ = __eq__ = lambda cls, other: True
    __hash__ = type.__hash__
class Account(metaclass=Meta): pass
""",
    ),
    _account(
        "is an exception class and raises itself",
        """
class Account(ValueError):
    def __init__(self, balance): self.balance = self
    def __eq__(self, other): raise self
    def deposit(self, n): raise self
    __hash__ = None
    def __str__(self): return self
""",
        honest=1,  # it does raise a ValueError
    ),
    _account(
        "has a repr without end and a class name of a megabyte",
        """
class Account:
    def __init__(self, balance): self.balance = [self]
    def __repr__(self): return repr(self)
    __str__ = __repr__
Account.__name__ = Account.__qualname__ = "A" * 900_000
""",
        honest=1,
    ),
    _callback(
        "looks into a function of the test",
        SEARCH
        + """
def look(thing, depth=0):
    for name in dir(thing):
        try: value = getattr(thing, name)
        except BaseException as error: value = error
        tell(value, name)
        if depth < 2 and not callable(value): look(value, depth + 1)
def apply(f, rows):
    for name in ('__globals__', '__closure__', '__code__', '__self__', '__name__', 'gi_frame'):
        for thing in (f, rows):
            try: tell(getattr(thing, name), name)
            except BaseException as error: tell(error, name)
    look(f); look(rows)
    return [f(row) for row in rows]
""",
        honest=4,
    ),
    _callback(
        "makes a function of the test fail and reads why",
        SEARCH
        + """
import traceback
told = []
def apply(f, rows):
    for wrong in (99, None, 'x', [f], f, rows):
        try: f(wrong)
        except BaseException as error:
            told.append(''.join(traceback.format_exception(error)) + repr(vars(error)))
    for text in told: tell(text, 'told')
    return [None]
""",
        honest=1,
    ),
    _callback(
        "calls a function of the test from a thread, later and without end",
        """
import threading
def apply(f, rows):
    def later():
        while True:
            try: f(1)
            except BaseException: pass
    threading.Thread(target=later, daemon=True).start()
    return [f(row) for row in rows]
""",
        honest=4,
    ),
    _callback(
        "calls a function of the test with itself, deeper and deeper",
        """
def apply(f, rows):
    def deeper(*args): return f(apply) if not args else apply(f, [deeper])
    return [f(deeper), apply(deeper, rows)]
""",
        honest=1,
    ),
    _callback(
        "sends functions of the test back as values",
        "kept = []\ndef apply(f, rows):\n    kept.append(f)\n    return kept\n",
        honest=1,
    ),
]
