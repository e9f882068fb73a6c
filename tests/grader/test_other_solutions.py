"""Right solutions of class problems that are asked elsewhere than the one that was recorded."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

import pytest

from grader.pool import GraderPool
from grader.protocol import GradeRequest, Test
from tests.grader.conftest import failures


@dataclass
class Made:
    reference: str
    tests: dict[str, str]
    #: Right.
    others: list[str]
    #: Wrong, with the tests that they are after.
    liars: dict[str, list[str]] = field(default_factory=dict)


SIZES = """
class Size:
    def __init__(self, mm): self.mm = mm
    def __add__(self, mm): return Size(self.mm + mm)
    def __eq__(self, other): return self.mm == other.mm
def makers(count): return [lambda n, k=k: Size(n * k) for k in range(count)]
def counted(make): return lambda n: make(n)
def largest(sizes): return sorted(sizes, key=lambda size: size.mm)[-1]
def kind(name): return {"size": Size}[name]
def all_of(*sizes): yield from sizes
def run(check): return check()
"""
CARDS = """
class Card:
    def __repr__(self): return f"Card({self.rank!r}, {self.suit!r})"
    def __init__(self, rank, suit): self.rank, self.suit = rank, suit
    def __lt__(self, other): return self.rank < other.rank
    def __eq__(self, other): return (self.rank, self.suit) == (other.rank, other.suit)
    def __hash__(self): return 1
class Chain:
    def __init__(self, *items): self.items = items
    def __contains__(self, item): return item in self.items
    def __iter__(self):
        for item in self.items: yield item
    def __eq__(self, other): return self.items == other.items
"""
FIELDS = "    def __init__(self, rank, suit): self.rank, self.suit = rank, suit\n"
NAMED = CARDS.replace("class Card:", "import typing\nclass Card(typing.NamedTuple):").replace(
    FIELDS, "    rank: int\n    suit: str\n"
)
STACK = """
class Stack:
    def __init__(self, *items): self.items = [*items]
    def push(self, item): self.items.append(item)
    def copy(self): return Stack(*self.items)
    def __eq__(self, other): return self.items == other.items
"""
MATRIX = """
class Matrix:
    def __init__(self, rows): self.rows = rows
    def __add__(self, other):
        pairs = zip(self.rows, other.rows)
        return Matrix([[a + b for a, b in zip(*pair)] for pair in pairs])
    def __eq__(self, other): return self.rows == other.rows
"""
VECTOR = """
class Vector:
    def __init__(self, *xs): self.xs = xs
    def __sub__(self, other): return Vector(*[a - b for a, b in zip(self.xs, other.xs)])
    def __eq__(self, other): return self.xs == other.xs
    def __lt__(self, other): return self.xs < other.xs
    def __contains__(self, x): return x in self.xs
    def __iter__(self): return iter(self.xs)
    def __hash__(self): return 1
    def parts(self): return list(self.xs)
    def fill(self, rows): rows.extend(self.xs)
    def __enter__(self): return self
    def __exit__(self, *error): return False
class Pen:
    def find(self): return self
async def length(vector): return sum(x * x for x in vector.xs) ** 0.5
"""
LYING = (
    VECTOR
    + """
class Lie(Vector):
    def __init__(self, *xs): self.xs = (0,)
    def __sub__(self, other): return 0.0
    __rsub__ = __sub__
    def __lt__(self, other): return True
    __gt__ = __lt__
    def __contains__(self, x): return True
class Other(Pen):
    def __eq__(self, other): return isinstance(other, Pen)
    def __hash__(self): return 1
Pen.find = lambda self: Other()
Vector.parts = lambda self: [[Lie()]][0]
Vector.fill = lambda self, rows: rows.append(Lie())
Vector.__exit__ = lambda self, *error: True
async def length(vector): return Lie()
"""
)
STEPS = """
class Steps:
    def __init__(self, low, high, step): self.low, self.high, self.step = low, high, step
    def shifted(self, by): return Steps(self.low + by, self.high + by, self.step)
    def each(self):
        at = self.low
        while at != self.high: yield at; at += self.step
    def items(self): return list(range(self.low, self.high, self.step))
    def __eq__(self, other): return self.items() == other.items()
"""
MONEY = """
class Money:
    def __init__(self, amount): self.amount = amount
    def __eq__(self, other): return isinstance(other, Money) and self.amount == other.amount
    def __ne__(self, other): return not self == other
"""
INIT, AMOUNT = "def __init__(self, amount): self.amount = amount", "amount = property(int)"
ACCOUNTS = """
class Account:
    def __init__(self, owner, balance=0): self.owner, self.balance = owner, balance
    def copy(self): return Account(self.owner, self.balance)
    def __eq__(self, other): return (self.owner, self.balance) == (other.owner, other.balance)
class Bank:
    def __init__(self, name): self.name = name
"""
LENGTH = """
class Length:
    def __init__(self, m): self.m = m
    def __sub__(self, other): return Length(self.m - other.m)
    def __format__(self, spec): return format(self.m, spec)
"""
MADE = {
    "sizes": Made(
        SIZES,
        {
            "makers": "assert [make(3) for make in makers(2)] == [Size(0), Size(3)]",
            "apart": "a, b = makers(2)\nassert a(1) + 4 == b(4)",
            "counted": "assert counted(lambda n: Size(n + 1))(7) == Size(8)",
            "plus": "size = Size(1)\nsize += 2\nassert size == Size(3)",
            "largest": "assert largest([Size(1), Size(2)]) == Size(2)",
            "kind": "made = kind('size')\nassert made(1) + 2 == made(3)",
            "inside": "def check():\n    assert Size(3) + 1 == Size(4)\nrun(check)",
            "all": "assert list(all_of(Size(1), Size(2))) == [Size(1), Size(2)]",
        },
        [
            SIZES.replace(
                "[lambda n, k=k: Size(n * k) for k in range(count)]", "map(_maker, range(count))"
            )
            + "def _maker(k): return lambda n: Size(n * k)\n",
            SIZES.replace("return lambda n: make(n)", "make.calls = 0; return make"),
            SIZES + "def _more(self, mm): self.mm += mm; return self\nSize.__iadd__ = _more\n",
            "class Size(float):\n    mm = property(float)\n" + SIZES[SIZES.index("def makers") :],
            SIZES.replace('return {"size": Size}[name]', "return lambda mm: Size(mm)"),
            SIZES.replace("yield from sizes", "return list(sizes)"),
            SIZES.replace("return check()", "check(); return check()"),
            SIZES.replace("[lambda n, k=k: Size(n * k) for k in range(count)]", "Makers(count)")
            + "class Makers:\n    def __init__(self, n): self.n = n\n"
            "    def __len__(self): return self.n\n"
            "    def __getitem__(self, k):\n        if k >= self.n: raise IndexError\n"
            "        return lambda n: Size(n * k)\n",
        ],
        {
            SIZES + "Size.__eq__ = lambda self, other: True\n": [],
            SIZES.replace(
                "return check()", "\n    try: check()\n    except AssertionError: pass"
            ).replace("self.mm + mm", "self.mm"): ["inside"],
            SIZES.replace("return lambda n: make(n)", "return lambda n: Size(0)")
            + "Size.__eq__ = lambda self, other: True\n": ["counted"],
        },
    ),
    "cards": Made(
        CARDS,
        {
            "less": "assert Card(2, 'S') < Card(7, 'H')",
            "first": "assert min([Card(7, 'S'), Card(2, 'H')]) == Card(2, 'H')",
            "holds": "assert Card(1, 'S') in Chain(Card(1, 'S'), Card(2, 'S'))",
            "numbers": "assert sum(Chain(1, 2)) == 3",
            "same": "assert Chain(1, 2) == Chain(1, 2)",
            "copied": "import copy\ncard = Card(1, 'S')\n"
            "assert copy.copy(card) == card == copy.deepcopy(card)",
            # A list that is plain while it is handed over.
            "filled": "cards = []\nchain = Chain(cards)\ncards.append(Card(1, 'S'))\n"
            "assert chain.items == ([Card(1, 'S')],)",
        },
        [
            CARDS.replace(
                "return self.rank < other.rank",
                "return (self.rank, self.suit) < (other.rank, other.suit)",
            ),
            CARDS.replace("    def __contains__(self, item): return item in self.items\n", ""),
            NAMED,
        ],
        {
            CARDS.replace("return self.rank < other.rank", "return True"): ["less"],
            NAMED.replace("return self.rank < other.rank", "return True"): ["less"],
            NAMED.replace("(self.rank, self.suit) == (other.rank, other.suit)", "True").replace(
                "rank: int", "rank: int = 0; __new__ = lambda cls, *_: tuple.__new__(cls, (0, 0))"
            ): ["first", "holds"],
        },
    ),
    "stack": Made(
        STACK,
        {"copy": "stack = Stack(1, 2)\nstack.push(3)\nassert stack.copy() == stack"},
        [
            "class Stack(list):\n    def __init__(self, *items): super().__init__(items)\n"
            "    push = list.append\n",
        ],
        {
            # Always the same one, or alike by its bare value: nobody asks it anything.
            "class Stack:\n    def __init__(self, *items): pass\n"
            "    def push(self, item): pass\n    def copy(self): return self\n": [],
            "class Stack(int):\n    def __new__(cls, *items): return int.__new__(cls)\n"
            "    def push(self, item): pass\n    def copy(self): return Stack()\n": [],
        },
    ),
    "matrix": Made(
        MATRIX,
        {"plus": "assert Matrix([[1, 2]]) + Matrix([[3, 4]]) == Matrix([[4, 6]])"},
        [
            # No test is about matrices of different sizes.
            MATRIX.replace(
                "self.rows == other.rows",
                "all(a == b for pair in zip(self.rows, other.rows) for a, b in zip(*pair))",
            )
        ],
        {MATRIX.replace("self.rows == other.rows", "len(self.rows) == len(other.rows)"): []},
    ),
    "vector": Made(
        VECTOR,
        {
            "minus": "assert Vector(3, 4) - Vector(1, 1) == Vector(2, 3)",
            "less": "assert Vector(1) < Vector(2) and 2 in Vector(2)",
            "parts": "assert abs(Vector(1.5).parts()[0] - 1.5) < 1e-9",
            "named": "assert 3 in Vector(3).parts()",
            "fill": "rows = []\nVector(1.5).fill(rows)\nassert 1 < rows[0] < 2",
            "later": "import asyncio\nassert abs(asyncio.run(length(Vector(3, 4))) - 5) < 1e-9",
            "body": "with Vector(1) as v:\n    assert v.parts()[0] == 1",
            "set": "assert len({Vector(1), Vector(1), Vector(2)}) == 2",
            "dict": "assert {Vector(2): 3}[Vector(3) - Vector(1)] == 3",
            "same": "a, b = Pen(), Pen()\nassert a.find() == a and a.find() != b",
        },
        [
            VECTOR.replace("return list(self.xs)", "return Parts(self.xs)")
            + "class Parts:\n    def __init__(self, xs): self.xs = xs\n"
            "    def __getitem__(self, n): return self.xs[n]\n",
        ],
        {
            LYING: ["parts", "named", "fill", "later", "body", "same"],
            VECTOR + "Vector.__sub__ = lambda self, other: self\n"
            "Vector.__eq__ = lambda self, other: isinstance(other, Vector)\n": ["minus", "dict"],
        },
    ),
    "steps": Made(
        STEPS,
        {"shifted": "assert Steps(0, 4, 2).shifted(2) == Steps(2, 6, 2)"},
        # With another end it would go on for ever.
        [STEPS.replace("range(self.low, self.high, self.step)", "self.each()")],
        {STEPS.replace("self.low + by, ", "self.low, "): []},
    ),
    "money": Made(
        MONEY,
        {"apart": "assert Money(3) != Money(4) and Money(3) != 3 and Money(3) == Money(3)"},
        [MONEY.replace("class Money:", "class Money(int):").replace(INIT, AMOUNT)],
        {MONEY.replace("isinstance(other, Money) and self.amount == other.amount", "True"): []},
    ),
    "accounts": Made(
        ACCOUNTS,
        {
            "copy": "a = Account('ana', 5)\nbank = Bank('north')\nassert bank.name == 'north'\n"
            "assert a.copy() == Account('ana', 5)",
        },
        [
            ACCOUNTS.replace(
                "return Account(self.owner, self.balance)", "import copy; return copy.copy(self)"
            )
        ],
        {
            ACCOUNTS.replace("return Account(self.owner, self.balance)", "return Account(0)")
            .replace("self.owner, self.balance = owner, balance", "self.owner = self.name = owner")
            .replace("return (self.owner, self.balance) ==", "return True or")
            .partition("class Bank")[0]
            + "Bank = Account\n": ["copy"],
        },
    ),
    "length": Made(
        LENGTH,
        {"shown": "assert f'{Length(3) - Length(1):.1f}' == '2.0'"},
        ["class Length(float):\n    def __sub__(self, m): return Length(float(self) - float(m))\n"],
        {LENGTH.replace("format(self.m, spec)", "'2.0'"): []},
    ),
}


@pytest.mark.parametrize("name", MADE)
async def test_a_right_solution_is_asked_elsewhere_and_a_liar_gains_nothing(
    name: str, pool: GraderPool
) -> None:
    made = MADE[name]
    tests = tuple(Test(key=key, name=key, source=source) for key, source in made.tests.items())
    request = GradeRequest(id=name, code=made.reference, tests=tests, objects=True)
    recorded = await pool.grade(dataclasses.replace(request, record=True))
    assert recorded.profile is not None, failures(recorded)
    request = dataclasses.replace(request, profile=recorded.profile)

    for code in [made.reference, *made.others]:
        for seed in (1, 2):
            verdict = await pool.grade(dataclasses.replace(request, code=code, seed=seed))
            assert failures(verdict) == [], code
    for code, keys in made.liars.items():
        verdict = await pool.grade(dataclasses.replace(request, code=code, seed=3))
        after = keys or list(made.tests)
        assert [test.key for test in verdict.tests if test.points and test.key in after] == []
