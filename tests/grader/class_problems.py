"""Class problems with their reference solutions, as an author would publish them."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    reference: str
    tests: dict[str, str]


MONEY = Problem(
    reference=textwrap.dedent("""
    from decimal import Decimal

    class Money:
        def __init__(self, amount):
            self.amount = amount
        def __add__(self, other):
            return Money(self.amount + other.amount)
        def __mul__(self, times):
            return Money(self.amount * times)
        def __eq__(self, other):
            if not isinstance(other, Money):
                return NotImplemented
            return self.amount == other.amount
        def __hash__(self):
            return hash(self.amount)
        def __lt__(self, other):
            return self.amount < other.amount

    class Wallet:
        def __init__(self, coins=()):
            self._coins = list(coins)
        def put(self, coin):
            self._coins.append(coin)
        def total(self):
            result = Money(0)
            for coin in self._coins:
                result = result + coin
            return result
        def value(self):
            return Decimal(self.total().amount)
        def amounts(self):
            return [coin.amount for coin in self._coins]
        def __iter__(self):
            return iter(self._coins)
        def __contains__(self, coin):
            return coin in self._coins
        def __len__(self):
            return len(self._coins)

    def mint():
        def strike(amount):
            return Money(amount)
        return strike
    """),
    tests={
        "sum": "assert Money(3) + Money(4) == Money(7)",
        "chain": "assert Money(1) + Money(2) + Money(3) == Money(6)",
        "both": "assert not Money(3) == Money(4)\nassert Money(3) + Money(1) == Money(4)",
        "unequal": "assert Money(3) + Money(1) != Money(5)",
        "times": "assert Money(3) * 2 == Money(6)",
        "twice": "m = Money(3)\nm *= 2\nassert m == Money(6)",
        "mint": "strike = mint()\nassert strike(1) + strike(2) == strike(3)",
        "less": "assert Money(3) < Money(3) + Money(1)",
        "sorted": "a = sorted([Money(3), Money(1)])\nassert a == [Money(1), Money(3)]",
        "set": "assert len({Money(1) + Money(1), Money(2)}) == 1",
        "dict": "assert {Money(2): 'a'}.get(Money(1) + Money(1)) == 'a'",
        "in": "assert Money(3) + Money(4) in [Money(1), Money(7)]",
        "list": "assert [Money(2) * 2, Money(5)] == [Money(4), Money(5)]",
        "unittest": "import unittest\nclass T(unittest.TestCase):\n"
        "    def test_it(self): self.assertEqual(Money(3) + Money(4), Money(7))",
        "total": "assert Wallet([Money(3), Money(4)]).total() == Money(7)",
        "put": "w = Wallet()\nw.put(Money(2))\nw.put(Money(5))\nassert w.total() == Money(7)",
        "holds": "w = Wallet([Money(1), Money(2)])\nassert Money(2) in w",
        "lacks": "w = Wallet([Money(1), Money(2)])\nassert Money(5) not in w",
        "coins": "w = Wallet([Money(1), Money(2)])\nassert list(w) == [Money(1), Money(2)]",
        "len": "assert len(Wallet([Money(1)])) == 1 and not Wallet()",
        "value": "from decimal import Decimal\n"
        "assert Wallet([Money(3), Money(4)]).value() == Decimal(7)",
        "near": "assert abs(Wallet([Money(3), Money(4)]).value() - 7) < 1e-9",
        "amounts": "assert sum(Wallet([Money(3), Money(4)]).amounts()) == 7",
        "amount": "assert Wallet([Money(3), Money(4)]).total().amount == 7",
        "kind": "assert isinstance(Money(3) + Money(4), Money)\n"
        "assert (Money(3) + Money(4)).amount == 7",
    },
)

ACCOUNT = Problem(
    reference=textwrap.dedent("""
    class Overdrawn(Exception):
        pass

    class Account:
        count, opened = 0, {}
        def __init__(self, owner, balance=0):
            Account.count += 1
            self.number = Account.count
            self.owner = owner
            self._balance = balance
        @property
        def balance(self):
            return self._balance
        def deposit(self, amount):
            self._balance += amount
        def withdraw(self, amount):
            if amount > self._balance:
                raise Overdrawn(amount)
            self._balance -= amount
        def history(self):
            yield self.owner
            yield self._balance
        def __bool__(self):
            return self._balance > 0
        def __str__(self):
            return f"{self.owner}: {self._balance}"
        @classmethod
        def open(cls, owner):
            return cls.opened.setdefault(owner, cls(owner))
        @classmethod
        def parse(cls, text):
            owner, balance = text.split(",")
            return cls(owner, int(balance))
    """),
    tests={
        "balance": "a = Account('ana', 5)\na.deposit(2)\nassert a.balance == 7",
        "withdraw": "a = Account('ana', 5)\na.withdraw(2)\nassert a.balance == 3",
        "overdrawn": "import pytest\na = Account('ben', 5)\n"
        "with pytest.raises(Overdrawn) as e: a.withdraw(9)\nassert e.value.args == (9,)",
        "numbers": "a, b = Account('ana'), Account('ben')\nassert b.number == a.number + 1",
        "rich": "assert Account('ana', 5)",
        "poor": "assert not Account('ana', 0)",
        "text": "assert str(Account('ana', 5)) == 'ana: 5'",
        "parse": "a = Account.parse('ana,5')\nassert (a.owner, a.balance) == ('ana', 5)",
        "history": "assert list(Account('ana', 5).history()) == ['ana', 5]",
        "same": "a = Account('ana')\nassert a == a and a != Account('ana')",
        "once": "assert Account.open('cy') == Account.open('cy')",
        "starts": "assert Account.parse('ana,5').owner.startswith('an')",
    },
)

#: Now a number, now an object comes back from one and the same method.
VECTOR = Problem(
    reference=textwrap.dedent("""
    class Vector:
        def __init__(self, x, y): self.x, self.y = x, y
        def __sub__(self, other): return Vector(self.x - other.x, self.y - other.y)
        def __mul__(self, other):
            if isinstance(other, Vector):
                return self.x * other.x + self.y * other.y
            return Vector(self.x * other, self.y * other)
        def __abs__(self): return (self.x ** 2 + self.y ** 2) ** 0.5
        def __eq__(self, other): return (self.x, self.y) == (other.x, other.y)

    class Item:
        def __init__(self, size): self.size = size
        def __eq__(self, other): return isinstance(other, Item) and self.size == other.size
        def __lt__(self, other): return self.size < other.size
        def __sub__(self, other): return Item(self.size - other.size)
        def __float__(self): return float(self.size)
        def __abs__(self): return abs(self.size)
        def __round__(self, digits=0): return round(self.size, digits)

    class Box:
        def __init__(self, *items): self.items = list(items)
        def get(self): return self.items[0]
        def put(self, size): self.items.append(Item(size))
        def sizes(self): return [item.size for item in self.items]
        def copy(self): return Box(*self.items)
        def __eq__(self, other): return self.items == other.items

    class Temperature:
        def __init__(self, celsius): self.celsius = celsius
        def get(self): return self.celsius * 1.8 + 32
    """),
    tests={
        "minus": "assert Vector(1, 2) - Vector(1, 1) == Vector(0, 1)",
        "times": "assert Vector(1, 2) * 3 == Vector(3, 6)",
        "length": "assert abs(Vector(3, 4)) == 5",
        "dot": "assert abs(Vector(1.5, 2) * Vector(3, 4) - 12.5) < 1e-9",
        "unittest": "import unittest\nclass T(unittest.TestCase):\n"
        "    def test_it(self): self.assertAlmostEqual(Vector(1, 2) * Vector(3, 4.5), 12.0)",
        "near": "assert abs(Vector(1, 2) * 3 - Vector(3, 6)) < 1e-9",
        "both": "v = Vector(1, 2)\nassert v * 2 == Vector(2, 4) and abs(v * v - 5) < 1e-9",
        "item": "assert Box(Item(1), Item(2)).get() == Item(1)",
        "items": "assert Item(1) < Item(2) and float(Item(2)) == 2.0",
        "round": "assert round(Item(1.26), 1) == 1.3 and abs(Item(3) - Item(3)) == 0",
        "heat": "assert round(Temperature(37.5).get(), 1) == 99.5",
        "close": "import math\nassert math.isclose(Temperature(100).get(), 212)",
        "range": "assert 211 < Temperature(100).get() < 213",
        "sizes": "assert sum(abs(s - 1) for s in Box(Item(1), Item(1)).sizes()) == 0",
        "copy": "box = Box(Item(1))\nbox.put(2)\nassert box.copy() == box",
    },
)
