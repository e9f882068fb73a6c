"""Other right solutions of the class problems: none of them may lose a point."""

from __future__ import annotations

import textwrap

from tests.grader.class_problems import ACCOUNT, MONEY, VECTOR, Problem

_WALLET = "class Wallet:" + MONEY.reference.partition("class Wallet:")[2]
_MONEY = "class Money:" + MONEY.reference.partition("class Money:")[2].partition("class Wallet")[0]
_MINT = "def mint" + MONEY.reference.partition("def mint")[2]
_IMPORT = "from decimal import Decimal\n"


def _money(code: str) -> str:
    return f"{_IMPORT}{textwrap.dedent(code)}\n{_WALLET}"


def _wallet(code: str) -> str:
    return f"{_IMPORT}{_MONEY}\n{textwrap.dedent(code)}\n{_MINT}"


HONEST: dict[str, tuple[Problem, str]] = {
    "the reference": (MONEY, MONEY.reference),
    "a dataclass": (
        MONEY,
        _money("""
        from dataclasses import dataclass
        @dataclass(frozen=True, order=True)
        class Money:
            amount: int
            def __add__(self, other): return Money(self.amount + other.amount)
            def __mul__(self, times): return Money(self.amount * times)
        """),
    ),
    "slots and a property": (
        MONEY,
        _money("""
        class Money:
            __slots__ = ("_cents",)
            def __init__(self, amount): self._cents = amount * 100
            @property
            def amount(self): return self._cents // 100
            def __add__(self, other): return Money(self.amount + other.amount)
            __radd__ = __add__
            def __mul__(self, times): return Money(self.amount * times)
            def __eq__(self, other): return self._cents == other._cents
            def __lt__(self, other): return self._cents < other._cents
            def __hash__(self): return hash(("money", self._cents))
        """),
    ),
    "changed in place, and unequal in words of its own": (
        MONEY,
        _money("""
        class Money:
            def __init__(self, amount): self.amount = amount
            def __add__(self, other): return Money(self.amount + other.amount)
            def __mul__(self, times): return Money(self.amount * times)
            def __imul__(self, times):
                self.amount *= times
                return self
            def __eq__(self, other): return not self != other
            def __ne__(self, other): return self.amount != other.amount
            def __gt__(self, other): return self.amount > other.amount
            def __hash__(self): return hash(self.amount)
        """),
    ),
    "a mint that is an object": (
        MONEY,
        _wallet(_WALLET.partition("def mint")[0]).replace(
            _MINT, "class mint:\n    def __call__(self, amount): return Money(amount)\n"
        ),
    ),
    "a mint that gives the class itself": (
        MONEY,
        _wallet(_WALLET.partition("def mint")[0]).replace(_MINT, "def mint(): return Money\n"),
    ),
    "all in a base class": (
        MONEY,
        _money("""
        import functools
        @functools.total_ordering
        class _Number:
            def __init__(self, amount): self.amount = amount
            def _with(self, amount): return type(self)(amount)
            def __add__(self, other): return self._with(self.amount + other.amount)
            def __mul__(self, times): return self._with(self.amount * times)
            def __eq__(self, other):
                return type(self) is type(other) and self.amount == other.amount
            def __gt__(self, other): return self.amount > other.amount
            def __hash__(self): return hash(self.amount)
        class Money(_Number): pass
        """),
    ),
    "a named tuple": (
        MONEY,
        _money("""
        from typing import NamedTuple
        class Money(NamedTuple):
            amount: int
            def __add__(self, other): return Money(self.amount + other.amount)
            def __mul__(self, times): return Money(self.amount * times)
        """),
    ),
    "one object for each amount": (
        MONEY,
        _money("""
        class Money:
            _known = {}
            def __new__(cls, amount):
                if amount not in cls._known:
                    made = cls._known[amount] = super().__new__(cls)
                    made.amount = amount
                return cls._known[amount]
            def __add__(self, other): return Money(self.amount + other.amount)
            def __mul__(self, times): return Money(self.amount * times)
            def __lt__(self, other): return self.amount < other.amount
        """),
    ),
    "a number of its own": (
        MONEY,
        _money("""
        class Money(int):
            @property
            def amount(self): return int(self)
            def __add__(self, other): return Money(int(self) + int(other))
            def __mul__(self, times): return Money(int(self) * times)
        """),
    ),
    "a function that makes another class": (
        MONEY,
        _money("""
        class _Sum:
            def __init__(self, amount): self.amount = amount
            def __add__(self, other): return _Sum(self.amount + other.amount)
            def __mul__(self, times): return _Sum(self.amount * times)
            def __eq__(self, other): return self.amount == other.amount
            def __lt__(self, other): return self.amount < other.amount
            def __hash__(self): return self.amount
        Money = _Sum
        """),
    ),
    "made at run time": (
        MONEY,
        _money("""
        import dataclasses
        Money = dataclasses.make_dataclass("Money", ["amount"], frozen=True, order=True, namespace={
            "__add__": lambda self, other: Money(self.amount + other.amount),
            "__mul__": lambda self, times: Money(self.amount * times)})
        """),
    ),
    "a wallet that generates": (
        MONEY,
        _wallet("""
        class Wallet:
            def __init__(self, coins=()): self.coins = [*coins]
            def put(self, coin): self.coins.append(coin); return self
            def total(self): return Money(sum(self.amounts()))
            def value(self): return sum(self.amounts(), Decimal())
            def amounts(self): return (coin.amount for coin in self.coins)
            def __iter__(self): yield from self.coins
            def __len__(self): return len(self.coins)
        """),
    ),
    "a wallet with an iterator of its own": (
        MONEY,
        _wallet("""
        class Coins:
            def __init__(self, coins): self.left = list(coins)
            def __iter__(self): return self
            def __next__(self):
                if not self.left: raise StopIteration
                return self.left.pop(0)
        class Wallet:
            def __init__(self, coins=()): self.coins = tuple(coins)
            def put(self, coin): self.coins += (coin,)
            def total(self): return Money(sum(coin.amount for coin in self.coins))
            def value(self): return self.total().amount
            def amounts(self): return tuple(coin.amount for coin in self.coins)
            def __iter__(self): return Coins(self.coins)
            def __contains__(self, coin): return any(coin == mine for mine in self)
            def __len__(self): return len(self.coins)
        """),
    ),
    "a wallet that is a list": (
        MONEY,
        _wallet("""
        class Wallet(list):
            put = list.append
            def total(self): return Money(sum(self.amounts()))
            def value(self): return Decimal(self.total().amount)
            def amounts(self): return [coin.amount for coin in self]
        """),
    ),
    "a wallet by index": (
        MONEY,
        _wallet("""
        class Wallet:
            def __init__(self, coins=()): self.coins = list(coins)
            def put(self, coin): self.coins.append(coin)
            def total(self): return sum(self.coins, Money(0))
            def value(self): return float(self.total().amount)
            def amounts(self): return {i: c.amount for i, c in enumerate(self.coins)}.values()
            def __getitem__(self, index): return self.coins[index]
            def __len__(self): return len(self.coins)
        """),
    ),
    "an account of a dataclass": (
        ACCOUNT,
        """
        import itertools
        from dataclasses import dataclass, field
        class Overdrawn(ValueError): pass
        numbers = itertools.count(1)
        @dataclass(eq=False)
        class Account:
            owner: str
            balance: int = 0
            number: int = field(default_factory=lambda: next(numbers))
            @classmethod
            def open(cls, owner):
                for account in cls.book:
                    if account.owner == owner: return account
                cls.book.append(cls(owner))
                return cls.book[-1]
            book = []
            def deposit(self, amount): self.balance += amount; return self
            def withdraw(self, amount):
                if self.balance < amount: raise Overdrawn(amount)
                self.balance -= amount; return self.balance
            def history(self): return iter([self.owner, self.balance])
            def __len__(self): return max(0, self.balance)
            def __str__(self): return f"{self.owner}: {self.balance}"
            @staticmethod
            def parse(text): return Account(text.split(",")[0], int(text.split(",")[1]))
        """,
    ),
    "an account with helpers": (
        ACCOUNT,
        """
        class Overdrawn(Exception): pass
        class Name(str): pass
        class Base:
            made = []
            def __init__(self, owner, balance=0):
                Base.made.append(self)
                self.owner, self.moves = Name(owner), [balance]
            number = property(lambda self: 1 + Base.made.index(self))
            balance = property(lambda self: sum(self.moves))
            def __bool__(self): return self.balance > 0
        class Account(Base):
            @classmethod
            def open(cls, owner):
                for account in cls.book:
                    if account.owner == owner: return account
                cls.book.append(cls(owner))
                return cls.book[-1]
            book = []
            def deposit(self, amount): self.moves.append(amount)
            def withdraw(self, amount):
                if amount > self.balance: raise Overdrawn(amount)
                self.deposit(-amount)
            def history(self): return [str(self.owner), self.balance]
            def __repr__(self): return "%s: %d" % (self.owner, self.balance)
            @classmethod
            def parse(cls, text):
                return cls(*(int(p) if p.isdigit() else p for p in text.split(",")))
        """,
    ),
    "an account by attribute": (
        ACCOUNT,
        """
        class Overdrawn(Exception): pass
        class Account:
            last = 0
            def __init__(self, owner, balance=0):
                self.owner, self.money = owner, float(balance)
                Account.last += 1
                self.number = Account.last
            def __getattr__(self, name):
                if name == "balance": return self.money
                raise AttributeError(name)
            @classmethod
            def open(cls, owner):
                for account in cls.book:
                    if account.owner == owner: return account
                cls.book.append(cls(owner))
                return cls.book[-1]
            book = []
            def deposit(self, amount): self.money = self.money + amount
            def withdraw(self, amount):
                if amount > self.money: raise Overdrawn(amount)
                self.money -= amount
            def history(self): return map(lambda name: getattr(self, name), ("owner", "money"))
            def __bool__(self): return bool(self.money)
            def __format__(self, spec): return f"{self.owner}: {int(self.money)}"
            def __str__(self): return f"{self}"
            @classmethod
            def parse(cls, text): return eval("cls('%s', %s)" % tuple(text.split(",")))
        """,
    ),
    "vectors of a base class with another name": (
        VECTOR,
        VECTOR.reference.replace("class Vector:", "class Pair:").replace(
            "class Item:", "class Vector(Pair): pass\n\nclass Item:"
        ),
    ),
    "sums of integers, and items that are dataclasses": (
        VECTOR,
        VECTOR.reference.replace(
            "return self.celsius * 1.8 + 32", "return Fraction(9, 5) * Fraction(self.celsius) + 32"
        )
        .replace("class Item:", "@dataclass\nclass Item:\n    size: float\n")
        .replace("def __init__(self, size): self.size", "#")
        .replace(
            "class Vector",
            "from dataclasses import dataclass\nfrom fractions import Fraction\nclass Vector",
            1,
        ),
    ),
}
