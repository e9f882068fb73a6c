"""The part of pytest that tests of exercises use, answered by the grader itself.

A verdict must not depend on whether, or in which version, pytest is installed beside the grader,
and importing it would cost more than a whole grading. So `import pytest` in a test always means
this module: raises, warns, approx, mark, param, fixture, skip, xfail, fail, importorskip.
"""

from __future__ import annotations

import functools
import importlib
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from grader.testing.approximate import approx
from grader.testing.exception_info import ExceptionInfo
from grader.testing.monkeypatch import MonkeyPatch
from grader.testing.pytest_checks import (
    RaisesExc,
    RaisesGroup,
    WarningsRecorder,
    deprecated_call,
    raises,
    warns,
)

__all__ = [
    "ExceptionInfo",
    "MonkeyPatch",
    "RaisesExc",
    "RaisesGroup",
    "WarningsRecorder",
    "approx",
    "deprecated_call",
    "raises",
    "warns",
]


class Skipped(BaseException):
    """The test asked not to be run."""

    @property
    def msg(self) -> str:
        return str(self)


class Failed(AssertionError):
    """The test failed by its own word."""

    @property
    def msg(self) -> str:
        return str(self)


class ExpectedFailure(BaseException):
    """The test said by itself that it is expected to fail."""


class UsageError(Exception):
    """The test uses something of pytest in a way in which it cannot be used."""

    #: Where, if the frames do not tell it.
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Mark:
    name: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and isinstance(args[0], types.FunctionType | type):
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


@dataclass(eq=False)
class Fixture:
    function: Callable[..., Any]
    scope: str
    autouse: bool
    params: list[Any] | None
    #: As given by `name=`; else it is found by the name it is bound to.
    name: str | None
    ids: Any = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        name = self.name or getattr(self.function, "__name__", "")
        raise UsageError(f"Fixture {name!r} is called directly.")


def fixture(function: Any = None, **options: Any) -> Any:
    if function is None:
        return functools.partial(fixture, **options)
    params = options.get("params")
    scope = options.get("scope", "function")
    return Fixture(
        function,
        "session" if callable(scope) else scope,
        bool(options.get("autouse", False)),
        list(params) if params is not None else None,
        options.get("name"),
        options.get("ids"),
    )


yield_fixture = fixture


def skip(reason: str = "", *, msg: str = "", allow_module_level: bool = False) -> NoReturn:
    raise Skipped(reason or msg)


def xfail(reason: str = "") -> NoReturn:
    raise ExpectedFailure(reason)


def fail(reason: str = "", *, msg: str = "", pytrace: bool = True) -> NoReturn:
    raise Failed(reason or msg)


def exit(reason: str = "", returncode: int = 0) -> NoReturn:  # noqa: A001 - pytest's own name
    raise SystemExit(reason or returncode)


for _function, _kind in ((skip, Skipped), (xfail, ExpectedFailure), (fail, Failed)):
    _function.Exception = _kind  # type: ignore[attr-defined]


def importorskip(name: str, *_: Any, reason: str | None = None, **__: Any) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise Skipped(reason or f"needs {name}") from None


def main(*_: Any, **__: Any) -> int:
    """A test file that runs itself; the grader has already found its tests."""
    return 0


__version__ = "9.0"


def register_assert_rewrite(*_: Any) -> None:
    """Asserts of helper modules are left as they are."""


def hookimpl(function: Any = None, **options: Any) -> Any:
    """In which order hooks run is no matter with one of each."""
    if function is None:
        return functools.partial(hookimpl, **options)
    function.pytest_impl = options
    return function


def __getattr__(name: str) -> Any:
    """Names that stand in annotations of tests only."""
    if name in _FOR_ANNOTATIONS:
        return _Annotation
    raise AttributeError(f"The grader offers no pytest.{name}.")


class _Annotation:
    def __class_getitem__(cls, item: Any) -> Any:
        return cls


_FOR_ANNOTATIONS = frozenset(
    {"CaptureFixture", "Config", "FixtureRequest", "Item", "LogCaptureFixture", "Metafunc"}
    | {"Subtests", "TempPathFactory", "TempdirFactory", "Testdir", "Pytester", "Function"}
)
