"""The student's module as tests import it: at once, late, anew, or as a program.

Where a test file imports it late only, nothing runs before: the code may read what a test patches.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import runpy
import sys
from collections.abc import Sequence
from functools import partial
from importlib.machinery import PathFinder, SourceFileLoader
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.remote.functions import RemoteModule, ran_again
from grader.testing import programs
from grader.testing.frameworks import NAMES
from grader.testing.opening import is_library
from grader.testing.reading import is_late, spellings

if TYPE_CHECKING:
    from grader.protocol import GradeRequest
    from grader.remote import Session

#: Tests that run or read it otherwise than by a plain import name one of these.
_OTHERWISE = ("modules", "importlib", "__import__", "runpy", "subprocess", "__file__", ".py")
_RUN_PATH, _RUN_MODULE = runpy.run_path, runpy.run_module
_CREATE, _EXECUTE = SourceFileLoader.create_module, SourceFileLoader.exec_module


class StudentModule(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Runs the code in the student's process, each time that it is imported or reloaded."""

    def __init__(self, session: Session, request: GradeRequest) -> None:
        self.name, self.code = request.module, request.code
        parts = self.name.split(".")
        self.file = f"{parts[-1]}.py"
        #: Packages that it lies in.
        self.parents = [".".join(parts[:depth]) for depth in range(1, len(parts))]
        #: Other modules of the student's, in the same package or beside it.
        self.others = {_module_of(name) for name in request.files if name.endswith(".py")}
        self.others.discard(self.name)
        tests = [Path(test.filename).absolute().parent for test in request.tests]
        folders = {Path.cwd(), *tests, *(folder.parent for folder in tests if self.parents)}
        #: Where its own file would be.
        self._places = {folder.joinpath(*parts[:-1]) for folder in folders}
        self._session = session
        self.lock = session.channel.lock
        self._runs = 0

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> Any:
        package = name in self.parents or self._is_package(name)
        first = name.partition(".")[0]
        if name != self.name and not package and name not in self.others:
            return None
        if first != self.name.partition(".")[0] and _is_known(first):
            return None  # a file of that name is no reason to give the tests another module
        return importlib.util.spec_from_loader(name, self, is_package=package)

    def module(self, name: str) -> RemoteModule:
        made = RemoteModule(self._session, name)
        known_as = name if name in self.others else self.name
        made.__file__ = f"{known_as.replace('.', '/')}.py"
        # `importlib.reload` looks for it by this, whatever name the test has loaded it by.
        made.__spec__ = self.find_spec(known_as, None)
        if self._is_package(name):
            made.__path__ = []
        return made

    def _is_package(self, name: str) -> bool:
        return any(other.startswith(f"{name}.") for other in self.others)

    def create_module(self, spec: Any) -> Any:
        if spec.name in self.parents:
            return None  # nothing of it is looked at but what lies inside
        made = self.module(spec.name)
        vars(made)["__pm_new__"] = True
        return made

    def exec_module(self, module: Any) -> None:
        if module.__name__ in self.parents:
            if module.__name__ in self.others:
                vars(module)["__getattr__"] = partial(self._of_package, module.__name__)
            return
        if module.__name__ in self.others:
            vars(module).pop("__pm_new__", None)
            self._session.request("run", self.name, "exec", f"import {module.__name__}", {}, True)
            return
        if type(module) is not RemoteModule:
            # Never into a module of ours: the test has put its file in the place of `__main__`.
            module = sys.modules[module.__name__] = self.create_module(module.__spec__ or module)
        new = vars(module).pop("__pm_new__", False)
        self._session.request("program", module.__name__, self.name, self.code, new)
        ran_again(module)

    def _of_package(self, package: str, name: str) -> Any:
        """What the student's `__init__` of it has bound."""
        if name.startswith("__") or f"{package}.{name}" in self.others:
            raise AttributeError(name)
        self._session.request("run", self.name, "exec", f"import {package}", {}, True)
        return getattr(RemoteModule(self._session, package), name)

    def run(self, name: str) -> dict[str, Any]:
        """As a program of that name; what it has bound."""
        self._runs += 1
        key = f"{name} {self._runs}"
        self._session.request("program", name, self.name, self.code, True, key)
        return Bound(name, self.module(key))

    def is_at(self, path: Any) -> bool:
        file = Path(str(path))
        named = self.file in (file.name, file.name.replace("-", "_"))
        return named and (file.absolute().parent in self._places or not file.exists())


def _is_known(name: str) -> bool:
    """A module of Python's, of a framework, or installed beside the grader."""
    if name in sys.stdlib_module_names or name in NAMES:
        return True
    found = PathFinder.find_spec(name)
    return found is not None and is_library(found.origin or "")


def _is_named(module: str) -> bool:
    return all(part.isidentifier() for part in module.split("."))


def _module_of(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


class Bound(dict[str, Any]):
    """What a program has bound, asked for by the name."""

    def __init__(self, name: str, module: RemoteModule) -> None:
        super().__init__(__name__=name, __file__=module.__file__)
        self._module = module

    def __missing__(self, name: str) -> Any:
        try:
            return getattr(self._module, name)
        except AttributeError:
            raise KeyError(name) from None

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in dir(self._module)

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self else default  # noqa: SIM401 - that is what this is


def install(session: Session, request: GradeRequest) -> bool:
    """Make the module importable; True: it has not run, and runs when a test imports it."""
    name = request.module
    sources = [test.source for test in request.tests]
    # One that is no name in Python stands for the student's own file.
    sources += [text for own, text in request.test_modules.items() if _is_named(own)]
    texts = [source for source in sources if any(said in source for said in spellings(name))]
    late = bool(texts) and not request.given and is_late(sources, name)
    sys.meta_path[:] = [found for found in sys.meta_path if not isinstance(found, StudentModule)]
    finder = StudentModule(session, request) if request.files else None
    others = finder.others if finder is not None else set()
    for other in others:
        if type(sys.modules.get(other)) is RemoteModule:
            del sys.modules[other]  # of a process that is gone
    named = any(other.partition(".")[0] in source for other in others for source in sources)
    plain = "." not in name and not named
    if plain and not late and not any(word in text for text in texts for word in _OTHERWISE):
        sys.modules[name] = RemoteModule(session, name)
        return False
    finder = finder or StudentModule(session, request)
    sys.meta_path.insert(0, finder)
    _follow(finder)
    programs.follow(finder)
    if late:
        sys.modules.pop(name, None)
    else:
        module: Any = finder.module(name)
        sys.modules[name] = module
        for parent in reversed(finder.parents):
            vars(importlib.import_module(parent))[module.__name__.rpartition(".")[2]] = module
            module = sys.modules[parent]
    return late


def _follow(student: StudentModule) -> None:
    """What loads or runs a file by its path finds the student's, too."""

    def create(self: Any, spec: Any) -> Any:
        own = student.is_at(self.path)
        return student.create_module(spec) if own else _CREATE(self, spec)

    def execute(self: Any, module: Any) -> None:
        run = student.exec_module if student.is_at(self.path) else partial(_EXECUTE, self)
        run(module)

    def run_path(path: Any, init_globals: Any = None, run_name: Any = None) -> Any:
        if not student.is_at(path):
            return _RUN_PATH(path, init_globals, run_name)
        return student.run(run_name or "<run_path>")

    def run_module(name: str, init_globals: Any = None, run_name: Any = None, *rest: Any) -> Any:
        if name != student.name:
            return _RUN_MODULE(name, init_globals, run_name, *rest)
        return student.run(run_name or name)

    loader: Any = SourceFileLoader
    loader.create_module, loader.exec_module = create, execute
    vars(runpy).update(run_path=run_path, run_module=run_module)
