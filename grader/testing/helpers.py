"""Modules that the tests bring: beside the test file, and in the package that they lie in.

A request knows them by where they lie below the folder of the tests: `rows`, `data.rows`. With
`__init__` among them that folder is a package, and they are found as `tests.data.rows`, too.
"""

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.util
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.remote.functions import RemoteModule
from grader.testing.importing import StudentModule

if TYPE_CHECKING:
    from grader.testing.namespace import Names

#: What lies in the folder of the tests itself.
PACKAGE = "__init__"


class TestModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds helper modules of the tests."""

    #: This is no test of ours.
    __test__ = False

    def __init__(self, sources: dict[str, str], names: Names) -> None:
        self._sources = sources
        self._names = names

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> Any:
        own = self._own(name)
        if own not in self._sources:
            return None
        is_package = own == PACKAGE or self._holds(own)
        return importlib.util.spec_from_loader(name, self, is_package=is_package)

    def _own(self, name: str) -> str:
        """`tests.rows` is `rows`, where the tests lie in a package."""
        first, _, rest = name.partition(".")
        is_ours = PACKAGE in self._sources and first == Path(self._names.filename).parent.name
        return (rest or PACKAGE) if is_ours else name

    def _holds(self, package: str) -> bool:
        return any(name.startswith(f"{package}.") for name in self._sources)

    def create_module(self, spec: Any) -> Any:
        own = self._own(spec.name)
        return importlib.import_module(own) if own != spec.name else None

    def exec_module(self, module: types.ModuleType) -> None:
        name = module.__name__
        if "__builtins__" in vars(module):
            return  # under its other name it has run
        module.__dict__["__builtins__"] = self._names
        is_folder = name != PACKAGE and self._holds(name)
        parts = (*name.split("."), PACKAGE) if is_folder else name.split(".")
        file = Path(*parts).with_suffix(".py")
        module.__file__ = str(Path(self._names.filename).parent / file)  # where it lies
        if name == PACKAGE:
            vars(module)["__getattr__"] = self._beside
        package = name if is_folder else name.rpartition(".")[0]
        tree = absolute(ast.parse(self._sources[name]), package)
        code = compile(tree, str(file), "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 - the author's own module

    def _beside(self, name: str) -> Any:
        """`from . import sums`: a module of the tests', or the student's."""
        if name in self._sources or _is_students(name):
            return importlib.import_module(name)
        raise AttributeError(name)


def _is_students(name: str) -> bool:
    if type(sys.modules.get(name)) is RemoteModule:
        return True
    finders = (found for found in sys.meta_path if isinstance(found, StudentModule))
    return any(finder.find_spec(name, None) is not None for finder in finders)


def absolute(tree: ast.Module, package: str = "") -> ast.Module:
    """`from .sums import add` means the file beside the tests, whichever package they lie in.

    `package`: of the module, below the folder of the tests.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = package.split(".") if package else []
            parts = above[: max(0, len(above) - node.level + 1)]
            node.module = ".".join([*parts, *filter(None, [node.module])]) or PACKAGE
            node.level = 0
    return tree


def helper(name: str) -> types.ModuleType | None:
    """A helper module of the tests, if there is one of this name."""
    for finder in sys.meta_path:
        if isinstance(finder, TestModules) and finder.find_spec(name, None, None) is not None:
            return importlib.import_module(name)
    return None


def forget(name: str) -> None:
    """The next import of this module runs it again, under whatever name."""
    module = sys.modules.pop(name, None)
    for other in [key for key, known in sys.modules.items() if known is module]:
        del sys.modules[other]
