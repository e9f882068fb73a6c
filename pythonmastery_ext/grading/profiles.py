"""Profiles of class problems: recorded from the right solutions."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from grader import recorded
from pythonmastery_ext.curriculum.cells import ProblemContent
from pythonmastery_ext.grading.client import request_for

if TYPE_CHECKING:
    from grader.pool import GraderPool
    from grader.protocol import GradeRequest, Verdict


class NoProfile(Exception):
    """A right solution did not pass, so nothing can be learned from it; `str()` says why."""

    def __init__(self, cell: str, verdict: "Verdict") -> None:
        failed = next((test for test in verdict.tests if test.status != "passed"), None)
        told = f"{failed.key}: {failed.message or failed.status}" if failed else ""
        super().__init__(told or verdict.message or verdict.status)
        self.cell = cell
        #: Whether the grader failed, and not the solution.
        self.internal = verdict.reason == "internal"


def wanted(content: ProblemContent) -> bool:
    from grader.static import makes_classes

    return makes_classes(content.given, content.solution.source)


def opened(request: "GradeRequest") -> "GradeRequest":
    """For an author, who is told of all tests what a student is told of samples."""
    tests = tuple(replace(test, visible="sample") for test in request.tests)
    return replace(request, tests=tests)


async def record(pool: "GraderPool", content: ProblemContent) -> dict[str, Any]:
    """The union of what all right solutions need, and the controls that all of them fail.

    The solution goes twice: what differs from run to run is no ground for a judgement.
    """
    profile: dict[str, Any] | None = None
    cells = [content.solution, content.solution, *content.alternatives]
    for order, cell in enumerate(cells):
        request = opened(request_for(f"{order:032x}", "submit", cell.source, content))
        verdict = await pool.grade(replace(request, record=True, profile=profile))
        if verdict.profile is None:
            raise NoProfile(cell.key, verdict)
        profile = verdict.profile
    return profile or {}


def unguarded(profile: dict[str, Any]) -> list[tuple[str, int]]:
    """Test and line of the comparisons of objects that no control asks about."""
    found = set()
    for key, spots in profile["compared"].items():
        controls = profile["controls"].get(key, ())
        known = {_place(told[recorded.AT]) for told in controls if len(told) > recorded.AT}
        lines = {int(spot.partition(":")[0]) for spot in spots if _place(spot) not in known}
        found |= {(key.partition("::")[0], line) for line in lines}
    return sorted(found)


def _place(spot: str) -> str:
    """Without what is asked there: a set asks for a hash before it compares."""
    return spot.partition(" ")[0]


def summary(profile: dict[str, Any]) -> str:
    """One line for an author."""
    classes = [
        f"{name} ({', '.join(used)})" if used else name for name, used in profile["classes"].items()
    ]
    controls = profile["controls"]
    count = sum(map(len, controls.values()))
    return f"{', '.join(classes) or 'no objects'}; {count} controls in {len(controls)} tests"
