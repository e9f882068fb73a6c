"""Exercises as they are published grade as they run: solutions pass, and empty ones fail."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from grader.pool import GraderPool
from grader.protocol import Limits, Verdict
from pythonmastery_ext.grading.batch import _request
from pythonmastery_ext.grading.exercise import Exercise
from pythonmastery_ext.grading.finding import find_exercises
from tests.grader.conftest import failures

FOLDER = Path(__file__).parent / "exercises"
EXERCISES = [found for found in find_exercises(FOLDER) if isinstance(found, Exercise)]


async def _grade(pool: GraderPool, exercise: Exercise, *, wall_seconds: float = 15) -> Verdict:
    return await pool.grade(_request(exercise, Limits(cpu_seconds=5, wall_seconds=wall_seconds)))


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
async def test_a_published_exercise_passes_with_its_solution(exercise: Exercise, pool) -> None:
    # One of them starts a thousand threads, and waits for each of them in its turn.
    verdict = await _grade(pool, exercise, wall_seconds=60)

    assert failures(verdict) == [
        f"{t.name}: not_run: {t.message}" for t in verdict.tests if not t.max_points
    ]
    assert verdict.status == "passed"


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
async def test_an_emptied_solution_does_not_pass(exercise: Exercise, pool, tmp_path) -> None:
    tree = ast.parse(exercise.solution.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [ast.Pass()]
    emptied = tmp_path / exercise.solution.name
    emptied.write_text(ast.unparse(tree))
    for helper in exercise.solution.parent.glob("*.py"):
        if helper.name != emptied.name:
            # That a thousand threads are borne is seen with the solution.
            text = helper.read_text().replace("range(1000)", "range(20)")
            (tmp_path / helper.name).write_text(text)

    verdict = await _grade(pool, Exercise(exercise.name, emptied, tmp_path / exercise.tests.name))

    assert verdict.status in ("failed", "partial", "timeout")
    assert verdict.points < verdict.max_points
