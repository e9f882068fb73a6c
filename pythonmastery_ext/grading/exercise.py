"""A solution, its test file, and the files beside them: what goes to which side of the grader."""

from __future__ import annotations

import ast
import contextlib
import re
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pythonmastery_ext.grading.packages import modules_of_package

_MAX_FILE = 512 * 1024
_PACKAGE = "__init__.py"
_OF_TESTS = ("_test", "_data", "_utils")
#: What only helpers of tests have.
_TESTING = re.compile(r"^\s*((import|from) (unittest|pytest)\b|def (assert|check|test))", re.M)
#: Tests that import this compare with a solution of the author's, in one of these modules.
PRAIRIELEARN = "pl_unit_test"
_REFERENCES = ("ans", "reference")
#: What lies beside such tests, and is no solution of a student.
OF_PRAIRIELEARN = frozenset({*_REFERENCES, "initial_code", "setup_code"})
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")


#: Of a module under the name of its file; where a test has thrown it out, it runs anew.
_ALIAS = """\
import sys
if __name__ + " before" in sys.modules:
    sys.modules.pop("{module}", None)
import {module}
sys.modules[__name__] = sys.modules[__name__ + " before"] = {module}
"""


class CannotGrade(Exception):
    """There is nothing here that can be graded."""

    def __init__(self, message: str, name: str = "") -> None:
        super().__init__(message)
        self.name = name


class NotPython(CannotGrade):
    """The solution is no text that Python, or nobody, would read: not passed."""


#: What reading a source file may raise; SyntaxError is an encoding that Python does not know.
SOURCE_ERRORS = (OSError, UnicodeDecodeError, SyntaxError)


def read_text(path: Path) -> str:
    """The text of a source file, in the encoding that Python itself would take."""
    if path.suffix != ".py":
        return path.read_text(encoding="utf-8")
    with tokenize.open(path) as file:
        return file.read()


def unreadable(path: Path, error: BaseException) -> str:
    todo = "" if _is_os(error) else "; save it as UTF-8, or name its encoding in the first line"
    return f"{path}: cannot be read: {error}{todo}"


def _is_os(error: BaseException) -> bool:
    return isinstance(error, OSError)


@dataclass(frozen=True)
class Exercise:
    name: str
    solution: Path
    tests: Path
    #: As the tests know it; empty: by the name of its file.
    known_as: str = ""

    @classmethod
    def of(cls, solution: Path, tests: Path) -> Exercise:
        for path in (solution, tests):
            if not path.is_file():
                raise CannotGrade(f"{path}: no such file.")
        return cls(solution.stem, solution, tests, _known_as(solution, tests))

    @property
    def module(self) -> str:
        return self.known_as or re.sub(r"\W|^(?=\d)", "_", self.solution.stem)

    def read(self, path: Path) -> str:
        try:
            return read_text(path)
        except SOURCE_ERRORS as error:
            kind = NotPython if path == self.solution and not _is_os(error) else CannotGrade
            raise kind(unreadable(path, error), self.name) from None

    def test_modules(self) -> dict[str, str]:
        """Modules beside the tests, other than the solution, that the tests import."""
        modules = self._imported_from(self.tests, self.solution)
        modules.pop(self.module.partition(".")[0], None)
        conftest = self.tests.parent / "conftest.py"
        if conftest.is_file():
            modules |= self._imported_from(conftest, self.solution)
            modules["conftest"] = self.read(conftest)
        if self._is_flat and self.solution.is_file():
            for name in self._imported_from(self.solution, self.tests).keys() & modules.keys():
                if not is_helper(name) and not _TESTING.search(modules[name]):
                    del modules[name]
        modules |= modules_of_package(self.tests, self._root, self.solution, self.read)
        modules |= self._references()
        if not self.known_as and self.solution.stem != self.module:
            # `importlib.import_module("two-fer")`: the name of a file need not be a name in Python.
            modules[self.solution.stem] = _ALIAS.format(module=self.module)
        return modules

    def student_files(self) -> dict[str, str]:
        """Modules that the solution imports and data files that it names; never a test file.

        Where the tests have a folder of their own, also what they import from beside the solution.
        """
        wanted = [] if self._is_flat else imports(self.read(self.tests))
        more = [name for name in wanted if _beside(self.tests, name) is None]
        modules = self._imported_from(self.solution, self.tests, more)
        hidden = self._references()
        files = {f"{name}.py": text for name, text in modules.items() if name not in hidden}
        files |= self._package()
        sources = [self.read(self.solution), *files.values()]
        for folder in dict.fromkeys((self._root, self.solution.parent)):
            for path in sorted(folder.iterdir()):
                named = path.suffix != ".py" and any(path.name in source for source in sources)
                if named and path.is_file() and path.stat().st_size <= _MAX_FILE:
                    with contextlib.suppress(UnicodeDecodeError):  # an image, perhaps
                        files[str(path.relative_to(self._root))] = read_text(path)
        return files

    def _references(self) -> dict[str, str]:
        """Solutions of the author's that the tests ask for by no import: never the student's."""
        if PRAIRIELEARN not in imports(self.read(self.tests)):
            return {}
        found = {name: _beside(self.tests, name) for name in _REFERENCES}
        return {
            name: self.read(path)
            for name, path in found.items()
            if path is not None and path.resolve() != self.solution.resolve()
        }

    @property
    def _is_flat(self) -> bool:
        """Solution and tests lie in one folder: then what both import is the student's."""
        return self.tests.parent.resolve() == self.solution.parent.resolve()

    @property
    def _root(self) -> Path:
        """From where the name of the module leads to the solution."""
        up = self.module.count(".") + (self.solution.name == _PACKAGE)
        return (self.solution.parent, *self.solution.parent.parents)[up]

    def _package(self) -> dict[str, str]:
        """The other modules of the solution's package."""
        if self._root == self.solution.parent:
            return {}
        top = self._root / self.module.partition(".")[0]
        others = [p for p in sorted(top.rglob("*.py")) if p != self.solution and not is_test(p)]
        return {str(path.relative_to(self._root)): self.read(path) for path in others}

    def _imported_from(self, start: Path, never: Path, more: Iterable[str] = ()) -> dict[str, str]:
        """`more`: names of modules as if it imported them, too."""
        found: dict[str, str] = {}
        waiting = [*imports(self.read(start)), *more]
        while waiting:
            name = waiting.pop(0)
            path = _beside(start, name)
            if path is None or name in found or path.resolve() == never.resolve():
                continue
            if path.resolve() == start.resolve() or (start == self.solution and is_test(path)):
                continue
            found[name] = self.read(path)
            waiting += imports(found[name])
        return found


def _beside(start: Path, name: str) -> Path | None:
    """Each side has what lies beside its own file."""
    path = start.parent / f"{name}.py"
    return path if path.is_file() else None


def _known_as(solution: Path, tests: Path) -> str:
    """`src.total` where the tests say so of `src/total.py`."""
    parts = solution.absolute().with_suffix("").parts
    try:
        names = named(read_text(tests))
    except SOURCE_ERRORS:
        return ""
    is_package = solution.name == _PACKAGE
    if is_package:
        parts = parts[:-1]
    elif solution.stem in names:
        return ""
    fitting = [
        name
        for name in names
        if (is_package or "." in name) and parts[-1 - name.count(".") :] == (*name.split("."),)
    ]
    if not fitting and parts[-2] in names and solution.with_name(_PACKAGE).is_file():
        return ".".join(parts[-2:])  # the tests know it by its package
    return max(fitting, key=len, default="")


def is_test(path: Path) -> bool:
    return path.suffix == ".py" and (path.stem.endswith("_test") or path.stem.startswith("test_"))


def is_helper(name: str) -> bool:
    """A module by the name of which one knows that it belongs to the tests."""
    return name == "conftest" or name.startswith("test_") or name.endswith(_OF_TESTS)


def named(text: str) -> list[str]:
    """Of modules that are imported, the whole name before its first part; strings with dots too."""
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except (SyntaxError, ValueError):
        return []
    names: list[str] = []
    for node in nodes:
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
            names.append(node.module)
        elif isinstance(node, ast.Constant) and _DOTTED.fullmatch(str(node.value)):
            names.append(str(node.value))
    tops = [name.partition(".")[0] for name in names]
    return list(dict.fromkeys([*names, *tops]))


def imports(source: str) -> list[str]:
    """Top-level names of the modules that a source imports, in order; none if it is broken."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return []
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name.partition(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.append(node.module.partition(".")[0])
    return list(dict.fromkeys(names))
