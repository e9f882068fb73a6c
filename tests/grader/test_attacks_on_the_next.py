"""A runner that waits tells the next submission what a new one would, whatever came before it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from grader.protocol import GradeRequest
from tests.grader.again import Ground, ground, without_measures
from tests.grader.attacks import reused
from tests.grader.attacks.attack import Attack
from tests.grader.attacks.problems import TOTAL
from tests.grader.field import TIGHT

#: Right, wrong and failing code, which would show what is not as it was.
_NEXT = (
    TOTAL.honest,
    "def total(rows):\n    print(rows)\n    return sum(rows) + (len(rows) == 1)\n",
    "def total(rows): raise ValueError(rows)\n",
)
_SUITE = GradeRequest(id="-", code="", tests=TOTAL.tests, limits=TIGHT)


@pytest.fixture(scope="module")
async def both() -> AsyncIterator[Ground]:
    async with ground() as both:
        yield both


@pytest.fixture(scope="module")
async def alone(both: Ground) -> list[str]:
    return [without_measures(await both.alone(_SUITE, code)) for code in _NEXT]


def _name(attack: Attack) -> str:
    return attack.name.replace(" ", "-")


@pytest.mark.parametrize("attack", reused.ATTACKS, ids=_name)
async def test_what_comes_after_an_attack_is_graded_as_ever(
    attack: Attack, both: Ground, alone: list[str]
) -> None:
    first = await both.grade(_SUITE, TOTAL.honest)
    twice = [await both.grade(_SUITE, attack.code, seed) for seed in (1, 2)]
    later = [await both.grade(_SUITE, code) for code in _NEXT]

    assert first.status == "passed"
    assert all(verdict.points <= attack.honest for verdict in twice)
    assert all(verdict.status != "error" for verdict in twice)
    assert [without_measures(verdict) for verdict in later] == alone


async def test_they_meet_a_runner_that_has_served_others(both: Ground) -> None:
    both.taken.clear()
    for attack in reused.ATTACKS[::3]:
        await both.grade(_SUITE, TOTAL.honest)
        await both.grade(_SUITE, attack.code)

    met = both.taken[1::2]
    assert met.count(0) > len(met) / 2
