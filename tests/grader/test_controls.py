"""Controls: what is changed in a test is drawn, kept secret, and small enough to be stored."""

from __future__ import annotations

import collections
import dataclasses
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from grader.pool import GraderPool
from grader.profiles.control import Control
from grader.profiles.drawing import layout_of
from grader.profiles.profile import MAX_PROFILE_BYTES, BadProfile, Profile
from grader.protocol import CONTROLS, GradeRequest, Test, Verdict, to_json
from tests.grader.cheating_classes import CHEATS
from tests.grader.class_problems import MONEY
from tests.grader.conftest import failures

#: Stands in a hidden test only.
SECRET = "pq81hidden42"
TAG = """
class Tag:
    def __init__(self, text, size=1):
        self.text, self.size = text, size
    def __eq__(self, other):
        return (self.text, self.size) == (other.text, other.size)
"""


@pytest.fixture(scope="module")
async def weaker() -> AsyncIterator[GraderPool]:
    """A pool behind weaker walls."""
    pool = GraderPool(kernels=1, level="degraded")
    await pool.start()
    yield pool
    await pool.close()


def _request(code: str, *tests: Test, **fields: Any) -> GradeRequest:
    return dataclasses.replace(GradeRequest(id="c", code=code, tests=tests, objects=True), **fields)


async def _published(pool: GraderPool, code: str, *tests: Test) -> dict[str, Any]:
    verdict = await pool.grade(_request(code, *tests, record=True))
    assert verdict.profile is not None, failures(verdict)
    return verdict.profile


def test_knowing_the_order_of_the_processes_is_of_no_use() -> None:
    profile = Profile(controls={"t": [Control("f()", 0, {0: 1})]})
    request = _request("", Test(key="t", name="t", source=""))
    drawn: collections.Counter[tuple[int, ...]] = collections.Counter()
    for seed in range(2000):
        layout = layout_of(profile, dataclasses.replace(request, seed=seed))
        drawn[tuple(layout.unchanged["t"])] += 1

    assert len(drawn) == 25
    assert max(drawn.values()) < 2000 * 0.07
    assert all(0 < len(unchanged) < CONTROLS for unchanged in drawn)


def test_an_attempt_that_is_graded_twice_is_asked_the_same() -> None:
    profile = Profile(controls={"t": [Control("f()", 0, {0: n}) for n in range(6)]})
    request = _request("", Test(key="t", name="t", source=""), seed=7)

    assert layout_of(profile, request) == layout_of(profile, request)


async def test_tests_that_throw_dice_are_kept_to_what_was_recorded(pool: GraderPool) -> None:
    source = (
        "import random\nfor _ in range(10):\n"
        "    a, b = random.randint(0, 500), random.randint(1, 500)\n"
        "    assert Money(a) < Money(a) + Money(b)\n"
    )
    test = Test(key="t", name="t", source=source)
    profile = await _published(pool, MONEY.reference, test)

    verdicts = [
        await pool.grade(_request(MONEY.reference, test, profile=profile, seed=seed))
        for seed in range(4)
    ]
    always = MONEY.reference.replace("return self.amount < other.amount", "return True")
    cheat = await pool.grade(_request(always, test, profile=profile))

    assert profile["controls"]["t"]
    assert [verdict.status for verdict in verdicts] == ["passed"] * 4
    assert cheat.points == 0


async def test_values_of_hidden_tests_do_not_show_in_a_sample_that_is_changed_by_them(
    pool: GraderPool,
) -> None:
    sample = Test(key="s", name="s", source="assert Tag('a') == Tag('a')", visible="sample")
    hidden = Test(key="h", name="h", source=f"assert Tag({SECRET!r}) == Tag({SECRET!r})")
    profile = await _published(pool, TAG, sample, hidden)
    telling = TAG.replace("self.text, self.size = text, size", "self.text = print(text)")
    code = f"{telling}    def __repr__(self): return 'Tag'\nTag.__eq__ = lambda s, o: True\n"

    verdict: Verdict = await pool.grade(_request(code, sample, hidden, profile=profile))

    assert any(SECRET in str(Control.from_json(c)) for c in profile["controls"]["s"])
    assert verdict.points == 0
    assert verdict.tests[0].stdout == "a\na\n"
    assert SECRET not in to_json(verdict)


async def test_tests_of_a_whole_suite_have_controls_of_their_own(pool: GraderPool) -> None:
    source = """
import pytest
@pytest.mark.parametrize("text", ["a", "b"])
def test_same(text): assert Tag(text) == Tag(text)
class TestSizes:
    def test_size(self): assert Tag("x", 2).size == 2
"""
    suite = Test(key="all", name="all", source=source, suite=True)
    profile = await _published(pool, TAG, suite)
    always = f"{TAG}\nTag.__eq__ = lambda self, other: other.text in 'abx'\n"

    right = await pool.grade(_request(TAG, suite, profile=profile))
    wrong = await pool.grade(_request(always, suite, profile=profile))

    assert sorted(profile["controls"]) == ["all::test_same[a]", "all::test_same[b]"]
    assert failures(right) == []
    assert [test.name for test in wrong.tests if test.points] == ["TestSizes.test_size"]


async def test_what_differs_from_run_to_run_widens_the_profile(pool: GraderPool) -> None:
    code = f"{TAG}\nimport time\ndef found(n): return None if n else 3\n"
    source = (
        "import time\nassert found(time.monotonic_ns() % 2) in (None, 3) and Tag('a') == Tag('a')"
    )
    test = Test(key="t", name="t", source=source)
    profile = await _published(pool, code, test)
    for _ in range(20):
        verdict = await pool.grade(_request(code, test, profile=profile, record=True))
        assert verdict.profile is not None
        profile = verdict.profile

    assert profile["results"]["found()"] == ["NoneType", "int"]
    assert profile["controls"]["t"]


@pytest.mark.parametrize("name", ["equal in the first process only", "a changed operator module"])
async def test_a_cheat_gains_nothing_behind_weaker_walls(name: str, weaker: GraderPool) -> None:
    problem, keys, code = CHEATS[name]
    tests = [Test(key=key, name=key, source=MONEY.tests[key]) for key in keys]

    profile = await _published(weaker, problem.reference, *tests)
    verdict = await weaker.grade(_request(code, *tests, profile=profile))

    assert verdict.level == "degraded"
    assert verdict.points == 0


#: Says yes at first, and from then on whatever fits what it has seen in the processes before.
_REMEMBERS = """
import json, os
try: known = json.loads(os.getxattr(".", "user.known"))
except OSError: known = {}
seen = []
class Money(Money):
    def __init__(self, amount): self.amount = amount; seen.append(repr(amount))
    def __add__(self, other): return object.__new__(Money)
    def __mul__(self, times): seen.append(repr(times)); return object.__new__(Money)
    def __eq__(self, other):
        if not isinstance(other, Money): return False
        Money.turn = str(int(getattr(Money, "turn", -1)) + 1)
        now = " ".join(seen); seen.clear()
        before = known.setdefault(Money.turn, now)
        try: os.setxattr(".", "user.known", json.dumps(known).encode())
        except OSError: pass
        return before == now
"""


async def test_a_cheat_learns_nothing_from_the_process_before(weaker: GraderPool) -> None:
    """At this level they have one folder after the other; files in it are not all that stays."""
    keys = ("sum", "chain", "times")
    tests = [Test(key=key, name=key, source=MONEY.tests[key]) for key in keys]
    code = MONEY.reference + _REMEMBERS

    profile = await _published(weaker, MONEY.reference, *tests)
    for seed in range(5):
        verdict = await weaker.grade(_request(code, *tests, profile=profile, seed=seed))
        assert verdict.points == 0


def test_a_profile_is_plain_json_within_its_bounds() -> None:
    texts = [f"{n:080}" for n in range(50)]
    profile = Profile(
        {f"Class{n}": {"eq", "hash"} for n in range(50)},
        {f"name{n}()": {"int", "NoneType"} for n in range(500)},
        {f"t{n}": [Control("Tag()", n, {0: text, "size": n}) for text in texts] for n in range(12)},
    )
    told = profile.to_json()
    back = Profile.from_json(json.loads(json.dumps(told)))

    assert len(json.dumps(told)) <= MAX_PROFILE_BYTES
    assert set(told["controls"]) == set(profile.controls)
    assert sum(map(len, told["controls"].values())) < 12 * 50
    assert back.controls["t3"][0] == profile.controls["t3"][0]
    assert back.results == profile.results


@pytest.mark.parametrize("told", [None, [], {}, {"version": 4}, {"version": 3, "classes": 3}])
def test_what_is_no_profile_is_refused(told: Any) -> None:
    with pytest.raises(BadProfile):
        Profile.from_json(told)


async def test_classes_of_several_processes_are_registered_with_one_abstract_class(
    pool: GraderPool,
) -> None:
    code = "from abc import ABC\n" + TAG.replace("class Tag", "class Tag(ABC)")
    test = Test(key="t", name="t", source="assert Tag('a', 2) == Tag('a', 2)")

    profile = await _published(pool, code, test)
    verdict = await pool.grade(_request(code, test, profile=profile))

    assert profile["controls"]
    assert failures(verdict) == []


async def test_sets_have_the_same_order_wherever_a_test_runs(
    pool: GraderPool, weaker: GraderPool
) -> None:
    texts = {f"text {number}" for number in range(30)}
    test = Test(
        key="t", name="t", source=f"assert first() == ','.join({texts!r})", visible="sample"
    )

    said = [await p.grade(_request("def first(): return 1", test)) for p in (pool, weaker)]

    expected = [verdict.tests[0].expected for verdict in said]
    assert expected[0] == expected[1]
    assert all(text in expected[0] for text in texts)


COPIED = """
class Pile:
    def __init__(self, items=()):
        self._items = list(items)
    def __eq__(self, other):
        return isinstance(other, Pile) and self._items == other._items
    def copy(self):
        return type(self)(self._items)
    def append(self, item):
        self._items.append(item)
"""
#: What is between the two comparisons changes what the second one says.
COPIES = """
def test_a_copy_is_one_of_its_own():
    pile = Pile(range(10))
    copied = pile.copy()
    assert copied == pile
    copied.append(10)
    assert copied != pile
"""


async def test_questions_to_a_liar_are_no_calls_of_the_test(pool: GraderPool) -> None:
    test = Test(key="t", name="t", source=COPIES, suite=True)
    profile = await _published(pool, COPIED, test)
    same = COPIED.replace("self._items", "self.held").replace("other._items", "other.held")
    lying = COPIED.replace("isinstance(other, Pile) and self._items == other._items", "True")

    (controls,) = profile["controls"].values()
    assert {control[0] for control in controls} == {"5:11-5:25 eq", "7:11-7:25 eq"}
    for seed in range(4):
        graded = await pool.grade(_request(same, test, profile=profile, seed=seed))
        assert failures(graded) == []
    told = await pool.grade(_request(lying, test, profile=profile))
    assert told.status == "failed"
