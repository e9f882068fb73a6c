"""Test files for the grader kernel that a person opened in a notebook (see `grader.notebook`)."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from pythonmastery_ext.curriculum.format import ContentError, read_problem
from pythonmastery_ext.grading.client import request_for
from pythonmastery_ext.grading.exercise import CannotGrade, Exercise
from pythonmastery_ext.grading.finding import tested_module

if TYPE_CHECKING:
    from grader.protocol import GradeRequest


class UnusableTests(ValueError):
    """The file holds nothing to grade against."""


def read(magic: str, path: Path) -> GradeRequest:
    """Read with the rights of whoever runs the kernel, from their folder."""
    if not path.is_file():
        raise UnusableTests(f"{path}: there is no such file, seen from {Path.cwd()}.")
    try:
        return _of_problem(path) if magic == "%problem" else _of_test_file(path)
    except (ContentError, CannotGrade) as error:
        raise UnusableTests(str(error)) from None


def _of_problem(path: Path) -> GradeRequest:
    return request_for(str(uuid.uuid4()), "submit", "", read_problem(path))


def _of_test_file(path: Path) -> GradeRequest:
    from grader.protocol import GradeRequest, Test

    module = tested_module(path)
    # Where the solution would be; the cell stands in its place.
    exercise = Exercise(name=path.stem, solution=path.parent / f"{module}.py", tests=path)
    test = Test(
        key="tests",
        name=path.name,
        source=exercise.read(path),
        visible="sample",
        suite=True,
        filename=str(path.resolve()),
    )
    return GradeRequest(
        id="",
        code="",
        tests=(test,),
        module=exercise.module,
        test_modules=exercise.test_modules(),
        shuffle=False,
        open_tests=True,
    )
