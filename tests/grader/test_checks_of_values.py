"""approx, tolerance and chained comparisons: what passes is right, and what fails is shown."""

from __future__ import annotations

import importlib.util

import pytest

from tests.grader.conftest import Grade, failures

ECHO = "def give(value): return value\n"
TABLES = pytest.mark.skipif(not importlib.util.find_spec("numpy"), reason="numpy is not there")
NUMPY = "import numpy as np\nfrom pytest import approx\n"


@TABLES
@pytest.mark.parametrize(
    "test",
    [
        "give(np.array([1.5, 1.5])) == approx(1.5)",
        "give(np.array(1.5)) == approx(1.5)",
        "give(1.5) == approx(np.array(1.5))",
        "give(np.array([])) == approx(np.array([]))",
        "give(np.array([np.nan, 1])) == approx(np.array([np.nan, 1]), nan_ok=True)",
        "give([1, 2]) == approx(np.array([1, 2.0000001]))",
        "give(np.float32(0.1)) == approx(0.1)",
        "give({'a': np.float64(1)}) == approx({'a': 1})",
        "give(np.array(['2024-01-01'], 'M8[ns]')) == approx(np.array(['2024-01-01'], 'M8[D]'))",
    ],
)
async def test_what_is_close_passes(test: str, grade: Grade) -> None:
    assert failures(await grade(ECHO, f"{NUMPY}assert {test}")) == []


@TABLES
@pytest.mark.parametrize(
    "test",
    [
        "give(np.array([])) == approx(1.5)",
        "give(1.5) == approx(np.array([]))",
        "give(np.array([])) == approx(np.array([1.5]))",
        "give(np.array([1, 2])) == approx(np.array([[1], [2]]))",
        "give(np.array([[1, 1], [2, 2]])) == approx([1, 2])",
        "give(np.array([np.nan])) == approx(np.array([np.nan]))",
        "give(np.array([np.nan])) == approx(1.5)",
        "give(np.array(['1.5'])) == approx(np.array([1.5]))",
        "give(np.array(['2024-01-01T00:05'], 'M8[ns]')) == approx("
        "np.array(['2024-01-01'], 'M8[ns]'))",
        "give(np.array([0], 'M8[s]')) == approx(np.array([0.0]))",
        "give(None) == approx(np.array([1.5]))",
    ],
)
async def test_what_is_not_close_fails(test: str, grade: Grade) -> None:
    verdict = await grade(ECHO, f"{NUMPY}assert {test}")

    assert verdict.status == "failed"


@TABLES
async def test_a_table_is_not_a_column(grade: Grade) -> None:
    test = (
        "import pandas as pd\nfrom pytest import approx\n"
        "frame = pd.DataFrame({'a': [1.0, 2.0]})\n"
        "assert give(frame) == approx(frame)\n"
        "assert give(frame['a']) == approx(frame['a'])\n"
        "assert not give(frame) == approx(frame['a'])\n"
        "assert not give(frame['a']) == approx(frame)\n"
    )

    assert failures(await grade(ECHO, test)) == []


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ("0 < give(30) < 10", "give(30) should be < 10, but it is 30."),
        ("5 < give(3) < 10", "give(3) should be > 5, but it is 3."),
        ("10 >= give(30)", "give(30) should be <= 10, but it is 30."),
        ("1 == give(1) == give(2)", "give(1) should be 2, but it is 1."),
        ("give(1) < 2 < give(1)", "give(1) should be > 2, but it is 1."),
    ],
)
async def test_of_a_chain_the_link_that_fails_is_shown(test: str, said: str, grade: Grade) -> None:
    verdict = await grade(ECHO, f"assert {test}")

    assert verdict.tests[0].message == said


async def test_each_part_of_a_chain_is_evaluated_once_and_only_if_it_is_reached(
    grade: Grade,
) -> None:
    test = (
        "seen = []\ndef ask(n):\n    seen.append(n)\n    return give(n)\n"
        "class Inside:\n    assert 0 < ask(1) < ask(2) <= 2\n"
        "def check():\n    for n in (3, 4):\n        assert 2 < ask(n) < 5\n"
        "check()\nassert seen == [1, 2, 3, 4]\n"
        "try:\n    assert 9 < ask(5) < ask(6)\nexcept AssertionError:\n    pass\n"
        "assert seen[4:] == [5]"
    )

    assert failures(await grade(ECHO, test)) == []
