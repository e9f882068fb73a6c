"""What the names of a test file stand for, as far as its text tells."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.testing.sides import last_name

#: Of a `range`.
_LONGEST = 100
_DEEPEST = 12
#: They give the same items, in whatever order.
_SAME = frozenset({"sorted", "list", "tuple", "reversed", "set", "iter"})
#: They give what lies in a folder.
LISTING = frozenset({"glob", "iglob", "rglob", "iterdir", "listdir"})


class Scope:
    """Of a function, or of the file."""

    def __init__(self, outer: Scope | None) -> None:
        self.outer = outer
        #: To what each name is bound, each time; None: that is not known.
        self.bound: dict[str, list[ast.expr | None]] = {}
        #: What one name stands for in turn: that of a loop, or a parameter with its cases.
        self.each: dict[str, list[ast.expr]] = {}

    def of(self, name: str) -> Scope | None:
        scope: Scope | None = self
        while scope is not None and name not in scope.bound and name not in scope.each:
            scope = scope.outer
        return scope

    def bind(self, target: ast.expr, value: ast.expr | None) -> None:
        if isinstance(target, ast.Name):
            self.bound.setdefault(target.id, []).append(value)
        elif isinstance(target, ast.Tuple | ast.List):
            parts = self.items(value)
            known = parts if len(parts) == len(target.elts) else [None] * len(target.elts)
            for one, part in zip(target.elts, known, strict=True):
                self.bind(one, part)

    def bind_each(self, target: ast.expr, values: list[ast.expr]) -> None:
        if isinstance(target, ast.Name):
            self.each.setdefault(target.id, []).extend(map(_alone, values))
        elif isinstance(target, ast.Tuple | ast.List):
            for place, one in enumerate(target.elts):
                rows = map(self.items, values)
                self.bind_each(one, [row[place] for row in rows if len(row) == len(target.elts)])

    def items(self, node: ast.AST | None, depth: int = 0) -> list[ast.expr]:
        """What it holds, or a loop over it gives; nothing where that is not known."""
        depth += 1
        if depth > _DEEPEST:
            return []
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            return node.elts
        if isinstance(node, ast.Dict):
            return [key for key in node.keys if key is not None]
        if isinstance(node, ast.Name):
            place = self.of(node.id)
            bound = place.bound.get(node.id, []) if place and node.id not in place.each else []
            return place.items(bound[0], depth) if place and len(bound) == 1 else []
        return self._given(node, depth) if isinstance(node, ast.Call) else []

    def _given(self, call: ast.Call, depth: int) -> list[ast.expr]:
        """By what makes one thing to loop over of another."""
        name = last_name(call.func)
        if _is_case(call):
            return call.args
        if name in LISTING:
            return [call]  # its text is a pattern
        if name == "range":
            return _numbers(call)
        if isinstance(call.func, ast.Attribute):
            return self._of_table(call.func, depth) if not call.args else []
        rows = [self.items(arg, depth) for arg in call.args]
        if name in _SAME and len(rows) == 1:
            return rows[0]
        if name == "enumerate" and len(rows) == 1:
            return [_row(ast.Constant(n), item) for n, item in enumerate(rows[0])]
        return [_row(*row) for row in zip(*rows, strict=False)] if name == "zip" else []

    def _of_table(self, func: ast.Attribute, depth: int) -> list[ast.expr]:
        table: ast.expr | None = func.value
        if isinstance(table, ast.Name):
            place = self.of(table.id)
            bound = place.bound.get(table.id, []) if place else []
            table = bound[0] if len(bound) == 1 else None
        if not isinstance(table, ast.Dict) or None in table.keys:
            return []
        keys = self.items(table, depth)
        rows: list[ast.expr] = list(map(_row, keys, table.values))
        return {"items": rows, "keys": keys, "values": table.values}.get(func.attr, [])


def names(target: ast.expr) -> Iterator[ast.expr]:
    return (node for node in ast.walk(target) if isinstance(node, ast.Name))


def _row(*parts: ast.expr) -> ast.expr:
    return ast.Tuple(list(parts), ast.Load())


def _is_case(node: ast.expr) -> bool:
    """`pytest.param("a.csv", 3, id="first")`."""
    return isinstance(node, ast.Call) and last_name(node.func) == "param"


def _alone(node: ast.expr) -> ast.expr:
    return node.args[0] if isinstance(node, ast.Call) and _is_case(node) and node.args else node


def _numbers(call: ast.Call) -> list[ast.expr]:
    ends = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
    numbers = [end for end in ends if isinstance(end, int) and 0 <= end < _LONGEST]
    if len(numbers) == len(call.args) in (1, 2):
        return [ast.Constant(number) for number in range(*numbers)]
    return []
