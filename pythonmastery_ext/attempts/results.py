"""Results of tests as an attempt keeps them: only what its problem's version does not say.

Kept is a list with one cell for each test, in the order of the version's tests (a check: of its
samples). A cell is

- a number, the milliseconds: passed with all points;
- or `[status, milliseconds, bytes, rest]`, without what is null at its end. `rest` holds the other
  fields of TestResultOut that are neither in the version nor follow from the status.

Bytes are left out where they are those of the whole attempt, a message where it is the version's
`on_fail`. What a hidden test must not tell is not kept at all. Until 0010 the list held whole
TestResultOut as objects; these are read as they are.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from pythonmastery_ext.curriculum.cells import ProblemContent, TestCell

#: What a hidden test never shows, whatever was stored.
ONLY_OF_SAMPLES = ("call", "expected", "actual", "difference", "line", "stdout")
#: In the cell itself, or in the version.
NOT_REST = ("key", "name", "visible", "status", "points", "max_points", "time_ms", "memory_bytes")

Result = dict[str, Any]


def asked(content: ProblemContent, kind: str) -> list[TestCell]:
    """The tests that an attempt of this kind is judged by."""
    return content.samples if kind == "check" else content.tests


def packed(
    results: Sequence[Result], content: ProblemContent, kind: str, memory: int | None
) -> list[Any]:
    """As it is kept; as it stands where it does not fit the version."""
    tests = asked(content, kind)
    if [result.get("key") for result in results] != [test.key for test in tests]:
        return list(results)
    return [_cell(result, test, memory) for result, test in zip(results, tests, strict=True)]


def _cell(result: Result, test: TestCell, memory: int | None) -> Any:
    status, time = result["status"], result.get("time_ms")
    said = dict(result)
    if said.get("message") == _told(status, test):
        said.pop("message", None)
    else:
        said.setdefault("message", None)
    silent = ONLY_OF_SAMPLES if test.visible == "hidden" else ()
    rest = {name: said[name] for name in said if name not in NOT_REST and name not in silent}
    if result.get("points") != _worth(status, test):
        rest["points"] = result.get("points")
    if result.get("max_points", test.weight) != test.weight:
        rest["max_points"] = result["max_points"]
    own = result.get("memory_bytes")
    # False: none, where that of the attempt would be read.
    size = None if own == memory else own or False
    if status == "passed" and time is not None and size is None and not rest:
        return time
    cell = [status, time, size, rest or None]
    while cell[-1] is None:
        cell.pop()
    return cell


def unpacked(
    kept: Sequence[Any] | None, content: ProblemContent, kind: str, memory: int | None
) -> list[Result]:
    """As the grader told it, in the form of TestResultOut."""
    if not kept or isinstance(kept[0], dict):
        return list(kept or ())
    tests = asked(content, kind)
    return [_result(cell, test, memory) for cell, test in zip(kept, tests, strict=True)]


def _result(cell: Any, test: TestCell, memory: int | None) -> Result:
    parts = cell if isinstance(cell, list) else ["passed", cell]
    status, time, size, rest = [*parts, None, None, None][:4]
    found = {
        "key": test.key,
        "name": test.name,
        "visible": test.visible,
        "status": status,
        "points": _worth(status, test),
        "max_points": test.weight,
        "message": _told(status, test),
        "time_ms": time,
        "memory_bytes": memory if size is None else size or None,
        **(rest or {}),
    }
    return {name: value for name, value in found.items() if value is not None}


def _worth(status: str, test: TestCell) -> int:
    return test.weight if status == "passed" else 0


def _told(status: str, test: TestCell) -> str | None:
    return None if status == "passed" else test.on_fail


def went(kept: Iterable[Any]) -> list[str]:
    """The status of each test, in order."""
    return [_status(part) for part in kept]


def _status(part: Any) -> str:
    if isinstance(part, dict):
        return str(part["status"])
    return str(part[0]) if isinstance(part, list) else "passed"


def without_nulls(details: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in details.items() if value is not None}
