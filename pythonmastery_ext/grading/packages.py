"""Modules of the tests in the package that they lie in: `tests/__init__.py`, `tests/data/rows.py`.

They are named by where they lie below the folder of the tests; `__init__` is that folder itself.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

PACKAGE = "__init__"
_OF_PYTHON = sys.stdlib_module_names


def modules_of_package(
    tests: Path, root: Path, solution: Path, read: Callable[[Path], str]
) -> dict[str, str]:
    """What the tests need of their folder, other than single files beside them.

    `root`: what lies there is the student's. So is all in a folder that holds the solution, too.
    """
    folder = tests.parent
    is_flat = folder.resolve() == solution.parent.resolve()
    own = PACKAGE if is_flat else folder.name
    others = _OF_PYTHON | {path.stem for path in root.iterdir()}
    starts = (file for file in (tests, folder / "conftest.py") if file.is_file())
    waiting = [("", read(file)) for file in starts]
    found: dict[str, str] = {}
    while waiting:
        package, source = waiting.pop(0)
        for name, is_ours in _asked(source, package, own):
            if is_flat:
                found |= {PACKAGE: ""} if is_ours else {}
            elif name not in found and (is_ours or name.partition(".")[0] not in others):
                file = _file(folder, name, alone=is_ours)
                if file is not None:
                    found[name] = read(file) if file.is_file() else ""
                    is_folder = file.stem == PACKAGE != name
                    waiting.append((name if is_folder else name.rpartition(".")[0], found[name]))
    return found


def _file(folder: Path, name: str, *, alone: bool) -> Path | None:
    """Of a package that has none, the one that it could have; `alone`: also of a single file."""
    if name == PACKAGE:
        return folder / f"{PACKAGE}.py"
    path = folder.joinpath(*name.split("."))
    module = path.with_name(f"{path.name}.py")
    if module.is_file() and (alone or "." in name):
        return module
    return path / f"{PACKAGE}.py" if path.is_dir() and any(path.glob("*.py")) else None


def _asked(source: str, package: str, own: str) -> Iterator[tuple[str, bool]]:
    """Modules that it may mean, and whether it says that they are of the package of the tests.

    `package`: in which the source lies; `own`: the name of the folder of the tests.
    """
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError):
        return
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _whole(alias.name, own)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                above = package.split(".") if package else []
                parts = above[: max(0, len(above) - node.level + 1)]
                module = ".".join([own, *parts, *filter(None, [module])])
            for alias in node.names:
                yield from _whole(f"{module}.{alias.name}", own)


def _whole(name: str, own: str) -> Iterator[tuple[str, bool]]:
    """It, and the packages that it lies in."""
    parts = name.split(".")
    is_ours = parts[0] == own
    if is_ours:
        yield PACKAGE, True
        del parts[0]
    for depth in range(1, len(parts) + 1):
        yield ".".join(parts[:depth]), is_ours
