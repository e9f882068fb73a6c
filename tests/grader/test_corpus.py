"""Any ordinary test runs unmodified: solutions pass it, wrong ones fail, in every style."""

from __future__ import annotations

import importlib.util

import pytest

from grader.pool import GraderPool
from grader.protocol import GradeRequest, Limits, Verdict
from grader.protocol import Test as GraderTest
from tests.grader.conftest import failures
from tests.grader.corpus import Exercise, exercises

TABLES = all(importlib.util.find_spec(name) for name in ("numpy", "pandas"))
EXERCISES = [e for e in exercises() if TABLES or e.style != "tables"]
CELLS = [e for e in EXERCISES if e.style.startswith("asserts")]
WRONG = [(e, number) for e in EXERCISES for number in range(len(e.wrong))]


def _named(value: object) -> str:
    return value.name if isinstance(value, Exercise) else str(value)


async def _grade(pool: GraderPool, exercise: Exercise, code: str) -> Verdict:
    test = GraderTest(
        key="tests",
        name="tests",
        source=exercise.tests,
        visible="sample",
        suite=True,
        filename=f"test_{exercise.name}.py",
    )
    request = GradeRequest(
        id=exercise.name,
        code=code,
        tests=(test,),
        module=exercise.name,
        limits=Limits(cpu_seconds=5, wall_seconds=15, memory_mb=512),
        shuffle=False,
        open_tests=True,
    )
    return await pool.grade(request)


async def _grade_hidden(pool: GraderPool, exercise: Exercise, code: str) -> Verdict:
    test = GraderTest(key="t", name="Test", source=exercise.tests, suite=True)
    request = GradeRequest(id=exercise.name, code=code, tests=(test,), module=exercise.name)
    return await pool.grade(request)


@pytest.mark.parametrize("exercise", EXERCISES, ids=_named)
async def test_a_solution_passes(exercise: Exercise, pool: GraderPool) -> None:
    verdict = await _grade(pool, exercise, exercise.solution)

    skipped = [f"{t.name}: not_run: {t.message}" for t in verdict.tests if not t.max_points]
    assert failures(verdict) == skipped
    assert verdict.status == "passed"


@pytest.mark.parametrize(("exercise", "number"), WRONG, ids=_named)
async def test_a_wrong_solution_does_not_pass(
    exercise: Exercise, number: int, pool: GraderPool
) -> None:
    verdict = await _grade(pool, exercise, exercise.wrong[number])

    assert verdict.status in ("failed", "partial")


@pytest.mark.parametrize("exercise", CELLS, ids=_named)
async def test_asserts_on_plain_values_pass_as_hidden_tests(
    exercise: Exercise, pool: GraderPool
) -> None:
    verdict = await _grade_hidden(pool, exercise, exercise.solution)

    assert verdict.status == "passed"
    for code in exercise.wrong:
        assert (await _grade_hidden(pool, exercise, code)).status in ("failed", "partial")


def test_the_corpus_is_broad() -> None:
    assert len(exercises()) >= 60
    assert all(len(exercise.wrong) >= 2 for exercise in exercises())
