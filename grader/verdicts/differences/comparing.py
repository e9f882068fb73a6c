"""Walks through two values side by side and notes where they part."""

from __future__ import annotations

import collections
import datetime
import decimal
import fractions
from collections.abc import Callable, Iterable
from typing import Any

from grader.protocol import DifferenceKind, DifferencePart
from grader.verdicts.differences import containers
from grader.verdicts.differences.numbers import number_note, same_numbers
from grader.verdicts.differences.texts import text_parts
from grader.verdicts.showing import show as short

MAX_PARTS = 8
#: Values looked at; what comes after stays unsaid.
_MAX_STEPS = 20_000
_MAX_DEPTH = 12
#: Times that something other than plain data is put into words to compare it.
_MAX_SHOWN = 40
_NOTE = 160
_FAR = DifferencePart(kind="more", note="they differ far behind the beginning")
_MORE = DifferencePart(kind="more", note="and more after these")

_SEQUENCES = (list, tuple, collections.deque)
_MAPPINGS = (dict, collections.OrderedDict, collections.defaultdict, collections.Counter)
_SETS = (set, frozenset)
_NUMBERS = (int, float, complex, decimal.Decimal, fractions.Fraction)
_MOMENTS = (datetime.datetime, datetime.date, datetime.time, datetime.timedelta)
_SCALARS = frozenset({*_NUMBERS, *_MOMENTS, str, bytes, bool, type(None)})
_FUNCTIONS = frozenset(["function", "builtin_function_or_method", "method"])
#: What makes its items one by one, and so is never equal to a list.
_LAZY = frozenset(
    [
        *("generator", "map", "filter", "zip", "enumerate", "reversed", "range"),
        *("dict_keys", "dict_values", "dict_items", "list_iterator", "list_reverseiterator"),
    ]
)


class _Enough(Exception):
    """All parts there is room for are told, or all steps are taken."""


class _Differs(Exception):
    """The answer to whether two values are the same."""


class _Absent:
    """In the place of a side that has nothing there."""


ABSENT = _Absent()


def difference(
    expected: Any,
    actual: Any,
    *,
    show: Callable[[Any], str] = short,
    tolerance: float | None = None,
    ordered: bool = True,
) -> tuple[DifferencePart, ...]:
    """The first places at which the two differ; empty if nothing more can be said of them."""
    walk = Comparison(show, tolerance, ordered)
    try:
        walk.compare("", expected, actual, 0)
    except (_Enough, RecursionError):
        if not walk.parts:
            return (_FAR,)
    more = (_MORE,) if len(walk.parts) > MAX_PARTS else ()
    return tuple(walk.parts[:MAX_PARTS]) + more


class Comparison:
    def __init__(self, show: Callable[[Any], str], tolerance: float | None, ordered: bool) -> None:
        self.parts: list[DifferencePart] = []
        self.ordered = ordered
        self._show = show
        self.tolerance = tolerance
        self._steps = self._shown = 0
        #: While it is only asked whether two values are the same, nothing is put into words; where
        #: finding out whether items stand elsewhere took all steps, it is not tried again.
        self._asking = self._tired = False

    def compare(self, path: str, expected: Any, actual: Any, depth: int) -> None:
        if expected is actual:
            return
        self._steps += 1
        if self._steps > _MAX_STEPS:
            raise _Enough
        wanted, got = type(expected), type(actual)
        if wanted in _NUMBERS and got in _NUMBERS:
            self._numbers(path, expected, actual)
        elif wanted is str and got is str:
            self._texts(path, expected, actual)
        elif wanted in _SCALARS and got in _SCALARS:
            if _differ(expected, actual):
                self._values(path, expected, actual)
        elif depth < _MAX_DEPTH and (inside := _inside(wanted, got)):
            inside(self, path, expected, actual, depth + 1)
        else:
            self.leaf(path, expected, actual)

    def same(self, expected: Any, actual: Any, depth: int) -> bool:
        kind = type(expected)
        if kind is type(actual) and kind in (int, str) and self.tolerance is None:
            return bool(expected == actual)
        before, self._asking = self._asking, True
        try:
            self.compare("", expected, actual, depth)
        except _Differs:
            return False
        finally:
            self._asking = before
        return True

    def finds(self, ask: Callable[[], bool]) -> bool:
        """Whether it is so; what takes too long to find out is left unsaid."""
        if self._tired:
            return False
        steps, shown = self._steps, self._shown
        try:
            return ask()
        except _Enough:
            if len(self.parts) > MAX_PARTS:
                raise
            self._steps, self._shown, self._tired = steps, shown, True
            return False

    def part(
        self, kind: DifferenceKind, path: str, expected: Any, actual: Any, note: str = ""
    ) -> None:
        """`ABSENT` for a side that has nothing here."""
        self.make_room()
        left, right = (None if x is ABSENT else self._show(x) for x in (expected, actual))
        part = DifferencePart(kind=kind, path=path, expected=left, actual=right, note=note)
        self.parts.append(part)

    def note(self, kind: DifferenceKind, path: str, note: str) -> None:
        """About the two as a whole."""
        self.part(kind, path, ABSENT, ABSENT, note)

    def make_room(self) -> None:
        if self._asking:
            raise _Differs
        if len(self.parts) > MAX_PARTS:
            raise _Enough

    def leaf(self, path: str, expected: Any, actual: Any) -> None:
        """Things that are no plain data are told apart by how they are shown."""
        self._shown += 1
        if self._shown > _MAX_SHOWN:
            raise _Enough
        if self._show(expected) != self._show(actual):
            self._values(path, expected, actual)

    def _texts(self, path: str, expected: str, actual: str) -> None:
        if expected != actual:
            self.make_room()
            self._tell(text_parts(path, expected, actual))

    def _tell(self, parts: Iterable[DifferencePart]) -> None:
        for part in parts:
            self.make_room()
            self.parts.append(part)

    def _values(self, path: str, expected: Any, actual: Any) -> None:
        self.make_room()
        if type(expected) is type(actual):
            self._told("value", path, expected, actual, _moment_note(expected, actual))
        else:
            self._told("type", path, expected, actual, self.type_note(expected, actual))

    def _numbers(self, path: str, expected: Any, actual: Any) -> None:
        if same_numbers(expected, actual, self.tolerance):
            return
        self.make_room()
        notes = [number_note(expected, actual)]
        if type(expected) is not type(actual):
            notes.insert(0, f"{type(actual).__name__} instead of {type(expected).__name__}")
        self._told("number", path, expected, actual, "; ".join(filter(None, notes)))

    def _told(self, kind: DifferenceKind, path: str, expected: Any, actual: Any, note: str) -> None:
        if path:
            self.part(kind, path, expected, actual, note)
        elif note:  # both values as a whole are told already
            self.note(kind, path, note)

    def type_note(self, expected: Any, actual: Any) -> str:
        wanted, got = type(expected).__name__, type(actual).__name__
        if got in _FUNCTIONS:
            return "this is the function itself, not its result: are the brackets () missing?"
        if got == "coroutine":
            return "a coroutine, which has not run: is await missing, or async too much?"
        if got in _LAZY and wanted in ("list", "tuple", "set", "dict"):
            return f"{got} instead of {wanted}: {wanted}(…) makes one of it"
        if got in ("ndarray", "Series") and wanted == "list":
            return f"{got} instead of list: .tolist() makes one of it"
        if actual is None:
            return f"None instead of {wanted}"
        left, right = self._show(expected), self._show(actual)
        if "\n" in left + right or max(len(left), len(right)) > _NOTE:
            return f"{got} instead of {wanted}"
        return f"{right} ({got}) instead of {'None' if expected is None else f'{left} ({wanted})'}"


_Inside = Callable[[Comparison, str, Any, Any, int], None]


def _inside(wanted: type, got: type) -> _Inside | None:
    """How the parts of two values of these types are compared."""
    if wanted in _SEQUENCES and got in _SEQUENCES:
        return containers.sequences
    if wanted in _MAPPINGS and got in _MAPPINGS:
        return containers.mappings
    if wanted in _SETS and got in _SETS:
        return containers.sets
    if _is_table(wanted) or _is_table(got):
        from grader.verdicts.differences import tables

        return tables.tables
    return None


def _is_table(kind: type) -> bool:
    module = kind.__module__
    return type(module) is str and module.partition(".")[0] in ("numpy", "pandas")


def _moment_note(expected: Any, actual: Any) -> str:
    if type(expected) not in _MOMENTS or type(expected) is datetime.time:
        return ""
    try:
        gap = actual - expected
    except (TypeError, OverflowError):
        return "one has a time zone, the other has none"
    if type(expected) is datetime.timedelta:
        return f"too {'long' if gap > datetime.timedelta() else 'short'} by {abs(gap)}"
    return f"{abs(gap)} too {'late' if gap > datetime.timedelta() else 'early'}"


def _differ(expected: Any, actual: Any) -> bool:
    try:
        return bool(expected != actual)
    except ArithmeticError:
        return True  # a signalling NaN is equal to nothing, and says so by an exception
