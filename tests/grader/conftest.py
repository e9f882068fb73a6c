"""One real grader pool for the whole run, and short ways to grade with it."""

from __future__ import annotations

import dataclasses
import itertools
import os
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from hypothesis import settings

from grader.pool import GraderPool
from grader.protocol import GradeRequest, Limits, Test, Verdict
from tests.grader.field import Field, open_field

#: Material for the grader, not tests of ours.
collect_ignore = ["exercises", "attacks"]

#: Each run draws a few examples of its own; with PYTHONMASTERY_TEST_EXAMPLES=many, a great many.
FEW = os.environ.get("PYTHONMASTERY_TEST_EXAMPLES") != "many"
# How long an example takes says more about the machine than about us.
settings.register_profile("untimed", deadline=None, max_examples=30 if FEW else 300)
settings.load_profile("untimed")

Grade = Callable[..., Awaitable[Verdict]]
_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
async def pool() -> AsyncIterator[GraderPool]:
    pool = GraderPool(kernels=1)
    await pool.start()
    yield pool
    await pool.close()


@pytest.fixture(scope="session", params=["full", "degraded"])
async def field(request: pytest.FixtureRequest) -> AsyncIterator[Field]:
    """A pool of two kernels at each level, and all that watches it."""
    async with open_field(request.param) as field:
        yield field


def as_tests(sources: str | list[str], *, visible: str = "sample") -> tuple[Test, ...]:
    """One test for each source."""
    many = [sources] if isinstance(sources, str) else sources
    return tuple(
        Test(key=f"t{i}", name=f"Test {i}", source=textwrap.dedent(source), visible=visible)
        for i, source in enumerate(many)
    )


@pytest.fixture
def grade(pool: GraderPool) -> Grade:
    """Grade `code` against test sources (or ready tests); fields of the request by keyword."""

    async def run(code: str, tests: object, **fields: object) -> Verdict:
        limits = fields.pop("limits", Limits(cpu_seconds=4, wall_seconds=6))
        visible = fields.pop("visible", "sample")
        ready = tests if isinstance(tests, tuple) else as_tests(tests, visible=visible)
        request = GradeRequest(
            id=f"r{next(_NUMBERS)}", code=textwrap.dedent(code), tests=ready, limits=limits
        )
        return await pool.grade(dataclasses.replace(request, **fields))

    return run


@pytest.fixture
def grade_suite(grade: Grade) -> Grade:
    """Grade `code` against a whole test file, as `pythonmastery grade` does."""

    async def run(code: str, source: str, **fields: object) -> Verdict:
        test = Test(
            key="suite",
            name="suite",
            source=textwrap.dedent(source),
            visible="sample",
            suite=True,
            filename="answer_test.py",
        )
        return await grade(code, (test,), open_tests=True, shuffle=False, **fields)

    return run


def failures(verdict: Verdict) -> list[str]:
    wrong = [t for t in verdict.tests if t.status != "passed"]
    return [f"{t.name}: {t.status}: {t.message}" for t in wrong] or (
        [] if verdict.status == "passed" else [f"{verdict.status}: {verdict.message}"]
    )
