"""What a test sees: its own names, Python's, the imports of `given`, then the student's module."""

from __future__ import annotations

import ast
import builtins
import importlib.abc
import importlib.util
import sys
import types
from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from grader import pytest_shim
from grader.remote.functions import RemoteModule

if TYPE_CHECKING:
    from grader.asserting import Recorder
    from grader.remote import Session


class MissingName(NameError):
    """A test uses a name that the student's code does not define."""


class Names(dict[str, Any]):
    """Stands in the place of a test's builtins, so that its globals stay an ordinary dict.

    Names of the student come last: a student's own `sorted` or `Decimal` must not decide a test.
    """

    def __init__(self, session: Session, module: str, trusted: dict[str, Any]) -> None:
        super().__init__(vars(builtins))
        # Of the module `site`, which nobody needs for the rest of what it does.
        self["exit"] = self["quit"] = sys.exit
        self.update(trusted)
        self._session = session
        self._student = sys.modules[module]

    def __missing__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise KeyError(name)
        try:
            return getattr(self._student, name)
        except AttributeError:
            raise MissingName(f"Your code does not define {name!r}.", name=name) from None


def trusted_names(given: str) -> dict[str, Any]:
    """What `given` imports, imported here: these names are never taken from the student."""
    try:
        tree = ast.parse(given)
    except SyntaxError:
        return {}
    imports: list[ast.stmt] = [
        node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    space: dict[str, Any] = {}
    code = compile(ast.Module(imports, []), "<given>", "exec", dont_inherit=True)
    exec(code, space)  # noqa: S102 - the author's own imports
    space.pop("__builtins__", None)
    return space


def fresh(names: Names, recorder: Recorder, filename: str) -> dict[str, Any]:
    """The globals of a new test module."""
    names["__pm_compare__"] = recorder.compare
    names["__pm_truth__"] = recorder.truth
    name = PurePath(filename).stem
    module = types.ModuleType(name)
    module.__file__ = filename  # what lies beside the tests is found by it
    sys.modules[name] = module  # unittest and mock look modules up by name
    module.__dict__["__builtins__"] = names
    return module.__dict__


class _TestModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds helper modules of the tests."""

    def __init__(self, sources: dict[str, str], names: Names) -> None:
        self._sources = sources
        self._names = names

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> Any:
        if name not in self._sources:
            return None
        return importlib.util.spec_from_loader(name, self)

    def exec_module(self, module: types.ModuleType) -> None:
        source = self._sources[module.__name__]
        module.__dict__["__builtins__"] = self._names
        code = compile(source, f"{module.__name__}.py", "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 - the author's own module


def install(session: Session, module: str, extra: Sequence[str]) -> None:
    """Make the student's module, files beside it and `pytest` importable by tests."""
    for name in (module, *extra):
        sys.modules[name] = RemoteModule(session, name)
    sys.modules["pytest"] = pytest_shim


def install_helpers(sources: dict[str, str], names: Names) -> None:
    sys.meta_path.insert(0, _TestModules(sources, names))
