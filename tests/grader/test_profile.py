"""What a class problem's reference needed is recorded, and other solutions are held to it."""

from __future__ import annotations

import dataclasses
import itertools
import json
import textwrap
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from grader.pool import GraderPool
from grader.profiles.profile import MAX_PROFILE_BYTES
from grader.protocol import GradeRequest, Limits, Test, Verdict
from tests.grader.cheating_classes import CHEATS
from tests.grader.class_problems import ACCOUNT, MONEY, VECTOR, Problem
from tests.grader.conftest import failures
from tests.grader.honest_classes import HONEST

Ask = Callable[..., Awaitable[Verdict]]
_NUMBERS = itertools.count()


def _request(
    problem: Problem, code: str, keys: Any = None, visible: Any = "hidden", **fields: Any
) -> GradeRequest:
    chosen = problem.tests if keys is None else {key: problem.tests[key] for key in keys}
    tests = tuple(
        Test(key=key, name=key, source=source, visible=visible) for key, source in chosen.items()
    )
    number = next(_NUMBERS)
    request = GradeRequest(
        id=f"p{number}", code=textwrap.dedent(code), tests=tests, objects=True, seed=number
    )
    return dataclasses.replace(request, **fields)


@pytest.fixture(scope="session")
async def profiles(pool: GraderPool) -> dict[int, dict[str, Any]]:
    recorded = {}
    for problem in (MONEY, ACCOUNT, VECTOR):
        verdict = await pool.grade(_request(problem, problem.reference, record=True))
        assert verdict.status == "passed", failures(verdict)
        recorded[id(problem)] = verdict.profile
    return recorded


@pytest.fixture
def ask(pool: GraderPool, profiles: dict[int, dict[str, Any]]) -> Ask:
    async def run(problem: Problem, code: str, keys: Any = None, **fields: Any) -> Verdict:
        fields.setdefault("profile", profiles[id(problem)])
        return await pool.grade(_request(problem, code, keys, **fields))

    return run


@pytest.mark.parametrize("name", HONEST)
async def test_an_honest_solution_of_another_kind_keeps_all_points(name: str, ask: Ask) -> None:
    problem, code = HONEST[name]

    verdict = await ask(problem, code, visible="sample")

    assert failures(verdict) == []
    assert verdict.points == len(problem.tests)


@pytest.mark.parametrize("name", CHEATS)
async def test_a_cheat_gains_nothing(name: str, ask: Ask) -> None:
    problem, keys, code = CHEATS[name]

    verdict = await ask(problem, code, keys)

    assert [(test.key, test.status) for test in verdict.tests if test.points] == []
    assert verdict.points == 0
    assert verdict.status in ("failed", "timeout")


def test_a_profile_tells_what_the_tests_used(profiles: dict[int, dict[str, Any]]) -> None:
    money, account = profiles[id(MONEY)], profiles[id(ACCOUNT)]

    assert money["classes"]["Money"] == ["add", "eq", "hash", "lt", "mul"]
    assert money["results"]["value()"] == ["Decimal"]
    assert money["results"]["total()"] == ["object:Money"]
    assert account["results"]["history()"] == ["generator"]
    assert account["results"]["deposit()"] == ["NoneType"]
    assert "eq" not in account["classes"]["Account"]
    assert all(len(json.dumps(profile)) <= MAX_PROFILE_BYTES for profile in (money, account))


def test_every_comparison_of_objects_has_a_control(profiles: dict[int, dict[str, Any]]) -> None:
    plain = {"len", "value", "near", "amounts", "amount", "kind"}

    assert set(profiles[id(MONEY)]["controls"]) == set(MONEY.tests) - plain
    assert {"rich", "poor"} <= set(profiles[id(ACCOUNT)]["controls"])


async def test_a_second_recording_widens_the_profile_and_keeps_its_controls(
    ask: Ask, profiles: dict[int, dict[str, Any]]
) -> None:
    first = profiles[id(MONEY)]

    same = await ask(MONEY, MONEY.reference, record=True)
    wider = await ask(MONEY, HONEST["a wallet that generates"][1], record=True)

    assert same.profile == first
    assert wider.profile is not None
    assert "generator" in wider.profile["results"]["amounts()"]
    assert wider.profile["controls"] == first["controls"]


async def test_a_control_that_a_right_solution_does_not_confirm_is_dropped(pool, ask) -> None:
    problem = Problem(
        reference="class Tag:\n"
        "    def __init__(self, text): self.text = text\n"
        "    def __eq__(self, other): return self.text == other.text\n",
        tests={"case": "assert Tag('a') == Tag('a')", "other": "assert Tag('A') == Tag('A')"},
    )
    folded = problem.reference.replace("== other.text", ".lower() == other.text.lower()")
    first = await pool.grade(_request(problem, problem.reference, record=True))

    refused = await pool.grade(_request(problem, folded, profile=first.profile))
    refined = await pool.grade(_request(problem, folded, profile=first.profile, record=True))
    allowed = await pool.grade(_request(problem, folded, profile=refined.profile))

    assert refused.status == "failed"
    assert allowed.status == "passed", failures(allowed)
    assert refined.profile["controls"]


async def test_a_solution_that_does_not_pass_gives_no_profile(ask: Ask) -> None:
    verdict = await ask(MONEY, "class Money: pass", record=True)

    assert verdict.profile is None


async def test_the_student_is_told_what_should_come_back(ask: Ask) -> None:
    code = MONEY.reference.replace("return Decimal(self.total().amount)", "return self.total()")

    verdict = await ask(MONEY, code, ["value"], visible="sample")

    wanted = "Wallet.value() should be a Decimal, but it is your own class Money."
    assert wanted in verdict.tests[0].message


async def test_the_student_is_told_that_a_comparison_says_yes_too_often(ask: Ask) -> None:
    code = MONEY.reference.replace("self.amount == other.amount", "True")

    (sample,) = (await ask(MONEY, code, ["sum"], visible="sample")).tests
    (hidden,) = (await ask(MONEY, code, ["sum"])).tests

    assert "this test has to fail, but your code still says yes" in sample.message
    assert "With another value in Money(" in sample.message
    assert "Money(" not in hidden.message
    assert "compares objects" in hidden.message


async def test_without_a_profile_plainly_always_true_comparisons_are_caught(ask: Ask) -> None:
    always = "lambda self, other: True"
    for name, key in (("eq", "sum"), ("ne", "unequal"), ("lt", "less")):
        code = f"{MONEY.reference}\nMoney.__{name}__ = {always}\n"
        verdict = await ask(MONEY, code, [key], profile=None)
        assert verdict.points == 0

    honest = await ask(MONEY, MONEY.reference, profile=None)
    assert failures(honest) == []


async def test_slow_code_gets_no_way_around_its_controls(ask: Ask) -> None:
    code = f"""{MONEY.reference}
import time
time.sleep(0.5)
Money.__eq__ = lambda self, other: time.sleep(0.2) or True
"""
    verdict = await ask(MONEY, code, ["sum"], limits=Limits(wall_seconds=1))

    assert verdict.points == 0


LENT = """
class Money:
    def __init__(self, amount): self.amount = amount
    def __sub__(self, other): return Money(self.amount - other.amount)
class Short(Exception):
    def __init__(self, missing):
        super().__init__(missing)
        self.missing = missing
def pay(have, price): raise Short(price - have)
def each(f, rows): return [f(row) for row in rows]
"""


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("self.missing = missing", "self.missing = Money(0)"),
        ("super().__init__(missing)", "super().__init__(Money(0))"),
        ("[f(row) for row in rows]", "[f(Money(0)) for row in rows]"),
    ],
)
async def test_an_object_does_not_reach_a_test_in_an_exception_or_through_a_function(
    true: str, false: str, pool: GraderPool
) -> None:
    tests = tuple(
        Test(key=str(number), name=str(number), source=source)
        for number, source in enumerate(
            [
                "assert (Money(5) - Money(3)).amount == 2",
                "import pytest\nwith pytest.raises(Short) as told:\n    pay(3, 10)\n"
                "assert told.value.missing - 7 == 0 == told.value.args[0] - 7",
                "seen = []\neach(lambda row: seen.append(row - 3), [3])\nassert seen == [0]",
            ]
        )
    )
    request = GradeRequest(id="lent", code=LENT, tests=tests, objects=True)
    recorded = await pool.grade(dataclasses.replace(request, record=True))
    lying = LENT.replace(true, false).replace("Money(self.amount - other.amount)", "0")

    honest = await pool.grade(dataclasses.replace(request, profile=recorded.profile))
    verdict = await pool.grade(
        dataclasses.replace(request, code=lying, profile=recorded.profile, tests=tests[1:])
    )

    assert failures(honest) == []
    assert verdict.points == 1
