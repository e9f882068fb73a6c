"""numpy arrays and pandas tables: shape, dtype, and the first cells that differ.

Only values that exist already are looked at, so the libraries are there; they are never imported.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.verdicts.differences.comparing import Comparison

_CELLS = 3


def tables(walk: Comparison, path: str, expected: Any, actual: Any, depth: int) -> None:
    numpy: Any = sys.modules["numpy"]
    if isinstance(expected, numpy.generic) or isinstance(actual, numpy.generic):
        walk.compare(path, _bare(expected), _bare(actual), depth)
        return
    wanted = type(expected).__name__
    if type(expected) is not type(actual):
        walk.note("type", path, walk.type_note(expected, actual))
    elif wanted == "ndarray":
        _arrays(walk, path, expected, actual, numpy)
    elif wanted in ("DataFrame", "Series"):
        _frames(walk, path, expected, actual, depth, numpy)
    elif wanted.endswith("Index"):
        walk.compare(path, expected.tolist(), actual.tolist(), depth)
    else:
        walk.leaf(path, expected, actual)


def _arrays(walk: Comparison, path: str, expected: Any, actual: Any, numpy: Any) -> None:
    if expected.shape != actual.shape:
        walk.note("shape", path, f"shape {actual.shape} instead of {expected.shape}")
        return
    if expected.dtype != actual.dtype:
        walk.note("type", path, f"dtype {actual.dtype} instead of {expected.dtype}")
    differ = _cells_that_differ(expected, actual, walk.tolerance, numpy)
    _cells(walk, path, expected, actual, differ, numpy)


def _cells(
    walk: Comparison, path: str, expected: Any, actual: Any, differ: Any, numpy: Any
) -> None:
    number = int(numpy.count_nonzero(differ))
    if number == 0:
        return
    if differ.size > 1:
        walk.note("value", path, f"{number} of {differ.size} cells differ")
    for place in numpy.argwhere(differ)[:_CELLS].tolist():
        where = f"{path}[{', '.join(map(str, place))}]" if place else path
        at = tuple(place)
        walk.compare(where, _bare(expected[at]), _bare(actual[at]), 0)


def _cells_that_differ(expected: Any, actual: Any, tolerance: float | None, numpy: Any) -> Any:
    """True where the two differ; nan beside nan is the same."""
    numbers = all(x.dtype.kind in "biufc" for x in (expected, actual))
    with numpy.errstate(all="ignore"):
        if (
            numbers
            and tolerance is not None
            and "b" not in (expected.dtype.kind, actual.dtype.kind)
        ):
            close = numpy.isclose(actual, expected, rtol=0, atol=tolerance, equal_nan=True)
            return ~close
        try:
            same = numpy.asarray(expected == actual)
            both_nan = numpy.asarray((expected != expected) & (actual != actual))
        except (TypeError, ValueError):
            return numpy.zeros((), dtype=bool)
        return ~(same | both_nan) if same.shape == expected.shape else numpy.ones((), dtype=bool)


def _bare(value: Any) -> Any:
    """Python's own value of a number of numpy."""
    item = getattr(value, "item", None)
    return item() if callable(item) else value


def _frames(
    walk: Comparison, path: str, expected: Any, actual: Any, depth: int, numpy: Any
) -> None:
    before = len(walk.parts)
    if expected.ndim == 2:
        walk.compare(f"{path}.columns", list(expected.columns), list(actual.columns), depth)
    if expected.shape != actual.shape:
        walk.note("shape", path, f"shape {actual.shape} instead of {expected.shape}")
    walk.compare(f"{path}.index", expected.index.tolist(), actual.index.tolist(), depth)
    if len(walk.parts) > before:
        return
    if expected.ndim == 1:
        _column(walk, path, expected, actual, numpy)
        return
    for name in list(expected.columns):
        _column(walk, f"{path}[{name!r}]", expected[name], actual[name], numpy)


def _column(walk: Comparison, path: str, expected: Any, actual: Any, numpy: Any) -> None:
    if expected.dtype != actual.dtype:
        walk.note("type", path, f"dtype {actual.dtype} instead of {expected.dtype}")
    left, right = expected.to_numpy(), actual.to_numpy()
    _cells(walk, path, left, right, _cells_that_differ(left, right, walk.tolerance, numpy), numpy)
