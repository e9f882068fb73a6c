"""Which files of a folder are exercises, and which module a test file is about."""

from __future__ import annotations

import ast
import contextlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from grader.smells import no_test
from pythonmastery_ext.grading.exercise import (
    OF_PRAIRIELEARN,
    PRAIRIELEARN,
    SOURCE_ERRORS,
    CannotGrade,
    Exercise,
    imports,
    is_helper,
    is_test,
    named,
    read_text,
    unreadable,
)

#: Of an exercise: where its tests may be instead of beside the solution.
_OF_TESTS = ("test", "tests")
#: And its solution; tests that put this folder on their path know the module without it.
_OF_SOLUTIONS = "src"
#: Also calls of a helper, as in `Test.assert_equals(…)`, and scripts that end with a status.
_TESTING = re.compile(
    r"^\s*(assert\b|(async )?def (test|check)|class \w*Test|([\w.]+\.)?(assert_\w+|expect)\("
    r"|raise AssertionError|(sys\.)?exit\(|unittest\.main|@[\w.]*test_case\b"
    r"|[\w, ]*\b[Tt]est\w*\s*[,=]|globals\(\))",
    re.M,
)


def find_exercises(folder: Path) -> list[Exercise | CannotGrade]:
    """One for each test file in a subfolder; raises CannotGrade if there is none."""
    if not folder.is_dir():
        raise CannotGrade(f"{folder}: no such folder.")
    found: list[Exercise | CannotGrade] = []
    subs = [path for path in folder.iterdir() if path.is_dir() and path.name[0] not in "._"]
    for sub in sorted(subs):
        found += _of_folder(sub)
    if not any(isinstance(item, Exercise) or item.name for item in found):
        raise CannotGrade(f"{folder}: no subfolder holds a test file (*_test.py or test_*.py).")
    return found


def left_out(folder: Path) -> list[Path]:
    """What holds Python files and nothing that is graded."""
    subs = [path for path in folder.iterdir() if path.is_dir() and path.name[0] not in "._"]
    idle = [sub for sub in sorted(subs) if _holds_python(sub) and not _of_folder(sub)]
    return [*sorted(path for path in folder.glob("*.py") if is_test(path)), *idle]


def _holds_python(sub: Path) -> bool:
    return any(sub.glob("*.py")) or any(map(is_test, sub.rglob("*.py")))


def _of_folder(sub: Path) -> list[Exercise | CannotGrade]:
    places = [sub, *(sub / name for name in _OF_TESTS)]
    files = [path for place in places for path in sorted(place.glob("*.py")) if _is_test(path)]
    tests = [path for path in files if _defines_tests(path)]
    if not tests:
        # A helper beside tests is no exercise; a file that stands alone may be forgotten.
        return [CannotGrade(f"{path}: {_no_test(path)}.", sub.name) for path in files]
    return [_exercise(sub.name if len(tests) == 1 else f"{sub.name}/{t.stem}", t) for t in tests]


def _is_test(path: Path) -> bool:
    """By its name; the tests of PrairieLearn are called `test.py`."""
    if path.name == "test.py" and path.parent.name in _OF_TESTS:
        with contextlib.suppress(*SOURCE_ERRORS):
            return PRAIRIELEARN in read_text(path)
    return is_test(path)


def _no_test(path: Path) -> str:
    try:
        return no_test(read_text(path))
    except SOURCE_ERRORS:
        return no_test("")


def _exercise(name: str, test: Path) -> Exercise | CannotGrade:
    try:
        text = read_text(test)
    except SOURCE_ERRORS as error:
        return CannotGrade(unreadable(test, error), name)
    wanted = re.sub(r"_test$|^test_", "", test.stem)
    called = _called(test, wanted)
    if called is not None and re.search(rf"""["']{re.escape(wanted)}(\.py)?["']""", text):
        return Exercise(name, called, test)  # by a constant: `import_module(MODULE)`
    named_so = _but_helpers(test, dict(_solutions(test, text)))
    # A module whose name is that of a helper is one where there is another to be graded.
    others = {name: path for name, path in named_so.items() if not is_helper(path.stem)}
    found = named_so if wanted in named_so else others
    if not found and called is None:
        found = named_so
    for module, path in found.items():
        if path.stem == wanted:
            return Exercise(name, path, test, module)
    if found:
        module = next(iter(found))
        return Exercise(name, found[module], test, module)
    known = (module for module in imports(text) if not is_helper(module))
    unknown = [module for module in known if not _is_of_python(module)]
    alone = _alone(test, wanted) if not unknown else None
    if alone is not None:
        return Exercise(name, alone, test)
    told = f" ({', '.join(imports(text))})" if imports(text) else ""
    return CannotGrade(f"{test}: none of the modules that it imports{told} is beside it.", name)


def _but_helpers(test: Path, found: dict[str, Path]) -> dict[str, Path]:
    """What lies beside the tests in their own folder is theirs, where they name others as well."""
    if test.parent.name not in _OF_TESTS:
        return found
    return {name: path for name, path in found.items() if path.parent != test.parent} or found


def _alone(test: Path, wanted: str) -> Path | None:
    """Where the tests import nothing of it: the file of their name, or the only one there is."""
    of_prairielearn = PRAIRIELEARN in imports(read_text(test))
    called = _called(test, wanted) or (_called(test, "user_code") if of_prairielearn else None)
    if called is not None:
        return called
    others = [path for path in test.parent.glob("*.py") if not is_test(path) and path != test]
    never = {"conftest", *(OF_PRAIRIELEARN if of_prairielearn else ())}
    others = [path for path in others if path.stem not in never]
    return others[0] if len(others) == 1 else None


def _called(test: Path, wanted: str) -> Path | None:
    files = (root / f"{wanted}.py" for root in _roots(test))
    return next((file for file in files if file.is_file() and file != test), None)


def _solutions(test: Path, text: str) -> Iterator[tuple[str, Path]]:
    """Modules that the tests name, and their files."""
    modules = (name for name in named(text) if name.partition(".")[0] not in _OF_TESTS)
    for module in modules:
        for root in _roots(test):
            path = root / f"{module.replace('.', '/')}.py"
            package = path.with_suffix("") / "__init__.py"
            if path.is_file() and not is_test(path) and path.stem != "conftest":
                yield module, path
            elif package.is_file() and "." not in module:
                yield module, package


def _roots(test: Path) -> list[Path]:
    roots = [test.parent]
    if test.parent.name in _OF_TESTS:
        roots.append(test.parent.parent)
    return [*roots, *(root / _OF_SOLUTIONS for root in roots)]


def tested_module(test: Path) -> str:
    """The name of the module that a test file is about, whether or not it is there."""
    try:
        names = imports(read_text(test))
    except SOURCE_ERRORS as error:
        raise CannotGrade(unreadable(test, error)) from None
    wanted = re.sub(r"_test$|^test_", "", test.stem)
    others = [name for name in names if not _is_of_python(name) and not is_helper(name)]
    return wanted if wanted in names or not others else others[0]


#: That tests are written with.
_FRAMEWORKS = frozenset(
    {"codewars_test", "gradescope_utils", "hypothesis", "nose", "otter", "pytest", "tmc"}
    | {"code_feedback", "pl_helpers", PRAIRIELEARN}
)


def _is_of_python(name: str) -> bool:
    return name in (*sys.stdlib_module_names, *_FRAMEWORKS, "numpy", "pandas")


def _defines_tests(path: Path) -> bool:
    """Not a helper such as `test_utils.py`; a file that does not compile is told about later."""
    try:
        text = read_text(path)
        ast.parse(text)
    except (*SOURCE_ERRORS, ValueError):
        return True
    return bool(_TESTING.search(text)) or "doctest" in text
