"""Test files that are scripts: which of their statements are tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from grader.testing.asserting import SourceText

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
#: Where a file patches something around an import.
_AROUND = (ast.With, ast.AsyncWith)


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
    if any(is_check(node) for node in candidates):
        return is_check
    return may_end


#: They check nothing.
_SILENT = frozenset(
    {"append", "describe", "insert", "it", "pass_", "print", "seed", "setattr", "update"}
)


def is_check(node: ast.stmt) -> bool:
    """A call, whose end says that all is well."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return _called(node.value) not in _SILENT
    return described(node) is not None


def _called(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def may_end(node: ast.stmt) -> bool:
    """`if total(rows) != 6: sys.exit("wrong")`, or an error in its place."""
    if is_main_guard(node) or isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return False
    return any(
        isinstance(inner, ast.Raise)
        or (isinstance(inner, ast.Call) and _called(inner) in ("exit", "_exit"))
        for inner in outside(node)
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


def outside(node: ast.AST) -> Iterator[ast.AST]:
    """What is neither in a function nor under a `with`."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, FUNCTIONS + _AROUND):
            yield child
            yield from outside(child)
