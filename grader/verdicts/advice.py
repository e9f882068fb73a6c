"""What the author of a problem can do about a test that fails with a right solution."""

from __future__ import annotations

from pathlib import Path

from grader.protocol import GradeRequest
from grader.remote.proxies import Mirror
from grader.testing.asserting import Comparison


def beside_tests(error: BaseException, request: GradeRequest) -> str:
    """For a student it would tell which files there are."""
    if not isinstance(error, FileNotFoundError) or not (request.record or request.open_tests):
        return ""
    path = Path(str(error.filename or ""))
    if not path.name or not (path.exists() or path.is_relative_to(Path.cwd().parent)):
        return ""
    return (
        f" (The tests made {path.name} on their own side, where the student's code cannot read: "
        "make it in `given`, or lay it beside the solution.)"
    )


def not_comparable(comparison: Comparison) -> str:
    """For an author: `Pair(1, 2) == (1, 2)` is never asked of the student's `__eq__`."""
    sides = (comparison.actual, comparison.expected)
    objects = [side for side in sides if isinstance(type(side), Mirror)]
    if comparison.sign != "==" or len(objects) != 1:
        return ""
    kind = type(objects[0])
    if "__eq__" not in vars(kind) or kind.__remote__.doubts.compares_plain:
        return ""
    return (
        f" Objects of {kind.__name__} are compared with each other only, not with plain values: "
        "compare their attributes."
    )
