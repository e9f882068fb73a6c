"""Fixtures of pytest-style tests: resolving them by name, setting up, tearing down."""

from __future__ import annotations

import contextlib
import inspect
import io
import pathlib
import sys
import tempfile
import types
from collections.abc import Iterator
from typing import Any

from grader.pytest_shim import Fixture, MonkeyPatch, UsageError

_LASTING = frozenset({"module", "session", "package", "class"})


class Scope:
    """Fixture values of one test, on top of those that last for the whole file."""

    def __init__(self, space: dict[str, Any], lasting: Lasting, owner: Any = None) -> None:
        self._space = space
        self._lasting = lasting
        self._owner = owner
        self._values: dict[str, Any] = {}
        self._exits = contextlib.ExitStack()
        self.parameters: dict[str, Any] = {}

    def close(self) -> None:
        self._exits.close()

    def find(self, name: str) -> Fixture | None:
        for place in (getattr(type(self._owner), name, None), self._space.get(name)):
            if isinstance(place, Fixture):
                return place
        return next(
            (f for f in self._space.values() if isinstance(f, Fixture) and f.name == name), None
        )

    def get(self, name: str) -> Any:
        fixture = self.find(name)
        if fixture is not None and fixture.scope in _LASTING and not fixture.params:
            if name not in self._lasting.values:
                self._lasting.values[name] = self._make(fixture, self._lasting.exits)
            return self._lasting.values[name]
        if name not in self._values:
            if fixture is not None:
                self._values[name] = self._make(fixture, self._exits)
            elif name in _BUILTIN:
                self._values[name] = self._exits.enter_context(_BUILTIN[name](self))
            else:
                raise UsageError(f"fixture {name!r} not found")
        return self._values[name]

    def use_automatic(self) -> None:
        for place in (vars(type(self._owner)) if self._owner else {}, self._space):
            for fixture in list(place.values()):
                if isinstance(fixture, Fixture) and fixture.autouse:
                    self.get(fixture.name)

    def arguments(self, function: Any) -> dict[str, Any]:
        names = inspect.signature(function).parameters.values()
        return {
            p.name: self.get(p.name)
            for p in names
            if p.default is inspect.Parameter.empty and p.name not in self.parameters
        }

    def _make(self, fixture: Fixture, exits: contextlib.ExitStack) -> Any:
        function = fixture.function
        if self._owner is not None and "self" in inspect.signature(function).parameters:
            function = types.MethodType(function, self._owner)
        wanted = {
            name: self._request(fixture) if name == "request" else self.get(name)
            for name in inspect.signature(function).parameters
        }
        if inspect.isgeneratorfunction(fixture.function):
            return exits.enter_context(contextlib.contextmanager(function)(**wanted))
        return function(**wanted)

    def _request(self, fixture: Fixture | None) -> Any:
        name = fixture.name if fixture else ""
        return types.SimpleNamespace(
            param=self.parameters.get(name),
            getfixturevalue=self.get,
            instance=self._owner,
            addfinalizer=lambda function: self._exits.callback(function),
        )

    def request(self) -> Any:
        return self._request(None)


class Lasting:
    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.exits = contextlib.ExitStack()


class _Captured:
    def __init__(self) -> None:
        self.out, self.err = io.StringIO(), io.StringIO()

    def readouterr(self) -> Any:
        taken = _CaptureResult(self.out.getvalue(), self.err.getvalue())
        for stream in (self.out, self.err):
            stream.seek(0)
            stream.truncate()
        return taken


class _CaptureResult(tuple[str, str]):
    __slots__ = ()

    def __new__(cls, out: str, err: str) -> _CaptureResult:
        return super().__new__(cls, (out, err))

    @property
    def out(self) -> str:
        return self[0]

    @property
    def err(self) -> str:
        return self[1]


@contextlib.contextmanager
def _capsys(scope: Scope) -> Iterator[_Captured]:
    captured = _Captured()
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = captured.out, captured.err
    try:
        yield captured
    finally:
        sys.stdout, sys.stderr = before


@contextlib.contextmanager
def _monkeypatch(scope: Scope) -> Iterator[MonkeyPatch]:
    patch = MonkeyPatch()
    try:
        yield patch
    finally:
        patch.undo()


@contextlib.contextmanager
def _tmp_path(scope: Scope) -> Iterator[pathlib.Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield pathlib.Path(folder)


@contextlib.contextmanager
def _request(scope: Scope) -> Iterator[Any]:
    yield scope.request()


_BUILTIN: dict[str, Any] = {
    "capsys": _capsys,
    "monkeypatch": _monkeypatch,
    "tmp_path": _tmp_path,
    "request": _request,
}
