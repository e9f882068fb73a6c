"""`pytest.approx` for tests in the grader."""

from __future__ import annotations

import collections.abc
import datetime
import decimal
import math
import numbers
import sys
from typing import Any

_ABSOLUTE, _RELATIVE = 1e-12, 1e-6


class approx:  # noqa: N801 - pytest's own name
    __hash__ = None  # type: ignore[assignment]
    # numpy and pandas must leave the comparison to us.
    __array_ufunc__ = None
    __array_priority__ = 100
    __pandas_priority__ = 10_000

    def __init__(
        self,
        expected: Any,
        rel: Any = None,
        abs: Any = None,  # noqa: A002 - pytest's own name
        nan_ok: bool = False,
    ) -> None:
        self.expected, self.rel, self.abs, self.nan_ok = expected, rel, abs, nan_ok

    def __eq__(self, actual: object) -> bool:
        return self._close(actual, self.expected)

    def __ne__(self, actual: object) -> bool:
        return not self == actual

    def __bool__(self) -> bool:
        raise AssertionError("approx() is for comparing: write `a == approx(b)`.")

    def _close(self, actual: Any, expected: Any, top: bool = True) -> bool:
        table = _table(expected)
        if table is not None:
            return self._table_close(actual, table)
        if isinstance(expected, collections.abc.Mapping):
            return (
                isinstance(actual, collections.abc.Mapping)
                and set(actual) == set(expected)
                and all(self._close(actual[key], expected[key], False) for key in expected)
            )
        if isinstance(expected, collections.abc.Sequence) and not isinstance(expected, str | bytes):
            if not isinstance(actual, collections.abc.Sequence) and _table(actual) is None:
                return False
            pairs = zip(actual, expected, strict=False)
            return len(actual) == len(expected) and all(self._close(a, b, False) for a, b in pairs)
        table = _table(actual)
        if table is not None:
            # Of nothing all would be close; inside a list a row is not a number.
            some = top and table.size > 0
            return some and all(self._scalar_close(x, expected) for x in table.ravel().tolist())
        return self._scalar_close(_unboxed(actual), _unboxed(expected))

    def _table_close(self, actual: Any, expected: Any) -> bool:
        mine = _table(actual)
        if mine is None:
            if not isinstance(actual, collections.abc.Sequence | numbers.Number):
                return False
            mine = sys.modules["numpy"].asarray(actual)
        if mine.shape != expected.shape and (mine.shape != () or expected.size == 0):
            return False
        if "M" in (kinds := mine.dtype.kind + expected.dtype.kind) or "m" in kinds:
            # As numbers, moments would be close that are minutes apart.
            return kinds[0] == kinds[1] and bool((mine == expected).all())
        pairs = sys.modules["numpy"].broadcast(mine, expected)
        return all(self._scalar_close(a.item(), b.item()) for a, b in _items(pairs))

    def _scalar_close(self, actual: Any, expected: Any) -> bool:
        if isinstance(expected, datetime.datetime | datetime.timedelta):
            return self._time_close(actual, expected)
        if isinstance(expected, bool) and not isinstance(actual, bool):
            return False
        if not isinstance(expected, numbers.Complex | decimal.Decimal):
            return bool(actual == expected)
        actual = _bare(actual)
        if not isinstance(actual, numbers.Complex | decimal.Decimal):
            return bool(actual == expected)
        if actual == expected:
            return True
        if math.isnan(abs(expected)):
            return self.nan_ok and math.isnan(abs(actual))
        if math.isinf(abs(expected)):
            return False
        return self._within(actual, expected)

    def _within(self, actual: Any, expected: Any) -> bool:
        try:
            return bool(abs(actual - expected) <= self._bound(expected))
        except OverflowError:  # a whole number that no float is as large as
            return False

    def _bound(self, expected: Any) -> Any:
        kind: Any = decimal.Decimal if isinstance(expected, decimal.Decimal) else float
        absolute = kind(str(_ABSOLUTE)) if self.abs is None else self.abs
        if absolute < 0 or (self.rel is not None and self.rel < 0):
            raise ValueError("a tolerance is not below 0")
        if self.rel is None and self.abs is not None:
            return absolute
        relative = kind(str(_RELATIVE)) if self.rel is None else self.rel
        if kind is decimal.Decimal:
            relative = decimal.Decimal(str(relative))
            absolute = decimal.Decimal(str(absolute))
        return max(absolute, relative * abs(expected))

    def _time_close(self, actual: Any, expected: Any) -> bool:
        if not isinstance(actual, datetime.datetime | datetime.timedelta):
            return False
        tolerance = self.abs if self.abs is not None else datetime.timedelta(0)
        difference: Any = actual - expected
        return bool(abs(difference) <= tolerance)

    def beside(self, actual: Any) -> Any:
        """What was expected, with what is close enough already as it is."""
        expected = self.expected
        if type(expected) is dict and type(actual) is dict:
            pairs = ((key, self._one(actual.get(key), x)) for key, x in expected.items())
            return dict(pairs)
        if type(expected) in (list, tuple) and type(actual) in (list, tuple):
            rest = [*actual, *[None] * len(expected)]
            return type(expected)(map(self._one, rest, expected))
        return expected

    def _one(self, actual: Any, expected: Any) -> Any:
        return actual if self._close(actual, expected, False) else expected

    def __repr__(self) -> str:
        if type(self.expected) in (int, float):
            return f"{self.expected!r} ± {self._bound(self.expected):.1e}"
        if type(self.expected) in (list, tuple) and self.expected:
            items = [repr(approx(item, self.rel, self.abs)) for item in self.expected]
            if all(type(item) in (int, float) for item in self.expected):
                around = "[]" if type(self.expected) is list else "()"
                end = "," if around == "()" and len(items) == 1 else ""
                return f"{around[0]}{', '.join(items)}{end}{around[1]}"
        return f"approx({self.expected!r})"


def _bare(value: Any) -> Any:
    """Without the arithmetic that a student's subclass of a number may bring."""
    if isinstance(value, float) and type(value) is not float:
        return float.__float__(value)
    if isinstance(value, int) and type(value) not in (int, bool):
        return int.__int__(value)
    return value


def _unboxed(value: Any) -> Any:
    """The number in an array of no dimension."""
    boxed = type(value).__module__ == "numpy" and type(value).__name__ == "ndarray"
    return value.item() if boxed and value.shape == () else value


def _table(value: Any) -> Any:
    """A numpy array of the cells, for arrays and pandas' tables; else None."""
    module = type(value).__module__.partition(".")[0]
    if module == "numpy" and hasattr(value, "shape") and value.shape != ():
        return value
    if module == "pandas" and hasattr(value, "to_numpy"):
        return value.to_numpy()
    return None


def _items(pairs: Any) -> Any:
    array = sys.modules["numpy"].asarray
    return ((array(a), array(b)) for a, b in pairs)
