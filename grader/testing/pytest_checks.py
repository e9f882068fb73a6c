"""`pytest.raises` and `pytest.warns` for tests in the grader."""

from __future__ import annotations

import re
import warnings
from typing import Any

from grader.testing.exception_info import ExceptionInfo, pattern_of, raised, with_notes


class _Raises:
    def __init__(self, kinds: Any, match: Any = None, check: Any = None) -> None:
        many = kinds if isinstance(kinds, tuple) else (kinds,)
        for kind in many:
            if not (isinstance(kind, type) and issubclass(kind, BaseException)):
                raise TypeError(f"expected an exception class, not {kind!r}")
        self._kinds, self._match, self._check = kinds, match, check
        self._info = ExceptionInfo()

    def __enter__(self) -> ExceptionInfo:
        return self._info

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if error is None:
            raise AssertionError(f"DID NOT RAISE {_names(self._kinds)}")
        error = raised(error, self._kinds)
        if not isinstance(error, self._kinds):
            return False
        self._info._error = error
        if self._match is not None and not re.search(self._match, with_notes(error)):
            raise AssertionError(f"{str(error)!r} does not match {pattern_of(self._match)!r}")
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


class RaisesGroup:
    """The exceptions inside an exception group, in any order."""

    def __init__(self, *wanted: Any, match: Any = None, check: Any = None, **_: Any) -> None:
        self._wanted, self._match, self._check = list(wanted), match, check
        self._info = ExceptionInfo()

    def __enter__(self) -> ExceptionInfo:
        return self._info

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if error is None:
            raise AssertionError("DID NOT RAISE an exception group")
        if not isinstance(error, BaseExceptionGroup):
            return False
        self._info._error = error
        if not self.matches(error):
            raise AssertionError(f"{error!r} does not hold the expected exceptions")
        return True

    def matches(self, error: Any) -> bool:
        if not isinstance(error, BaseExceptionGroup):
            return False
        left = list(error.exceptions)
        for wanted in self._wanted:
            fit = next((e for e in left if _fits(wanted, e)), None)
            if fit is None:
                return False
            left.remove(fit)
        texts = self._match is None or re.search(self._match, with_notes(error))
        return not left and bool(texts) and (self._check is None or bool(self._check(error)))


def _fits(wanted: Any, error: Any) -> bool:
    if isinstance(wanted, RaisesGroup | RaisesExc):
        return wanted.matches(error)
    return isinstance(error, wanted)


class RaisesExc(_Raises):
    """One exception inside a group."""

    def matches(self, error: Any) -> bool:
        texts = self._match is None or re.search(self._match, with_notes(error))
        checked = self._check is None or self._check(error)
        return isinstance(error, self._kinds) and bool(texts) and bool(checked)


class WarningsRecorder:
    """The warnings seen so far, in their order."""

    def __init__(self, seen: list[Any]) -> None:
        self.list = seen

    def __iter__(self) -> Any:
        return iter(self.list)

    def __len__(self) -> int:
        return len(self.list)

    def __getitem__(self, index: int) -> Any:
        return self.list[index]

    def pop(self, kind: Any = Warning) -> Any:
        for index, seen in enumerate(self.list):
            if issubclass(seen.category, kind):
                return self.list.pop(index)
        raise AssertionError(f"no {kind.__name__} was given")

    def clear(self) -> None:
        self.list.clear()


class _Warns(warnings.catch_warnings):
    def __init__(self, kinds: Any, match: str | None) -> None:
        super().__init__(record=True)
        self._kinds, self._match = kinds, match

    def __enter__(self) -> Any:
        seen = super().__enter__()
        self._seen = [] if seen is None else seen
        warnings.simplefilter("always")
        return WarningsRecorder(self._seen)

    def __exit__(self, *details: Any) -> None:
        super().__exit__(*details)
        if details[0] is not None:
            return
        if not any(self._fits(w) for w in self._seen):
            told = [f"{type(w.message).__name__}({str(w.message)!r})" for w in self._seen]
            raise AssertionError(f"DID NOT WARN {_names(self._kinds)}; it warned {told or 'not'}")
        for other in self._seen:  # they are meant for whoever looks further out
            if not self._fits(other):
                warnings.warn_explicit(other.message, other.category, other.filename, other.lineno)

    def _fits(self, seen: Any) -> bool:
        right = issubclass(seen.category, self._kinds)
        return right and (self._match is None or bool(re.search(self._match, str(seen.message))))


def warns(
    expected_warning: Any = Warning, *args: Any, match: str | None = None, **kwargs: Any
) -> Any:
    context = _Warns(expected_warning, match)
    if not args:
        return context
    with context:
        return args[0](*args[1:], **kwargs)


def deprecated_call(*, match: str | None = None) -> Any:
    return warns((DeprecationWarning, PendingDeprecationWarning, FutureWarning), match=match)
