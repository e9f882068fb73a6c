"""What can be seen in a test file without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
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
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("test") or node.name == "load_tests":
                return True
        elif isinstance(node, ast.ClassDef) and (
            node.name.startswith("Test")
            or any("TestCase" in ast.unparse(base) for base in node.bases)
            or any(isinstance(m, ast.FunctionDef) and m.name.startswith("test") for m in node.body)
        ):
            return True
    return False


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
    return lambda node: isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)


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
    text = source.of(found.test if found else node) or ""
    first = " ".join(text.split())
    return f"line {node.lineno}: {first[:100]}"
