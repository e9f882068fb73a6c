"""What a fixture may ask about the test that it is made for: pytest's `request`."""

from __future__ import annotations

import inspect
import pathlib
import sys
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from grader.testing.local_path import LocalPath
from grader.testing.pytest_shim import Fixture, Mark, UsageError

if TYPE_CHECKING:
    from grader.testing.fixtures import Scope


def wanted(function: Any) -> list[str]:
    """Names of the parameters without a value, less those that `mock.patch` fills in."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []
    names = [
        p.name
        for p in parameters
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]
    patched = [p for p in getattr(function, "patchings", ()) if _fills_in(p)]
    own = 1 if names[:1] == ["self"] else 0
    return names[:own] + names[own + len(patched) :]


def module_of(space: dict[str, Any]) -> types.ModuleType:
    """The test file itself, so that what a hook sets there is a name of the tests."""
    return sys.modules[space["__name__"]]


def _fills_in(patching: Any) -> bool:
    from unittest import mock

    return patching.attribute_name is None and patching.new is mock.DEFAULT


class Request:
    """pytest's `request`, as far as tests of exercises use it."""

    def __init__(self, scope: Scope, fixture: Fixture | None, name: str, exits: Any) -> None:
        self._scope = scope
        self._exits = exits
        self.fixturename = name
        self.scope = fixture.scope if fixture else "function"
        self.instance = scope.instance
        self.function = scope.function
        self.cls = type(scope.instance) if scope.instance is not None else None
        self.fixturenames = [*scope.direct, *wanted(scope.function)]
        self.config = scope.lasting.config
        self.path = pathlib.Path(str(scope.lasting.space.get("__file__")))
        self.fspath = LocalPath(self.path)
        self.module = module_of(scope.lasting.space)
        self.node: Any = scope.item
        if name in scope.params:
            self.param = scope.params[name]

    def getfixturevalue(self, name: str) -> Any:
        return self._scope.get(name)

    def applymarker(self, mark: Mark) -> None:
        self.node.add_marker(mark)

    def raiseerror(self, message: str) -> None:
        raise UsageError(message)

    def addfinalizer(self, function: Callable[[], Any]) -> None:
        self._exits.callback(function)
