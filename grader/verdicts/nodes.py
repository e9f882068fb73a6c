"""Where in the syntax tree of a test file a line, or an instruction, stands."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

Positions = tuple[int | None, int | None, int | None, int | None]


def path_to(tree: ast.Module, line: int, place: Positions) -> Iterator[ast.AST]:
    node: Any = tree
    while node is not None:
        yield node
        if isinstance(node, ast.stmt) and _spot(node) == place:
            return  # the end of a `with`, whose block may stand on the same line
        inner = [n for n in _children(node) if n.lineno <= line <= n.end_lineno]
        # Several may stand on one line.
        node = next((n for n in inner if _holds(n, place)), inner[0] if inner else None)


def _spot(node: ast.stmt | ast.expr) -> Positions:
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset


def _holds(node: ast.stmt, place: Positions) -> bool:
    first, last, start, end = place
    if first is None or last is None or start is None or end is None:
        return False
    begins = (node.lineno, node.col_offset) <= (first, start)
    return begins and (last, end) <= (node.end_lineno or 0, node.end_col_offset or 0)


def _children(node: ast.AST) -> Iterator[Any]:
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        found = getattr(node, name, ())
        for child in found if isinstance(found, list) else ():
            if isinstance(child, ast.match_case):
                yield from child.body
            else:
                yield child


def statements(node: ast.AST) -> Iterator[ast.AST]:
    for child in _children(node):
        yield child
        yield from statements(child)


def own_nodes(statement: ast.AST) -> Iterator[ast.AST]:
    """Without those of the statements inside it."""
    inner = set(map(id, _children(statement)))
    waiting = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [n for n in ast.iter_child_nodes(node) if id(n) not in inner]


def node_at(statement: ast.AST, place: Positions) -> ast.expr | None:
    first, last, _, end = place
    whole: ast.expr | None = None
    for node in own_nodes(statement):
        if not isinstance(node, ast.expr) or (node.end_lineno, node.end_col_offset) != (last, end):
            continue
        if _spot(node) == place:
            return node
        if isinstance(node, ast.Call) and first is not None and node.lineno < first:
            whole = node  # of a method's call over several lines Python tells the end only
    return whole
