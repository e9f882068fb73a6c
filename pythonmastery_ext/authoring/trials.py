"""Checks that run code: every solution, right or wrong, goes through the real grader."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pythonmastery_ext.authoring.checks import pasted_hint
from pythonmastery_ext.authoring.findings import Finding
from pythonmastery_ext.curriculum.format import (
    AlternativeCell,
    Cell,
    HintCell,
    ProblemContent,
    SolutionCell,
    WrongCell,
)
from pythonmastery_ext.curriculum.student import starter_code
from pythonmastery_ext.grading import profiles
from pythonmastery_ext.grading.client import request_for
from pythonmastery_ext.grading.profiles import opened

if TYPE_CHECKING:
    from grader.pool import GraderPool
    from grader.protocol import Test, Verdict

#: Runs of the solution, each with another order of the tests.
ORDERS = 3
SEEDS = 50
#: Key of the differential test; no author's key has this form.
SAME = "~same"

UNGUARDED = (
    "the tests compare objects, but no change of a value in a test makes every right solution "
    "fail, so an `__eq__` that is always true may pass: compare with an object that the test makes "
    "from plain values, and let no test depend on chance"
)

UNGUARDED_LINE = (
    "line {line} compares objects, but no change of a value in this test makes every right "
    "solution fail there, so an `__eq__` that is always true may pass: compare with an object that "
    "the test makes from plain values, in a short test of its own that does not depend on chance"
)

#: Cell, number of the check, message.
Found = tuple[str | None, str, str]

#: Runs among the tests, on the trusted side. Each input is used twice, because a default value
#: that is shared between calls shows only at the second one.
DIFFERENTIAL = """\
import builtins
import copy
import random


def _space(source):
    names = {{"__builtins__": builtins}}
    exec(source, names)
    return names


_reference = _space({reference!r})
_make_inputs = _space({generator!r})["make_inputs"]
for _seed in range({seeds}):
    _args, _kwargs = _make_inputs(random.Random(_seed))
    for _again in range(2):
        _expected = _reference[{entry!r}](*copy.deepcopy(_args), **copy.deepcopy(_kwargs))
        assert {entry}(*copy.deepcopy(_args), **copy.deepcopy(_kwargs)) == _expected
"""


class CannotGradeError(Exception):
    """The grader could not grade, which says nothing about the problem."""


async def with_profile(
    pool: "GraderPool", path: Path, content: ProblemContent
) -> tuple[ProblemContent, list[Finding]]:
    """A class problem with what is recorded of its right solutions, as publishing does it.

    What they do not pass is for `check_code` to tell.
    """
    if not profiles.wanted(content):
        return content, []
    try:
        profile = await profiles.record(pool, content)
    except profiles.NoProfile as error:
        if error.internal:
            raise CannotGradeError(str(error)) from None
        return content, []
    return content.with_profile(profile), [
        Finding(path, cell, "W18", text) for cell, text in _unguarded(profile)
    ]


def _unguarded(profile: dict[str, Any]) -> list[tuple[str | None, str]]:
    found = profiles.unguarded(profile)
    if found:
        return [(key, UNGUARDED_LINE.format(line=line)) for key, line in found]
    if profile["controls"] or all("eq" not in used for used in profile["classes"].values()):
        return []
    return [(None, UNGUARDED)]


async def check_code(pool: "GraderPool", path: Path, content: ProblemContent) -> list[Finding]:
    trial = _Trial(pool, content)
    right = [trial.right(content.solution), *map(trial.right, content.alternatives)]
    wrong = [trial.wrong(cell) for cell in content.wrongs]
    hints = [trial.hint(hint) for hint in content.hints]
    # All at once: the pool lets as many run as it has kernels.
    found = await asyncio.gather(*right, trial.starter(), *wrong, *hints)
    return [Finding(path, cell, code, text) for some in found for cell, code, text in some]


class _Trial:
    def __init__(self, pool: "GraderPool", content: ProblemContent) -> None:
        self._pool = pool
        self._content = content

    async def right(self, cell: SolutionCell | AlternativeCell) -> list[Found]:
        """It passes every test, in any order, and agrees with the solution on random inputs."""
        for order in range(ORDERS if cell is self._content.solution else 1):
            verdict = await self._grade(cell.source, order, compare=order == 0)
            failed = {test.key for test in verdict.tests if test.status != "passed"}
            if failed == {SAME}:
                return [(cell.key, "E09", f"it differs from the solution: {_why(verdict)}")]
            if verdict.status != "passed":
                return [(cell.key, "E05", f"a right solution does not pass: {_why(verdict)}")]
        return []

    async def starter(self) -> list[Found]:
        passed = self._passed(await self._grade(starter_code(self._content)))
        if not passed:
            return []
        return [(None, "E06", f"the starter already passes {', '.join(sorted(passed))}")]

    async def wrong(self, cell: WrongCell) -> list[Found]:
        passed = self._passed(await self._grade(cell.source))
        failed = [test for test in self._content.tests if test.key not in passed]
        if not failed:
            return [(cell.key, "E07", "no test catches this wrong solution")]
        if alive := [key for key in cell.killed_by if key in passed]:
            return [(cell.key, "E07", f"{', '.join(alive)} should catch it and does not")]
        if not any(test.on_fail or test.visible == "sample" for test in failed):
            names = ", ".join(test.key for test in failed)
            return [(cell.key, "E07", f"only {names} catch it, and none of them has an on_fail")]
        return []

    async def hint(self, hint: HintCell) -> list[Found]:
        code = pasted_hint(self._content, hint)
        if code is None or (await self._grade(code)).status != "passed":
            return []
        return [(hint.key, "E11", "the code of this hint passes when it is pasted")]

    async def _grade(self, code: str, order: int = 0, compare: bool = False) -> "Verdict":
        request = request_for(f"{order:032x}", "submit", code, self._content)
        if compare and self._content.generator is not None:
            extra = self._differential(self._content.generator)
            request = replace(request, tests=(*request.tests, extra))
        verdict = await self._pool.grade(opened(request))
        if verdict.status == "error" and verdict.reason != "bad_tests":
            raise CannotGradeError(verdict.message or "it gave no reason")
        return verdict

    def _differential(self, generator: Cell) -> "Test":
        from grader.protocol import Test

        content = self._content
        source = DIFFERENTIAL.format(
            reference=f"{content.given}\n{content.solution.source}",
            generator=f"{content.given}\n{generator.source}",
            entry=content.solution.entry[0],
            seeds=SEEDS,
        )
        return Test(
            key=SAME,
            name="The same as the solution",
            source=source,
            visible="sample",  # so that the verdict tells the call and both values
            tolerance=max((t.tolerance for t in content.tests if t.tolerance), default=None),
            ordered=all(test.ordered for test in content.tests),
        )

    @staticmethod
    def _passed(verdict: "Verdict") -> set[str]:
        """A program that never got to its tests (a syntax error, a crash) passed none."""
        return {test.key for test in verdict.tests if test.status == "passed"}


def _why(verdict: "Verdict") -> str:
    for test in verdict.tests:
        if test.status == "timeout":
            return f"{test.key}: it ran out of time"
        if test.status == "error" and verdict.error is not None:
            return f"{test.key}: {verdict.error.type}: {verdict.error.message}"
        if test.status in ("failed", "error"):
            told = f"; {test.call} gives {test.actual}, not {test.expected}"
            values = told if test.call and test.actual else ""
            return f"{test.key}: {test.message or 'it fails'}{values}"
    return verdict.message or verdict.status
