"""What can be seen in a test file without running it."""

from __future__ import annotations

import ast
import builtins
import functools
import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any

from grader.testing.asserting import SourceText


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


def is_structured(tree: ast.Module) -> bool:
    own = helpers(tree)
    for node in tree.body:
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
    return False


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
        for node in _outside(run)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args
    }
    return defined & called


def asserts(node: ast.AST) -> Iterator[ast.Assert]:
    """Asserts that run when the statement runs, not those inside functions it defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
        return
    if isinstance(node, ast.Assert):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from asserts(child)


def is_main_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


def test_finder(body: list[ast.stmt]) -> Any:
    candidates = [node for node in body if not is_main_guard(node)]
    if any(True for node in candidates for _ in asserts(node)):
        return lambda node: not is_main_guard(node) and any(True for _ in asserts(node))
    return lambda node: (
        (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))
        or described(node) is not None
    )


def described(node: ast.stmt) -> ast.expr | None:
    """Where `@test.describe(…)` runs what it decorates: the decorator."""
    for decorator in getattr(node, "decorator_list", []):
        function = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = getattr(function, "attr", getattr(function, "id", None))
        if name in ("describe", "it") and isinstance(node, ast.FunctionDef):
            found: ast.expr = decorator
            return found
    return None


def with_main(body: list[ast.stmt]) -> list[ast.stmt]:
    """A script that does all its checking under `if __name__ == "__main__"` is run as one."""
    if any(map(test_finder(body), body)):
        return body
    opened: list[ast.stmt] = []
    for node in body:
        opened += node.body if isinstance(node, ast.If) and is_main_guard(node) else [node]
    return opened


def has_check(body: list[ast.stmt]) -> bool:
    return any(
        isinstance(node, ast.FunctionDef) and node.name == "check" and len(node.args.args) == 1
        for node in body
    )


def statement_name(node: ast.stmt, source: SourceText) -> str:
    found = next(asserts(node), None)
    text = source.of(found.test if found else described(node) or node) or ""
    first = " ".join(text.split())
    return f"line {node.lineno}: {first[:100]}"


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
#: Where a file patches something around an import.
_AROUND = (ast.With, ast.AsyncWith)
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
    nodes = [node for tree in trees for node in ast.walk(tree)]
    if not any(_imports(node, module) or _is_named(node, module) for node in nodes):
        return False
    early = any(_imports(node, module) for tree in trees for node in _outside(tree))
    return not early and not any(_uses_other_names(tree) for tree in trees)


@functools.lru_cache(maxsize=64)
def _mentions(module: str) -> tuple[tuple[str, ...], tuple[re.Pattern[str], ...]]:
    """How it is named where it is asked for, and imported by a line that stands by itself."""
    said = ("import {}", "from {}", ", {}", "{}.py", '"{}"', "'{}'")
    names = {module, module.replace("_", "-")}
    lines = (rf"\nfrom +{re.escape(module)}\b", rf"\nimport +{re.escape(module)}\b")
    return tuple(form.format(name) for form in said for name in names), tuple(
        map(re.compile, lines)
    )


def _uses_other_names(tree: ast.Module) -> bool:
    """Those that it neither binds nor imports are the student's."""
    nodes = list(ast.walk(tree))
    names = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return bool(names - bound(nodes) - _KNOWN)


def _outside(node: ast.AST) -> Iterator[ast.AST]:
    """What is neither in a function nor under a `with`."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, _FUNCTIONS + _AROUND):
            yield child
            yield from _outside(child)


def _imports(node: ast.AST, module: str) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name.partition(".")[0] == module for alias in node.names)
    return isinstance(node, ast.ImportFrom) and node.module == module


def _is_named(node: ast.AST, module: str) -> bool:
    if not isinstance(node, ast.Constant) or type(node.value) is not str:
        return False
    files = (PurePath(word).name.replace("-", "_") for word in node.value.split())
    return node.value == module or f"{module}.py" in files
