"""`pytest.raises`, `pytest.warns` and `pytest.approx` for tests in the grader."""

from __future__ import annotations

import builtins
import collections.abc
import math
import re
import warnings
from typing import Any


class ExceptionInfo:
    def __init__(self) -> None:
        self._error: BaseException | None = None

    @property
    def value(self) -> Any:
        assert self._error is not None, "nothing was raised yet"  # noqa: S101
        return self._error

    @property
    def type(self) -> Any:
        return type(self.value)

    def match(self, pattern: str) -> bool:
        assert re.search(pattern, str(self.value)), f"{self.value!s} does not match {pattern!r}"  # noqa: S101
        return True

    def exconly(self) -> str:
        return f"{self.type.__name__}: {self.value}"


class _Raises:
    def __init__(self, kinds: Any, match: Any = None, check: Any = None) -> None:
        self._kinds, self._match, self._check = kinds, match, check
        self._info = ExceptionInfo()

    def __enter__(self) -> ExceptionInfo:
        return self._info

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if error is None:
            raise AssertionError(f"DID NOT RAISE {_names(self._kinds)}")
        if not isinstance(error, self._kinds):
            return False
        self._info._error = error
        if self._match is not None and not re.search(self._match, str(error)):
            raise AssertionError(f"{str(error)!r} does not match {self._match!r}")
        if self._check is not None and not self._check(error):
            raise AssertionError("the exception is not the expected one")
        return True


def _names(kinds: Any) -> str:
    many = kinds if isinstance(kinds, tuple) else (kinds,)
    return " or ".join(kind.__name__ for kind in many)


def raises(expected_exception: Any = BaseException, *args: Any, **kwargs: Any) -> Any:
    if not args:
        return _Raises(expected_exception, kwargs.get("match"), kwargs.get("check"))
    context = _Raises(expected_exception)
    with context as info:
        args[0](*args[1:], **kwargs)
    return info


class _Warns(warnings.catch_warnings):
    def __init__(self, kinds: Any, match: str | None) -> None:
        super().__init__(record=True)
        self._kinds, self._match = kinds, match

    def __enter__(self) -> Any:
        self._seen = super().__enter__()
        warnings.simplefilter("always")
        return self._seen

    def __exit__(self, *details: Any) -> None:
        super().__exit__(*details)
        if details[0] is None and not any(self._fits(w) for w in self._seen or ()):
            raise AssertionError(f"DID NOT WARN {_names(self._kinds)}")

    def _fits(self, seen: Any) -> bool:
        right = issubclass(seen.category, self._kinds)
        return right and (self._match is None or bool(re.search(self._match, str(seen.message))))


def warns(expected_warning: Any = Warning, *, match: str | None = None) -> Any:
    return _Warns(expected_warning, match)


def deprecated_call(*, match: str | None = None) -> Any:
    return warns((DeprecationWarning, PendingDeprecationWarning, FutureWarning), match=match)


class approx:  # noqa: N801 - pytest's own name
    __hash__ = None  # type: ignore[assignment]
    __array_ufunc__ = None  # numpy must leave the comparison to us

    def __init__(
        self,
        expected: Any,
        rel: Any = None,
        abs: Any = None,  # noqa: A002 - pytest's own name
        nan_ok: bool = False,
    ) -> None:
        self._expected, self._rel, self._abs, self._nan_ok = expected, rel, abs, nan_ok

    def __eq__(self, actual: object) -> bool:
        return self._close(actual, self._expected)

    def __ne__(self, actual: object) -> bool:
        return not self == actual

    def _close(self, actual: Any, expected: Any) -> bool:
        if isinstance(expected, collections.abc.Mapping):
            return (
                isinstance(actual, collections.abc.Mapping)
                and actual.keys() == expected.keys()
                and all(self._close(actual[key], expected[key]) for key in expected)
            )
        if isinstance(expected, str | bytes) or expected is None:
            return bool(actual == expected)
        if isinstance(expected, collections.abc.Iterable):
            mine, theirs = list(actual), list(expected)
            return len(mine) == len(theirs) and all(map(self._close, mine, theirs))
        return self._number_close(actual, expected)

    def _number_close(self, actual: Any, expected: Any) -> bool:
        if actual == expected:
            return True
        try:
            if math.isnan(builtins.abs(expected)):
                return self._nan_ok and math.isnan(builtins.abs(actual))
            if math.isinf(builtins.abs(expected)):
                return False
            absolute = 1e-12 if self._abs is None else self._abs
            relative = self._rel
            if relative is None:
                relative = 0 if self._abs is not None else 1e-6
            bound = max(type(expected)(0) + absolute, relative * builtins.abs(expected))
            return bool(builtins.abs(actual - expected) <= bound)
        except TypeError:
            return (
                bool(
                    abs(float(actual) - float(expected)) <= max(1e-12, 1e-6 * abs(float(expected)))
                )
                if isinstance(expected, int | float) and isinstance(actual, int | float)
                else False
            )

    def __repr__(self) -> str:
        return f"approx({self._expected!r})"
