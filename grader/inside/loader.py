"""Makes the student's module: limits first, then the files beside it, then its code."""

from __future__ import annotations

import builtins
import functools
import importlib.util
import io
import linecache
import sys
import types
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from grader.inside import confine


class Loader:
    def __init__(self, ask: Callable[..., Any], tell: Callable[..., None]) -> None:
        self._ask = ask
        self._tell = tell
        self._given = ""
        #: What each module of the student's has from the beginning.
        self._space: dict[str, Any] = {}
        self._builtins: dict[str, Any] = {}

    def settle(self) -> None:
        """What is the same for each submission."""
        sys.stdin = _Input(self._ask)
        builtins.input = self._input
        builtins.open = _open
        # Of the module `site`, which nobody needs for the rest of what it does.
        vars(builtins).update(exit=sys.exit, quit=sys.exit)
        # Copied before the forks: each name and value is counted, so their pages are written.
        self._builtins = dict(vars(builtins))
        warnings.simplefilter("always")
        warnings.showwarning = self._warn

    def load(self, config: dict[str, Any]) -> dict[str, Any]:
        """Those of its functions that are asked for."""
        for name, text in config["files"].items():
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(text, encoding="utf-8")
        self._given = config["given"]
        self._space |= _place(config["module"], config["files"])
        if config["allow_imports"] is not None:
            allowed = frozenset(config["allow_imports"])
            self._builtins["__import__"] = _guard(allowed)
            self._space["__builtins__"] = self._builtins
        name, code = config["module"], config["code"]
        confine.limit(config["limits"])
        if code is not None and _has_package(name):
            module = self._in_package(name, name, code)
        else:
            module = self._make(name)
            execute(module, "given", self._given)
            if code is None:
                return {}
            self._execute(module, name, code)
        found = {name: vars(module).get(name) for name in config["functions"]}
        return {n: value for n, value in found.items() if type(value) is types.FunctionType}

    def _make(self, name: str) -> types.ModuleType:
        module = sys.modules[name] = types.ModuleType(name)
        module.__dict__.update(self._space)
        return module

    def _execute(self, module: types.ModuleType, part: str, code: str) -> None:
        if self._given:
            # What goes wrong from now on is the student's; said before anything of theirs runs.
            self._tell("given")
        execute(module, part, code)

    def _in_package(self, name: str, part: str, code: str) -> types.ModuleType:
        """Python imports the packages above it first; these may ask for the module themselves."""

        def run(module: types.ModuleType) -> None:
            module.__dict__.update(self._space)
            execute(module, "given", self._given)
            self._execute(module, part, code)

        sys.modules.pop(name, None)
        finder = _Finder(name, run)
        sys.meta_path.insert(0, finder)
        try:
            return importlib.import_module(name)
        finally:
            sys.meta_path.remove(finder)

    def run(self, name: str, part: str, code: str, *, new: bool = False) -> types.ModuleType:
        """`new`: in a module that takes the place of the one before."""
        if new and _has_package(name):
            return self._in_package(name, part, code)
        module = self._make(name) if new else sys.modules[name]
        if new:
            execute(module, "given", self._given)
        execute(module, part, code)
        return module

    def _input(self, prompt: object = "", /) -> str:
        return str(self._ask("input", str(prompt)))

    def _warn(self, message: Any, category: Any, *_: Any, **__: Any) -> None:
        """A test may wait for it; the tests' side decides whether it is shown."""
        self._ask("warn", message)


class _Finder:
    """Finds the student's module in its package."""

    def __init__(self, name: str, run: Callable[[types.ModuleType], None]) -> None:
        self._name = name
        self._run = run

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name != self._name:
            return None
        package = Path(*name.split(".")).is_dir()
        own: Any = self  # without the base class, whose module loads two dozen others
        return importlib.util.spec_from_loader(name, own, is_package=package)

    def create_module(self, spec: Any) -> types.ModuleType:
        return types.ModuleType(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        self._run(module)


def _has_package(name: str) -> bool:
    return "." in name and Path(*name.split(".")[:-1]).is_dir()


def _place(module: str, files: Iterable[str]) -> dict[str, Any]:
    """Where it lies, also in a package, or as one."""
    folder = module.replace(".", "/")
    place: dict[str, Any] = {"__file__": f"{folder}.py"}
    if any(file.startswith(f"{folder}/") for file in files):
        place |= {"__package__": module, "__path__": [str(Path(folder).absolute())]}
    elif folder != module:
        place["__package__"] = module.rpartition(".")[0]
    return place


def execute(module: types.ModuleType, part: str, source: str) -> None:
    if not source.strip():
        return
    name = f"<student:{part}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec", dont_inherit=True), module.__dict__)  # noqa: S102


#: Parts of the standard library written in C import these in the name of the code that calls them.
BEHIND = {"datetime": {"_strptime", "time"}, "time": {"_strptime"}}


def _guard(allowed: frozenset[str]) -> Callable[..., Any]:
    """Refuses the imports of the student's own module; a library imports what it needs."""
    behind = frozenset().union(*(BEHIND.get(name, set()) for name in allowed))

    def importer(
        name: str,
        space: Any = None,
        local: Any = None,
        names: Any = (),
        level: int = 0,
    ) -> Any:
        if name.partition(".")[0] not in allowed | behind:
            refused = ImportError(f"This problem does not allow importing {name!r}.", name=name)
            vars(refused)["refused"] = True
            raise refused
        return __import__(name, space, local, names, level)

    return importer


_OPEN: Any = io.open


@functools.wraps(io.open)
def _open(file: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
    """`open(0)` is standard input, too."""
    if type(file) is int and file == 0 and isinstance(sys.stdin, _Input):
        stream = _Input(sys.stdin.ask)  # to be closed
        return stream.buffer if "b" in mode else stream
    return _OPEN(file, mode, *rest, **options)


class _Input(io.TextIOBase):
    """Standard input: what the test puts there, else at its end."""

    def __init__(self, ask: Callable[..., Any]) -> None:
        self.ask = ask
        self.buffer = _Bytes(self)

    def readable(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        return str(self.ask("stdin", "line"))

    def read(self, size: int | None = -1, /) -> str:
        return str(self.ask("stdin", "all"))


class _Bytes(io.BufferedIOBase):
    """The same as bytes."""

    def __init__(self, text: _Input) -> None:
        self._text = text

    def readable(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> bytes:
        return self._text.readline().encode()

    def read(self, size: int | None = -1, /) -> bytes:
        return self._text.read().encode()
