"""What a test keeps of its own values, to look later whether the student's code changed them."""

from __future__ import annotations

import ast

from grader.testing.sides import calls, last_name
from grader.verdicts.nodes import own_nodes, statements

_COPIES = frozenset({"copy", "deepcopy"})
_MAKERS = frozenset({"list", "dict", "set", "tuple"})


def copied(node: ast.expr) -> ast.expr | None:
    """Of `names.copy()`, `copy.deepcopy(names)`, `list(names)` and `names[:]`: `names`."""
    found: ast.expr | None = None
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        found = node.value if node.slice.lower is node.slice.upper is None else None
    elif isinstance(node, ast.Call) and len(node.args) == 1:
        makes = isinstance(node.func, ast.Name) and node.func.id in _MAKERS
        found = node.args[0] if makes or last_name(node.func) in _COPIES else None
    elif isinstance(node, ast.Call) and not node.args and isinstance(node.func, ast.Attribute):
        found = node.func.value if node.func.attr == "copy" else None
    return None if found is None or calls(found) else found


def is_copy(node: ast.expr) -> bool:
    """By a function that has this name, where `list(names)` may be a question to an iterator."""
    by_name = isinstance(node, ast.Call) and last_name(node.func) in _COPIES
    return by_name and copied(node) is not None


_LOOPS = ast.For | ast.AsyncFor | ast.While
_ROUNDS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)
#: These leave what they are given as it is.
_LOOKING = frozenset({"isinstance", "len", "hasattr", "str", "repr", "type", "callable", "bool"})


def may_be_other(path: tuple[ast.AST, ...], name: str, made: ast.AST, *, used_up: bool) -> bool:
    """Whether what a name stands for may have been changed by a check since it was made.

    used_up: looking at it once is enough for that.
    """
    now, whole = path[-1], path[0]
    line, first = getattr(now, "lineno", 0), getattr(made, "lineno", 0)
    before = (s for s in statements(whole) if first < getattr(s, "lineno", 0) < line)
    if any(_asks(statement, name, used_up) for statement in before):
        return True
    around = (n for n in path[:-1] if isinstance(n, _LOOPS))
    again = any(not node.lineno <= first <= (node.end_lineno or 0) for node in around)
    nodes = list(own_nodes(now))
    again = again or any(isinstance(node, _ROUNDS) for node in nodes)
    again = again or sum(_is_read(node, name) for node in nodes) > 1
    return again and _asks(now, name, used_up)


def _asks(statement: ast.AST, name: str, used_up: bool) -> bool:
    """Whether it calls something with it, beside the check itself."""
    nodes = list(own_nodes(statement))
    call = getattr(statement, "value", None)
    if used_up:
        return any(_is_read(node, name) for node in nodes)
    asked = (n for n in nodes if isinstance(n, ast.Call) and n is not call)
    return any(
        last_name(node.func) not in _LOOKING and any(_is_read(n, name) for n in ast.walk(node))
        for node in asked
    )


def _is_read(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
