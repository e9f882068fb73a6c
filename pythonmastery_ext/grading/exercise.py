"""A solution, its test file, and the files beside them: what goes to which side of the grader."""

from __future__ import annotations

import ast
import re
import sys
import tokenize
from dataclasses import dataclass
from pathlib import Path

_MAX_FILE = 512 * 1024


class CannotGrade(Exception):
    """There is nothing here that can be graded."""

    def __init__(self, message: str, name: str = "") -> None:
        super().__init__(message)
        self.name = name


class NotPython(CannotGrade):
    """The solution is no text that Python would read: not passed."""


#: What reading a source file may raise; SyntaxError is an encoding that Python does not know.
SOURCE_ERRORS = (OSError, UnicodeDecodeError, SyntaxError)


def read_text(path: Path) -> str:
    """The text of a source file, in the encoding that Python itself would take."""
    if path.suffix != ".py":
        return path.read_text(encoding="utf-8")
    with tokenize.open(path) as file:
        return file.read()


def _is_os(error: BaseException) -> bool:
    return isinstance(error, OSError)


@dataclass(frozen=True)
class Exercise:
    name: str
    solution: Path
    tests: Path

    @classmethod
    def of(cls, solution: Path, tests: Path) -> Exercise:
        for path in (solution, tests):
            if not path.is_file():
                raise CannotGrade(f"{path}: no such file.")
        return cls(name=solution.stem, solution=solution, tests=tests)

    @property
    def module(self) -> str:
        return re.sub(r"\W|^(?=\d)", "_", self.solution.stem)

    def read(self, path: Path) -> str:
        try:
            return read_text(path)
        except SOURCE_ERRORS as error:
            kind = NotPython if path == self.solution and not _is_os(error) else CannotGrade
            raise kind(f"{path}: cannot be read: {error}", self.name) from None

    def test_modules(self) -> dict[str, str]:
        """Modules beside the tests, other than the solution, that the tests import."""
        modules = self._imported_from(self.tests, self.solution)
        conftest = self.tests.parent / "conftest.py"
        if conftest.is_file():
            modules |= self._imported_from(conftest, self.solution)
            modules["conftest"] = self.read(conftest)
        if self.solution.stem != self.module:
            # `importlib.import_module("two-fer")`: the name of a file need not be a name in Python.
            alias = f"import sys\nimport {self.module}\nsys.modules[__name__] = {self.module}\n"
            modules[self.solution.stem] = alias
        return modules

    def student_files(self) -> dict[str, str]:
        """Modules that the solution imports and data files that it names; never a test file."""
        modules = self._imported_from(self.solution, self.tests)
        files = {f"{name}.py": text for name, text in modules.items()}
        source = self.read(self.solution)
        for path in sorted(self.solution.parent.iterdir()):
            named = path.suffix != ".py" and path.is_file() and path.name in source
            if named and path.stat().st_size <= _MAX_FILE:
                files[path.name] = self.read(path)
        return files

    def _imported_from(self, start: Path, never: Path) -> dict[str, str]:
        found: dict[str, str] = {}
        waiting = [start]
        while waiting:
            for name in _imports(self.read(waiting.pop())):
                path = self._beside(name)
                if path is None or name in found or path.resolve() == never.resolve():
                    continue
                if path.resolve() == start.resolve() or (start == self.solution and is_test(path)):
                    continue
                found[name] = self.read(path)
                waiting.append(path)
        return found

    def _beside(self, name: str) -> Path | None:
        for folder in (self.tests.parent, self.solution.parent):
            path = folder / f"{name}.py"
            if path.is_file():
                return path
        return None


def is_test(path: Path) -> bool:
    return path.suffix == ".py" and (path.stem.endswith("_test") or path.stem.startswith("test_"))


def find_exercises(folder: Path) -> list[Exercise | CannotGrade]:
    """One for each test file in a subfolder; raises CannotGrade if there is none."""
    if not folder.is_dir():
        raise CannotGrade(f"{folder}: no such folder.")
    found: list[Exercise | CannotGrade] = []
    for sub in sorted(path for path in folder.iterdir() if path.is_dir()):
        named = [path for path in sorted(sub.glob("*.py")) if is_test(path)]
        tests = [path for path in named if _defines_tests(path)]
        if named and not tests:
            # A helper beside tests is no exercise; a file that stands alone may be forgotten.
            found += [CannotGrade(f"{path}: defines no test.", sub.name) for path in named]
        for test in tests:
            name = sub.name if len(tests) == 1 else f"{sub.name}/{test.stem}"
            found.append(_exercise(name, test))
    if not found:
        raise CannotGrade(f"{folder}: no subfolder holds a test file (*_test.py or test_*.py).")
    return found


def _exercise(name: str, test: Path) -> Exercise | CannotGrade:
    wanted = re.sub(r"_test$|^test_", "", test.stem)
    try:
        imports = _imports(read_text(test))
    except SOURCE_ERRORS as error:
        return CannotGrade(f"{test}: cannot be read: {error}", name)
    names = [n for n in imports if (test.parent / f"{n}.py").is_file() and not _is_helper(n)]
    if wanted in names or (not names and (test.parent / f"{wanted}.py").is_file()):
        names = [wanted]
    if not names:
        told = f" {', '.join(imports)}" if imports else ""
        return CannotGrade(f"{test}: none of the modules it imports{told} is beside it.", name)
    return Exercise(name=name, solution=test.parent / f"{names[0]}.py", tests=test)


def tested_module(test: Path) -> str:
    """The name of the module that a test file is about, whether or not it is there."""
    try:
        imports = _imports(read_text(test))
    except SOURCE_ERRORS as error:
        raise CannotGrade(f"{test}: cannot be read: {error}") from None
    wanted = re.sub(r"_test$|^test_", "", test.stem)
    foreign = (*sys.stdlib_module_names, "pytest", "numpy", "pandas")
    others = [name for name in imports if name not in foreign and not _is_helper(name)]
    return wanted if wanted in imports or not others else others[0]


def _is_helper(name: str) -> bool:
    return name.startswith("test_") or name.endswith(("_test", "_data", "_utils"))


#: Also calls of a helper, as in `Test.assert_equals(…)`.
_TESTING = re.compile(
    r"^\s*(assert\b|(async )?def (test|check)|class \w*Test|([\w.]+\.)?assert_\w+\()", re.M
)


def _defines_tests(path: Path) -> bool:
    """Not a helper such as `test_utils.py`; a file that does not compile is told about later."""
    try:
        text = read_text(path)
        ast.parse(text)
    except (*SOURCE_ERRORS, ValueError):
        return True
    return bool(_TESTING.search(text))


def _imports(source: str) -> list[str]:
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
