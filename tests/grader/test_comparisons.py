"""An object that says yes to everything is equal to nothing, whatever a test compares it with."""

from __future__ import annotations

import datetime
import decimal
import fractions
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.pool import GraderPool
from grader.protocol import GradeRequest
from grader.protocol import Test as GraderTest
from grader.remote.decoys import decoys, shuffled
from tests.grader.conftest import failures

_SCALARS = (
    st.integers() | st.floats(-1e9, 1e9) | st.text() | st.binary() | st.fractions() | st.dates()
)
_VALUES = _SCALARS | st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=8,
)

EQUAL_TO_ALL = {
    "always": "__eq__ = lambda self, other: True",
    "never unequal": "__eq__ = lambda self, other: True\n    __ne__ = lambda self, other: False",
    "by kind": "__eq__ = lambda self, other: isinstance(other, (int, str, list))",
    "once": (
        "seen = None\n"
        "    def __eq__(self, other):\n"
        "        self.seen = [other] if self.seen is None else self.seen\n"
        "        return self.seen == [other]"
    ),
    "always a liar": (
        "__eq__ = lambda self, other: Yes()\nclass Yes:\n    __bool__ = lambda self: True"
    ),
}
TESTS = [
    "def test_it():\n    assert [answer() for _ in range(12)] == list(range(12))\n",
    "def test_it():\n    assert all(answer() == 7 and 7 == answer() for _ in range(12))\n",
    "def test_it():\n    assert not any(answer() != 'abc' for _ in range(12))\n",
    "def test_it():\n    assert [[answer()] for _ in range(12)] == [[[1, 2]]] * 12\n",
    (
        "import unittest\nclass It(unittest.TestCase):\n    def test_it(self):\n"
        "        for _ in range(12):\n            self.assertIn(answer(), [7])\n"
    ),
]


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("comparison", EQUAL_TO_ALL.values(), ids=EQUAL_TO_ALL)
async def test_an_object_that_is_equal_to_all_is_no_answer(
    comparison: str, test: str, pool: GraderPool
) -> None:
    head, _, rest = comparison.partition("\nclass ")
    more = f"class {rest}\n" if rest else ""
    code = f"class Any:\n    {head}\n{more}def answer():\n    return Any()\n"
    source = f"from answers import answer\n{test}"
    tests = (GraderTest(key="t", name="t", source=source, visible="sample", suite=True),)
    request = GradeRequest(id="a", code=code, tests=tests, module="answers", open_tests=True)

    verdict = await pool.grade(request)

    assert verdict.points == 0
    assert verdict.status == "failed"


@pytest.mark.parametrize("yes", ["1", "'yes'", "[0]", "self"])
async def test_what_only_counts_as_a_yes_is_none(yes: str, pool: GraderPool) -> None:
    made = "class Box:\n    def __init__(self, n): self.n = n\n"
    code = f"{made}    def __eq__(self, other): return {yes}\n"
    test = (
        "import pytest\nfrom boxes import Box\n"
        "@pytest.mark.parametrize('other', [Box(2), [2], 2])\nclass TestBox:\n"
        "    def test_equal(self, other): assert Box(1) == other\n"
        "    def test_unequal(self, other): assert Box(1) != other\n"
    )
    tests = (GraderTest(key="t", name="t", source=test, visible="sample", suite=True),)
    request = GradeRequest(id="a", code=code, tests=tests, module="boxes", open_tests=True)

    verdict = await pool.grade(request)

    assert [result.status for result in verdict.tests] == ["failed"] * 6


async def test_a_class_of_a_dict_passes_under_its_own_profile(pool: GraderPool) -> None:
    code = "class Once(dict):\n    def __setitem__(self, key, value): raise KeyError(key)\n"
    tests = (GraderTest(key="t", name="t", source="assert Once({1: 2}) == {1: 2}\n"),)
    request = GradeRequest(id="a", code=code, tests=tests, module="answer", objects=True)
    recorded = await pool.grade(replace(request, record=True))

    verdict = await pool.grade(replace(request, profile=recorded.profile))

    assert failures(verdict) == []


@given(_VALUES)
def test_a_decoy_is_of_the_same_kind_and_another_value(value: object) -> None:
    found = decoys(value)

    assert found
    assert all(type(other) is type(value) and other != value for other in found)


@pytest.mark.parametrize(
    "value",
    [
        range(0),
        range(3, 30, 4),
        decimal.Decimal("0.1"),
        fractions.Fraction(1, 3),
        datetime.timedelta(hours=1),
        frozenset({1}),
        set(),
        1j,
    ],
)
def test_there_are_many_decoys(value: object) -> None:
    found = decoys(value)

    assert len(found) > 5
    assert all(type(other) is type(value) and other != value for other in found)


@pytest.mark.parametrize("value", [None, True, object(), print])
def test_there_are_none_for_what_has_no_like(value: object) -> None:
    assert decoys(value) == []


def test_the_right_one_is_asked_about_at_any_turn() -> None:
    turns = {shuffled([0, 1, 2, 3]).index(0) for _ in range(200)}

    assert turns == {0, 1, 2, 3}
