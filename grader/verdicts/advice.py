"""What the author of a problem can do about a test that fails with a right solution."""

from __future__ import annotations

import enum
import os
from pathlib import Path
from typing import Any

from grader.protocol import GradeRequest
from grader.remote.proxies import Mirror
from grader.testing.asserting import Comparison


def beside_tests(error: BaseException, request: GradeRequest) -> str:
    """For a student it would tell which files there are."""
    if not isinstance(error, FileNotFoundError) or not (request.record or request.open_tests):
        return ""
    path, folder = Path(str(error.filename or "")), Path.cwd()
    # Whether a file exists elsewhere is nobody's to know.
    if not Path(os.path.normpath(folder / path)).is_relative_to(folder.parent):
        return ""
    if not path.name or not (path.is_absolute() or os.path.lexists(path)):
        return ""
    return (
        f" (The tests made {path.name} on their own side, where the student's code cannot read: "
        "make it in `given`, or lay it beside the solution.)"
    )


def not_comparable(comparison: Comparison, error: BaseException | None = None) -> str:
    """For an author: `Pair(1, 2) == (1, 2)` is never asked of the student's `__eq__`.

    And for a student whose class has none: both sides are shown alike.
    """
    sides = (comparison.actual, comparison.expected)
    if isinstance(error, TypeError) and comparison.sign in ("<", "<=", ">", ">="):
        mine, other = (type(side).__name__ for side in sides)
        return f" Python cannot compare {mine} with {other} by {comparison.sign}."
    if comparison.sign == "instance":
        return _stays(sides[0], sides[1])
    if comparison.sign in ("in", "holds"):
        return _unequal(type(sides[comparison.sign == "holds"]))
    objects = [side for side in sides if isinstance(type(side), Mirror)]
    if comparison.sign != "==" or len(objects) != 1:
        return _alike(sides) if comparison.sign == "==" else ""
    kind: Any = type(objects[0])
    if "__eq__" not in vars(kind) or kind.__remote__.doubts.compares_plain:
        return ""
    return (
        f" Objects of {kind.__name__} are compared with each other only, not with plain values: "
        "compare their attributes."
    )


def _stays(mine: Any, wanted: Any) -> str:
    """Of a library's object that is no value, such as numpy's masked array."""
    own: Any = type(mine)
    many = wanted if isinstance(wanted, tuple) else (wanted,)
    names = {(kind.__module__, kind.__name__) for kind in many if type(kind) is type}
    if not isinstance(own, Mirror) or (own.__module__, own.__name__) not in names:
        return ""
    return (
        f" It is one, but an object of {own.__name__} stays beside the student's code: "
        "the test can ask what it holds."
    )


def _alike(sides: tuple[Any, Any]) -> str:
    """Of two objects, or two lists of them."""
    lists = all(isinstance(side, list | tuple) and side for side in sides)
    kinds = {type(side[0] if lists else side) for side in sides}
    return _unequal(kinds.pop()) if len(kinds) == 1 else ""


def _unequal(kind: Any) -> str:
    if not isinstance(kind, Mirror) or issubclass(kind, enum.Enum):
        return ""
    if any("__eq__" in vars(base) for base in kind.__mro__ if base is not object):
        return ""
    return f" Two objects of {kind.__name__} are equal only where its __eq__ says so."
