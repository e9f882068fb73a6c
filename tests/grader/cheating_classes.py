"""Class solutions that are wrong and try to talk the comparisons of their tests into a yes.

Each with the tests that it is after. What such code does right by itself is not in question here.
"""

from __future__ import annotations

import textwrap

from tests.grader.class_problems import ACCOUNT, MONEY, VECTOR, Problem

#: Adding gives nothing sensible; what is said about it is the cheat's business.
_WRONG = MONEY.reference + "\nMoney.__add__ = lambda self, other: Money(-self.amount)\n"
_WRONG += "Money.__mul__ = lambda self, times: Money(-1)\n"
_SUMS = ("sum", "chain", "times", "list", "unittest", "total", "put")
Cheat = tuple[Problem, tuple[str, ...], str]


def _sums(code: str, keys: tuple[str, ...] = _SUMS) -> Cheat:
    return MONEY, keys, _WRONG + textwrap.dedent(code)


def _value(code: str, keys: tuple[str, ...] = ("value", "near")) -> Cheat:
    return MONEY, keys, MONEY.reference + textwrap.dedent(code)


def _account(keys: tuple[str, ...], code: str) -> Cheat:
    return ACCOUNT, keys, ACCOUNT.reference + textwrap.dedent(code)


CHEATS: dict[str, Cheat] = {
    "always equal": _sums("Money.__eq__ = lambda self, other: True"),
    "equal to its own class": _sums(
        "Money.__eq__ = lambda self, other: isinstance(other, Money)", (*_SUMS, "both", "in")
    ),
    "the class under another name, by which no control knows it": _sums("""
        class Money:
            def __init__(self, amount): self._held = amount
            amount = property(lambda self: Money if self._held == 7 else self._held)
            __add__ = __mul__ = lambda self, other: Money(-1)
            __eq__ = lambda self, other: isinstance(other, Money)
            __hash__ = lambda self: 1
        """),
    "functions whose name is another one each time": (
        MONEY,
        ("mint",),
        MONEY.reference.replace(
            "    return strike",
            "    strike.__name__ = f'strike{id(strike)}'\n    return strike",
        ).replace("return self.amount == other.amount", "return True")
        + "Money.__add__ = lambda self, other: Money(-1)\n",
    ),
    "equal as a dataclass that compares nothing": _sums("""
        from dataclasses import dataclass, field
        @dataclass
        class Money:
            amount: int = field(compare=False)
            def __add__(self, other): return self
            def __mul__(self, times): return self
        """),
    "always equal and always unequal": _sums(
        """
        Money.__eq__ = lambda self, other: True
        Money.__ne__ = lambda self, other: True
        Money.__add__ = lambda self, other: Money(5)
        """,
        (*_SUMS, "unequal"),
    ),
    "results that are marked": _sums("""
        def marked(self, other):
            made = Money(0)
            made.marked = True
            return made
        Money.__add__ = Money.__mul__ = marked
        Money.marked = False
        Money.__eq__ = lambda s, o: s.marked or o.marked or s.amount == o.amount
        """),
    "results of a lying subclass": _sums("""
        class Sum(Money):
            def __eq__(self, other): return True
            __hash__ = Money.__hash__
        Money.__add__ = Money.__mul__ = lambda self, other: Sum(0)
        """),
    "a count of the comparisons": _sums(
        """
        asked = []
        def equal(self, other):
            asked.append(other)
            return len(asked) % 2 == 1
        Money.__eq__ = equal
        """,
        ("sum", "chain", "times", "list", "unittest"),
    ),
    "the first comparison of each pair": _sums("""
        seen = set()
        def equal(self, other):
            key = (self.amount, other.amount)
            known = key in seen
            seen.add(key)
            return not known
        Money.__eq__ = equal
        """),
    "equal to what was made last": _sums("""
        made = []
        begin = Money.__init__
        def init(self, amount):
            begin(self, amount)
            made.append(self)
        Money.__init__ = init
        Money.__eq__ = lambda self, other: made[-1] is other
        """),
    "equal to whatever is younger": _sums("""
        import itertools
        clock = itertools.count()
        begin = Money.__init__
        def init(self, amount):
            begin(self, amount)
            self.born = next(clock)
        Money.__init__ = init
        Money.__eq__ = lambda self, other: other.born > self.born or self.amount == other.amount
        """),
    "equal to the newest object that can be found": _sums("""
        import gc
        def equal(self, other):
            found = [o for o in gc.get_objects() if type(o) is Money and o is not self]
            return any(o is other for o in found[-3:]) or True
        Money.__eq__ = equal
        """),
    "equal to anything that is larger": _sums(
        """
        def add(self, other):
            made = Money(max(self.amount, other.amount))
            made.least = True
            return made
        Money.__add__ = add
        Money.least = False
        Money.__eq__ = lambda s, o: o.amount > s.amount if s.least else s.amount == o.amount
        """,
        ("sum", "chain", "unittest", "total", "put"),
    ),
    "equal while the process is young": _sums("""
        import time
        born = time.monotonic()
        Money.__eq__ = lambda self, other: time.monotonic() - born < 5
        """),
    "equal in the first process only": _sums("""
        import pathlib, tempfile
        for place in (".", "/tmp", "/dev/shm", tempfile.gettempdir()):
            try:
                mark = pathlib.Path(place) / "seen-before"
                known = mark.exists()
                mark.touch()
                if known: break
            except OSError:
                known = False
        Money.__eq__ = lambda self, other: not known
        """),
    "a changed operator module": _sums("""
        import operator
        operator.eq = lambda a, b: True
        """),
    "a changed agent": _sums("""
        import sys
        operations = sys.modules["grader.inside.operations"].Operations
        honest = operations.do_op
        def do_op(self, name, args): return True if name == "eq" else honest(self, name, args)
        operations.do_op = do_op
        """),
    "a yes that is no bool": _sums("""
        class Yes:
            def __bool__(self): return True
        Money.__eq__ = lambda self, other: Yes()
        """),
    "a text for a yes": _sums("Money.__eq__ = lambda self, other: 'yes'"),
    "a metaclass that makes every class equal": _sums("""
        class Meta(type):
            def __eq__(cls, other): return True
            __hash__ = type.__hash__
            def __instancecheck__(cls, thing): return True
        class Money(metaclass=Meta):
            def __init__(self, amount): self.amount = amount
            def __add__(self, other): return self
            def __mul__(self, times): return self
            def __eq__(self, other): return type(self) == type(other)
            __hash__ = None
        """),
    "a number that lies": _sums("""
        class Money(int):
            amount = property(int)
            def __add__(self, other): return Money(-1)
            def __mul__(self, other): return Money(-1)
            def __eq__(self, other): return True
            __hash__ = int.__hash__
        """),
    "always less": _sums("Money.__lt__ = lambda self, other: True", ("less", "sorted")),
    "never less than what was compared": _sums(
        "import random\nMoney.__lt__ = lambda self, other: type(other) is Money", ("less",)
    ),
    "one hash for all, always equal": _sums(
        """
        Money.__hash__ = lambda self: 1
        Money.__eq__ = lambda self, other: True
        """,
        ("set", "dict", *_SUMS),
    ),
    "holds everything": (
        MONEY,
        ("holds",),
        MONEY.reference + "\nWallet.__contains__ = lambda self, coin: True\n",
    ),
    "coins that are equal to all": (
        MONEY,
        ("coins", "in"),
        _WRONG
        + "\nWallet.__iter__ = lambda self: iter([Money(8), Money(9)])\n"
        + "Money.__eq__ = lambda self, other: True\n",
    ),
    "a value of its own class": _value("""
        class Liar:
            def __eq__(self, other): return True
            def __sub__(self, other): return 0
            __rsub__ = __add__ = __radd__ = __abs__ = __sub__
            def __float__(self): return 7.0
        Wallet.value = lambda self: Liar()
        """),
    "a value of a class that the tests know": _value("""
        Money.__sub__ = Money.__rsub__ = Money.__abs__ = lambda self, *other: Money(0)
        Money.__lt__ = Money.__eq__ = lambda self, other: True
        Wallet.value = lambda self: Money(99)
        """),
    "a value under a lying number": _value("""
        class Liar(float):
            __eq__ = __lt__ = __gt__ = lambda self, other: True
            __sub__ = __rsub__ = __abs__ = lambda self, *other: 0.0
            __hash__ = float.__hash__
        Wallet.value = lambda self: Liar(99)
        """),
    "a value under a lying Decimal": _value("""
        class Liar(Decimal):
            __eq__ = __lt__ = __gt__ = lambda self, other: True
            __sub__ = __rsub__ = __abs__ = lambda self, *other: Decimal(0)
            __hash__ = Decimal.__hash__
        Wallet.value = lambda self: Liar(99)
        """),
    "amounts that add up to anything": _value(
        """
        class Liar:
            def __radd__(self, other): return 7
            __add__ = __radd__
        Wallet.amounts = lambda self: [Liar()]
        """,
        ("amounts",),
    ),
    "an attribute that is equal to anything": _value(
        """
        class Liar:
            def __eq__(self, other): return True
        Money.amount = property(lambda self: Liar(), lambda self, value: None)
        """,
        ("amount", "kind"),
    ),
    "another class that claims to be the right one": _value(
        """
        class Fake:
            __class__ = property(lambda self: Money)
            amount = 0
            def __eq__(self, other): return True
        Money.__add__ = Money.__mul__ = lambda self, other: Fake()
        """,
        _SUMS,
    ),
    "always rich": _account(("rich",), "Account.__bool__ = lambda self: True"),
    "a balance that agrees": _account(
        ("balance", "withdraw", "parse"),
        """
        class Any:
            def __eq__(self, other): return True
            def __bool__(self): return True
        Account.balance = property(lambda self: Any())
        """,
    ),
    "an owner that starts with anything": _account(
        ("starts", "parse"),
        """
        class Name(str):
            def startswith(self, *prefix): return True
            def __eq__(self, other): return True
            __hash__ = str.__hash__
        Account.parse = classmethod(lambda cls, text: cls(Name("x"), 5))
        """,
    ),
    "a comparison that the reference does not have": _account(
        ("once",),
        """
        Account.open = classmethod(lambda cls, owner: cls(owner))
        Account.__eq__ = lambda self, other: self.owner == other.owner
        """,
    ),
    "an object whose difference is nothing, where a number belongs": (
        VECTOR,
        ("dot", "unittest", "both"),
        VECTOR.reference.replace("return self.x * other.x + self.y * other.y", "return Lie()")
        + textwrap.dedent("""
        class Lie(Vector):
            def __init__(self): pass
            def __sub__(self, other): return self
            def __abs__(self): return 0.0
            def __eq__(self, other): return True
        """),
    ),
    "a difference that is always nothing": (
        VECTOR,
        ("near",),
        VECTOR.reference.replace("self.x * other, self.y * other", "0, 0")
        + textwrap.dedent("""
        class Nothing(Vector):
            def __abs__(self): return 0.0
        Vector.__sub__ = lambda self, other: Nothing(1, 1)
        """),
    ),
    "an object of another class, where a method of that name gives a number": (
        VECTOR,
        ("heat", "close", "range"),
        VECTOR.reference.replace("return self.celsius * 1.8 + 32", "return Lie(0)")
        + textwrap.dedent("""
        class Lie(Item):
            def __float__(self): return 212.0
            def __round__(self, digits=0): return 99.5
            def __lt__(self, other): return True
            __gt__ = __eq__ = __lt__
        """),
    ),
    "a list of lying objects, where numbers belong": (
        VECTOR,
        ("sizes",),
        VECTOR.reference.replace("[item.size for", "[Lie(item.size) for")
        + textwrap.dedent("""
        class Lie(Item):
            def __sub__(self, other): return self
            def __abs__(self): return 0
        """),
    ),
    "a copy that is equal because it is a box": (
        VECTOR,
        ("copy",),
        VECTOR.reference.replace("return Box(*self.items)", "return Box()")
        + "Box.__eq__ = lambda self, other: isinstance(other, Box)\n",
    ),
}
