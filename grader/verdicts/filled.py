"""What was asked, with the values that its names stood for."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.verdicts.places import Place


class Filled(ast.NodeTransformer):
    """Puts values in the place of names."""

    def __init__(self, place: Place, whole: ast.AST) -> None:
        self._place = place
        self._bound = _bound(whole)
        self._whole = whole
        self.changed = False

    def _is_twice(self, name: str) -> bool:
        """It would seem to have been called twice."""
        names = (n for n in ast.walk(self._whole) if isinstance(n, ast.Name) and n.id == name)
        return sum(1 for _ in names) > 1

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self._bound:
            return node
        value = self._place.value(node.id)
        made = self._place.resolved(node)
        if value is None and made is not node and not self._is_twice(node.id):
            value = copy.deepcopy(made)
        self.changed = self.changed or value is not None
        return node if value is None else value

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """Of `out.strip()` where `out` came from a call, not the text that came."""
        name = node.value
        if isinstance(name, ast.Name) and node.attr == "__dict__":
            return node  # of a new object it would be another one
        if not isinstance(name, ast.Name) or type(self._place.now(name.id)) not in (str, bytes):
            return self.generic_visit(node)
        meant = self._place.resolved(name)
        if name.id not in self._bound and meant is not name:
            node.value = copy.deepcopy(meant)
            self.changed = True
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if not isinstance(node.func, ast.Name):
            self.visit(node.func)
        node.args = [self.visit(arg) for arg in node.args]
        node.keywords = [self.visit(keyword) for keyword in node.keywords]
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return node


def _bound(node: ast.AST) -> set[str]:
    """Names that stand for something of their own in it: `i` in `f(i) for i in range(3)`."""
    nodes = list(ast.walk(node))
    stored = {n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    return stored | {n.arg for n in nodes if isinstance(n, ast.arg)}
