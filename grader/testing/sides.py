"""Which side of a comparison in a test is the student's, seen in the text only."""

from __future__ import annotations

import ast
import builtins

#: What a test makes values with.
_OF_TESTS = frozenset({*dir(builtins), "approx", "call"})
_LIBRARIES = frozenset(
    {"collections", "datetime", "decimal", "fractions", "math", "mock", "np", "numpy", "pandas"}
    | {"pd", "pytest", "string", "unittest"}
)


def last_name(node: ast.AST | None) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def calls(node: ast.AST) -> bool:
    """Whether it asks for something; `approx(0.3)` does not."""
    found = (inner for inner in ast.walk(node) if isinstance(inner, ast.Call | ast.Await))
    return any(last_name(getattr(inner, "func", None)) != "approx" for inner in found)


def is_turned(left: ast.expr, right: ast.expr) -> bool:
    """`assert 3 == add(1, 2)`: not the literal is what is tested."""
    if _is_wanted(right):
        return False
    if is_literal(left):
        return not is_literal(right)
    return not asks(left) and (_is_wanted(left) or asks(right))


def is_literal(node: ast.AST) -> bool:
    kinds = (ast.Constant, ast.UnaryOp, ast.BinOp, ast.List, ast.Tuple, ast.Set, ast.Dict)
    more = (ast.operator, ast.unaryop, ast.expr_context)
    return all(isinstance(inner, (*kinds, *more)) for inner in ast.walk(node))


def _is_wanted(node: ast.expr) -> bool:
    return last_name(node).startswith(("expect", "want", "correct"))


def asks(node: ast.AST) -> bool:
    """Whether it calls what may be the student's: no builtin, no class, no library."""
    for inner in ast.walk(node):
        function = inner.func if isinstance(inner, ast.Call) else None
        if function is None or last_name(function)[:1].isupper():
            continue
        root = function
        while isinstance(root, ast.Attribute):
            root = root.value
        name = last_name(root)
        own = name in _LIBRARIES or (root is function and name in _OF_TESTS)
        if not own:
            return True
    return any(isinstance(inner, ast.Await) for inner in ast.walk(node))
