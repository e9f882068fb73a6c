"""The part of pytest that tests of exercises use, answered by the grader itself.

A verdict must not depend on whether, or in which version, pytest is installed beside the grader,
and importing it would cost more than a whole grading. So `import pytest` in a test always means
this module: raises, warns, approx, mark, param, fixture, skip, xfail, fail, importorskip.
"""

from __future__ import annotations

import functools
import importlib
import os
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from grader.pytest_checks import ExceptionInfo, approx, deprecated_call, raises, warns

__all__ = ["ExceptionInfo", "approx", "deprecated_call", "raises", "warns"]


class Skipped(BaseException):
    """The test asked not to be run."""


class ExpectedFailure(BaseException):
    """The test said by itself that it is expected to fail."""


class UsageError(Exception):
    """The test uses something of pytest that the grader does not offer."""


@dataclass(frozen=True)
class Mark:
    name: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if (
            len(args) == 1
            and not kwargs
            and (isinstance(args[0], types.FunctionType | type) and self.name != "usefixtures")
        ):
            target: Any = args[0]
            own = list(vars(target).get("pytestmark", []))
            target.pytestmark = [*own, self]
            return target
        return Mark(self.name, self.args + args, {**self.kwargs, **kwargs})


class _Marks:
    def __getattr__(self, name: str) -> Mark:
        if name.startswith("_"):
            raise AttributeError(name)
        return Mark(name)


mark = _Marks()


@dataclass(frozen=True)
class Param:
    values: tuple[Any, ...]
    id: str | None = None
    marks: Any = ()


def param(*values: Any, id: str | None = None, marks: Any = ()) -> Param:  # noqa: A002
    return Param(values, id, marks if isinstance(marks, list | tuple) else (marks,))


@dataclass
class Fixture:
    function: Callable[..., Any]
    scope: str
    autouse: bool
    params: list[Any] | None
    name: str

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise UsageError(f"Fixture {self.name!r} is called directly.")


def fixture(function: Any = None, **options: Any) -> Any:
    if function is None:
        return functools.partial(fixture, **options)
    params = options.get("params")
    return Fixture(
        function,
        options.get("scope", "function"),
        bool(options.get("autouse", False)),
        list(params) if params is not None else None,
        options.get("name") or function.__name__,
    )


def skip(reason: str = "", *, msg: str = "", allow_module_level: bool = False) -> None:
    raise Skipped(reason or msg)


def xfail(reason: str = "") -> None:
    raise ExpectedFailure(reason)


def fail(reason: str = "", *, msg: str = "", pytrace: bool = True) -> None:
    raise AssertionError(reason or msg)


def importorskip(name: str, *_: Any, **__: Any) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise Skipped(f"needs {name}") from None


def main(*_: Any, **__: Any) -> int:
    """A test file that runs itself; the grader has already found its tests."""
    return 0


class MonkeyPatch:
    def __init__(self) -> None:
        self._undo: list[Callable[[], Any]] = []

    @classmethod
    def context(cls) -> Any:
        import contextlib

        @contextlib.contextmanager
        def manage() -> Iterator[MonkeyPatch]:
            patch = cls()
            try:
                yield patch
            finally:
                patch.undo()

        return manage()

    def _patch(self, patcher: Any) -> None:
        patcher.start()
        self._undo.append(patcher.stop)

    def setattr(self, target: Any, name: Any, *value: Any, raising: bool = True) -> None:
        from unittest import mock

        if isinstance(target, str):
            self._patch(mock.patch(target, name, create=not raising))
        else:
            self._patch(mock.patch.object(target, name, value[0], create=not raising))

    def delattr(self, target: Any, name: str, raising: bool = True) -> None:
        old = getattr(target, name)
        delattr(target, name)
        self._undo.append(lambda: setattr(target, name, old))

    def setitem(self, mapping: Any, key: Any, value: Any) -> None:
        from unittest import mock

        self._patch(mock.patch.dict(mapping, {key: value}))

    def delitem(self, mapping: Any, key: Any, raising: bool = True) -> None:
        if key not in mapping:
            if raising:
                raise KeyError(key)
            return
        old = mapping.pop(key)
        self._undo.append(lambda: mapping.__setitem__(key, old))

    def delenv(self, name: str, raising: bool = True) -> None:
        self.delitem(os.environ, name, raising)

    def chdir(self, path: Any) -> None:
        before = os.getcwd()  # noqa: PTH109 - what os.chdir takes
        os.chdir(path)
        self._undo.append(lambda: os.chdir(before))

    def setenv(self, name: str, value: str, prepend: str | None = None) -> None:
        self.setitem(os.environ, name, str(value))

    def undo(self) -> None:
        while self._undo:
            self._undo.pop()()


__version__ = "9.0"
FixtureRequest = object
