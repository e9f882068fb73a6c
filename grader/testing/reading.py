"""What can be seen in a test file without running it."""

from __future__ import annotations
import __future__

import ast
import builtins
import functools
import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any

from grader.testing.scripts import (
    asserts,
    described,
    is_check,
    is_main_guard,
    may_end,
    outside,
)


def bound(nodes: list[ast.AST]) -> set[str]:
    bound = {n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
    return bound


_DOCTESTS = frozenset({"testmod", "DocTestSuite", "run_docstring_examples"})


def foreign_doctests(tree: ast.Module) -> int | None:
    """The line at which doctests of another module than the test file itself are asked for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "attr", getattr(node.func, "id", None))
            if name in _DOCTESTS and ast.unparse(node.args[0]) != "__name__":
                return node.lineno
    return None


def future_flags(tree: ast.Module) -> int:
    """What `from __future__ import …` at the top says of each statement of the file."""
    flags = 0
    for node in tree.body[:10]:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                feature = getattr(__future__, alias.name, None)
                flags |= getattr(feature, "compiler_flag", 0)
    return flags


def is_structured(tree: ast.Module) -> bool:
    own = helpers(tree)
    if examples(tree):
        return True
    for node in tree.body:
        if described(node) is not None:
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            tests = node.name.startswith("test") and node.name not in own
            if tests or node.name == "load_tests":
                return True
        elif isinstance(node, ast.ClassDef) and (
            any("TestCase" in ast.unparse(base) for base in node.bases)
            or (node.name.startswith("Test") and node.bases)
            or any(name.startswith(("test", "Test")) for name in bound(list(_inside(node))))
        ):
            return True
    return _makes_tests(tree)


def _makes_tests(tree: ast.Module) -> bool:
    """Whether running it binds names of tests, and nothing in it is a test of a script."""
    nodes = list(outside(tree))
    kept = [n for n in nodes if isinstance(getattr(n, "ctx", None), ast.Store)]
    made = any(
        n.id.startswith(("test", "Test"))
        if isinstance(n, ast.Name)
        else isinstance(n, ast.Subscript) and ast.unparse(n.value) in ("globals()", "vars()")
        for n in kept
    )
    body = [node for node in tree.body if not is_main_guard(node)]
    runs = any(isinstance(n, ast.Call) and ast.unparse(n.func) == "unittest.main" for n in nodes)
    return (made or runs) and not any(
        is_check(node) or may_end(node) or next(asserts(node), None) for node in body
    )


def examples(tree: ast.Module) -> dict[str, Any]:
    """`test = {"suites": …}` of the formats of OK and Otter: literally, so the file's own text."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            keys = [getattr(key, "value", None) for key in node.value.keys]
            if ast.unparse(node.targets[0]) == "test" and "suites" in keys:
                try:
                    found: dict[str, Any] = ast.literal_eval(node.value)
                except ValueError:
                    return {}
                return found
    return {}


def _inside(node: ast.ClassDef) -> Iterator[ast.AST]:
    """What its body binds; a class called `Test` without tests is the author's own framework."""
    for statement in node.body:
        yield statement
        yield from getattr(statement, "targets", [])


def helpers(tree: ast.Module) -> set[str]:
    """Functions called `test…` that the file defines and calls itself, with arguments: no tests."""
    plain = [n for n in tree.body if isinstance(n, ast.FunctionDef) and not n.decorator_list]
    defined = {node.name for node in plain if node.name.startswith("test")}
    if not defined:
        return set()
    run = ast.Module([node for node in tree.body if not is_main_guard(node)], [])
    called = {
        node.func.id
        for node in outside(run)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args
    }
    return defined & called


_KNOWN = {*dir(builtins), "__file__", "__name__", "__doc__"}


def is_late(sources: Iterable[str], module: str) -> bool:
    """Whether the tests ask for the module in their functions only, and use no name without it."""
    texts = list(sources)
    said, at_once = _mentions(module)
    # Before anything is parsed: this is asked for each submission.
    if not any(words in text for text in texts for words in said):
        return False
    if any(found.search(f"\n{text}") for text in texts for found in at_once):
        return False
    try:
        trees = [ast.parse(text) for text in texts]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    if any(examples(tree) or _names_parameters(tree) for tree in trees):
        return False
    nodes = [node for tree in trees for node in ast.walk(tree)]
    if not any(_imports(node, module) or _is_named(node, module) for node in nodes):
        return False
    early = any(
        _imports(node, module) or _imports_package(node, module)
        for tree in trees
        for node in outside(tree)
    )
    return not early and not any(_uses_other_names(tree) for tree in trees)


@functools.lru_cache(maxsize=64)
def spellings(module: str) -> set[str]:
    """Its name, and that of its file where Python could not say it: `two-fer`, `11`."""
    number = {module[1:]} if module[0] == "_" and module[1:].isdigit() else set()
    return {module, module.replace("_", "-"), *number}


@functools.lru_cache(maxsize=64)
def _mentions(module: str) -> tuple[tuple[str, ...], tuple[re.Pattern[str], ...]]:
    """How it is named where it is asked for, and imported by a line that stands by itself."""
    said: tuple[str, ...] = ("import {}", "from {}", ", {}", "{}.py", '"{}"', "'{}'")
    names = spellings(module)
    parent = module.rpartition(".")[0]
    said += (f"from {parent} import",) if parent else ()
    lines = (rf"\nfrom +{re.escape(module)}\b", rf"\nimport +{re.escape(module)}\b")
    return tuple(form.format(name) for form in said for name in names), tuple(
        map(re.compile, lines)
    )


def _names_parameters(tree: ast.Module) -> bool:
    """Whether its functions have parameters that are names of the student, as Otter's have."""
    return any(isinstance(n, ast.ImportFrom) and n.module == "otter.test_files" for n in tree.body)


def _uses_other_names(tree: ast.Module) -> bool:
    """Those that it neither binds nor imports are the student's."""
    nodes = list(ast.walk(tree))
    names = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return bool(names - bound(nodes) - _KNOWN)


def _imports(node: ast.AST, module: str) -> bool:
    if isinstance(node, ast.Import):
        return any(f"{alias.name}.".startswith(f"{module}.") for alias in node.names)
    parent, _, last = module.rpartition(".")
    return isinstance(node, ast.ImportFrom) and (
        node.module == module or (node.module == parent and last in [a.name for a in node.names])
    )


def _imports_package(node: ast.AST, module: str) -> bool:
    """Whether a package that it lies in is imported, which may import it at once."""
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
    return any(name and module.startswith(f"{name}.") for name in names)


def _is_named(node: ast.AST, module: str) -> bool:
    if not isinstance(node, ast.Constant) or type(node.value) is not str:
        return False
    files = {PurePath(word).name for word in node.value.split()}
    own = {f"{name.rpartition('.')[2]}.py" for name in spellings(module)}
    return node.value in spellings(module) or not files.isdisjoint(own)
