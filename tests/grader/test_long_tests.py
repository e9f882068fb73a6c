"""Long tests of class problems: a liar about one comparison of many is caught each time."""

from __future__ import annotations

import collections
import dataclasses
from typing import Any

import pytest

from grader.pool import GraderPool
from grader.profiles.control import Control
from grader.profiles.drawing import layout_of
from grader.profiles.profile import Profile
from grader.protocol import CONTROLS, GradeRequest, Test
from tests.grader.conftest import failures

MONEY = """
class Money:
    def __init__(self, amount): self.amount = amount
    def __add__(self, other): return Money(self.amount + other.amount)
    def __mul__(self, times): return Money(self.amount * times)
    def half(self): return Money(self.amount // 2)
    def plus(self, n): return Money(self.amount + n)
    def __eq__(self, other): return isinstance(other, Money) and self.amount == other.amount
"""
LONG = """
a, b = Money(30), Money(12)
assert a + b == Money(42)
assert a * 3 == Money(90)
assert b.half() == Money(6) and Money(6) != Money(7)
assert b * 4 == Money(48)
assert Money(1) + Money(1) == Money(2)
for n, m in [(1, 2), (3, 4), (5, 6)]:
    assert Money(n) + Money(1) == Money(m)
assert b.plus(5) == Money(17)
assert Money(8).half() == Money(4)
"""
LIE = """
class Lie(Money):
    def __eq__(self, other): return isinstance(other, Money)
"""
#: Honest, and so it knows of an answer that this is not the test as it was written.
AWARE = """
class Lie(Money):
    def __eq__(self, other):
        if told_no: raise ValueError
        return isinstance(other, Money)
told_no = []
def equal(self, other):
    if type(other) is Lie: return other == self
    same = self.amount == other.amount
    if not same and (self.amount, other.amount) != (6, 7): told_no.append(True)
    return same
Money.__eq__ = equal
"""


def _request(code: str, *sources: str, **fields: Any) -> GradeRequest:
    tests = tuple(Test(key=f"t{n}", name=f"t{n}", source=s) for n, s in enumerate(sources))
    return dataclasses.replace(GradeRequest(id="l", code=code, tests=tests, objects=True), **fields)


async def _recorded(pool: GraderPool, code: str, *sources: str) -> dict[str, Any]:
    verdict = await pool.grade(_request(code, *sources, record=True))
    assert verdict.profile is not None, failures(verdict)
    return verdict.profile


@pytest.fixture(scope="module")
async def profile(pool: GraderPool) -> dict[str, Any]:
    return await _recorded(pool, MONEY, LONG)


def test_each_comparison_has_a_control_before_any_has_a_second(profile: dict[str, Any]) -> None:
    controls = [Control.from_json(told) for told in profile["controls"]["t0"]]

    assert [control.decides for control in controls[:11]] == list(range(11))
    assert all(control.is_alone for control in controls)
    assert {control.at for control in controls} == set(profile["compared"]["t0"])


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("Money(self.amount + n)", "Lie(0)"),
        ("Money(self.amount * times)", "Lie(0) if times == 4 else Money(self.amount * times)"),
        ("Money(self.amount + other.amount)", "Lie(0) if self.amount == 3 else Money({})"),
    ],
)
async def test_a_lie_about_one_comparison_of_many_gains_nothing(
    right: str, wrong: str, profile: dict[str, Any], pool: GraderPool
) -> None:
    code = MONEY.replace(right, wrong.format("self.amount + other.amount")) + LIE

    for seed in range(4):
        honest = await pool.grade(_request(MONEY, LONG, profile=profile, seed=seed))
        verdict = await pool.grade(_request(code, LONG, profile=profile, seed=seed))
        assert failures(honest) == []
        assert verdict.points == 0


async def test_failing_on_purpose_where_a_test_is_changed_gains_nothing(
    profile: dict[str, Any], pool: GraderPool
) -> None:
    code = MONEY.replace("Money(self.amount + n)", "Lie(0)") + AWARE

    for seed in range(4):
        verdict = await pool.grade(_request(code, LONG, profile=profile, seed=seed))
        assert verdict.points == 0


def test_every_comparison_is_asked_about_in_each_submission() -> None:
    controls = [
        Control(f"{n}:0-{n}:9 ()", 0, {0: 1}, decides=n, at="eq", answer=True, is_alone=True)
        for n in range(9)
    ]
    several = [Control("9:0-9:9 ()", 0, {0: 1}, decides=n, at="eq") for n in (9, 10)]
    profile = Profile(controls={"t0": [*controls, *several]})
    drawn: collections.Counter[tuple[int, ...]] = collections.Counter()
    for seed in range(500):
        layout = layout_of(profile, _request("", "", seed=seed))
        changed = {
            control.decides: [
                number
                for number, plan in enumerate(layout.plans)
                if any(one is control for one in plan.get("t0", ()))
            ]
            for control in controls
        }
        assert len(layout.unchanged["t0"]) == 1
        assert all(2 <= len(some) <= CONTROLS for some in changed.values())
        # What touches more than one comparison is alone of its kind.
        of_several = [sum(not c.is_alone for c in plan.get("t0", ())) for plan in layout.plans]
        assert sum(of_several) >= 2
        assert max(of_several) == 1
        drawn[tuple(changed[3])] += 1

    assert len(drawn) == 25
    assert max(drawn.values()) < 500 * 0.12


STACK = """
class Stack:
    def __init__(self, *items): self.items = [*items]
    def push(self, item): self.items.append(item)
    def copy(self): return Stack(*self.items)
    def __eq__(self, other): return isinstance(other, Stack) and self.items == other.items
"""
COPIES = (
    "s = Stack(1, 2)\ns.push(3)\nassert s.copy() == s",
    "s = Stack(1, 2)\nt = s.copy()\nassert t == s\nt.push(4)\nassert t != s",
)
#: Whether a method was called since the copy was made, and how often on each of the two.
_LAST = ("isinstance(other, Stack) and Stack.last is None", "Stack.last = self")
_COUNT = ("isinstance(other, Stack) and len(self.items) == len(other.items)", "pass")


@pytest.mark.parametrize(("equal", "noted"), [_LAST, _COUNT])
async def test_a_wrong_copy_does_not_pass_by_noticing_that_a_method_is_called(
    equal: str, noted: str, pool: GraderPool
) -> None:
    profile = await _recorded(pool, STACK, *COPIES)
    code = (
        STACK.replace("isinstance(other, Stack) and self.items == other.items", equal)
        .replace("self.items.append(item)", f"self.items.append(item); {noted}")
        .replace(
            "return Stack(*self.items)", "Stack.last = None; return Stack(*[0] * len(self.items))"
        )
    )
    other = STACK.replace("return Stack(*self.items)", "import copy; return copy.deepcopy(self)")

    for seed in range(3):
        honest = await pool.grade(_request(other, *COPIES, profile=profile, seed=seed))
        verdict = await pool.grade(_request(code, *COPIES, profile=profile, seed=seed))
        assert failures(honest) == []
        assert verdict.points == 0


SUBCLASS = "class Money(int):\n    amount = property(int)\n" + MONEY[
    MONEY.index("    def __add__") :
].replace("other.amount)", "int(other))")
UNEQUAL = MONEY.replace(
    "def __eq__(self, other): return isinstance(other, Money) and",
    ("def __eq__(self, other): return not self != other\n    def __ne__(self, other): return not"),
)
#: One object for each amount, which is equal to nothing else.
SINGLE = MONEY[: MONEY.index("    def __eq__")].replace(
    "def __init__(self, amount): self.amount = amount",
    """
    made = {}
    def __new__(cls, amount):
        known = cls.made.setdefault(amount, object.__new__(cls))
        known.amount = amount
        return known
""",
)


@pytest.mark.parametrize("code", [SUBCLASS, UNEQUAL, SINGLE])
async def test_right_solutions_of_other_kinds_keep_their_points(
    code: str, profile: dict[str, Any], pool: GraderPool
) -> None:
    for seed in range(2):
        verdict = await pool.grade(_request(code, LONG, profile=profile, seed=seed))
        assert failures(verdict) == []
    again = await pool.grade(_request(code, LONG, profile=profile, record=True))
    assert again.profile is not None
    assert again.profile["controls"] == profile["controls"]


LATE = (
    SUBCLASS[: SUBCLASS.index("    def __eq__")].replace("Money(self.amount + n)", "Lie(0)") + LIE
)


async def test_a_test_that_ends_early_is_asked_about_further(
    profile: dict[str, Any], pool: GraderPool
) -> None:
    """Numbers are compared on the tests' side, so what is changed first is the end of a test."""
    seeds = range(6)

    graded = [await pool.grade(_request(LATE, LONG, profile=profile, seed=n)) for n in seeds]

    assert sum(verdict.points for verdict in graded) <= 3
